"""Every vector of one tensor with every vector of another, and vectors of length one."""

from __future__ import annotations

from nodeforge.catalog.kind import WIDE_DTYPES, CodeCall, Kind, Port, ShapeCall
from nodeforge.catalog.rules import OPS, Specs, batch_free_axis
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Integer, Number, Parameter
from nodeforge.core.specs import BATCH, TensorSpec

_LENGTH = Number(minimum=0.0, exclusive_minimum=True)


def _same_type(call: ShapeCall, one: str, other: str) -> tuple[TensorSpec, TensorSpec]:
    first, second = call.input(one), call.input(other)
    if first.dtype != second.dtype:
        raise ShapeError(
            f"{call.name} gets {first.dtype} and {second.dtype}: bring its inputs to one element type with Cast.",
            port=other,
        )
    return first, second


def _outer(call: ShapeCall) -> Specs:
    one, two = _same_type(call, "input", "vec2")
    if min(one.rank, two.rank) < 2 or one.shape[:-1] != two.shape[:-1] or BATCH not in one.shape[:-1]:
        raise ShapeError(
            f"{call.name} needs vectors N×…×features with equal axes before the last; it gets {one} and {two}.",
            port="vec2",
        )
    return {"output": one.with_shape((*one.shape, two.shape[-1]))}


OUTER = Kind(
    name="Outer",
    category="Math",
    summary="Every value of one vector times every value of another.",
    doc="Makes a matrix of all pairs: which features of one side go with which of the other.",
    formula="y[i, j] = a[i]·b[j]",
    source=OPS + "outer.html",
    keywords=("outer product", "pairs", "interaction", "multiply"),
    inputs=(
        Port(name="input", doc="N×…×a", dtypes=WIDE_DTYPES),
        Port(name="vec2", doc="N×…×b", dtypes=WIDE_DTYPES),
    ),
    outputs=(Port(name="output", doc="N×…×a×b"),),
    shape=_outer,
    forward=lambda call: f"{call.inputs['input'][0]}.unsqueeze(-1) * {call.inputs['vec2'][0]}.unsqueeze(-2)",
)


def _distances(call: ShapeCall) -> Specs:
    one, two = _same_type(call, "x1", "x2")
    if min(one.rank, two.rank) < 3 or one.shape[:-2] != two.shape[:-2] or BATCH not in one.shape[:-2]:
        raise ShapeError(
            f"{call.name} needs sets of points N×…×points×features with equal axes before the last two; it gets "
            f"{one} and {two}.",
            port="x2",
        )
    if one.shape[-1] != two.shape[-1]:
        raise ShapeError(
            f"{call.name} needs points with equally many features; {one} has {one.shape[-1]} and {two} has "
            f"{two.shape[-1]}.",
            port="x2",
        )
    return {"output": one.with_shape((*one.shape[:-1], two.shape[-2]))}


def _distance_code(call: CodeCall) -> str:
    # Written out, for ONNX has nothing for torch.cdist.
    one, two = call.inputs["x1"][0], call.inputs["x2"][0]
    difference = f"{one}.unsqueeze(-2) - {two}.unsqueeze(-3)"
    return f"torch.linalg.vector_norm({difference}, ord={call.values['p']!r}, dim=-1)"


CDIST = Kind(
    name="Cdist",
    category="Combine",
    summary="The distance of every point of one set to every point of another.",
    doc="Nearest neighbours, prototypes, clusters. It holds all differences at once, points₁ × points₂ × features "
    "numbers for each sample.",
    formula="y[i, j] = (Σ |x₁[i] − x₂[j]|ᵖ)^(1/p)",
    source=OPS + "cdist.html",
    keywords=("distance", "euclidean", "pairwise", "nearest", "prototype"),
    parameters=(
        Parameter("p", _LENGTH, 2.0, "Which distance: 2 is the straight line, 1 the sum of the differences."),
    ),
    inputs=(
        Port(name="x1", doc="N×…×points₁×features", dtypes=WIDE_DTYPES),
        Port(name="x2", doc="N×…×points₂×features", dtypes=WIDE_DTYPES),
    ),
    outputs=(Port(name="output", doc="N×…×points₁×points₂"),),
    shape=_distances,
    forward=_distance_code,
)


def _unit(call: ShapeCall) -> Specs:
    batch_free_axis(call)
    return {"output": call.input()}


NORMALIZE = Kind(
    name="Normalize",
    category="Normalization",
    summary="Divides vectors by their length, so that each has length one.",
    doc="After it a dot product is the cosine of an angle: for embeddings of faces, sentences or images that are "
    "compared. Nothing is learned.",
    formula="y = x / max(‖x‖ₚ, ε)",
    source=OPS + "nn.functional.normalize.html",
    keywords=("unit length", "l2", "norm", "embedding", "cosine"),
    parameters=(
        Parameter("p", _LENGTH, 2.0, "Which length: 2 is the Euclidean one, 1 the sum of sizes."),
        Parameter("dim", Integer(), 1, "The axis that holds the vectors."),
        Parameter("eps", _LENGTH, 1e-12, "Smallest divisor, against division by zero.", advanced=True),
    ),
    inputs=(Port(name="input", doc="any shape", dtypes=WIDE_DTYPES),),
    outputs=(Port(name="output", doc="the shape of the input"),),
    shape=_unit,
    forward=lambda call: f"nn.functional.normalize({', '.join([call.x, *_given(call)])})",
)


def _given(call: CodeCall) -> list[str]:
    """Arguments that differ from torch's own defaults."""
    return [
        f"{name}={call.values[name]!r}"
        for name, default in (("p", 2.0), ("dim", 1), ("eps", 1e-12))
        if call.values[name] != default
    ]
