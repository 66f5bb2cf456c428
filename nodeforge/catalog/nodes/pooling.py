"""Pooling: fewer points that stand for many."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_places
from nodeforge.catalog.kind import FLOAT_DTYPES, WIDE_DTYPES, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import (
    LAYOUT,
    TORCH,
    Specs,
    channels_and_space,
    check_window,
    set_parameter,
    window_positions,
)
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Integer, Optional, Parameter, Size
from nodeforge.core.specs import TensorSpec, format_shape


def pooled(call: ShapeCall, axes: int) -> Specs:
    """The rule of every pooling by windows."""
    _, sizes = channels_and_space(call, axes)
    kernels = call.per_axis("kernel_size", axes)
    paddings = call.per_axis("padding", axes) if "padding" in call.values else (0,) * axes
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


def window_parameters(axes: int) -> tuple[Parameter, ...]:
    """Kernel, stride and padding of a sliding window."""
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


CEIL = Parameter(
    "ceil_mode",
    Boolean(),
    False,
    "Keep a last window that hangs over the edge, instead of dropping the rest.",
    advanced=True,
)


def _largest(call: ShapeCall, axes: int) -> Specs:
    """Every window must see the input: of one that does not torch gives −∞, and crashes in its gradient."""
    outputs = pooled(call, axes)
    if set(call.per_axis("dilation", axes)) == {1}:
        return outputs
    _, sizes = channels_and_space(call, axes)
    kernels = call.per_axis("kernel_size", axes)
    strides = kernels if call.values["stride"] is None else call.per_axis("stride", axes)
    for size, kernel, stride, padding, dilation, count in zip(
        sizes,
        kernels,
        strides,
        call.per_axis("padding", axes),
        call.per_axis("dilation", axes),
        outputs["output"].shape[2:],
        strict=True,
    ):
        assert isinstance(count, int)
        for start in range(-padding, count * stride - padding, stride):
            if not any(0 <= start + dilation * i < size for i in range(kernel)):
                raise ShapeError(
                    f"{call.name} has a window that sees only border, since dilation {dilation} steps over its input of "
                    f"{format_shape(sizes)}.",
                    suggestions=(set_parameter("dilation", 1), set_parameter("padding", 0)),
                )
    return outputs


def _with_indices(call: ShapeCall, axes: int) -> Specs:
    output = _largest(call, axes)["output"]
    return {"output": output, "indices": TensorSpec(output.shape, "int64")}


_WITH_INDICES = (
    Port(name="output", doc="the largest values"),
    Port(name="indices", doc="where in its image or signal each of them was; for MaxUnpool"),
)


def _keeps_indices(call: ShapeCall, outputs: Specs) -> Kept:
    return Kept(inputs=("input",), outputs=("indices",))


def _max_pool(axes: int, *, indices: bool = False) -> Kind:
    name = f"MaxPool{axes}d"
    return Kind(
        name=f"{name}WithIndices" if indices else name,
        category="Pooling",
        summary="Keeps the largest value of each window" + (", and tells where it was." if indices else "."),
        doc="A window of 2 halves each axis. The network cares less where exactly a pattern lies, and "
        "later layers "
        "see more of the input at once.",
        formula="y = max over the window of x",
        source=TORCH + f"{name}.html",
        keywords=("downsample", "subsampling", "maximum"),
        common=axes == 2 and not indices,
        parameters=(
            *window_parameters(axes),
            Parameter(
                "dilation",
                Size(axes=axes),
                1,
                "Distance between the points of a window.",
                unit="px",
                advanced=True,
            ),
            CEIL,
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=FLOAT_DTYPES),),
        outputs=_WITH_INDICES if indices else (Port(name="output", doc="N×channels×places of the window"),),
        shape=(lambda call: _with_indices(call, axes)) if indices else (lambda call: _largest(call, axes)),
        module=f"nn.{name}",
        fixed={"return_indices": True} if indices else {},
        unpack="{output}, {indices}" if indices else "",
        keeps=_keeps_indices if indices else keeps_places,
    )


_DIVISOR = Parameter(
    "divisor_override",
    Optional(of=Integer(minimum=1), empty="size of the window"),
    None,
    "What the sum of a window is divided by.",
    advanced=True,
)


def averaged(call: ShapeCall, axes: int) -> Specs:
    """The rule of pooling by means, which torch makes stricter in three dimensions."""
    outputs = pooled(call, axes)
    sizes, kernels = channels_and_space(call, axes)[1], call.per_axis("kernel_size", axes)
    if axes == 3 and any(kernel > size for kernel, size in zip(kernels, sizes, strict=True)):
        # torch counts no padding here, in three dimensions only.
        check_window(call, sizes, (0,) * axes, kernels)
    return outputs


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
            *window_parameters(axes),
            CEIL,
            Parameter(
                "count_include_pad",
                Boolean(),
                True,
                "Whether the zeros of the padding count in the mean.",
                advanced=True,
            ),
            *((_DIVISOR,) if axes > 1 else ()),
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=FLOAT_DTYPES if axes < 3 else WIDE_DTYPES),),
        outputs=(Port(name="output", doc="N×channels×places of the window"),),
        shape=lambda call: averaged(call, axes),
        module=f"nn.{name}",
    )


MAX_POOL1D, MAX_POOL2D, MAX_POOL3D = (_max_pool(axes) for axes in (1, 2, 3))
AVG_POOL1D, AVG_POOL2D, AVG_POOL3D = (_avg_pool(axes) for axes in (1, 2, 3))
MAX_POOL1D_INDICES, MAX_POOL2D_INDICES, MAX_POOL3D_INDICES = (
    _max_pool(axes, indices=True) for axes in (1, 2, 3)
)
