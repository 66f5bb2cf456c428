"""Pooling to a given size, by the p-norm, over random windows, and the way back."""

from __future__ import annotations

from dataclasses import replace

from nodeforge.catalog.cost_rules import keeps_places, keeps_ports
from nodeforge.catalog.kind import FLOAT_DTYPES, WIDE_DTYPES, CodeCall, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.pooling import CEIL, averaged, window_parameters
from nodeforge.catalog.rules import LAYOUT, TORCH, Specs, channels_and_space, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Integers, Number, Optional, Parameter, Size
from nodeforge.core.specs import format_shape

_INDICES = Port(
    name="indices",
    doc="place of each value in its input, as a pooling kind with indices gives it; same shape as the input",
    dtypes=frozenset({"int64"}),
)


def _keeps_unless_global(call: ShapeCall, outputs: Specs) -> Kept:
    """The mean of everything needs no values; means of parts are told by the input."""
    is_global = set(outputs["output"].shape[2:]) == {1}
    return Kept() if is_global else Kept(inputs=("input",))


def _adaptive(axes: int, how: str, doing: str) -> Kind:
    name = f"Adaptive{how}Pool{axes}d"

    def shape(call: ShapeCall) -> Specs:
        channels_and_space(call, axes)
        spec = call.input()
        return {"output": spec.with_shape((*spec.shape[:2], *call.per_axis("output_size", axes)))}

    return Kind(
        name=name,
        category="Pooling",
        summary=f"{doing} to a given size, whatever the size of the input.",
        doc="With size 1 it is global pooling: one number per channel, the usual end of a convolutional network "
        "before its last Linear.",
        formula=f"y = {'mean' if how == 'Avg' else 'max'} over windows chosen to give output_size",
        source=TORCH + f"{name}.html",
        keywords=("global average pooling", "gap", "mean")
        if how == "Avg"
        else ("global max pooling", "maximum"),
        parameters=(
            Parameter("output_size", Size(axes=axes), 1, "Size of the output.", unit="px", positional=True),
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=FLOAT_DTYPES),),
        outputs=(Port(name="output", doc="N×channels×output_size"),),
        shape=shape,
        module=f"nn.{name}",
        keeps=_keeps_unless_global if how == "Avg" else keeps_places,
    )


ADAPTIVE_AVG_POOL1D, ADAPTIVE_AVG_POOL2D, ADAPTIVE_AVG_POOL3D = (
    _adaptive(axes, "Avg", "Averages") for axes in (1, 2, 3)
)
ADAPTIVE_MAX_POOL1D, ADAPTIVE_MAX_POOL2D, ADAPTIVE_MAX_POOL3D = (
    _adaptive(axes, "Max", "Keeps the largest values") for axes in (1, 2, 3)
)


def _keeps_powers(call: ShapeCall, outputs: Specs) -> Kept:
    """Input, its powers, and the stages of the root."""
    return Kept(inputs=("input",), inside=(call.input(), *(outputs["output"],) * 4))


def _lp_pool(axes: int) -> Kind:
    name = f"LPPool{axes}d"
    kernel, stride, _ = window_parameters(axes)
    if axes == 1:  # torch takes numbers only here, no lists of one
        kernel = replace(kernel, type=Integer(minimum=1))
        stride = replace(stride, type=Optional(of=Integer(minimum=1), empty="kernel_size"))
    return Kind(
        name=name,
        category="Pooling",
        summary="Keeps the p-norm of each window.",
        doc="Lies between adding up (p = 1) and the maximum (p very large).",
        formula="y = (Σ over the window of xᵖ)^(1/p)",
        source=TORCH + f"{name}.html",
        keywords=("downsample", "norm", "power average"),
        parameters=(
            Parameter(
                "norm_type",
                Number(minimum=0.0, exclusive_minimum=True),
                2.0,
                "The exponent p: 1 adds up, 2 is the Euclidean length.",
                positional=True,
            ),
            kernel,
            stride,
            CEIL,
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=WIDE_DTYPES),),
        outputs=(Port(name="output", doc="N×channels×places of the window"),),
        shape=lambda call: averaged(call, axes),
        module=f"nn.{name}",
        keeps=_keeps_powers,
    )


LP_POOL1D, LP_POOL2D, LP_POOL3D = (_lp_pool(axes) for axes in (1, 2, 3))


def _fractional_sizes(call: ShapeCall, sizes: tuple[int, ...]) -> tuple[int, ...]:
    ratio, wanted = call.values["output_ratio"], call.values["output_size"]
    if (ratio is None) == (wanted is None):
        raise ShapeError(
            f"{call.name} needs either output_size or output_ratio, and the other one empty.",
            suggestions=(
                set_parameter(*(("output_ratio", 0.5) if ratio is None else ("output_ratio", None))),
            ),
        )
    if wanted is not None:
        outputs = call.per_axis("output_size", len(sizes))
    else:
        assert isinstance(ratio, float)
        outputs = tuple(int(size * ratio) for size in sizes)
    if min(outputs) < 1:
        raise ShapeError(
            f"{call.name} keeps {ratio:g} of {format_shape(sizes)}, which leaves nothing: use a larger output_ratio.",
            port="input",
        )
    return outputs


