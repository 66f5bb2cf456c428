"""Pooling: fewer points that stand for many."""

from __future__ import annotations

from nodeforge.catalog.kind import FLOAT_DTYPES, Kind, Port, ShapeCall
from nodeforge.catalog.rules import (
    TORCH,
    Specs,
    channels_and_space,
    check_window,
    set_parameter,
    window_positions,
)
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Optional, Parameter, Size

_LAYOUT = {1: "N×channels×length", 2: "N×channels×height×width"}


def _pooled(call: ShapeCall, axes: int) -> Specs:
    _, sizes = channels_and_space(call, axes)
    kernels, paddings = call.per_axis("kernel_size", axes), call.per_axis("padding", axes)
    strides = kernels if call.values["stride"] is None else call.per_axis("stride", axes)
    dilations = call.per_axis("dilation", axes) if "dilation" in call.values else (1,) * axes
    if any(padding > kernel // 2 for padding, kernel in zip(paddings, kernels, strict=True)):
        raise ShapeError(
            f"{call.name} has padding {max(paddings)}, which must be at most half of its kernel "
            f"({min(kernels)} wide).",
            suggestions=(set_parameter("padding", min(kernels) // 2),),
        )
    outputs = [
        window_positions(
            size,
            kernel,
            stride=stride,
            padding=(padding, padding),
            dilation=dilation,
            ceil=bool(call.values["ceil_mode"]),
        )
        for size, kernel, stride, padding, dilation in zip(
            sizes, kernels, strides, paddings, dilations, strict=True
        )
    ]
    check_window(call, sizes, outputs, [d * (k - 1) + 1 for k, d in zip(kernels, dilations, strict=True)])
    spec = call.input()
    return {"output": spec.with_shape((*spec.shape[:2], *outputs))}


def _window_parameters(axes: int) -> tuple[Parameter, ...]:
    return (
        Parameter("kernel_size", Size(axes=axes), 2, "Size of the window.", unit="px", positional=True),
        Parameter(
            "stride",
            Optional(of=Size(axes=axes), empty="kernel_size"),
            None,
            "Step between two windows; as large as the window when empty.",
            unit="px",
        ),
        Parameter(
            "padding",
            Size(axes=axes, minimum=0),
            0,
            "Border added on every side, at most half the window.",
            unit="px",
            advanced=True,
        ),
    )


_CEIL = Parameter(
    "ceil_mode",
    Boolean(),
    False,
    "Keep a last window that hangs over the edge, instead of dropping the rest.",
    advanced=True,
)


def _max_pool(axes: int) -> Kind:
    name = f"MaxPool{axes}d"
    return Kind(
        name=name,
        category="Pooling",
        summary="Keeps the largest value of each window.",
        doc="A window of 2 halves each axis. The network cares less where exactly a pattern lies, and "
        "later layers "
        "see more of the input at once.",
        formula="y = max over the window of x",
        source=TORCH + f"{name}.html",
        keywords=("downsample", "subsampling", "maximum"),
        parameters=(
            *_window_parameters(axes),
            Parameter(
                "dilation",
                Size(axes=axes),
                1,
                "Distance between the points of a window.",
                unit="px",
                advanced=True,
            ),
            _CEIL,
        ),
        inputs=(Port(name="input", doc=_LAYOUT[axes], dtypes=FLOAT_DTYPES),),
        shape=lambda call: _pooled(call, axes),
        module=f"nn.{name}",
    )


def _avg_pool(axes: int) -> Kind:
    name = f"AvgPool{axes}d"
    return Kind(
        name=name,
        category="Pooling",
        summary="Keeps the mean of each window.",
        doc="A gentler way than the maximum to make an image or signal smaller.",
        formula="y = mean over the window of x",
        source=TORCH + f"{name}.html",
        keywords=("downsample", "subsampling", "mean"),
        parameters=(
            *_window_parameters(axes),
            _CEIL,
            Parameter(
                "count_include_pad",
                Boolean(),
                True,
                "Whether the zeros of the padding count in the mean.",
                advanced=True,
            ),
        ),
        inputs=(Port(name="input", doc=_LAYOUT[axes], dtypes=FLOAT_DTYPES),),
        shape=lambda call: _pooled(call, axes),
        module=f"nn.{name}",
    )


def _adaptive(axes: int) -> Kind:
    name = f"AdaptiveAvgPool{axes}d"

    def shape(call: ShapeCall) -> Specs:
        channels_and_space(call, axes)
        spec = call.input()
        return {"output": spec.with_shape((*spec.shape[:2], *call.per_axis("output_size", axes)))}

    return Kind(
        name=name,
        category="Pooling",
        summary="Averages to a given size, whatever the size of the input.",
        doc="With size 1 it is global average pooling: one number per channel, the usual end of a "
        "convolutional "
        "network before its last Linear.",
        formula="y = mean over windows chosen to give output_size",
        source=TORCH + f"{name}.html",
        keywords=("global average pooling", "gap", "mean"),
        parameters=(
            Parameter("output_size", Size(axes=axes), 1, "Size of the output.", unit="px", positional=True),
        ),
        inputs=(Port(name="input", doc=_LAYOUT[axes], dtypes=FLOAT_DTYPES),),
        shape=shape,
        module=f"nn.{name}",
    )


MAX_POOL1D, MAX_POOL2D = _max_pool(1), _max_pool(2)
AVG_POOL1D, AVG_POOL2D = _avg_pool(1), _avg_pool(2)
ADAPTIVE_AVG_POOL1D, ADAPTIVE_AVG_POOL2D = _adaptive(1), _adaptive(2)
