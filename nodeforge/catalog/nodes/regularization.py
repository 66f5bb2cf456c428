"""Layers that are noisy in training only, so that a network does not learn its samples by heart."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_channel_mask, keeps_mask
from nodeforge.catalog.kind import FLOAT_DTYPES, KeepRule, Kind, Port, ShapeCall, ShapeRule
from nodeforge.catalog.rules import LAYOUT, TORCH, Specs, channels_and_space, same_as_input, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Number, Parameter

_ANY = "any shape"


def _dropout(
    name: str,
    *,
    summary: str,
    doc: str,
    formula: str,
    dropped: str = "values",
    shape: ShapeRule = same_as_input,
    input_doc: str = _ANY,
    keywords: tuple[str, ...] = (),
    keeps: KeepRule = keeps_mask,
    common: bool = False,
) -> Kind:
    return Kind(
        name=name,
        category="Regularization",
        summary=summary,
        doc=doc,
        formula=formula,
        source=TORCH + f"{name}.html",
        keywords=("overfitting", "noise", *keywords),
        parameters=(
            Parameter(
                "p",
                Number(minimum=0.0, maximum=1.0),
                0.5,
                f"Share of the {dropped} that are dropped.",
                positional=True,
            ),
        ),
        inputs=(Port(name="input", doc=input_doc, dtypes=FLOAT_DTYPES),),
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=shape,
        module=f"nn.{name}",
        keeps=keeps,
        common=common,
    )


def _channelwise(axes: int) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        channels_and_space(call, axes)
        return {"output": call.input()}

    what, near = {
        1: ("a signal", "Neighbouring steps"),
        2: ("an image", "Neighbouring pixels"),
        3: ("a volume", "Neighbouring points"),
    }[axes]
    return _dropout(
        f"Dropout{axes}d",
        summary=f"While training, drops whole channels of {what} with probability p.",
        doc=f"{near} say much the same, so dropping single ones does little; whole channels do.",
        formula="y[c] = x[c]·m[c] / (1 − p), m[c] = 0 with probability p, else 1",
        dropped="channels",
        shape=shape,
        input_doc=LAYOUT[axes],
        keywords=("spatial dropout",),
        keeps=keeps_channel_mask,
    )


def _with_channels(call: ShapeCall) -> Specs:
    if not sample_dims(call):
        raise ShapeError(
            f"{call.name} needs a channel axis after the batch; it gets {call.input()}.", port="input"
        )
    return {"output": call.input()}


DROPOUT = _dropout(
    "Dropout",
    summary="While training, sets each value to zero with probability p and scales up the rest.",
    doc="No value can be relied on alone, so the network spreads what it knows. Does nothing after training.",
    formula="y = x·m / (1 − p), m = 0 with probability p, else 1",
    common=True,
)
DROPOUT1D, DROPOUT2D, DROPOUT3D = (_channelwise(axes) for axes in (1, 2, 3))
ALPHA_DROPOUT = _dropout(
    "AlphaDropout",
    summary="Dropout that keeps mean and spread as they are, for networks of SELU.",
    doc="Dropped values become the lowest value of SELU instead of zero (Klambauer et al., 2017).",
    formula="y = a·(x·m + α′·(1 − m)) + b, m = 0 with probability p, else 1",
    keywords=("selu", "self-normalizing"),
)
FEATURE_ALPHA_DROPOUT = _dropout(
    "FeatureAlphaDropout",
    summary="AlphaDropout that drops whole channels.",
    doc="For convolutional networks of SELU: mean and spread stay as they are, and neighbours are dropped together.",
    formula="y[c] = a·(x[c]·m[c] + α′·(1 − m[c])) + b",
    dropped="channels",
    shape=_with_channels,
    input_doc="N×channels×…",
    keywords=("selu", "self-normalizing", "spatial dropout"),
    keeps=keeps_channel_mask,
)
