"""Kinds that pick, place and sort values along an axis."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing, keeps_ranks
from nodeforge.catalog.kind import FLOAT_DTYPES, CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.rules import OPS, Specs, axis_size, batch_free_axis, set_parameter, with_axis
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Integers, Parameter
from nodeforge.core.specs import BATCH, TensorSpec

_INT64 = frozenset({"int64"})
_DIM = Parameter("dim", Integer(), -1, "The axis; -1 is the last.")
_FLOATS = (Port(name="input", doc="any shape", dtypes=FLOAT_DTYPES),)


def _selected(call: ShapeCall) -> Specs:
    spec, axis, places = call.input(), batch_free_axis(call), call.values["index"]
    assert isinstance(places, tuple)
    size = axis_size(spec, axis)
    wrong = next((place for place in places if not -size <= place < size), None)
    if wrong is not None:
        raise ShapeError(
            f"{call.name} takes place {wrong} of axis {axis} of {spec}, which has places 0 to {size - 1}.",
            suggestions=(set_parameter("index", tuple(range(min(len(places), size)))),),
        )
    return {"output": with_axis(spec, axis, len(places))}


def _selection_code(call: CodeCall) -> str:
    axis = int(str(call.values["dim"])) % call.specs["input"][0].rank
    places = call.values["index"]
    assert isinstance(places, tuple)
    return f"{call.x}[{':, ' * axis}{list(places)}]"


INDEX_SELECT = Kind(
    name="IndexSelect",
    category="Shape",
    summary="Takes some places of an axis, in any order, by their numbers.",
    doc="Reorders channels, leaves features out, repeats some of them. Slice is for places in a row; Gather for "
    "places that another tensor names.",
    formula="y[:, i] = x[:, index[i]]",
    source=OPS + "index_select.html",
    keywords=("pick", "reorder", "columns", "subset", "take"),
    parameters=(
        Parameter(
            "index", Integers(minimum=None, min_length=1, max_length=1000), (0,), "The places, in order."
        ),
        Parameter("dim", Integer(), 1, "The axis to take from."),
    ),
    inputs=(Port(name="input", doc="any shape"),),
    outputs=(Port(name="output", doc="as many places as the index has"),),
    shape=_selected,
    forward=_selection_code,
    keeps=keeps_nothing,
)


def _scattered(call: ShapeCall) -> Specs:
    spec, index, source, axis = call.input(), call.input("index"), call.input("src"), batch_free_axis(call)
    alike = index.rank == spec.rank and all(
        a == b for i, (a, b) in enumerate(zip(spec.shape, index.shape, strict=True)) if i != axis
    )
    if not alike or index.shape[axis] == BATCH:
        raise ShapeError(
            f"{call.name} needs an index like its input {spec} but for axis {axis}; it gets {index}.",
            port="index",
        )
    if source.shape != index.shape or source.dtype != spec.dtype:
        raise ShapeError(
            f"{call.name} needs one {spec.dtype} in src for each place of the index {index}; it gets {source} of "
            f"{source.dtype}.",
            port="src",
        )
    return {"output": spec}


def _scatter(name: str, method: str, *, summary: str, doc: str, formula: str) -> Kind:
    def code(call: CodeCall) -> str:
        inputs = call.inputs
        return (
            f"{inputs['input'][0]}.{method}({call.values['dim']}, {inputs['index'][0]}, {inputs['src'][0]})"
        )

    return Kind(
        name=name,
        category="Shape",
        summary=summary,
        doc=doc,
        formula=formula,
        source=f"https://docs.pytorch.org/docs/stable/generated/torch.Tensor.{method}_.html",
        keywords=("place", "put", "write", "index", "accumulate"),
        parameters=(Parameter("dim", Integer(), 1, "The axis to write along."),),
        inputs=(
            Port(name="input", doc="any shape: what stands there before", dtypes=FLOAT_DTYPES),
            Port(name="index", doc="places, like the input but for one axis", dtypes=_INT64),
            Port(name="src", doc="what is written, the shape of the index", dtypes=FLOAT_DTYPES),
        ),
        outputs=(Port(name="output", doc="the shape of the input"),),
        shape=_scattered,
        forward=code,
    )


SCATTER = _scatter(
    "Scatter",
    "scatter",
    summary="Writes values to the places of an axis that another tensor names.",
    doc="The way back from Gather. Where a place is named twice it is left open which value stays: use ScatterAdd "
    "there.",
    formula="y = x, then y[i, index[i, j]] = src[i, j]",
)
SCATTER_ADD = _scatter(
    "ScatterAdd",
    "scatter_add",
    summary="Adds values to the places of an axis that another tensor names.",
    doc="Sums by group: votes by class, messages by the node of a graph that they are for.",
    formula="y = x, then y[i, index[i, j]] += src[i, j]",
)


def _hot(call: ShapeCall) -> Specs:
    return {
        "output": TensorSpec((*call.input().shape, call.integer("num_classes")), str(call.values["dtype"]))
    }


ONE_HOT = Kind(
    name="OneHot",
    category="Embedding",
    summary="Turns the number of a class into a row of zeros with a single one.",
    doc="For a few classes that are to be multiplied, compared or joined with other features. Embedding learns a "
    "shorter vector for each instead. Numbers of num_classes and more stop the run.",
    formula="y[c] = 1 if c = x, else 0",
    source=OPS + "nn.functional.one_hot.html",
    keywords=("categorical", "dummy", "classes", "encode", "indicator"),
    parameters=(
        Parameter("num_classes", Integer(minimum=1, maximum=10_000_000), 10, "Number of classes, from 0."),
        Parameter(
            "dtype",
            Choice(options=("float32", "int64")),
            "float32",
            "Element type of the output; torch itself gives int64, which layers with weights do not take.",
            advanced=True,
        ),
    ),
    inputs=(Port(name="input", doc="whole numbers, any shape", dtypes=_INT64),),
    outputs=(Port(name="output", doc="N×…×num_classes"),),
    shape=_hot,
    forward=lambda call: (
        f"nn.functional.one_hot({call.x}, {call.values['num_classes']})"
        + (".to(torch.float32)" if call.values["dtype"] == "float32" else "")
    ),
)


def _best(call: ShapeCall) -> Specs:
    spec, axis, k = call.input(), batch_free_axis(call), call.integer("k")
    size = axis_size(spec, axis)
    if k > size:
        raise ShapeError(
            f"{call.name} takes the best {k}, but axis {axis} of {spec} has only {size}.",
            suggestions=(set_parameter("k", size),),
        )
    values = with_axis(spec, axis, k)
    return {"values": values, "indices": TensorSpec(values.shape, "int64")}


TOP_K = Kind(
    name="TopK",
    category="Math",
    summary="The k largest (or smallest) values of an axis, and where they stand.",
    doc="The best guesses of a classifier, the experts that a gate chooses, the nearest neighbours. The gradient goes "
    "back to the chosen values only.",
    formula="values = the k largest x, indices = their places",
    source=OPS + "topk.html",
    keywords=("best", "largest", "smallest", "rank", "beam", "nearest"),
    parameters=(
        Parameter("k", Integer(minimum=1), 1, "How many are taken."),
        _DIM,
        Parameter("largest", Boolean(), True, "Take the largest; the smallest if off."),
        Parameter("sorted", Boolean(), True, "Give them in order.", advanced=True),
    ),
    inputs=_FLOATS,
    outputs=(
        Port(name="values", doc="k in place of the axis"),
        Port(name="indices", doc="the places of the values, as int64"),
    ),
    shape=_best,
    forward=lambda call: (
        f"{call.x}.topk({call.values['k']}, dim={call.values['dim']}"
        + "".join(f", {name}=False" for name in ("largest", "sorted") if not call.values[name])
        + ")"
    ),
    unpack="{values}, {indices}",
    keeps=keeps_ranks,
)


def _sorted(call: ShapeCall) -> Specs:
    batch_free_axis(call)
    return {"values": call.input(), "indices": TensorSpec(call.input().shape, "int64")}


SORT = Kind(
    name="Sort",
    category="Math",
    summary="Puts the values of an axis in order, and tells where each one stood.",
    doc="Makes an answer that does not depend on the order of the input. The gradient goes back to the place that a "
    "value came from.",
    formula="values[i] ≤ values[i + 1], values[i] = x[indices[i]]",
    source=OPS + "sort.html",
    keywords=("order", "rank", "argsort", "ascending", "descending"),
    parameters=(
        _DIM,
        Parameter("descending", Boolean(), False, "Largest first."),
        Parameter("stable", Boolean(), False, "Keep equal values in the order they came in.", advanced=True),
    ),
    inputs=_FLOATS,
    outputs=(
        Port(name="values", doc="the shape of the input, in order"),
        Port(name="indices", doc="where each value stood, as int64"),
    ),
    shape=_sorted,
    forward=lambda call: (
        f"{call.x}.sort(dim={call.values['dim']}"
        + "".join(f", {name}=True" for name in ("descending", "stable") if call.values[name])
        + ")"
    ),
    unpack="{values}, {indices}",
    keeps=keeps_ranks,
)
