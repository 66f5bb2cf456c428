"""Kinds that move, cut or average axes, or change the element type."""

from __future__ import annotations

import math

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import FLOAT_DTYPES, CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, insert_reshape, sample_dims, set_parameter
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Integers, Parameter
from nodeforge.core.specs import BATCH, DTYPES, TensorSpec, format_shape

_ANY = (Port(name="input", doc="any shape"),)
_OPS = "https://docs.pytorch.org/docs/stable/generated/torch."


def _axis(call: ShapeCall, parameter: str) -> int:
    """A parameter that counts an axis, from the front even if it was given from the back."""
    spec, axis = call.input(), call.integer(parameter)
    if not -spec.rank <= axis < spec.rank:
        raise ShapeError(
            f"{call.name} has {parameter} {axis}, but {spec} has axes 0 to {spec.rank - 1}.",
            suggestions=(set_parameter(parameter, spec.rank - 1),) if spec.rank else (),
        )
    return axis % spec.rank


def _flatten(call: ShapeCall) -> Specs:
    spec = call.input()
    sample_dims(call)
    if spec.rank == 1:
        raise ShapeError(
            f"{call.name} has nothing to flatten: {spec} is one value per sample.",
            port="input",
            suggestions=(insert_reshape(1),),
        )
    first, last = _axis(call, "start_dim"), _axis(call, "end_dim")
    if first > last:
        raise ShapeError(
            f"{call.name} flattens from axis {first} to axis {last}: start_dim must not come after end_dim.",
            suggestions=(set_parameter("end_dim", -1),),
        )
    if first == 0:
        raise ShapeError(
            f"{call.name} would fold the batch (axis 0) into the features of {spec}.",
            suggestions=(set_parameter("start_dim", 1),),
        )
    folded = math.prod(d for d in spec.shape[first : last + 1] if isinstance(d, int))
    return {"output": spec.with_shape((*spec.shape[:first], folded, *spec.shape[last + 1 :]))}


