"""Losses that ask for a margin: enough distance between right and wrong, like and unlike."""

from __future__ import annotations

from collections.abc import Mapping

from nodeforge.catalog.cost_rules import keeps_copies
from nodeforge.catalog.kind import FLOAT_DTYPES, WEIGHT_DTYPES, WIDE_DTYPES, Port, ShapeCall
from nodeforge.catalog.nodes.losses import (
    CLASS_WEIGHTS,
    LABELS,
    cast_to,
    check_weights,
    class_target,
    objective,
    one_number,
    pairwise,
    scores_of,
)
from nodeforge.catalog.rules import Specs, same_shapes, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Boolean, Choice, Integer, Number, Parameter, Value
from nodeforge.core.specs import BATCH, TensorSpec

_SIGNS = Port(name="target", doc="1 or −1, same shape as the input", dtypes=FLOAT_DTYPES)


def _margin(default: float) -> Parameter:
    return Parameter("margin", Number(), default, "How far apart right and wrong should be.")


def _row_scores(call: ShapeCall) -> TensorSpec:
    scores = scores_of(call)
    if scores.rank != 2:
        raise ShapeError(f"{call.name} needs scores N×classes; it gets {scores}.", port="input")
    return scores


def _multi_margin(call: ShapeCall) -> Specs:
    scores = _row_scores(call)
    check_weights(call, int(scores.shape[1]), "classes")
    class_target(call, scores, call.input("target"))
    return one_number(call)


def _multi_label_margin(call: ShapeCall) -> Specs:
    scores = _row_scores(call)
    if call.input("target").shape != scores.shape:
        raise ShapeError(
            f"{call.name} needs labels {scores}: the numbers of the right classes, then −1; they are "
            f"{call.input('target')}.",
            port="target",
        )
    return one_number(call)


def _multi_label_soft(call: ShapeCall) -> Specs:
    check_weights(call, int(_row_scores(call).shape[1]), "classes")
    return pairwise(call)


MULTI_MARGIN = objective(
    "MultiMarginLoss",
    summary="For choosing one of several classes: its score should beat every other by a margin.",
    doc="The hinge loss of support vector machines for several classes. What is beaten well costs nothing any more.",
    formula="Σ over wrong classes of max(0, margin − x[target] + x[i])ᵖ / classes",
    keywords=("classification", "hinge", "svm"),
    shape=_multi_margin,
    inputs=(Port(name="input", doc="N×classes: scores", dtypes=WIDE_DTYPES), LABELS),
    parameters=(
        Parameter(
            "p", Integer(minimum=1, maximum=2), 1, "Exponent: 1 counts shortfalls plainly, 2 squares them."
        ),
        _margin(1.0),
        CLASS_WEIGHTS,
    ),
)
MULTI_LABEL_MARGIN = objective(
    "MultiLabelMarginLoss",
    summary="For choosing several of many classes: every right one should beat every wrong one.",
    doc="The target lists the numbers of the right classes and ends with −1; what follows is ignored.",
    formula="Σ over right t and wrong i of max(0, 1 − x[t] + x[i]) / classes",
    keywords=("multi-label", "classification", "hinge"),
    shape=_multi_label_margin,
    inputs=(
        Port(name="input", doc="N×classes: scores", dtypes=WIDE_DTYPES),
        Port(
            name="target", doc="N×classes: numbers of the right classes, then −1", dtypes=frozenset({"int64"})
        ),
    ),
)
MULTI_LABEL_SOFT_MARGIN = objective(
    "MultiLabelSoftMarginLoss",
    summary="For choosing several of many classes, each a yes-or-no answer.",
    doc="BCEWithLogitsLoss, averaged over the classes first. Takes raw scores: put no Sigmoid before it.",
    formula="mean over classes of −t·log σ(x) − (1 − t)·log σ(−x)",
    keywords=("multi-label", "classification", "sigmoid"),
    shape=_multi_label_soft,
    input_doc="N×classes: raw scores",
    target=Port(name="target", doc="N×classes: 0 or 1 as float", dtypes=FLOAT_DTYPES),
    parameters=(CLASS_WEIGHTS,),
    keeps=keeps_copies(6),
)
SOFT_MARGIN = objective(
    "SoftMarginLoss",
    summary="For yes-or-no answers written as 1 and −1.",
    doc="The same as BCEWithLogitsLoss for targets that are written −1 and 1 in place of 0 and 1.",
    formula="log(1 + e^(−t·x))",
    keywords=("binary", "classification", "logistic"),
    shape=pairwise,
    input_doc="raw scores, any shape",
    target=_SIGNS,
)
HINGE_EMBEDDING = objective(
    "HingeEmbeddingLoss",
    summary="For distances: small between what belongs together, beyond a margin for what does not.",
    doc="Takes a distance and 1 for alike, −1 for unlike: pulls alike pairs together and pushes unlike "
    "ones apart, up to the margin.",
    formula="x if t = 1, max(0, margin − x) if t = −1",
    keywords=("similarity", "siamese", "contrastive", "distance"),
    shape=pairwise,
    input_doc="distances, any shape",
    target=_SIGNS,
    parameters=(_margin(1.0),),
)


