"""Larger and smaller images, and axes that are unfolded or shuffled."""

from __future__ import annotations

import math

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import FLOAT_DTYPES, WIDE_DTYPES, Kind, Port, ShapeCall
from nodeforge.catalog.rules import (
    LAYOUT,
    TORCH,
    Specs,
    batch_free_axis,
    channels_and_space,
    check_divides,
    sample_dims,
    set_parameter,
)
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Integers, Number, Optional, Parameter, Value
from nodeforge.core.specs import format_shape

BLENDING = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
"""Modes that blend points, with the axes of space that each is for."""
_RANKS = {1: "linear", 2: "bilinear", 3: "trilinear"}


def resized_axis(size: int, scale: float) -> int:
    """As torch computes it, in double precision."""
    return math.floor(float(size) * scale)


def check_mode(call: ShapeCall, axes: int) -> None:
    """Blending modes are each for one number of axes, and they alone have corners to align."""
    mode, spec = str(call.values["mode"]), call.input()
    if BLENDING.get(mode, axes) != axes:
        raise ShapeError(
            f"{call.name} has mode {mode}, which is for {BLENDING[mode]} axes of space; {spec} has {axes}.",
            suggestions=(set_parameter("mode", _RANKS[axes]),),
        )
    if call.values["align_corners"] is not None and mode not in BLENDING:
        raise ShapeError(
            f"{call.name} sets align_corners, which means nothing in mode {mode}.",
            suggestions=(set_parameter("align_corners", None), set_parameter("mode", _RANKS[axes])),
        )


def space_of(call: ShapeCall) -> tuple[int, ...]:
    """One to three axes of space."""
    dims = sample_dims(call)
    if len(dims) - 1 not in _RANKS:
        raise ShapeError(
            f"{call.name} needs N×channels and one to three axes of space; it gets {call.input()}.",
            port="input",
        )
    return dims[1:]


def check_size_or_factor(call: ShapeCall, factor: Value) -> None:
    """A new size or a factor, and not both."""
    size, scale = call.values["size"], call.values["scale_factor"]
    if (size is None) == (scale is None):
        raise ShapeError(
            f"{call.name} needs either size or scale_factor, and the other one empty.",
            suggestions=(set_parameter("scale_factor", factor if scale is None else None),),
        )


def resized(call: ShapeCall, space: tuple[int, ...], outputs: tuple[int, ...], factor: Value) -> Specs:
    """The channels with another space; `factor` is a scale_factor that works, as a remedy."""
    if len(outputs) != len(space) or min(outputs) < 1:
        raise ShapeError(
            f"{call.name} would resize {format_shape(space)} to {format_shape(outputs)}, which is no size for "
            f"{len(space)} axes.",
            suggestions=(set_parameter("scale_factor", factor),) if call.values["size"] is None else (),
        )
    spec = call.input()
    return {"output": spec.with_shape((*spec.shape[:2], *outputs))}


def _upsampled(call: ShapeCall) -> Specs:
    space = space_of(call)
    check_mode(call, len(space))
    check_size_or_factor(call, 2.0)
    scale = call.values["scale_factor"]
    if isinstance(scale, float):
        outputs = tuple(resized_axis(d, scale) for d in space)
    else:
        outputs = call.per_axis("size", len(space))
    return resized(call, space, outputs, 2.0)


UPSAMPLE = Kind(
    name="Upsample",
    category="Shape",
    summary="Makes a signal, image or volume larger by repeating or blending its points.",
    doc="Nothing is learned; a convolution behind it does the rest. Together they leave no checkerboard, as "
    "ConvTranspose2d may.",
    formula="size = ⌊size · scale_factor⌋",
    source=TORCH + "Upsample.html",
    keywords=("resize", "enlarge", "interpolate", "nearest", "bilinear", "scale", "upsampling", "decoder"),
    parameters=(
        Parameter(
            "size",
            Optional(of=Integer(minimum=1), empty="by factor"),
            None,
            "Size of each spatial axis of the output; or give scale_factor.",
            unit="px",
        ),
        Parameter(
            "scale_factor",
            Optional(of=Number(minimum=0.01, maximum=100.0), empty="by size"),
            2.0,
            "How many times as large; or give size.",
        ),
        Parameter(
            "mode",
            Choice(options=("nearest", *BLENDING)),
            "nearest",
            "Repeat the nearest point, or blend: linear for signals, bilinear or bicubic for images, trilinear for "
            "volumes.",
        ),
        Parameter(
            "align_corners",
            Optional(of=Boolean(), empty="as usual"),
            None,
            "Whether the outermost points stay exactly where they are, in the blending modes.",
            advanced=True,
        ),
        Parameter(
            "recompute_scale_factor",
            Optional(of=Boolean(), empty="as usual"),
            None,
            "Whether the factor is worked out again from the rounded size.",
            advanced=True,
        ),
    ),
    inputs=(Port(name="input", doc="N×channels×space", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="N×channels×space, resized"),),
    shape=_upsampled,
    module="nn.Upsample",
    named=("scale_factor",),
    keeps=keeps_nothing,
)


