"""Losses: one number that says how wrong the network is. Training makes their sum smaller."""

from __future__ import annotations

from collections.abc import Callable

from nodeforge.catalog.kind import FLOAT_DTYPES, INTEGER_DTYPES, Answers, Kind, Port, Role, ShapeCall
from nodeforge.catalog.rules import TORCH, Specs, insert_flatten, insert_reshape, set_parameter
from nodeforge.core.diagnostics import Suggestion
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Choice, Integer, Number, Parameter
from nodeforge.core.specs import BATCH, TensorSpec, format_shape

_REDUCTION = Parameter(
    "reduction",
    Choice(options=("mean", "sum")),
    "mean",
    "Whether the errors of a batch are averaged or added up.",
    advanced=True,
)
_IGNORE_INDEX = Parameter(
    "ignore_index",
    Integer(),
    -100,
    "Samples with this label do not count (the padding of sequences, for instance).",
    advanced=True,
)


def _loss(call: ShapeCall) -> Specs:
    return {"loss": TensorSpec((), call.input("input").dtype)}


def _class_target(call: ShapeCall, scores: TensorSpec, target: TensorSpec) -> None:
    """Labels must have the shape of the scores without their class axis, which is axis 1."""
    expected = (scores.shape[0], *scores.shape[2:])
    if target.shape == expected:
        return
    suggestions: tuple[Suggestion, ...] = ()
    port = "target"
    if target.shape == (*expected, 1):
        suggestions = (insert_reshape(*(d for d in expected[1:] if isinstance(d, int))),)
    elif target.shape == (BATCH,):
        port, suggestions = "input", (insert_flatten(),)
    elif (scores.shape[0], *scores.shape[1:-1]) == target.shape:
        order = (0, scores.rank - 1, *range(1, scores.rank - 1))
        port = "input"
        suggestions = (
            Suggestion(label="Insert Permute: classes to axis 1", insert=("Permute", {"dims": order})),
        )
    raise ShapeError(
        f"{call.name} gets scores of {scores}, so labels must be {format_shape(expected)}; they are "
        f"{target}.",
        port=port,
        suggestions=suggestions,
    )


def _scores(call: ShapeCall) -> TensorSpec:
    scores = call.input("input")
    if scores.rank < 2 or scores.shape[0] != BATCH or BATCH in scores.shape[1:]:
        raise ShapeError(
            f"{call.name} needs scores N×classes, one for each class; it gets {scores}.", port="input"
        )
    return scores


def _cross_entropy(call: ShapeCall) -> Specs:
    scores, target = _scores(call), call.input("target")
    if target.dtype != "int64":
        if target.dtype == scores.dtype and target.shape == scores.shape:
            _check_nothing_ignored(call)
            return _loss(call)
        raise ShapeError(
            f"{call.name} needs class labels as int64, or a probability for each class as {scores.dtype} "
            f"of {scores}; "
            f"it gets {target.dtype} of {target}.",
            port="target",
            suggestions=(_cast("int64"),) if target.rank == scores.rank - 1 else (),
        )
    _class_target(call, scores, target)
    return _loss(call)


def _check_nothing_ignored(call: ShapeCall) -> None:
    if call.integer("ignore_index") >= 0:
        raise ShapeError(
            f"{call.name} has ignore_index {call.integer('ignore_index')}, which works with class labels only; its "
            "target holds probabilities.",
            port="target",
            suggestions=(set_parameter("ignore_index", -100),),
        )


def _cast(dtype: str) -> Suggestion:
    return Suggestion(label=f"Insert Cast to {dtype}", insert=("Cast", {"dtype": dtype}))


def _nll(call: ShapeCall) -> Specs:
    _class_target(call, _scores(call), call.input("target"))
    return _loss(call)


def _pairwise(call: ShapeCall) -> Specs:
    """Prediction and target value by value: equal shapes, for torch would broadcast N×1 with N to N×N."""
    mine, target = call.input("input"), call.input("target")
    if mine.dtype != target.dtype:
        raise ShapeError(
            f"{call.name} compares {mine.dtype} predictions with {target.dtype} targets: set the Target's "
            f"dtype to "
            f"{mine.dtype}.",
            port="target",
            suggestions=(_cast(mine.dtype),),
        )
    if mine.shape == target.shape:
        return _loss(call)
    suggestions: tuple[Suggestion, ...] = ()
    port = "input"
    if mine.sample_size == target.sample_size and BATCH in mine.shape[:1]:
        port = "target"
        suggestions = (insert_reshape(*(d for d in mine.sample_shape if isinstance(d, int))),)
    elif mine.rank == 2 and target.rank == 2:
        width = target.shape[1]
        suggestions = (
            Suggestion(
                label=f"Insert Linear with out_features {width}", insert=("Linear", {"out_features": width})
            ),
        )
    raise ShapeError(
        f"{call.name} compares value by value, so prediction and target need equal shapes; they are {mine} "
        f"and "
        f"{target}.",
        port=port,
        suggestions=suggestions,
    )


