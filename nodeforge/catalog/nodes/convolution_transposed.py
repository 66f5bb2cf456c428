"""Transposed convolutions, and the cutting of images into blocks and back."""

from __future__ import annotations

import math

from nodeforge.catalog.cost_rules import keeps_nothing, places_of_input, weights_used
from nodeforge.catalog.kind import WEIGHT_DTYPES, WIDE_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.convolution import CHANNELS, convolution_biases, convolution_weights
from nodeforge.catalog.rules import (
    LAYOUT,
    TORCH,
    Specs,
    channels_and_space,
    check_divides,
    check_window,
    sample_dims,
    set_parameter,
    window_positions,
)
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Parameter, Size
from nodeforge.core.specs import format_shape


def _transposed_sizes(call: ShapeCall, sizes: tuple[int, ...]) -> list[int]:
    axes = len(sizes)
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    outputs = []
    for size, kernel, stride, padding, extra, dilation in zip(
        sizes, *(call.per_axis(name, axes) for name in names), strict=True
    ):
        if extra >= max(stride, dilation):
            raise ShapeError(
                f"{call.name} has output_padding {extra}, which must be less than its stride or dilation.",
                suggestions=(set_parameter("output_padding", 0),),
            )
        outputs.append((size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1)
    if min(outputs) < 1:
        raise ShapeError(
            f"{call.name} would give a size of {format_shape(outputs)}: its padding takes away more than there is.",
            suggestions=(set_parameter("padding", 0),),
        )
    return outputs


def _transposed(axes: int) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        channels, sizes = channels_and_space(call, axes)
        check_divides(call, "groups", channels, "input channels")
        check_divides(call, "groups", call.integer("out_channels"), "output channels")
        spec = call.input()
        outputs = _transposed_sizes(call, sizes)
        return {"output": spec.with_shape((spec.shape[0], call.integer("out_channels"), *outputs))}

    def count(call: ShapeCall) -> int:
        return convolution_weights(call, axes) + convolution_biases(call)

    name = f"ConvTranspose{axes}d"
    what = {1: "a signal", 2: "an image", 3: "a volume"}[axes]
    return Kind(
        name=name,
        category="Convolution",
        summary=f"A convolution run backwards: grows {what}, painting a learned filter for every point.",
        doc="Used to get from few, rich features back to full size: decoders, generators, segmentation. "
        "Kernel 2 with stride 2 doubles every side exactly.",
        formula="size = (size − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1",
        source=TORCH + f"{name}.html",
        keywords=("deconvolution", "upsampling", "decoder", "transposed convolution"),
        parameters=(
            Parameter("out_channels", CHANNELS, 16, "Number of channels of the output.", positional=True),
            Parameter("kernel_size", Size(axes=axes), 2, "Size of the filters.", unit="px"),
            Parameter(
                "stride", Size(axes=axes), 2, "How far apart neighbouring points are painted.", unit="px"
            ),
            Parameter("padding", Size(axes=axes, minimum=0), 0, "Border taken off the output.", unit="px"),
            Parameter(
                "output_padding",
                Size(axes=axes, minimum=0),
                0,
                "Extra places at the end of each axis, to reach a size that division had rounded away.",
                unit="px",
                advanced=True,
            ),
            Parameter(
                "groups",
                CHANNELS,
                1,
                "Splits the channels into groups that do not see each other.",
                advanced=True,
            ),
            Parameter(
                "bias", Boolean(), True, "Whether an offset is learned for each channel.", advanced=True
            ),
            Parameter(
                "dilation", Size(axes=axes), 1, "Distance between the points of a filter.", advanced=True
            ),
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=WEIGHT_DTYPES),),
        outputs=(Port(name="output", doc=LAYOUT[axes].replace("channels", "out_channels") + ", larger"),),
        derived=(
            Derived(
                name="in_channels",
                compute=lambda call: channels_and_space(call, axes)[0],
                doc="Channels of the input.",
            ),
        ),
        shape=shape,
        module=f"nn.{name}",
        named=("kernel_size", "stride"),
        parameter_count=count,
        macs=weights_used(count, places_of_input),
    )