def _resolved(wanted: tuple[int, ...], dims: tuple[int, ...], name: str) -> tuple[int, ...]:
    """The wanted shape with its −1 worked out."""
    total, known = math.prod(dims), math.prod(d for d in wanted if d > 0)
    fits = total % known == 0 if -1 in wanted else total == known
    if not fits:
        raise ShapeError(
            f"{name} gets {total} values per sample ({format_shape(dims)}), which do not fill "
            f"{format_shape(wanted)}.",
            port="input",
            suggestions=(set_parameter("shape", (-1,)),),
        )
    return tuple(total // known if d == -1 else d for d in wanted)


def _reshape(call: ShapeCall) -> Specs:
    wanted = call.values["shape"]
    assert isinstance(wanted, tuple)
    if 0 in wanted or any(d < -1 for d in wanted) or wanted.count(-1) > 1:
        raise ShapeError(
            f"{call.name} has shape {format_shape(wanted)}: its sizes must be 1 or more, and one of them "
            f"may be -1 "
            "for whatever is left.",
            suggestions=(set_parameter("shape", (-1,)),),
        )
    return {"output": call.input().with_shape((BATCH, *_resolved(wanted, sample_dims(call), call.name)))}


def _reshape_code(call: CodeCall) -> str:
    sizes = ", ".join(str(d) for d in (f"{call.x}.shape[0]", *call.outputs["output"].shape[1:]))
    return f"{call.x}.reshape({sizes})"


def _permute(call: ShapeCall) -> Specs:
    spec, dims = call.input(), call.values["dims"]
    assert isinstance(dims, tuple)
    if sorted(dims) != list(range(spec.rank)):
        raise ShapeError(
            f"{call.name} has dims {', '.join(map(str, dims))}; for {spec} they must hold each axis from 0 "
            f"to "
            f"{spec.rank - 1} once.",
            suggestions=(set_parameter("dims", (0, *reversed(range(1, spec.rank)))),),
        )
    return {"output": spec.with_shape(spec.shape[d] for d in dims)}


def _select(call: ShapeCall) -> Specs:
    spec, axis, index = call.input(), _axis(call, "dim"), call.integer("index")
    size = spec.shape[axis]
    if not isinstance(size, int):
        raise ShapeError(
            f"{call.name} would take one sample out of the batch: axis {axis} of {spec} is the batch.",
            suggestions=(set_parameter("dim", 1),) if axis == 0 and spec.rank > 1 else (),
        )
    if not -size <= index < size:
        raise ShapeError(
            f"{call.name} has index {index}, but axis {axis} of {spec} has places 0 to {size - 1}.",
            suggestions=(set_parameter("index", -1),),
        )
    return {"output": spec.with_shape(d for i, d in enumerate(spec.shape) if i != axis)}


def _select_code(call: CodeCall) -> str:
    axis = int(str(call.values["dim"])) % next(iter(call.specs.values()))[0].rank
    return f"{call.x}[{':, ' * axis}{call.values['index']}]"


def _mean(call: ShapeCall) -> Specs:
    spec, dims = call.input(), call.values["dim"]
    assert isinstance(dims, tuple)
    axes = {d % spec.rank for d in dims if -spec.rank <= d < spec.rank}
    if len(axes) != len(dims):
        raise ShapeError(
            f"{call.name} has dim {', '.join(map(str, dims))}; {spec} can be averaged over axes from 1 to "
            f"{spec.rank - 1}, each once.",
            suggestions=(set_parameter("dim", (spec.rank - 1,)),) if spec.rank > 1 else (),
        )
    if any(spec.shape[a] == BATCH for a in axes):
        raise ShapeError(
            f"{call.name} would average over the samples of the batch in {spec}: leave its axis out of dim."
        )
    keep = bool(call.values["keepdim"])
    return {
        "output": spec.with_shape(
            1 if i in axes else d for i, d in enumerate(spec.shape) if keep or i not in axes
        )
    }


def _mean_code(call: CodeCall) -> str:
    keep = ", keepdim=True" if call.values["keepdim"] else ""
    return f"{call.x}.mean(dim={call.values['dim']}{keep})"


FLATTEN = Kind(
    name="Flatten",
    category="Shape",
    summary="Lays all values of a sample out in one row.",
    doc="Stands between convolutions, which give channels×height×width, and Linear, which wants one row of "
    "features.",
    formula="N×C×H×W → N×(C·H·W)",
    source=TORCH + "Flatten.html",
    keywords=("vector", "reshape"),
    parameters=(
        Parameter(
            "start_dim", Integer(), 1, "First axis to fold in; 1 is the first after the batch.", advanced=True
        ),
        Parameter("end_dim", Integer(), -1, "Last axis to fold in; -1 is the last one.", advanced=True),
    ),
    inputs=_ANY,
    outputs=(Port(name="output", doc="N×(product of the flattened axes)"),),
    shape=_flatten,
    module="nn.Flatten",
    view=True,
)

RESHAPE = Kind(
    name="Reshape",
    category="Shape",
    summary="Gives the values of each sample another shape, in the same order.",
    doc="The batch axis is left out of the shape. One size may be -1: it becomes whatever is left.",
    formula="N×784 → N×1×28×28",
    source=_OPS + "reshape.html",
    keywords=("view", "unflatten", "resize"),
    parameters=(
        Parameter("shape", Integers(minimum=-1), (-1,), "Shape of one sample, without the batch axis."),
    ),
    inputs=_ANY,
    outputs=(Port(name="output", doc="N×shape"),),
    shape=_reshape,
    forward=_reshape_code,
    view=True,
)

PERMUTE = Kind(
    name="Permute",
    category="Shape",
    summary="Puts the axes in another order.",
    doc="For instance 0, 2, 1 turns N×length×features into N×features×length, as Conv1d wants it.",
    formula="N×L×F → N×F×L",
    source=_OPS + "permute.html",
    keywords=("transpose", "swap axes"),
    parameters=(
        Parameter(
            "dims",
            Integers(minimum=0, min_length=1),
            (0, 2, 1),
            "For each axis of the output, the axis of the input it comes from; 0 is the batch.",
        ),
    ),
    inputs=_ANY,
    outputs=(Port(name="output", doc="the axes of the input in the order of dims"),),
    shape=_permute,
    forward=lambda call: f"{call.x}.permute({', '.join(map(str, _tuple(call.values['dims'])))})",
    view=True,
)

SELECT = Kind(
    name="Select",
    category="Shape",
    summary="Takes one place of an axis: the last time step of a sequence, one layer of a hidden state.",
    doc="With dim 1 and index -1 it takes the last step of what an LSTM, GRU or RNN gives, ready for a "
    "Linear.",
    formula="N×L×F → N×F",
    source=_OPS + "select.html",
    keywords=("last time step", "index", "slice", "take", "cls token"),
    parameters=(
        Parameter("dim", Integer(), 1, "The axis to take from; it disappears."),
        Parameter("index", Integer(), -1, "The place to take, counted from 0; -1 is the last."),
    ),
    inputs=_ANY,
    outputs=(Port(name="output", doc="the shape of the input without dim"),),
    shape=_select,
    forward=_select_code,
    view=True,
)

MEAN = Kind(
    name="Mean",
    category="Shape",
    summary="Averages over one or more axes.",
    doc="Over the time axis it sums a sequence up in one vector; over height and width it is global "
    "average pooling.",
    formula="y = (1/n)·Σ x",
    source=_OPS + "mean.html",
    keywords=("average", "reduce", "global average pooling"),
    parameters=(
        Parameter(
            "dim", Integers(minimum=None, min_length=1), (1,), "The axes to average over; not 0, the batch."
        ),
        Parameter("keepdim", Boolean(), False, "Keep the axes, with size 1.", advanced=True),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input without dim"),),
    shape=_mean,
    forward=_mean_code,
    keeps=keeps_nothing,
)

CAST = Kind(
    name="Cast",
    category="Shape",
    summary="Changes the element type: whole numbers to floating point, for instance.",
    doc="Layers with weights take float32; class labels and the indices of an Embedding are int64.",
    formula="y = x as dtype",
    source="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html",
    keywords=("convert", "float", "dtype", "type", "to"),
    parameters=(Parameter("dtype", Choice(options=DTYPES), "float32", "The element type to change to."),),
    inputs=_ANY,
    outputs=(Port(name="output", doc="the shape of the input, as dtype"),),
    shape=lambda call: {"output": TensorSpec(call.input().shape, str(call.values["dtype"]))},
    forward=lambda call: f"{call.x}.to(torch.{call.values['dtype']})",
    keeps=keeps_nothing,
)


def _tuple(value: object) -> tuple[object, ...]:
    assert isinstance(value, tuple)
    return value