def _objective(
    name: str,
    *,
    summary: str,
    doc: str,
    formula: str,
    keywords: tuple[str, ...],
    shape: Callable[[ShapeCall], Specs],
    answers: Answers,
    input_doc: str,
    target: Port,
    parameters: tuple[Parameter, ...] = (),
) -> Kind:
    return Kind(
        name=name,
        category="Loss",
        role=Role.OBJECTIVE,
        summary=summary,
        doc=doc,
        formula=formula,
        source=TORCH + f"{name}.html",
        keywords=("loss", "objective", "error", *keywords),
        parameters=(*parameters, _REDUCTION),
        inputs=(Port(name="input", doc=input_doc, dtypes=FLOAT_DTYPES), target),
        outputs=(Port(name="loss", doc="one number"),),
        shape=shape,
        answers=answers,
        module=f"nn.{name}",
    )


_VALUES = Port(name="target", doc="the right values, same shape as the input", dtypes=FLOAT_DTYPES)
_LABELS = Port(name="target", doc="N: the number of the right class, from 0", dtypes=frozenset({"int64"}))

CROSS_ENTROPY = _objective(
    "CrossEntropyLoss",
    summary="For choosing one of several classes: punishes a low score of the right class.",
    doc="Takes raw scores and applies softmax itself: put no Softmax before it. Random guessing among k "
    "classes costs "
    "ln k.",
    formula="−log softmax(x)[target]",
    keywords=("classification", "softmax", "cce", "logits"),
    shape=_cross_entropy,
    answers=Answers.CLASSES,
    input_doc="N×classes: raw scores",
    target=Port(
        name="target",
        doc="N: the number of the right class, from 0; or N×classes probabilities",
        dtypes=FLOAT_DTYPES | (INTEGER_DTYPES - {"int32"}),
    ),
    parameters=(
        Parameter(
            "label_smoothing",
            Number(minimum=0.0, maximum=1.0),
            0.0,
            "Moves this share of the certainty from the right class to all: keeps the network from being "
            "too sure.",
        ),
        _IGNORE_INDEX,
    ),
)
BCE_WITH_LOGITS = _objective(
    "BCEWithLogitsLoss",
    summary="For yes-or-no answers, one or several at once: punishes confidence in the wrong one.",
    doc="Takes raw scores and applies sigmoid itself: put no Sigmoid before it.",
    formula="−t·log σ(x) − (1 − t)·log(1 − σ(x))",
    keywords=("binary", "classification", "sigmoid", "multi-label", "logits"),
    shape=_pairwise,
    answers=Answers.YES_OR_NO,
    input_doc="raw scores, any shape",
    target=Port(name="target", doc="0 or 1, or between, as float; same shape", dtypes=FLOAT_DTYPES),
)
MSE = _objective(
    "MSELoss",
    summary="For predicting numbers: the mean of the squared differences.",
    doc="Large errors weigh much more than small ones, so outliers pull hard.",
    formula="mean of (x − t)²",
    keywords=("regression", "mean squared error", "l2", "reconstruction"),
    shape=_pairwise,
    answers=Answers.VALUES,
    input_doc="predicted values",
    target=_VALUES,
)
L1 = _objective(
    "L1Loss",
    summary="For predicting numbers: the mean of the absolute differences.",
    doc="All errors weigh in proportion, so outliers pull less than with MSELoss.",
    formula="mean of |x − t|",
    keywords=("regression", "mean absolute error", "mae"),
    shape=_pairwise,
    answers=Answers.VALUES,
    input_doc="predicted values",
    target=_VALUES,
)
SMOOTH_L1 = _objective(
    "SmoothL1Loss",
    summary="For predicting numbers: squared for small differences, absolute for large ones.",
    doc="Smooth near zero like MSELoss, calm about outliers like L1Loss.",
    formula="d²/(2β) if |d| < β, else |d| − β/2, with d = x − t",
    keywords=("regression", "huber"),
    shape=_pairwise,
    answers=Answers.VALUES,
    input_doc="predicted values",
    target=_VALUES,
    parameters=(
        Parameter(
            "beta", Number(minimum=0.0, exclusive_minimum=True), 1.0, "Where squared turns into absolute."
        ),
    ),
)
NLL = _objective(
    "NLLLoss",
    summary="For choosing one of several classes when the network ends in LogSoftmax.",
    doc="LogSoftmax followed by NLLLoss is the same as CrossEntropyLoss on the raw scores.",
    formula="−x[target]",
    keywords=("classification", "negative log likelihood"),
    shape=_nll,
    answers=Answers.CLASSES,
    input_doc="N×classes: log-probabilities",
    target=_LABELS,
    parameters=(_IGNORE_INDEX,),
)
