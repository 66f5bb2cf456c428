"""Kinds that add, drop and swap axes, and cut pieces out of one."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing, keeps_ports
from nodeforge.catalog.kind import FLOAT_DTYPES, CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.rules import OPS, Specs, axis_size, batch_free_axis, set_parameter, with_axis
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Number, Optional, Parameter
from nodeforge.core.specs import BATCH

_ANY = (Port(name="input", doc="any shape"),)


def _squeezed(call: ShapeCall) -> Specs:
    spec, axis = call.input(), batch_free_axis(call)
    if axis_size(spec, axis) != 1:
        raise ShapeError(
            f"{call.name} drops an axis of size 1, but axis {axis} of {spec} has size {axis_size(spec, axis)}.",
            suggestions=(set_parameter("dim", spec.shape.index(1)),) if 1 in spec.shape else (),
        )
    return {"output": with_axis(spec, axis)}


def _unsqueezed(call: ShapeCall) -> Specs:
    spec, dim = call.input(), call.integer("dim")
    if not -spec.rank - 1 <= dim <= spec.rank or dim % (spec.rank + 1) == 0:
        raise ShapeError(
            f"{call.name} has dim {dim}; a new axis of {spec} can stand at 1 to {spec.rank}, behind the batch.",
            suggestions=(set_parameter("dim", 1),) if spec.rank else (),
        )
    axis = dim % (spec.rank + 1)
    return {"output": spec.with_shape((*spec.shape[:axis], 1, *spec.shape[axis:]))}


def _swapped(call: ShapeCall) -> Specs:
    spec = call.input()
    one, two = batch_free_axis(call, parameter="dim0"), batch_free_axis(call, parameter="dim1")
    shape = list(spec.shape)
    shape[one], shape[two] = shape[two], shape[one]
    return {"output": spec.with_shape(shape)}


def _sliced(call: ShapeCall) -> Specs:
    spec, axis = call.input(), batch_free_axis(call)
    size, end = axis_size(spec, axis), call.values["end"]
    assert end is None or isinstance(end, int)
    count = len(range(*slice(call.integer("start"), end, call.integer("step")).indices(size)))
    if count < 1:
        raise ShapeError(
            f"{call.name} takes nothing: axis {axis} of {spec} has places 0 to {size - 1}, and start "
            f"{call.values['start']} is not before end {size if end is None else end}.",
            suggestions=(set_parameter("start", 0), set_parameter("end", None)),
        )
    return {"output": with_axis(spec, axis, count)}


def _slice_code(call: CodeCall) -> str:
    axis = int(str(call.values["dim"])) % call.specs["input"][0].rank
    start, end, step = (call.values[name] for name in ("start", "end", "step"))
    cut = f"{start or ''}:{'' if end is None else end}" + (f":{step}" if step != 1 else "")
    return f"{call.x}[{':, ' * axis}{cut}]"


def _split(call: ShapeCall) -> Specs:
    spec, axis, size = call.input(), batch_free_axis(call), call.integer("size")
    whole = axis_size(spec, axis)
    if size >= whole:
        raise ShapeError(
            f"{call.name} gives {size} places of axis {axis} to its first part, but {spec} has only {whole} and the "
            "second part needs one too.",
            suggestions=(set_parameter("size", whole // 2),) if whole > 1 else (),
        )
    return {"first": with_axis(spec, axis, size), "second": with_axis(spec, axis, whole - size)}


def _split_code(call: CodeCall) -> str:
    axis = int(str(call.values["dim"])) % call.specs["input"][0].rank
    size = int(str(call.values["size"]))
    rest = call.specs["input"][0].shape[axis]
    assert isinstance(rest, int)
    return f"{call.x}.split(({size}, {rest - size}), dim={call.values['dim']})"


def _stacked(call: ShapeCall) -> Specs:
    specs, dim = call.inputs["inputs"], call.integer("dim")
    first = specs[0]
    for spec in specs[1:]:
        if spec != first:
            raise ShapeError(
                f"{call.name} stacks tensors that are alike; it gets {first} of {first.dtype} and {spec} of "
                f"{spec.dtype}.",
                port="inputs",
            )
    if not -first.rank - 1 <= dim <= first.rank or dim % (first.rank + 1) == 0:
        raise ShapeError(
            f"{call.name} has dim {dim}; the new axis of {first} can stand at 1 to {first.rank}, behind the batch.",
            suggestions=(set_parameter("dim", 1),) if first.rank else (),
        )
    axis = dim % (first.rank + 1)
    return {"output": first.with_shape((*first.shape[:axis], len(specs), *first.shape[axis:]))}


def _gathered(call: ShapeCall) -> Specs:
    spec, index, axis = call.input(), call.input("index"), batch_free_axis(call)
    others = [(a, b) for i, (a, b) in enumerate(zip(spec.shape, index.shape, strict=False)) if i != axis]
    if spec.rank != index.rank or any(a != b for a, b in others) or index.shape[axis] == BATCH:
        raise ShapeError(
            f"{call.name} needs an index like its input {spec} but for axis {axis}; it gets {index}.",
            port="index",
        )
    return {"output": spec.with_shape(index.shape)}


def _padded(call: ShapeCall) -> Specs:
    spec, axis = call.input(), batch_free_axis(call)
    return {
        "output": with_axis(
            spec, axis, axis_size(spec, axis) + call.integer("before") + call.integer("after")
        )
    }


def _pad_code(call: CodeCall) -> str:
    spec = call.specs["input"][0]
    # torch counts pairs from the last axis.
    behind = spec.rank - 1 - int(str(call.values["dim"])) % spec.rank
    widths = (*(0, 0) * behind, call.values["before"], call.values["after"])
    value = f", value={call.values['value']!r}" if call.values["value"] else ""
    return f"nn.functional.pad({call.x}, {widths}{value})"


SQUEEZE = Kind(
    name="Squeeze",
    category="Shape",
    summary="Drops an axis of size 1.",
    doc="From one score per sample, N×1, to N, as losses of single numbers want it. Unsqueeze is the way "
    "back.",
    formula="N×L×1 → N×L",
    source=OPS + "squeeze.html",
    keywords=("remove axis", "reshape"),
    parameters=(Parameter("dim", Integer(), -1, "The axis to drop; -1 is the last."),),
    inputs=_ANY,
    outputs=(Port(name="output", doc="the shape of the input without dim"),),
    shape=_squeezed,
    forward=lambda call: f"{call.x}.squeeze({call.values['dim']})",
    view=True,
)
UNSQUEEZE = Kind(
    name="Unsqueeze",
    category="Shape",
    summary="Adds an axis of size 1.",
    doc="Makes room, so that Add, Multiply and Expand can repeat along it, or a single channel for a "
    "convolution.",
    formula="N×L → N×1×L",
    source=OPS + "unsqueeze.html",
    keywords=("add axis", "expand", "reshape"),
    parameters=(Parameter("dim", Integer(), 1, "Where the new axis stands; 1 is right behind the batch."),),
    inputs=_ANY,
    outputs=(Port(name="output", doc="the shape of the input with an axis of 1 at dim"),),
    shape=_unsqueezed,
    forward=lambda call: f"{call.x}.unsqueeze({call.values['dim']})",
    view=True,
)
TRANSPOSE = Kind(
    name="Transpose",
    category="Shape",
    summary="Swaps two axes.",
    doc="Turns rows into columns; from N×length×features, as recurrent layers give it, to N×features×length, as "
    "Conv1d wants it.",
    formula="N×A×B → N×B×A",
    source=OPS + "transpose.html",
    keywords=("swap", "permute", "matrix"),
    parameters=(
        Parameter("dim0", Integer(), 1, "One axis; not 0, the batch."),
        Parameter("dim1", Integer(), 2, "The other one."),
    ),
    inputs=_ANY,
    outputs=(Port(name="output", doc="the shape of the input with dim0 and dim1 swapped"),),
    shape=_swapped,
    forward=lambda call: f"{call.x}.transpose({call.values['dim0']}, {call.values['dim1']})",
    view=True,
)
SLICE = Kind(
    name="Slice",
    category="Shape",
    summary="Takes a piece of an axis: some time steps, some channels, a crop.",
    doc="From start up to, but not including, end. Negative places count from the end.",
    formula="y = x[:, start:end:step]",
    source="https://docs.pytorch.org/docs/stable/tensor_view.html",
    keywords=("crop", "cut", "range", "narrow", "index"),
    parameters=(
        Parameter("dim", Integer(), 1, "The axis to cut."),
        Parameter("start", Integer(), 0, "First place that is taken."),
        Parameter("end", Optional(of=Integer(), empty="to the end"), None, "Place before which it ends."),
        Parameter("step", Integer(minimum=1), 1, "Take every second, third, … place.", advanced=True),
    ),
    inputs=_ANY,
    outputs=(Port(name="output", doc="the shape of the input, dim as long as the piece"),),
    shape=_sliced,
    forward=_slice_code,
    view=True,
)
SPLIT = Kind(
    name="Split",
    category="Shape",
    summary="Cuts an axis in two parts.",
    doc="For a mean and a variance, or a value and its gate, that one layer gives together. Several in a row give "
    "more parts.",
    formula="N×(a + b) → N×a, N×b",
    source=OPS + "split.html",
    keywords=("chunk", "halves", "cut", "unbind"),
    parameters=(
        Parameter("size", Integer(minimum=1), 1, "Size of the first part."),
        Parameter("dim", Integer(), 1, "The axis to cut."),
    ),
    inputs=_ANY,
    outputs=(Port(name="first", doc="the first `size` places"), Port(name="second", doc="the rest")),
    shape=_split,
    forward=_split_code,
    unpack="{first}, {second}",
    view=True,
)
STACK = Kind(
    name="Stack",
    category="Combine",
    summary="Joins inputs that are alike along a new axis.",
    doc="Several vectors become a sequence of vectors, several images one volume. Unbind takes them apart "
    "again; Concat joins along an axis that is there.",
    formula="N×F, N×F → N×2×F",
    source=OPS + "stack.html",
    keywords=("join", "merge", "new axis", "sequence"),
    parameters=(Parameter("dim", Integer(), 1, "Where the new axis stands; 1 is right behind the batch."),),
    inputs=(Port(name="inputs", doc="two or more, of equal shape", many=True),),
    outputs=(Port(name="output", doc="the shape of one input with an axis of their number at dim"),),
    shape=_stacked,
    forward=lambda call: f"torch.stack([{', '.join(call.inputs['inputs'])}], dim={call.values['dim']})",
    keeps=keeps_nothing,
)
GATHER = Kind(
    name="Gather",
    category="Shape",
    summary="Takes from an axis the places that another tensor names.",
    doc="The score of the class that was chosen, the words at given places.",
    formula="y[i, j] = x[i, index[i, j]]",
    source=OPS + "gather.html",
    keywords=("index", "pick", "lookup", "take"),
    parameters=(Parameter("dim", Integer(), 1, "The axis to take from."),),
    inputs=(
        Port(name="input", doc="any shape"),
        Port(name="index", doc="places, like the input but for one axis", dtypes=frozenset({"int64"})),
    ),
    outputs=(Port(name="output", doc="the shape of the index"),),
    shape=_gathered,
    forward=lambda call: f"{call.inputs['input'][0]}.gather({call.values['dim']}, {call.inputs['index'][0]})",
    keeps=keeps_ports("index"),
)
PAD = Kind(
    name="Pad",
    category="Padding",
    summary="Lengthens any axis by a given value, before and after.",
    doc="Brings sequences to one length. With a width before only it shifts a sequence, as causal models need.",
    formula="size = size + before + after",
    source=OPS + "nn.functional.pad.html",
    keywords=("border", "extend", "shift", "length"),
    parameters=(
        Parameter("dim", Integer(), 1, "The axis to lengthen."),
        Parameter("before", Integer(minimum=0), 0, "Places added before the first."),
        Parameter("after", Integer(minimum=0), 1, "Places added after the last."),
        Parameter("value", Number(), 0.0, "What the new places hold."),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input, dim longer by before + after"),),
    shape=_padded,
    forward=_pad_code,
    keeps=keeps_nothing,
)
