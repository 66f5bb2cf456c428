"""How alike two tensors are."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_copies
from nodeforge.catalog.kind import WIDE_DTYPES, Kept, Kind, Port, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, batch_free_axis, same_shapes
from nodeforge.core.parameters import Boolean, Integer, Number, Parameter

_PAIR = (
    Port(name="x1", doc="any shape", dtypes=WIDE_DTYPES),
    Port(name="x2", doc="same shape", dtypes=WIDE_DTYPES),
)


def _similarity(call: ShapeCall) -> Specs:
    same_shapes(call, "x1", "x2")
    spec, axis = call.input(), batch_free_axis(call)
    return {"output": spec.with_shape((*spec.shape[:axis], *spec.shape[axis + 1 :]))}


def _distance(call: ShapeCall) -> Specs:
    same_shapes(call, "x1", "x2")
    spec = call.input()
    axis = batch_free_axis(call, spec.rank - 1)
    return {"output": spec.with_shape((*spec.shape[:axis], *([1] if call.values["keepdim"] else [])))}


def _keeps_difference(call: ShapeCall, outputs: Specs) -> Kept:
    return Kept(outputs=("output",), inside=(call.input(),))


COSINE_SIMILARITY = Kind(
    name="CosineSimilarity",
    category="Combine",
    summary="Tells how far two vectors point the same way: 1 the same, 0 at right angles, −1 opposite.",
    doc="Their lengths do not matter. Compares embeddings of sentences, faces or products.",
    formula="y = x₁·x₂ / max(‖x₁‖·‖x₂‖, ε)",
    source=TORCH + "CosineSimilarity.html",
    keywords=("angle", "similar", "siamese", "compare"),
    parameters=(
        Parameter("dim", Integer(), 1, "The axis that holds the vectors; it disappears."),
        Parameter(
            "eps",
            Number(minimum=0.0, exclusive_minimum=True),
            1e-8,
            "Smallest divisor, against division by zero.",
            advanced=True,
        ),
    ),
    inputs=_PAIR,
    outputs=(Port(name="output", doc="−1 to 1, the shape of x1 without dim"),),
    shape=_similarity,
    module="nn.CosineSimilarity",
    keeps=keeps_copies(2),
)
PAIRWISE_DISTANCE = Kind(
    name="PairwiseDistance",
    category="Combine",
    summary="The distance between two vectors, sample by sample.",
    doc="Works on the last axis. With p = 2 it is the length of the straight line between the two.",
    formula="y = (Σ |x₁ − x₂ + ε|ᵖ)^(1/p)",
    source=TORCH + "PairwiseDistance.html",
    keywords=("euclidean", "manhattan", "norm", "siamese", "compare"),
    parameters=(
        Parameter(
            "p",
            Number(minimum=0.0, exclusive_minimum=True),
            2.0,
            "Which distance: 2 is the straight line, 1 the sum of the differences.",
        ),
        Parameter("eps", Number(minimum=0.0), 1e-6, "Small number added to each difference.", advanced=True),
        Parameter("keepdim", Boolean(), False, "Keep the last axis, with size 1.", advanced=True),
    ),
    inputs=_PAIR,
    outputs=(Port(name="output", doc="the shape of x1 without its last axis"),),
    shape=_distance,
    module="nn.PairwiseDistance",
    keeps=_keeps_difference,
)
