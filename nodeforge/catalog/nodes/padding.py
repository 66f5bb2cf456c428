"""Layers that only add a border. What it holds is in their name."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import FLOAT_DTYPES, Kind, Port, ShapeCall
from nodeforge.catalog.rules import LAYOUT, TORCH, Specs, channels_and_space, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Number, Parameter, Size
from nodeforge.core.specs import format_shape

_SIDES = {1: "left, right", 2: "left, right, top, bottom", 3: "left, right, top, bottom, front, back"}


def _padded(call: ShapeCall, axes: int, limit: int | None) -> Specs:
    """`limit` is how much wider than the input the border may be, None for any width."""
    _, sizes = channels_and_space(call, axes)
    sides = call.per_axis("padding", 2 * axes)
    # torch counts the sides from the last axis to the first.
    pairs = [sides[i : i + 2] for i in range(0, 2 * axes, 2)][::-1]
    for size, pair in zip(sizes, pairs, strict=True):
        if limit is not None and max(pair) > size + limit:
            raise ShapeError(
                f"{call.name} fills a border of {max(pair)} from its input of {format_shape(sizes)}, which has only "
                f"{size + limit} to give on that axis: use less padding.",
                suggestions=(set_parameter("padding", max(0, min(sizes) + limit)),),
            )
    spec = call.input()
    outputs = (size + sum(pair) for size, pair in zip(sizes, pairs, strict=True))
    return {"output": spec.with_shape((*spec.shape[:2], *outputs))}


def _pad(
    how: str, axes: int, *, summary: str, doc: str, limit: int | None = None, value: Parameter | None = None
) -> Kind:
    name = f"{how}Pad{axes}d"
    return Kind(
        name=name,
        category="Padding",
        summary=summary,
        doc=doc,
        formula="size = size + before + after, on every spatial axis",
        source=TORCH + f"{name}.html",
        keywords=("pad", "border", "margin", "edge"),
        parameters=(
            Parameter(
                "padding",
                Size(axes=2 * axes, minimum=0),
                1,
                f"Width of the border: one number for all sides, or {_SIDES[axes]}.",
                unit="px",
                positional=True,
            ),
            *((value,) if value else ()),
        ),
        inputs=(Port(name="input", doc=LAYOUT[axes], dtypes=FLOAT_DTYPES),),
        outputs=(Port(name="output", doc=LAYOUT[axes] + ", larger"),),
        shape=lambda call: _padded(call, axes, limit),
        module=f"nn.{name}",
        keeps=None if how in ("Reflection", "Replication") else keeps_nothing,
    )


def _zero(axes: int) -> Kind:
    return _pad(
        "Zero",
        axes,
        summary="Adds a border of zeros.",
        doc="The plainest border. Convolutions can add it themselves, by their padding; this one may differ from "
        "side to side.",
    )


def _constant(axes: int) -> Kind:
    return _pad(
        "Constant",
        axes,
        summary="Adds a border that holds one given value everywhere.",
        doc="For data where zero is not the natural background: white paper, silence at another level, a "
        "mask value.",
        value=Parameter("value", Number(), 0.0, "What the border holds.", positional=True),
    )


def _reflection(axes: int) -> Kind:
    return _pad(
        "Reflection",
        axes,
        summary="Adds a border that mirrors the input at its edge.",
        doc="The edge itself is not repeated. Avoids the dark rims that zeros give in pictures; used in style "
        "transfer.",
        limit=-1,
    )


def _replication(axes: int) -> Kind:
    return _pad(
        "Replication",
        axes,
        summary="Adds a border that repeats the outermost values.",
        doc="The edge goes on outwards: an even area stays even, and no dark frame appears as with zeros.",
    )


def _circular(axes: int) -> Kind:
    return _pad(
        "Circular",
        axes,
        summary="Adds a border taken from the opposite side, as if the input were a ring.",
        doc="For data that closes on itself: angles, days of a year, panoramas.",
        limit=0,
    )


ZERO_PAD1D, ZERO_PAD2D, ZERO_PAD3D = (_zero(axes) for axes in (1, 2, 3))
CONSTANT_PAD1D, CONSTANT_PAD2D, CONSTANT_PAD3D = (_constant(axes) for axes in (1, 2, 3))
REFLECTION_PAD1D, REFLECTION_PAD2D, REFLECTION_PAD3D = (_reflection(axes) for axes in (1, 2, 3))
REPLICATION_PAD1D, REPLICATION_PAD2D, REPLICATION_PAD3D = (_replication(axes) for axes in (1, 2, 3))
CIRCULAR_PAD1D, CIRCULAR_PAD2D, CIRCULAR_PAD3D = (_circular(axes) for axes in (1, 2, 3))
