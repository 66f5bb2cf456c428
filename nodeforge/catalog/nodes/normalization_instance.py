"""Normalization of each sample by itself, by the root mean square, and over neighbouring channels."""

from __future__ import annotations

import math

from nodeforge.catalog.cost_rules import keeps_copies
from nodeforge.catalog.kind import WEIGHT_DTYPES, WIDE_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.normalization import EPS, normalized_count, normalized_shape, normalized_size
from nodeforge.catalog.rules import LAYOUT, TORCH, Specs, channels_and_space, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Number, Optional, Parameter


def _instance_norm(axes: int) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        _, sizes = channels_and_space(call, axes)
        if math.prod(sizes) == 1:
            raise ShapeError(
                f"{call.name} normalizes over the points of a channel, and {call.input()} has one only: its spread "
                "would be zero. Normalize before the last pooling, or use LayerNorm.",
                port="input",
            )
        return {"output": call.input()}

    def count(call: ShapeCall) -> int:
        learned = 1 + bool(call.values["bias"]) if call.values["affine"] else 0
        return learned * channels_and_space(call, axes)[0]

    name = f"InstanceNorm{axes}d"
    return Kind(
        name=name,
        category="Normalization",
        summary="Brings each channel of each sample to mean 0 and spread 1.",
        doc="Takes contrast and brightness out of every picture alone, so it is used for style transfer and image "
        "generation (Ulyanov et al., 2017). Needs more than one point per channel.",
        formula="y = γ·(x − mean) / √(variance + ε) + β, over each sample and channel",
        source=TORCH + f"{name}.html",
        keywords=("instance normalization", "style", "contrast"),
        parameters=(
            EPS,
            Parameter(
                "momentum",
                Optional(of=Number(minimum=0.0, maximum=1.0), empty="plain average"),
                0.1,
                "Share of the newest batch in the running mean and variance, where those are kept.",
                advanced=True,
            ),
            Parameter("affine", Boolean(), False, "Whether scale γ and offset β are learned."),
            Parameter(
                "track_running_stats",
                Boolean(),
                False,
                "Keep running statistics and use them after training.",
                advanced=True,
            ),
            Parameter("bias", Boolean(), True, "Whether the offset β is learned too.", advanced=True),
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=WEIGHT_DTYPES),),
        derived=(
            Derived(
                name="num_features",
                compute=lambda call: channels_and_space(call, axes)[0],
                doc="Channels of the input.",
            ),
        ),
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=shape,
        module=f"nn.{name}",
        parameter_count=count,
    )


INSTANCE_NORM1D, INSTANCE_NORM2D, INSTANCE_NORM3D = (_instance_norm(axes) for axes in (1, 2, 3))

RMS_NORM = Kind(
    name="RMSNorm",
    category="Normalization",
    summary="Divides the features of each sample by their root mean square.",
    doc="LayerNorm without taking the mean away: cheaper, and about as good in large transformers (Zhang and "
    "Sennrich, 2019).",
    formula="y = γ·x / √(mean of x² + ε)",
    source=TORCH + "RMSNorm.html",
    keywords=("root mean square", "layer normalization", "transformer", "llama"),
    parameters=(
        Parameter(
            "axes", Integer(minimum=1, maximum=7), 1, "How many of the last axes are normalized together."
        ),
        Parameter(
            "eps",
            Optional(of=Number(minimum=0.0, exclusive_minimum=True), empty="smallest step of the type"),
            None,
            "Small number added to the mean square, against division by zero.",
            advanced=True,
        ),
        Parameter("elementwise_affine", Boolean(), True, "Whether the scale γ is learned.", advanced=True),
    ),
    inputs=(Port(name="input", doc="N×…×features", dtypes=WEIGHT_DTYPES),),
    derived=(
        Derived(
            name="normalized_shape",
            compute=normalized_size,
            doc="Sizes of the axes that are normalized.",
        ),
    ),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=normalized_shape,
    module="nn.RMSNorm",
    call_only=("axes",),
    parameter_count=normalized_count,
    keeps=keeps_copies(1),
)


_NEIGHBOURS = (
    Parameter(
        "size", Integer(minimum=1, maximum=65_536), 5, "Number of neighbouring channels.", positional=True
    ),
    Parameter("alpha", Number(), 1e-4, "Weight of the neighbours' squares."),
    Parameter("beta", Number(), 0.75, "Exponent of the divisor."),
    Parameter(
        "k",
        Number(minimum=0.0, exclusive_minimum=True),
        1.0,
        "Added to the sum, so that it is never zero.",
    ),
)


def _local_response(call: ShapeCall) -> Specs:
    if len(sample_dims(call)) < 2:
        raise ShapeError(
            f"{call.name} needs N×channels and at least one axis of space; it gets {call.input()}.",
            port="input",
        )
    return {"output": call.input()}


LOCAL_RESPONSE_NORM = Kind(
    name="LocalResponseNorm",
    category="Normalization",
    summary="Divides each value by what the neighbouring channels hold at the same place.",
    doc="Lets channels compete. Used in AlexNet (Krizhevsky et al., 2012); BatchNorm has taken its place.",
    formula="y[c] = x[c] / (k + α/n·Σ x[c′]²)^β, over n channels around c",
    source=TORCH + "LocalResponseNorm.html",
    keywords=("lrn", "alexnet", "lateral inhibition"),
    parameters=_NEIGHBOURS,
    inputs=(Port(name="input", doc="N×channels×…", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_local_response,
    module="nn.LocalResponseNorm",
    keeps=keeps_copies(3),
)
