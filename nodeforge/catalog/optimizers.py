"""Optimizers as data. Names, arguments and defaults are those of torch.optim, but for the `lr` of SGD.

Left out are arguments that say how torch computes and not what (foreach, fused, capturable, differentiable), and
SparseAdam, which moves nothing but tables with sparse gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nodeforge.core.parameters import (
    Boolean,
    Choice,
    Declaration,
    Integer,
    Number,
    Numbers,
    Optional,
    Parameter,
    Value,
)

_DOCS = "https://docs.pytorch.org/docs/stable/generated/torch.optim."


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer(Declaration):
    """An optimizer.

    Attributes:
        slots: Numbers that it remembers for each weight, from all its parameters: a running mean is one.
        whole: Whether it sees all weights as one long vector, so that no node can have a rate or decay of its own,
            and looks at a batch several times for one step.
    """

    slots: Callable[[Mapping[str, Value]], int]
    whole: bool = False


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


def _eps(default: float) -> Parameter:
    return Parameter(
        "eps",
        Number(minimum=0.0, exclusive_minimum=True),
        default,
        "Small number that keeps the division from blowing up.",
        advanced=True,
    )


_EPS = _eps(1e-8)
_MAXIMIZE = Parameter(
    "maximize",
    Boolean(),
    False,
    "Make the objective larger instead of smaller.",
    advanced=True,
)
_DECOUPLED = Parameter(
    "decoupled_weight_decay",
    Boolean(),
    False,
    "Let weight decay act on the weights themselves and not through the gradient, as in AdamW.",
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
        _MAXIMIZE,
    ),
    slots=lambda values: bool(values["momentum"]),
)

ADAM = Optimizer(
    name="Adam",
    summary="Gives every weight its own step size from the running mean and spread of its gradient.",
    doc="A good first choice: it works with its defaults on most networks.",
    source=_DOCS + "Adam.html",
    keywords=("adaptive",),
    parameters=(
        _lr(0.001),
        _weight_decay(0.0, _IN_GRADIENT),
        _BETAS,
        _EPS,
        _AMSGRAD,
        _DECOUPLED,
        _MAXIMIZE,
    ),
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
        _MAXIMIZE,
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
        _MAXIMIZE,
    ),
    slots=lambda values: 1 + bool(values["momentum"]) + bool(values["centered"]),
)

ADAGRAD = Optimizer(
    name="Adagrad",
    summary="Divides each gradient by the root of all its squares so far: steps shrink where much was learnt.",
    doc="Suits rare features, such as words. Its steps only ever get smaller (Duchi et al., 2011).",
    source=_DOCS + "Adagrad.html",
    keywords=("adaptive", "sparse"),
    parameters=(
        _lr(0.01),
        Parameter("lr_decay", Number(minimum=0.0), 0.0, "Shrinks the learning rate further with every step."),
        _weight_decay(0.0, _IN_GRADIENT),
        Parameter(
            "initial_accumulator_value",
            Number(minimum=0.0),
            0.0,
            "What the sum of squares begins with: larger makes the first steps smaller.",
            advanced=True,
        ),
        _eps(1e-10),
        _MAXIMIZE,
    ),
    slots=lambda values: 1,
)

ADADELTA = Optimizer(
    name="Adadelta",
    summary="Sizes each step by the running size of the steps before it: hardly needs a learning rate.",
    doc="Zeiler, 2012. Slower than Adam on most networks.",
    source=_DOCS + "Adadelta.html",
    keywords=("adaptive",),
    parameters=(
        _lr(1.0),
        Parameter(
            "rho",
            Number(minimum=0.0, maximum=1.0),
            0.9,
            "How slowly the running means of squared gradients and steps forget.",
        ),
        _weight_decay(0.0, _IN_GRADIENT),
        _eps(1e-6),
        _MAXIMIZE,
    ),
    slots=lambda values: 2,
)

ADAMAX = Optimizer(
    name="Adamax",
    summary="Adam that divides by the largest recent gradient instead of the mean square.",
    doc="Steadier than Adam where single gradients are very large (Kingma and Ba, 2015).",
    source=_DOCS + "Adamax.html",
    keywords=("adaptive", "infinity norm"),
    parameters=(_lr(0.002), _weight_decay(0.0, _IN_GRADIENT), _BETAS, _EPS, _MAXIMIZE),
    slots=lambda values: 2,
)

NADAM = Optimizer(
    name="NAdam",
    summary="Adam that looks ahead along its momentum, as Nesterov's does.",
    doc="Dozat, 2016. Often a little faster than Adam at the start.",
    source=_DOCS + "NAdam.html",
    keywords=("adaptive", "nesterov"),
    parameters=(
        _lr(0.002),
        _weight_decay(0.0, _IN_GRADIENT),
        _BETAS,
        _EPS,
        Parameter(
            "momentum_decay",
            Number(minimum=0.0),
            0.004,
            "How quickly momentum grows to its full share.",
            advanced=True,
        ),
        _DECOUPLED,
        _MAXIMIZE,
    ),
    slots=lambda values: 2,
)

RADAM = Optimizer(
    name="RAdam",
    summary="Adam that trusts its running means only once they rest on enough steps.",
    doc="Does what a warm-up does, without a length to choose (Liu et al., 2020).",
    source=_DOCS + "RAdam.html",
    keywords=("adaptive", "rectified", "warm-up"),
    parameters=(_lr(0.001), _weight_decay(0.0, _IN_GRADIENT), _BETAS, _EPS, _DECOUPLED, _MAXIMIZE),
    slots=lambda values: 2,
)

ASGD = Optimizer(
    name="ASGD",
    summary="SGD that also averages the weights of all its late steps.",
    doc="Polyak and Juditsky, 1992. The average is kept beside the weights; to train with averaged weights, set "
    "ema_decay in the training settings.",
    source=_DOCS + "ASGD.html",
    keywords=("averaged", "polyak"),
    parameters=(
        _lr(0.01),
        Parameter(
            "lambd", Number(minimum=0.0), 1e-4, "How fast the step shrinks, and a pull of weights to zero."
        ),
        Parameter("alpha", Number(minimum=0.0), 0.75, "Power by which the step shrinks.", advanced=True),
        Parameter(
            "t0",
            Number(minimum=0.0),
            1e6,
            "Step at which the averaging begins.",
            unit="steps",
            advanced=True,
        ),
        _weight_decay(0.0, _IN_GRADIENT),
        _MAXIMIZE,
    ),
    slots=lambda values: 1,
)

RPROP = Optimizer(
    name="Rprop",
    summary="Looks only at the sign of each gradient: grows the step while it stays, shrinks it when it turns.",
    doc="For the whole data set as one batch; small batches turn the signs about (Riedmiller and Braun, 1993).",
    source=_DOCS + "Rprop.html",
    keywords=("resilient", "sign", "full batch"),
    parameters=(
        _lr(0.01),
        Parameter(
            "etas",
            Numbers(minimum=1e-6, maximum=100.0, min_length=2, max_length=2),
            (0.5, 1.2),
            "Factors by which a step shrinks and grows: the first below 1, the second above.",
        ),
        Parameter(
            "step_sizes",
            Numbers(minimum=0.0, min_length=2, max_length=2),
            (1e-6, 50.0),
            "The smallest and the largest step.",
            advanced=True,
        ),
        _MAXIMIZE,
    ),
    slots=lambda values: 2,
)

ADAFACTOR = Optimizer(
    name="Adafactor",
    summary="Adam's step sizes with hardly any memory: of a matrix it keeps one number a row and one a column.",
    doc="For networks whose optimizer would not fit into memory (Shazeer and Stern, 2018).",
    source=_DOCS + "Adafactor.html",
    keywords=("adaptive", "memory"),
    parameters=(
        _lr(0.01),
        _weight_decay(0.0, "directly and apart from the gradient"),
        Parameter(
            "beta2_decay",
            Number(maximum=0.0),
            -0.8,
            "Power by which the running mean of squares slows down.",
            advanced=True,
        ),
        Parameter(
            "eps",
            Numbers(minimum=0.0, min_length=2, max_length=2),
            (2.0**-23, 0.001),
            "Small numbers that keep squared gradients, and the size of weights, from being zero.",
            advanced=True,
        ),
        Parameter(
            "d",
            Number(minimum=1.0),
            1.0,
            "Steps that are larger than this, in root mean square, are cut down to it.",
            advanced=True,
        ),
        _MAXIMIZE,
    ),
    slots=lambda values: 0,
)

MUON = Optimizer(
    name="Muon",
    summary="Makes each step of a matrix orthogonal, so that no direction is neglected.",
    doc="For the matrices inside a network (Jordan et al., 2024). Whatever is no matrix (biases, normalisations, kernels "
    "of convolutions) is moved by AdamW, at the same learning rate and weight decay; with adjust_lr_fn match_rms_adamw "
    "the steps of both are of the same size.",
    source=_DOCS + "Muon.html",
    keywords=("orthogonal", "newton-schulz", "transformer"),
    parameters=(
        _lr(0.001),
        _weight_decay(0.1, "directly and apart from the gradient"),
        Parameter(
            "momentum",
            Number(minimum=0.0, maximum=0.9999),
            0.95,
            "Share of the last step that is kept.",
        ),
        Parameter("nesterov", Boolean(), True, "Look ahead along the momentum.", advanced=True),
        Parameter(
            "adjust_lr_fn",
            Optional(of=Choice(options=("original", "match_rms_adamw")), empty="original"),
            None,
            "How the step follows the shape of a matrix: as its author has it, or as large as AdamW's would be.",
        ),
        Parameter(
            "ns_steps",
            Integer(minimum=1, maximum=99),
            5,
            "Rounds of the iteration that makes a step orthogonal.",
            advanced=True,
        ),
        Parameter(
            "ns_coefficients",
            Numbers(min_length=3, max_length=3),
            (3.4445, -4.775, 2.0315),
            "Coefficients of that iteration.",
            advanced=True,
        ),
        _eps(1e-7),
    ),
    slots=lambda values: 1,
)

LBFGS = Optimizer(
    name="LBFGS",
    summary="Learns the curvature from its last steps and jumps to where the slope should end.",
    doc="For small networks and the whole data set as one batch, where it needs few steps. Computes each batch several "
    "times for one step (Liu and Nocedal, 1989).",
    source=_DOCS + "LBFGS.html",
    keywords=("quasi-newton", "second order", "full batch", "line search"),
    parameters=(
        _lr(1.0),
        Parameter("max_iter", Integer(minimum=1), 20, "Iterations in one step."),
        Parameter(
            "max_eval",
            Optional(of=Integer(minimum=1), empty="a quarter more than max_iter"),
            None,
            "How often the batch is computed in one step, at most.",
            advanced=True,
        ),
        Parameter(
            "tolerance_grad",
            Number(minimum=0.0),
            1e-7,
            "Ends a step when no gradient is larger.",
            advanced=True,
        ),
        Parameter(
            "tolerance_change",
            Number(minimum=0.0),
            1e-9,
            "Ends a step when loss or weights change by less.",
            advanced=True,
        ),
        Parameter("history_size", Integer(minimum=1, maximum=1000), 100, "Steps that it learns from."),
        Parameter(
            "line_search_fn",
            Optional(of=Choice(options=("strong_wolfe",)), empty="off"),
            None,
            "Seek the best length of each step: safer, and a few more computations.",
        ),
    ),
    slots=lambda values: 2 + 2 * int(str(values["history_size"])),
    whole=True,
)

_ALL = MappingProxyType(
    {
        declaration.name: declaration
        for declaration in (
            SGD,
            ADAM,
            ADAMW,
            RMSPROP,
            ADAGRAD,
            ADADELTA,
            ADAMAX,
            NADAM,
            RADAM,
            ASGD,
            RPROP,
            ADAFACTOR,
            MUON,
            LBFGS,
        )
    }
)


def optimizers() -> Mapping[str, Optimizer]:
    """All optimizers by name, the simplest first."""
    return _ALL
