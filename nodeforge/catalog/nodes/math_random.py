"""Chance as part of the network: samples that are drawn anew at every step, in training and after it."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing, keeps_outputs
from nodeforge.catalog.kind import FLOAT_DTYPES, WIDE_DTYPES, CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.activation import number
from nodeforge.catalog.rules import OPS, Specs, batch_free_axis, same_as_input, set_parameter, with_axis
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Number, Parameter
from nodeforge.core.specs import TensorSpec

_DIM = Parameter("dim", Integer(), -1, "The axis that holds the classes; -1 is the last.")
_SCORES = (Port(name="input", doc="N×…×classes: raw scores", dtypes=WIDE_DTYPES),)

BERNOULLI = Kind(
    name="Bernoulli",
    category="Math",
    summary="Tosses a coin for every value: 1 with that probability, else 0.",
    doc="Hidden units of a Boltzmann machine, pixels of a generated image, spikes from rates. Takes probabilities, so "
    "put a Sigmoid before it. No gradient passes.",
    formula="y = 1 with probability x, else 0",
    source=OPS + "bernoulli.html",
    keywords=("random", "sample", "coin", "binary", "stochastic"),
    inputs=(Port(name="input", doc="probabilities from 0 to 1, any shape", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="0 or 1, the shape of the input"),),
    shape=same_as_input,
    forward=lambda call: f"{call.x}.bernoulli()",
    keeps=keeps_nothing,
    blocks_gradient=True,
)


def _normal_code(call: CodeCall) -> str:
    mean, std = number(call.values, "mean"), number(call.values, "std")
    scaled = f"torch.randn_like({call.x})" + (f" * {std!r}" if std != 1.0 else "")
    return scaled + (f" + {mean!r}" if mean else "")


RANDOM_NORMAL = Kind(
    name="RandomNormal",
    category="Math",
    summary="Numbers drawn from a bell curve, as many as the input has.",
    doc="The noise that a generator starts from, or that a variational network scales and shifts. Only the shape of "
    "the input counts. GaussianNoise adds noise while training only.",
    formula="y ~ 𝒩(mean, std²)",
    source=OPS + "randn_like.html",
    keywords=("random", "gaussian", "noise", "sample", "latent", "generator"),
    parameters=(
        Parameter("mean", Number(), 0.0, "Middle of the bell curve."),
        Parameter("std", Number(minimum=0.0), 1.0, "Spread of the bell curve."),
    ),
    inputs=(Port(name="like", doc="any shape: as many numbers are drawn", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=same_as_input,
    forward=_normal_code,
    keeps=keeps_nothing,
    blocks_gradient=True,
    views=("samples",),
)


def _within(call: ShapeCall) -> Specs:
    if number(call.values, "low") >= number(call.values, "high"):
        raise ShapeError(
            f"{call.name} has low {number(call.values, 'low'):g}, which is not below its high "
            f"{number(call.values, 'high'):g}.",
            suggestions=(set_parameter("high", number(call.values, "low") + 1.0),),
        )
    return {"output": call.input()}


def _uniform_code(call: CodeCall) -> str:
    low, high = number(call.values, "low"), number(call.values, "high")
    scaled = f"torch.rand_like({call.x})" + (f" * {high - low!r}" if high - low != 1.0 else "")
    return scaled + (f" + {low!r}" if low else "")


RANDOM_UNIFORM = Kind(
    name="RandomUniform",
    category="Math",
    summary="Numbers drawn evenly between two bounds, as many as the input has.",
    doc="Every number between the bounds is equally likely. Only the shape of the input counts. Compare with a "
    "probability to draw yes or no.",
    formula="y ~ U(low, high)",
    source=OPS + "rand_like.html",
    keywords=("random", "noise", "sample", "even"),
    parameters=(
        Parameter("low", Number(), 0.0, "Smallest number."),
        Parameter("high", Number(), 1.0, "Numbers stay below this one."),
    ),
    inputs=(Port(name="like", doc="any shape: as many numbers are drawn", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_within,
    forward=_uniform_code,
    keeps=keeps_nothing,
    blocks_gradient=True,
    views=("samples",),
)


def _drawn(call: ShapeCall) -> Specs:
    spec, axis = call.input(), batch_free_axis(call)
    return {"output": TensorSpec(with_axis(spec, axis).shape, "int64")}


_CATEGORICAL = '''\
def draw_category(scores: Tensor, dim: int) -> Tensor:
    """Draws an index of an axis with probability softmax(scores); the Gumbel-max trick, Gumbel (1954)."""
    gumbel = -torch.empty_like(scores).exponential_().log()
    return (scores + gumbel).argmax(dim)
'''

CATEGORICAL = Kind(
    name="Categorical",
    category="Math",
    summary="Draws a class by chance, likely ones more often.",
    doc="Takes raw scores. Writes text or plays moves with some variety, where ArgMax would always choose the same. "
    "Put ScaleShift before it to make it bolder (scale below 1) or more careful. No gradient passes.",
    formula="y = c with probability softmax(x)[c]",
    source="https://docs.pytorch.org/docs/stable/distributions.html#categorical",
    keywords=("random", "sample", "multinomial", "softmax", "choice", "policy"),
    parameters=(_DIM,),
    inputs=_SCORES,
    outputs=(Port(name="output", doc="the number of the drawn class, without the axis"),),
    shape=_drawn,
    forward=lambda call: f"draw_category({call.x}, dim={call.values['dim']})",
    support=_CATEGORICAL,
    keeps=keeps_nothing,
)


def _softened(call: ShapeCall) -> Specs:
    batch_free_axis(call)
    return {"output": call.input()}


def _gumbel_code(call: CodeCall) -> str:
    hard = ", hard=True" if call.values["hard"] else ""
    return (
        f"nn.functional.gumbel_softmax({call.x}, tau={call.values['tau']!r}{hard}, dim={call.values['dim']})"
    )


GUMBEL_SOFTMAX = Kind(
    name="GumbelSoftmax",
    category="Math",
    summary="Draws a class by chance and still lets a gradient through.",
    doc="A softmax of scores with noise: the lower tau, the closer to a single one among zeros. For choices inside a "
    "network: discrete codes, experts, edges (Jang et al., 2017).",
    formula="y = softmax((x + g) / τ), g = −ln(−ln u), u even in 0…1",
    source=OPS + "nn.functional.gumbel_softmax.html",
    keywords=("random", "sample", "categorical", "concrete", "relaxation", "straight-through"),
    parameters=(
        Parameter(
            "tau",
            Number(minimum=0.0, exclusive_minimum=True),
            1.0,
            "Temperature: near 0 almost all goes to one class, large values even the shares out.",
        ),
        Parameter(
            "hard",
            Boolean(),
            False,
            "Give exactly one 1 and zeros; the gradient is that of the soft shares.",
        ),
        _DIM,
    ),
    inputs=_SCORES,
    outputs=(Port(name="output", doc="shares that add up to 1, the shape of the input"),),
    shape=_softened,
    forward=_gumbel_code,
    keeps=keeps_outputs,
)
