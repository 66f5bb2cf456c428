"""Optimizers as data. Names, arguments and defaults are those of torch.optim, but for the `lr` of SGD."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nodeforge.core.parameters import Boolean, Declaration, Number, Numbers, Parameter, Value

_DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.optim."


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer(Declaration):
    """An optimizer.

    Attributes:
        slots: Numbers that it remembers for each weight, from all its parameters: a running mean is one.
    """

    slots: Callable[[Mapping[str, Value]], int]


def _lr(default: float) -> Parameter:
    return Parameter(
        "lr",
        Number(minimum=0.0, maximum=100.0, exclusive_minimum=True),
        default,
        "Learning rate: how far each step goes. Too large and the loss jumps or grows; too small and it "
        "hardly moves.",
    )


def _weight_decay(default: float, how: str) -> Parameter:
    return Parameter(
        "weight_decay",
        Number(minimum=0.0, maximum=10.0),
        default,
        f"Pulls every weight towards zero, {how}; keeps a network from learning its samples by heart.",
    )


_EPS = Parameter(
    "eps",
    Number(minimum=0.0, exclusive_minimum=True),
    1e-8,
    "Small number that keeps the division from blowing up.",
    advanced=True,
)
_BETAS = Parameter(
    "betas",
    Numbers(minimum=0.0, maximum=0.9999999, min_length=2, max_length=2),
    (0.9, 0.999),
    "How slowly the running means of the gradient and of its square forget, each from 0 to just below 1.",
    advanced=True,
)
_AMSGRAD = Parameter(
    "amsgrad",
    Boolean(),
    False,
    "Divide by the largest mean square so far instead of the present one (Reddi et al., 2018).",
    advanced=True,
)
_IN_GRADIENT = "as a term added to the gradient"

SGD = Optimizer(
    name="SGD",
    summary="Steps straight down the gradient, with momentum if wanted.",
    doc="The plainest rule. With momentum 0.9 it often generalises best on images, but its learning rate "
    "needs care.",
    source=_DOCS + "SGD.html",
    keywords=("gradient descent", "momentum", "nesterov"),
    parameters=(
        _lr(0.01),
        Parameter(
            "momentum",
            Number(minimum=0.0, maximum=0.9999),
            0.0,
            "Share of the last step that is kept: smooths the path and speeds it along valleys. 0.9 is "
            "usual.",
        ),
        _weight_decay(0.0, _IN_GRADIENT),
        Parameter(
            "dampening",
            Number(minimum=0.0, maximum=1.0),
            0.0,
            "Share of the new gradient that momentum leaves out. Must be 0 with Nesterov momentum.",
            advanced=True,
        ),
        Parameter(
            "nesterov",
            Boolean(),
            False,
            "Look ahead: take the gradient where momentum is about to lead. Needs momentum above 0 and "
            "dampening 0.",
            advanced=True,
        ),
    ),
    slots=lambda values: bool(values["momentum"]),
)

ADAM = Optimizer(
    name="Adam",
    summary="Gives every weight its own step size from the running mean and spread of its gradient.",
    doc="A good first choice: it works with its defaults on most networks.",
    source=_DOCS + "Adam.html",
    keywords=("adaptive",),
    parameters=(_lr(0.001), _weight_decay(0.0, _IN_GRADIENT), _BETAS, _EPS, _AMSGRAD),
    slots=lambda values: 2 + bool(values["amsgrad"]),
)

ADAMW = Optimizer(
    name="AdamW",
    summary="Adam with weight decay that acts on the weights themselves.",
    doc="The usual choice for transformers, and for Adam with weight decay in general (Loshchilov and "
    "Hutter, 2019).",
    source=_DOCS + "AdamW.html",
    keywords=("adaptive", "decoupled"),
    parameters=(
        _lr(0.001),
        _weight_decay(0.01, "directly and apart from the gradient"),
        _BETAS,
        _EPS,
        _AMSGRAD,
    ),
    slots=lambda values: 2 + bool(values["amsgrad"]),
)

RMSPROP = Optimizer(
    name="RMSprop",
    summary="Divides each gradient by the running mean of its size.",
    doc="Often used for recurrent networks and in reinforcement learning.",
    source=_DOCS + "RMSprop.html",
    keywords=("adaptive",),
    parameters=(
        _lr(0.01),
        Parameter(
            "alpha",
            Number(minimum=0.0, maximum=0.9999999),
            0.99,
            "How slowly the running mean of the squared gradient forgets.",
        ),
        Parameter(
            "momentum", Number(minimum=0.0, maximum=0.9999), 0.0, "Share of the last step that is kept."
        ),
        _weight_decay(0.0, _IN_GRADIENT),
        _EPS,
        Parameter(
            "centered",
            Boolean(),
            False,
            "Divide by the spread around the mean instead of the mean size.",
            advanced=True,
        ),
    ),
    slots=lambda values: 1 + bool(values["momentum"]) + bool(values["centered"]),
)

_ALL = MappingProxyType({declaration.name: declaration for declaration in (SGD, ADAM, ADAMW, RMSPROP)})


def optimizers() -> Mapping[str, Optimizer]:
    """All optimizers by name, the simplest first."""
    return _ALL