CONV_TRANSPOSE1D, CONV_TRANSPOSE2D, CONV_TRANSPOSE3D = (_transposed(axes) for axes in (1, 2, 3))

_BLOCKS = (
    Parameter("kernel_size", Size(axes=2), 2, "Size of the blocks.", unit="px", positional=True),
    Parameter("dilation", Size(axes=2), 1, "Distance between the points of a block.", advanced=True),
    Parameter("padding", Size(axes=2, minimum=0), 0, "Border of zeros around the image.", unit="px"),
    Parameter("stride", Size(axes=2), 1, "Step between two blocks.", unit="px"),
)


def _blocks(call: ShapeCall, sizes: tuple[int, ...]) -> int:
    """How many blocks an image of this size holds."""
    names = ("kernel_size", "stride", "padding", "dilation")
    counts, spans = [], []
    for size, kernel, stride, padding, dilation in zip(
        sizes, *(call.per_axis(name, 2) for name in names), strict=True
    ):
        counts.append(
            window_positions(size, kernel, stride=stride, padding=(padding, padding), dilation=dilation)
        )
        spans.append(dilation * (kernel - 1) + 1)
    check_window(call, sizes, counts, spans)
    return math.prod(counts)


def _unfold_shape(call: ShapeCall) -> Specs:
    channels, sizes = channels_and_space(call, 2)
    count, spec = _blocks(call, sizes), call.input()
    size = channels * math.prod(call.per_axis("kernel_size", 2))
    return {"output": spec.with_shape((spec.shape[0], size, count))}


def _fold_shape(call: ShapeCall) -> Specs:
    dims, sizes = sample_dims(call), call.per_axis("output_size", 2)
    block = math.prod(call.per_axis("kernel_size", 2))
    if len(dims) != 2 or dims[0] % block:
        raise ShapeError(
            f"{call.name} needs N×(channels·{block})×blocks, with blocks of {block} points as Unfold gives them; "
            f"it gets {call.input()}.",
            port="input",
        )
    count = _blocks(call, sizes)
    if dims[1] != count:
        raise ShapeError(
            f"{call.name} needs {count} blocks to fill {format_shape(sizes)}; it gets {dims[1]}. Set output_size, "
            "kernel_size, stride and padding as they were when the blocks were cut.",
            port="input",
        )
    spec = call.input()
    return {"output": spec.with_shape((spec.shape[0], dims[0] // block, *sizes))}


UNFOLD = Kind(
    name="Unfold",
    category="Convolution",
    summary="Cuts an image into overlapping blocks and lays each out as a column.",
    doc="What a convolution looks at, made visible: a Linear on the columns is a convolution. With stride equal "
    "to kernel_size it cuts an image into patches.",
    formula="N×C×H×W → N×(C·kernel area)×blocks",
    source=TORCH + "Unfold.html",
    keywords=("im2col", "patches", "blocks", "sliding window"),
    parameters=_BLOCKS,
    inputs=(Port(name="input", doc=LAYOUT[2], dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="N×(channels·kernel area)×blocks"),),
    shape=_unfold_shape,
    module="nn.Unfold",
    keeps=keeps_nothing,
)
FOLD = Kind(
    name="Fold",
    category="Convolution",
    summary="Puts blocks back into an image and adds them up where they overlap.",
    doc="The way back from Unfold. Where blocks overlap their sum appears, so dividing by the number of blocks "
    "over each point restores the image.",
    formula="N×(C·kernel area)×blocks → N×C×H×W",
    source=TORCH + "Fold.html",
    keywords=("col2im", "patches", "blocks", "overlap add"),
    parameters=(
        Parameter(
            "output_size", Size(axes=2), 8, "Height and width of the image.", unit="px", positional=True
        ),
        *_BLOCKS,
    ),
    inputs=(Port(name="input", doc="N×(channels·kernel area)×blocks", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc=LAYOUT[2]),),
    shape=_fold_shape,
    module="nn.Fold",
    keeps=keeps_nothing,
)
