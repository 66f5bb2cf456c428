"""Resizing to any size, in all ways that torch knows."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import WIDE_DTYPES, CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.nodes.shaping_resizing import (
    BLENDING,
    check_mode,
    check_size_or_factor,
    resized,
    resized_axis,
    space_of,
)
from nodeforge.catalog.rules import OPS, Specs, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integers, Numbers, Optional, Parameter

_ANTIALIASED = ("bilinear", "bicubic")


def _interpolated(call: ShapeCall) -> Specs:
    space = space_of(call)
    check_mode(call, len(space))
    check_size_or_factor(call, (2.0,))
    if call.values["antialias"] and call.values["mode"] not in _ANTIALIASED:
        raise ShapeError(
            f"{call.name} has antialias on, which works in the modes {' and '.join(_ANTIALIASED)} only; its mode is "
            f"{call.values['mode']}.",
            suggestions=(set_parameter("antialias", False), set_parameter("mode", "bilinear")),
        )
    if call.values["recompute_scale_factor"] and call.values["size"] is not None:
        raise ShapeError(
            f"{call.name} sets recompute_scale_factor, which means nothing where size is given.",
            suggestions=(set_parameter("recompute_scale_factor", None),),
        )
    wanted = call.values["scale_factor"] if call.values["size"] is None else call.values["size"]
    assert isinstance(wanted, tuple)
    each = wanted * len(space) if len(wanted) == 1 else wanted
    if call.values["size"] is None and len(each) == len(space):
        outputs = tuple(resized_axis(d, scale) for d, scale in zip(space, each, strict=True))
    else:
        outputs = tuple(int(d) for d in each)
    return resized(call, space, outputs, (2.0,))


def _code(call: CodeCall) -> str:
    arguments = [call.x]
    for name in ("size", "scale_factor"):
        value = call.values[name]
        if isinstance(value, tuple):
            arguments.append(f"{name}={value[0] if len(value) == 1 else value!r}")
    arguments.append(f'mode="{call.values["mode"]}"')
    for name in ("align_corners", "recompute_scale_factor"):
        if call.values[name] is not None:
            arguments.append(f"{name}={call.values[name]}")
    if call.values["antialias"]:
        arguments.append("antialias=True")
    return f"nn.functional.interpolate({', '.join(arguments)})"


INTERPOLATE = Kind(
    name="Interpolate",
    category="Shape",
    summary="Resizes a signal, image or volume, larger or smaller, in any of torch's ways.",
    doc="Brings maps of different layers to one size, or shrinks an image cleanly: area takes the mean of what falls "
    "together, bilinear and bicubic with antialias blur as much as needed. Upsample is the short form for "
    "enlarging by one factor.",
    formula="size = ⌊size · scale_factor⌋; values blended from the nearest points",
    source=OPS + "nn.functional.interpolate.html",
    keywords=("resize", "scale", "upsample", "downsample", "bilinear", "bicubic", "nearest", "area"),
    parameters=(
        Parameter(
            "size",
            Optional(of=Integers(min_length=1, max_length=3), empty="by factor"),
            None,
            "New size of the spatial axes: one number for all, or one for each; or give scale_factor.",
            unit="px",
        ),
        Parameter(
            "scale_factor",
            Optional(of=Numbers(minimum=0.01, maximum=100.0, min_length=1, max_length=3), empty="by size"),
            (2.0,),
            "How many times as large: one number for all axes, or one for each; or give size.",
        ),
        Parameter(
            "mode",
            Choice(options=("nearest", "nearest-exact", "area", *BLENDING)),
            "nearest",
            "Repeat the nearest point (nearest-exact counts from the middle of the points), take the mean (area), or "
            "blend: linear for signals, bilinear or bicubic for images, trilinear for volumes.",
        ),
        Parameter(
            "align_corners",
            Optional(of=Boolean(), empty="as usual"),
            None,
            "Whether the outermost points stay exactly where they are, in the blending modes.",
            advanced=True,
        ),
        Parameter(
            "antialias",
            Boolean(),
            False,
            "Whether fine detail is smoothed before an image is made smaller, in bilinear and bicubic mode.",
        ),
        Parameter(
            "recompute_scale_factor",
            Optional(of=Boolean(), empty="as usual"),
            None,
            "Whether the factor is worked out again from the rounded size.",
            advanced=True,
        ),
    ),
    inputs=(Port(name="input", doc="N×channels×space, one to three axes of it", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="N×channels×space, resized"),),
    shape=_interpolated,
    forward=_code,
    keeps=keeps_nothing,
)
