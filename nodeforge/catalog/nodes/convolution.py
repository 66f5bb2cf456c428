"""Convolutions over one, two and three axes."""

from __future__ import annotations

import math

from nodeforge.catalog.cost_rules import places_of_output, weights_used
from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.rules import (
    LAYOUT,
    TORCH,
    Specs,
    channels_and_space,
    check_divides,
    check_window,
    set_parameter,
    window_positions,
)
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Parameter, Size
from nodeforge.core.specs import format_shape

CHANNELS = Integer(minimum=1, maximum=65_536)


def _padding(call: ShapeCall, axes: int) -> tuple[tuple[int, int], ...]:
    """Zeros before and after each axis, with the words "same" and "valid" spelled out."""
    word = call.values["padding"]
    if word == "valid":
        return ((0, 0),) * axes
    if word == "same":
        kernels, dilations = call.per_axis("kernel_size", axes), call.per_axis("dilation", axes)
        totals = [d * (k - 1) for k, d in zip(kernels, dilations, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    return tuple((p, p) for p in call.per_axis("padding", axes))


def _check_padding(call: ShapeCall, sizes: tuple[int, ...], padding: tuple[tuple[int, int], ...]) -> None:
    if call.values["padding"] == "same" and set(call.per_axis("stride", len(sizes))) != {1}:
        raise ShapeError(
            f'{call.name} has padding "same", which works only with stride 1.',
            suggestions=(set_parameter("stride", 1), set_parameter("padding", 0)),
        )
    mode = call.values["padding_mode"]
    limit = {"reflect": -1, "circular": 0}.get(str(mode))
    if limit is None:
        return
    for size, sides in zip(sizes, padding, strict=True):
        if max(sides) > size + limit:
            raise ShapeError(
                f"{call.name} pads {max(sides)} on a side by {mode}, and its input of "
                f"{format_shape(sizes)} has no "
                "more than that to give: use less padding or zeros.",
                suggestions=(set_parameter("padding_mode", "zeros"),),
            )


def _convolution(axes: int) -> Kind:
    def shape(call: ShapeCall) -> Specs:
        channels, sizes = channels_and_space(call, axes)
        check_divides(call, "groups", channels, "input channels")
        check_divides(call, "groups", call.integer("out_channels"), "output channels")
        kernels, dilations = call.per_axis("kernel_size", axes), call.per_axis("dilation", axes)
        padding = _padding(call, axes)
        _check_padding(call, sizes, padding)
        outputs = [
            window_positions(size, kernel, stride=stride, padding=sides, dilation=dilation)
            for size, kernel, stride, sides, dilation in zip(
                sizes, kernels, call.per_axis("stride", axes), padding, dilations, strict=True
            )
        ]
        check_window(call, sizes, outputs, [d * (k - 1) + 1 for k, d in zip(kernels, dilations, strict=True)])
        spec = call.input()
        return {"output": spec.with_shape((spec.shape[0], call.integer("out_channels"), *outputs))}

    def count(call: ShapeCall) -> int:
        return convolution_weights(call, axes) + convolution_biases(call)

    name = f"Conv{axes}d"
    what = {1: "along a sequence or signal", 2: "over an image", 3: "through a volume or film"}[axes]
    return Kind(
        name=name,
        category="Convolution",
        summary=f"Slides small learned filters {what} and reports where each one matches.",
        doc="The same few weights are used at every place, so a pattern is found wherever it lies. Without "
        "padding "
        "a kernel of 3 takes 2 off each axis; padding 1 keeps the size; stride 2 halves it.",
        formula="y[c] = b[c] + Σₖ W[c, k] ⋆ x[k]",
        source=TORCH + f"{name}.html",
        keywords=("convolution", "filter", "kernel", "cnn"),
        common=axes == 2,
        parameters=(
            Parameter(
                "out_channels", CHANNELS, 16, "Number of filters; each gives one channel.", positional=True
            ),
            Parameter("kernel_size", Size(axes=axes), 3, "Size of the filters.", unit="px"),
            Parameter("stride", Size(axes=axes), 1, "Step between two places of the filter.", unit="px"),
            Parameter(
                "padding",
                Size(axes=axes, minimum=0, words=("same", "valid")),
                0,
                'Border added on every side. "same" keeps the size (stride 1 only), "valid" adds none.',
                unit="px",
            ),
            Parameter(
                "dilation",
                Size(axes=axes),
                1,
                "Distance between the points a filter looks at; above 1 it sees wider with as many weights.",
                advanced=True,
            ),
            Parameter(
                "groups",
                CHANNELS,
                1,
                "Splits the channels into groups that do not see each other; as many as channels: depthwise.",
                advanced=True,
            ),
            Parameter(
                "bias", Boolean(), True, "Whether an offset is learned for each filter.", advanced=True
            ),
            Parameter(
                "padding_mode",
                Choice(options=("zeros", "reflect", "replicate", "circular")),
                "zeros",
                "What the border is filled with.",
                advanced=True,
            ),
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=WEIGHT_DTYPES),),
        outputs=(Port(name="output", doc=LAYOUT[axes].replace("channels", "out_channels")),),
        derived=(
            Derived(
                name="in_channels",
                compute=lambda call: channels_and_space(call, axes)[0],
                doc="Channels of the input.",
            ),
        ),
        shape=shape,
        module=f"nn.{name}",
        named=("kernel_size",),
        parameter_count=count,
        macs=weights_used(count, places_of_output),
    )


def convolution_weights(call: ShapeCall, axes: int) -> int:
    """Numbers in the filters of a convolution, transposed or not."""
    channels, _ = channels_and_space(call, axes)
    pairs = channels * call.integer("out_channels") // call.integer("groups")
    return pairs * math.prod(call.per_axis("kernel_size", axes))


def convolution_biases(call: ShapeCall) -> int:
    """Numbers in its offsets."""
    return call.integer("out_channels") if call.values["bias"] else 0


CONV1D, CONV2D, CONV3D = (_convolution(axes) for axes in (1, 2, 3))
