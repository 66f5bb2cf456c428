"""Activations that look at several values at once, or at chance."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_copies, keeps_outputs
from nodeforge.catalog.kind import FLOAT_DTYPES, WIDE_DTYPES, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.activation import number, over_axis, softmax_kind
from nodeforge.catalog.rules import LAYOUT, TORCH, Specs, channels_and_space, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Number, Parameter

SOFTMIN = softmax_kind(
    "Softmin",
    formula="yᵢ = e^−xᵢ / Σⱼ e^−xⱼ",
    summary="Turns distances into probabilities: the smallest value gets the largest share.",
    doc="Softmax of the negated values: from distances to prototypes or clusters to a share for each, the "
    "nearest getting most.",
    keywords=("classes", "normalize", "distance"),
)


def _image(call: ShapeCall) -> Specs:
    channels_and_space(call, 2)
    return {"output": call.input()}


SOFTMAX2D = Kind(
    name="Softmax2d",
    category="Activation",
    summary="Turns the channels at each pixel into probabilities that add up to 1.",
    doc="The same as Softmax over axis 1. Leave it out before CrossEntropyLoss, which takes the raw scores.",
    formula="y[c, h, w] = e^x[c, h, w] / Σ over channels",
    source=TORCH + "Softmax2d.html",
    keywords=("activation", "probability", "segmentation"),
    inputs=(Port(name="input", doc=LAYOUT[2], dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_image,
    module="nn.Softmax2d",
    keeps=keeps_outputs,
)


def _halved(call: ShapeCall) -> Specs:
    spec = over_axis(call)["output"]
    axis = call.integer("dim") % spec.rank
    size = spec.shape[axis]
    assert isinstance(size, int)
    if size % 2:
        raise ShapeError(
            f"{call.name} splits axis {axis} of {spec} into two halves, so its size must be even, not {size}.",
            port="input",
        )
    return {"output": spec.with_shape((*spec.shape[:axis], size // 2, *spec.shape[axis + 1 :]))}


GLU = Kind(
    name="GLU",
    category="Activation",
    summary="Splits its input in two and lets one half decide how much of the other passes.",
    doc="A gated linear unit: double the features of the layer before it (Dauphin et al., 2017).",
    formula="y = a·σ(b), with a and b the halves of x",
    source=TORCH + "GLU.html",
    keywords=("activation", "gate", "gated linear unit"),
    parameters=(Parameter("dim", Integer(), -1, "The axis to split; -1 is the last."),),
    inputs=(Port(name="input", doc="any shape with an even axis", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the axis is half as long"),),
    shape=_halved,
    module="nn.GLU",
)


def _ordered(call: ShapeCall) -> Specs:
    low, high = number(call.values, "lower"), number(call.values, "upper")
    if low > high:
        raise ShapeError(
            f"{call.name} has lower {low:g} and upper {high:g}: the upper slope must not be below the lower one.",
            suggestions=(set_parameter("upper", low),),
        )
    return {"output": call.input()}


RRELU = Kind(
    name="RReLU",
    category="Activation",
    summary="A LeakyReLU whose slope on the negative side is drawn at random while training.",
    doc="The noise keeps a network from learning its samples by heart (Xu et al., 2015). After training the slope "
    "is the middle of the range.",
    formula="y = x if x ≥ 0, else a·x, with a random between lower and upper",
    source=TORCH + "RReLU.html",
    keywords=("activation", "nonlinearity", "rectifier", "random", "noise"),
    parameters=(
        Parameter("lower", Number(), 1 / 8, "Smallest slope."),
        Parameter("upper", Number(), 1 / 3, "Largest slope; not below the smallest."),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_ordered,
    module="nn.RReLU",
    keeps=keeps_copies(1),
)