def _shuffled(call: ShapeCall) -> Specs:
    channels, (height, width) = channels_and_space(call, 2)
    factor, spec = call.integer("upscale_factor"), call.input()
    if channels % factor**2:
        raise ShapeError(
            f"{call.name} makes {factor}×{factor} pixels of {factor**2} channels, and its {channels} channels are no "
            f"multiple of {factor**2}.",
            port="input",
        )
    return {
        "output": spec.with_shape((spec.shape[0], channels // factor**2, height * factor, width * factor))
    }


def _unshuffled(call: ShapeCall) -> Specs:
    channels, (height, width) = channels_and_space(call, 2)
    check_divides(call, "downscale_factor", math.gcd(height, width), "pixels in height and width")
    factor, spec = call.integer("downscale_factor"), call.input()
    return {
        "output": spec.with_shape((spec.shape[0], channels * factor**2, height // factor, width // factor))
    }


PIXEL_SHUFFLE = Kind(
    name="PixelShuffle",
    category="Shape",
    summary="Makes an image larger by turning groups of channels into neighbouring pixels.",
    doc="A convolution computes r² values for every pixel, and this spreads them out: sharp enlargement (Shi et "
    "al., 2016).",
    formula="N×(C·r²)×H×W → N×C×(H·r)×(W·r)",
    source=TORCH + "PixelShuffle.html",
    keywords=("super-resolution", "sub-pixel", "depth to space", "upsampling"),
    parameters=(
        Parameter(
            "upscale_factor",
            Integer(minimum=1, maximum=1024),
            2,
            "How many times as high and wide.",
            positional=True,
        ),
    ),
    inputs=(Port(name="input", doc=LAYOUT[2], dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="N×(channels / r²)×(height·r)×(width·r), r the upscale_factor"),),
    shape=_shuffled,
    module="nn.PixelShuffle",
    keeps=keeps_nothing,
)
PIXEL_UNSHUFFLE = Kind(
    name="PixelUnshuffle",
    category="Shape",
    summary="Makes an image smaller by turning neighbouring pixels into channels.",
    doc="Makes an image smaller without losing anything, before convolutions that are then cheaper; "
    "PixelShuffle turns it back.",
    formula="N×C×(H·r)×(W·r) → N×(C·r²)×H×W",
    source=TORCH + "PixelUnshuffle.html",
    keywords=("space to depth", "downsample"),
    parameters=(
        Parameter(
            "downscale_factor",
            Integer(minimum=1, maximum=1024),
            2,
            "How many times smaller; must divide height and width.",
            positional=True,
        ),
    ),
    inputs=(Port(name="input", doc=LAYOUT[2], dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="N×(channels·r²)×(height / r)×(width / r), r the downscale_factor"),),
    shape=_unshuffled,
    module="nn.PixelUnshuffle",
    keeps=keeps_nothing,
)


def _mixed(call: ShapeCall) -> Specs:
    dims = sample_dims(call)
    if len(dims) < 2:
        raise ShapeError(
            f"{call.name} needs N×channels and at least one axis of space; it gets {call.input()}.",
            port="input",
        )
    check_divides(call, "groups", dims[0], "channels")
    return {"output": call.input()}


CHANNEL_SHUFFLE = Kind(
    name="ChannelShuffle",
    category="Shape",
    summary="Mixes the channels of groups, so that each group gets some of all others.",
    doc="Stands between convolutions with groups, which would else never hear of each other (Zhang et al., 2018).",
    formula="channels (g·n) → (g, n) → (n, g) → (n·g)",
    source=TORCH + "ChannelShuffle.html",
    keywords=("groups", "shufflenet", "mix", "mobile"),
    parameters=(
        Parameter(
            "groups",
            Integer(minimum=1, maximum=65_536),
            1,
            "Number of groups; must divide the channels.",
            positional=True,
        ),
    ),
    inputs=(Port(name="input", doc="N×channels×space", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_mixed,
    module="nn.ChannelShuffle",
    keeps=keeps_nothing,
)


def _unflattened(call: ShapeCall) -> Specs:
    spec, axis, wanted = call.input(), batch_free_axis(call), call.values["unflattened_size"]
    assert isinstance(wanted, tuple)
    size = spec.shape[axis]
    assert isinstance(size, int)
    known = math.prod(d for d in wanted if d > 0)
    if 0 in wanted or min(wanted) < -1 or wanted.count(-1) > 1:
        raise ShapeError(
            f"{call.name} has unflattened_size {format_shape(wanted)}: its sizes must be 1 or more, and one of them "
            "may be -1 for whatever is left.",
            suggestions=(set_parameter("unflattened_size", (-1, 1)),),
        )
    if size % known if -1 in wanted else size != known:
        raise ShapeError(
            f"{call.name} cannot split axis {axis} of {spec} into {format_shape(wanted)}.",
            suggestions=(set_parameter("unflattened_size", (-1, 1)),),
        )
    parts = tuple(size // known if d == -1 else d for d in wanted)
    return {"output": spec.with_shape((*spec.shape[:axis], *parts, *spec.shape[axis + 1 :]))}


UNFLATTEN = Kind(
    name="Unflatten",
    category="Shape",
    summary="Splits one axis into several.",
    doc="The way back from Flatten: turns a row of features into channels×height×width, for a decoder.",
    formula="N×(C·H·W) → N×C×H×W",
    source=TORCH + "Unflatten.html",
    keywords=("reshape", "split", "view", "decoder"),
    parameters=(
        Parameter("dim", Integer(), 1, "The axis to split.", positional=True),
        Parameter(
            "unflattened_size",
            Integers(minimum=-1, min_length=1),
            (-1, 1),
            "Sizes that it is split into; one of them may be -1 for whatever is left.",
            positional=True,
        ),
    ),
    inputs=(Port(name="input", doc="any shape"),),
    outputs=(Port(name="output", doc="the shape of the input with unflattened_size in place of dim"),),
    shape=_unflattened,
    module="nn.Unflatten",
    view=True,
)