def _signs(call: ShapeCall, expected: tuple[object, ...]) -> Specs:
    target, dtype = call.input("target"), call.input().dtype
    if target.shape != expected or target.dtype != dtype:
        raise ShapeError(
            f"{call.name} needs a target of 1 or −1 for each pair, {'×'.join(map(str, expected))} of {dtype}; it "
            f"gets {target} of {target.dtype}.",
            port="target",
            suggestions=(cast_to(dtype),) if target.shape == expected else (),
        )
    return one_number(call)


def _cosine_embedding(call: ShapeCall) -> Specs:
    if len(sample_dims(call)) != 1:
        raise ShapeError(f"{call.name} needs vectors N×features; it gets {call.input()}.", port="input1")
    same_shapes(call, "input1", "input2")
    return _signs(call, (BATCH,))


def _ranking(call: ShapeCall) -> Specs:
    same_shapes(call, "input1", "input2")
    return _signs(call, call.input().shape)


COSINE_EMBEDDING = objective(
    "CosineEmbeddingLoss",
    summary="For embeddings: the same direction for what belongs together, different ones for what does not.",
    doc="Compares the directions of two vectors; the target is 1 for alike, −1 for unlike.",
    formula="1 − cos(x₁, x₂) if t = 1, max(0, cos(x₁, x₂) − margin) if t = −1",
    keywords=("similarity", "siamese", "contrastive", "angle"),
    shape=_cosine_embedding,
    inputs=(
        Port(name="input1", doc="N×features", dtypes=WIDE_DTYPES),
        Port(name="input2", doc="N×features", dtypes=WIDE_DTYPES),
        Port(name="target", doc="N: 1 or −1", dtypes=WIDE_DTYPES),
    ),
    parameters=(
        Parameter(
            "margin", Number(minimum=-1.0, maximum=1.0), 0.0, "Unlike pairs cost nothing below this cosine."
        ),
    ),
)
MARGIN_RANKING = objective(
    "MarginRankingLoss",
    summary="For putting things in order: the first score should be the higher one, or the lower one.",
    doc="The target is 1 where the first input should be higher, −1 where the second should.",
    formula="max(0, −t·(x₁ − x₂) + margin)",
    keywords=("ranking", "order", "compare", "preference"),
    shape=_ranking,
    inputs=(
        Port(name="input1", doc="scores, any shape", dtypes=WIDE_DTYPES),
        Port(name="input2", doc="scores, same shape", dtypes=WIDE_DTYPES),
        Port(name="target", doc="1 or −1, same shape", dtypes=WIDE_DTYPES),
    ),
    parameters=(_margin(0.0),),
)


def _triplet(call: ShapeCall) -> Specs:
    if not sample_dims(call):
        raise ShapeError(f"{call.name} needs vectors N×features; it gets {call.input()}.", port="anchor")
    same_shapes(call, "anchor", "positive", "negative")
    return one_number(call)


_TRIPLET = (
    Port(name="anchor", doc="N×features: what is compared", dtypes=WEIGHT_DTYPES),
    Port(name="positive", doc="N×features: something of its kind", dtypes=WEIGHT_DTYPES),
    Port(name="negative", doc="N×features: something of another kind", dtypes=WEIGHT_DTYPES),
)
_TRIPLET_MARGIN = Parameter(
    "margin", Number(minimum=0.0, exclusive_minimum=True), 1.0, "How much nearer the positive should be."
)
_SWAP = Parameter(
    "swap",
    Boolean(),
    False,
    "Measure from the positive instead where that is nearer to the negative.",
    advanced=True,
)

TRIPLET_MARGIN = objective(
    "TripletMarginLoss",
    summary="For embeddings: something of its kind should be nearer than something else, by a margin.",
    doc="Run one network over all three inputs. Used for faces and for search by picture (Schroff et al., 2015).",
    formula="max(0, ‖a − p‖ − ‖a − n‖ + margin)",
    keywords=("similarity", "siamese", "metric learning", "embedding", "face"),
    shape=_triplet,
    inputs=_TRIPLET,
    parameters=(
        _TRIPLET_MARGIN,
        Parameter(
            "p",
            Number(minimum=0.0, exclusive_minimum=True),
            2.0,
            "Which distance: 2 is the straight line, 1 the sum of the differences.",
        ),
        Parameter(
            "eps",
            Number(minimum=0.0, exclusive_minimum=True),
            1e-6,
            "Small number added to each difference.",
            advanced=True,
        ),
        _SWAP,
    ),
)

_DISTANCES = {
    "euclidean": "nn.PairwiseDistance()",
    "manhattan": "nn.PairwiseDistance(p=1.0)",
    "cosine": "lambda x, y: 1 - nn.functional.cosine_similarity(x, y, dim=-1)",
}


def _distance(values: Mapping[str, Value]) -> str:
    return _DISTANCES[str(values["distance_function"])]


TRIPLET_MARGIN_WITH_DISTANCE = objective(
    "TripletMarginWithDistanceLoss",
    summary="TripletMarginLoss with another way to measure distance.",
    doc="Measured by the straight line, by the sum of differences, or by the angle.",
    formula="max(0, d(a, p) − d(a, n) + margin)",
    keywords=("similarity", "siamese", "metric learning", "cosine"),
    shape=_triplet,
    inputs=_TRIPLET,
    parameters=(
        Parameter(
            "distance_function", Choice(options=tuple(_DISTANCES)), "euclidean", "How distance is measured."
        ),
        _TRIPLET_MARGIN,
        _SWAP,
    ),
    spelled={"distance_function": _distance},
)