def _fractional(axes: int) -> Kind:
    name = f"FractionalMaxPool{axes}d"

    def shape(call: ShapeCall) -> Specs:
        _, sizes = channels_and_space(call, axes)
        outputs, kernels = _fractional_sizes(call, sizes), call.per_axis("kernel_size", axes)
        for size, kernel, output in zip(sizes, kernels, outputs, strict=True):
            least = output + kernel - 1 + (axes == 3)  # torch's check in three dimensions is stricter by one
            if least > size:
                raise ShapeError(
                    f"{call.name} needs at least {least} places for {output} windows of {kernel}; "
                    f"its input of {format_shape(sizes)} has {size}.",
                    port="input",
                )
        spec = call.input()
        return {"output": spec.with_shape((*spec.shape[:2], *outputs))}

    return Kind(
        name=name,
        category="Pooling",
        summary="Keeps the largest value of windows that are laid out at random, to shrink by any ratio.",
        doc="Shrinks more gently than by half, and differently each time, which acts like a slight distortion of "
        "the data (Graham, 2014).",
        formula="y = max over a window of x, windows random",
        source=TORCH + f"{name}.html",
        keywords=("downsample", "random", "maximum"),
        parameters=(
            Parameter("kernel_size", Size(axes=axes), 2, "Size of the window.", unit="px", positional=True),
            Parameter(
                "output_size",
                Optional(of=Size(axes=axes), empty="by ratio"),
                None,
                "Size of the output; or give output_ratio.",
                unit="px",
            ),
            Parameter(
                "output_ratio",
                Optional(of=Number(minimum=0.01, maximum=0.99), empty="by size"),
                0.5,
                "Share of each axis that remains; or give output_size.",
            ),
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=WIDE_DTYPES),),
        outputs=(Port(name="output", doc="N×channels×output_size, or the input's size times output_ratio"),),
        shape=shape,
        module=f"nn.{name}",
        named=("output_ratio",),
        keeps=keeps_places,
    )


FRACTIONAL_MAX_POOL2D, FRACTIONAL_MAX_POOL3D = _fractional(2), _fractional(3)


def _unpooled(call: ShapeCall, axes: int) -> Specs:
    _, sizes = channels_and_space(call, axes)
    if call.input("indices").shape != call.input().shape:
        raise ShapeError(
            f"{call.name} gets values of {call.input()} and indices of {call.input('indices')}: each value needs "
            "one index.",
            port="indices",
        )
    kernels, paddings = call.per_axis("kernel_size", axes), call.per_axis("padding", axes)
    strides = kernels if call.values["stride"] is None else call.per_axis("stride", axes)
    usual = [
        (size - 1) * stride - 2 * padding + kernel
        for size, kernel, stride, padding in zip(sizes, kernels, strides, paddings, strict=True)
    ]
    wanted = call.values["output_size"]
    outputs = list(wanted) if isinstance(wanted, tuple) else usual
    if any(abs(o - u) >= s for o, u, s in zip(outputs, usual, strides, strict=True)):
        raise ShapeError(
            f"{call.name} can give sizes within less than a stride of {format_shape(usual)}, not "
            f"{format_shape(outputs)}.",
            suggestions=(set_parameter("output_size", None),),
        )
    if min(outputs) < 1:
        raise ShapeError(
            f"{call.name} would give a size of {format_shape(outputs)}: its padding takes away more than there is.",
            suggestions=(set_parameter("padding", 0),),
        )
    spec = call.input()
    return {"output": spec.with_shape((*spec.shape[:2], *outputs))}


def _unpool_code(call: CodeCall) -> str:
    wanted = call.values["output_size"]
    size = f", output_size={wanted}" if wanted is not None else ""
    return f"self.{call.name}({call.arguments}{size})"


def _max_unpool(axes: int) -> Kind:
    name = f"MaxUnpool{axes}d"
    return Kind(
        name=name,
        category="Pooling",
        summary="Puts the values of a max pooling back where they came from, with zeros between them.",
        doc=f"Takes the values and the indices that MaxPool{axes}dWithIndices gave. Used in decoders that must hit "
        "the outlines exactly.",
        formula="y[indices[i]] = x[i], zero elsewhere",
        source=TORCH + f"{name}.html",
        keywords=("unpooling", "decoder", "upsample", "segmentation"),
        parameters=(
            *window_parameters(axes),
            Parameter(
                "output_size",
                Optional(of=Integers(min_length=axes, max_length=axes), empty="as usual"),
                None,
                "Spatial size of the output, where rounding while pooling left several that are possible.",
                advanced=True,
            ),
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=WIDE_DTYPES), _INDICES),
        outputs=(Port(name="output", doc=LAYOUT[axes] + ", larger"),),
        shape=lambda call: _unpooled(call, axes),
        module=f"nn.{name}",
        call_only=("output_size",),
        forward=_unpool_code,
        keeps=keeps_ports("indices"),
    )


MAX_UNPOOL1D, MAX_UNPOOL2D, MAX_UNPOOL3D = (_max_unpool(axes) for axes in (1, 2, 3))
