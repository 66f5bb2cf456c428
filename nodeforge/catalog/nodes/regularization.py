"""Layers that are noisy in training only, so that a network does not learn its samples by heart."""

from __future__ import annotations

from nodeforge.catalog.kind import FLOAT_DTYPES, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, channels_and_space, same_as_input
from nodeforge.core.parameters import Number, Parameter


def _channelwise(call: ShapeCall) -> Specs:
    channels_and_space(call, 2)
    return {"output": call.input()}


DROPOUT = Kind(
    name="Dropout",
    category="Regularization",
    summary="While training, sets each value to zero with probability p and scales up the rest.",
    doc="No value can be relied on alone, so the network spreads what it knows. Does nothing after training.",
    formula="y = x·m / (1 − p), m = 0 with probability p, else 1",
    source=TORCH + "Dropout.html",
    keywords=("overfitting", "noise"),
    parameters=(
        Parameter(
            "p",
            Number(minimum=0.0, maximum=1.0),
            0.5,
            "Share of the values that are dropped.",
            positional=True,
        ),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
    shape=same_as_input,
    module="nn.Dropout",
)

DROPOUT2D = Kind(
    name="Dropout2d",
    category="Regularization",
    summary="While training, drops whole channels of an image with probability p.",
    doc="Neighbouring pixels say much the same, so dropping single ones does little; whole channels do.",
    formula="y[c] = x[c]·m[c] / (1 − p), m[c] = 0 with probability p, else 1",
    source=TORCH + "Dropout2d.html",
    keywords=("overfitting", "noise", "spatial dropout"),
    parameters=(
        Parameter(
            "p",
            Number(minimum=0.0, maximum=1.0),
            0.5,
            "Share of the channels that are dropped.",
            positional=True,
        ),
    ),
    inputs=(Port(name="input", doc="N×channels×height×width", dtypes=FLOAT_DTYPES),),
    shape=_channelwise,
    module="nn.Dropout2d",
)
