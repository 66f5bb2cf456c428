"""Kinds that turn, shift and repeat what lies along an axis."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.rules import (
    OPS,
    Specs,
    axis_size,
    batch_free_axis,
    sample_dims,
    set_parameter,
    with_axis,
)
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Integers, Parameter
from nodeforge.core.specs import format_shape

_INPUT = (Port(name="input", doc="any shape"),)


def numbers(call: ShapeCall, parameter: str) -> tuple[int, ...]:
    """A parameter that is a list of whole numbers."""
    value = call.values[parameter]
    assert isinstance(value, tuple)
    return value


def _flipped(call: ShapeCall) -> Specs:
    axes = [batch_free_axis(call, dim) for dim in numbers(call, "dims")]
    if len(set(axes)) < len(axes):
        raise ShapeError(
            f"{call.name} has dims {', '.join(map(str, numbers(call, 'dims')))}, which name an axis twice.",
            suggestions=(set_parameter("dims", tuple(dict.fromkeys(axes))),),
        )
    return {"output": call.input()}


FLIP = Kind(
    name="Flip",
    category="Shape",
    summary="Turns one or more axes around: last place first.",
    doc="Reads a sequence backwards or mirrors an image. Twice in a row it gives back what went in.",
    formula="y[i] = x[size − 1 − i]",
    source=OPS + "flip.html",
    keywords=("reverse", "mirror", "backwards"),
    parameters=(
        Parameter("dims", Integers(minimum=None, min_length=1), (1,), "The axes to turn; not 0, the batch."),
    ),
    inputs=_INPUT,
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_flipped,
    forward=lambda call: f"{call.x}.flip({call.values['dims']})",
    keeps=keeps_nothing,
)


def _rolled(call: ShapeCall) -> Specs:
    batch_free_axis(call)
    return {"output": call.input()}


ROLL = Kind(
    name="Roll",
    category="Shape",
    summary="Shifts an axis in a circle: what leaves at the end comes in at the front.",
    doc="Shifts the windows of a Swin transformer, or compares each place with its neighbour where the axis is a "
    "circle, such as the hours of a day. Pad and Slice shift without the circle.",
    formula="y[i] = x[(i − shifts) mod size]",
    source=OPS + "roll.html",
    keywords=("shift", "rotate", "circular", "cyclic", "swin"),
    parameters=(
        Parameter("shifts", Integer(), 1, "Places to shift by; negative numbers shift to the front."),
        Parameter("dim", Integer(), 1, "The axis to shift."),
    ),
    inputs=_INPUT,
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_rolled,
    forward=lambda call: f"{call.x}.roll({call.values['shifts']}, dims={call.values['dim']})",
    keeps=keeps_nothing,
)


def _tiled(call: ShapeCall) -> Specs:
    dims, times = sample_dims(call), numbers(call, "repeats")
    if len(times) != len(dims):
        raise ShapeError(
            f"{call.name} has {len(times)} numbers in repeats, and {call.input()} has {len(dims)} axes behind the "
            "batch: one number for each.",
            suggestions=(set_parameter("repeats", (1,) * len(dims)),) if dims else (),
        )
    sizes = (d * count for d, count in zip(dims, times, strict=True))
    return {"output": call.input().with_shape((call.input().shape[0], *sizes))}


REPEAT = Kind(
    name="Repeat",
    category="Shape",
    summary="Lays copies of each sample side by side, as tiles.",
    doc="Copies the whole: a b becomes a b a b. RepeatInterleave copies place by place. Where an axis of 1 only has "
    "to fit another tensor, Add and Multiply repeat it by themselves.",
    formula="N×A×B → N×(r₁·A)×(r₂·B)",
    source="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.repeat.html",
    keywords=("tile", "copy", "copies"),
    parameters=(
        Parameter(
            "repeats",
            Integers(min_length=1),
            (2,),
            "Number of copies along each axis, without the batch.",
        ),
    ),
    inputs=(Port(name="input", doc="N×…"),),
    outputs=(Port(name="output", doc="N×…, each axis as many times as long"),),
    shape=_tiled,
    forward=lambda call: f"{call.x}.repeat{(1, *_listed(call, 'repeats'))}",
    keeps=keeps_nothing,
)


def _listed(call: CodeCall, parameter: str) -> tuple[int, ...]:
    value = call.values[parameter]
    assert isinstance(value, tuple)
    return value


def _expanded(call: ShapeCall) -> Specs:
    dims, wanted = sample_dims(call), numbers(call, "shape")
    fits = len(wanted) == len(dims) and all(
        new in (-1, old) or (old == 1 and new > 0) for old, new in zip(dims, wanted, strict=True)
    )
    if not fits:
        raise ShapeError(
            f"{call.name} cannot bring {call.input()} to {format_shape(('N', *wanted))}: only axes of 1 can become "
            "longer, and each axis behind the batch needs a number (−1 leaves it as it is).",
            suggestions=(set_parameter("shape", (-1,) * len(dims)),) if dims else (),
        )
    sizes = (old if new == -1 else new for old, new in zip(dims, wanted, strict=True))
    return {"output": call.input().with_shape((call.input().shape[0], *sizes))}


EXPAND = Kind(
    name="Expand",
    category="Shape",
    summary="Repeats axes of size 1 until they have a given size, without taking memory.",
    doc="Gives every step of a sequence the same vector, or every pixel the same number. Put Unsqueeze before it to "
    "make the axis of 1.",
    formula="N×1×F → N×L×F",
    source="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html",
    keywords=("broadcast", "repeat", "copy"),
    parameters=(
        Parameter(
            "shape",
            Integers(minimum=-1, min_length=1),
            (-1,),
            "Size of each axis, without the batch; −1 leaves an axis as it is.",
        ),
    ),
    inputs=(Port(name="input", doc="N×…, with axes of 1 where it repeats"),),
    outputs=(Port(name="output", doc="N×shape"),),
    shape=_expanded,
    forward=lambda call: f"{call.x}.expand{(-1, *_listed(call, 'shape'))}",
    keeps=keeps_nothing,
    view=True,
)


def _interleaved(call: ShapeCall) -> Specs:
    spec, axis = call.input(), batch_free_axis(call)
    return {"output": with_axis(spec, axis, axis_size(spec, axis) * call.integer("repeats"))}


REPEAT_INTERLEAVE = Kind(
    name="RepeatInterleave",
    category="Shape",
    summary="Repeats each place of an axis, one after another.",
    doc="Copies place by place: a b becomes a a b b. Stretches a sequence, or gives several attention heads the same "
    "keys.",
    formula="y[i] = x[⌊i / repeats⌋]",
    source=OPS + "repeat_interleave.html",
    keywords=("copy", "stretch", "duplicate", "upsample"),
    parameters=(
        Parameter("repeats", Integer(minimum=1), 2, "How often each place stands in a row."),
        Parameter("dim", Integer(), 1, "The axis to stretch."),
    ),
    inputs=_INPUT,
    outputs=(Port(name="output", doc="the axis `repeats` times as long"),),
    shape=_interleaved,
    forward=lambda call: f"{call.x}.repeat_interleave({call.values['repeats']}, dim={call.values['dim']})",
    keeps=keeps_nothing,
)


def _windowed(call: ShapeCall) -> Specs:
    spec, axis = call.input(), batch_free_axis(call)
    size, window = axis_size(spec, axis), call.integer("size")
    if window > size:
        raise ShapeError(
            f"{call.name} has windows of {window} places, but axis {axis} of {spec} has only {size}.",
            suggestions=(set_parameter("size", size),),
        )
    places = (size - window) // call.integer("step") + 1
    return {"output": spec.with_shape((*with_axis(spec, axis, places).shape, window))}


WINDOWS = Kind(
    name="Windows",
    category="Shape",
    summary="Cuts an axis into windows that may overlap, and puts what each holds into a new last axis.",
    doc="Frames of a sound, patches of a series. With step equal to size the windows lie side by side; what is left "
    "at the end is dropped.",
    formula="N×L×F → N×((L − size)/step + 1)×F×size",
    source="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.unfold.html",
    keywords=("unfold", "sliding", "frames", "patches", "overlap"),
    parameters=(
        Parameter("size", Integer(minimum=1), 2, "Places of one window."),
        Parameter("step", Integer(minimum=1), 1, "Places from one window to the next."),
        Parameter("dim", Integer(), 1, "The axis to cut."),
    ),
    inputs=_INPUT,
    outputs=(Port(name="output", doc="N×…×windows×…×size"),),
    shape=_windowed,
    forward=lambda call: (
        f"{call.x}.unfold({call.values['dim']}, {call.values['size']}, {call.values['step']})"
    ),
    keeps=keeps_nothing,
    view=True,
)
