"""Losses: one number that says how wrong the network is. Training makes their sum smaller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nodeforge.catalog.cost_rules import keeps_mask
from nodeforge.catalog.kind import (
    FLOAT_DTYPES,
    INTEGER_DTYPES,
    Answers,
    CodeCall,
    KeepRule,
    Kept,
    Kind,
    Port,
    Role,
    ShapeCall,
)
from nodeforge.catalog.rules import TORCH, Specs, insert_flatten, insert_reshape, set_parameter
from nodeforge.core.diagnostics import Suggestion
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Choice, Integer, Number, Numbers, Optional, Parameter, Value
from nodeforge.core.specs import BATCH, TensorSpec, format_shape

REDUCTION = Parameter(
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


def list_of_weights(name: str, doc: str) -> Parameter:
    """A parameter that holds one number for each class or answer."""
    numbers = Numbers(minimum=0.0, min_length=1)
    return Parameter(name, Optional(of=numbers, empty="all alike"), None, doc, advanced=True)


CLASS_WEIGHTS = list_of_weights(
    "weight", "How much each class counts, one number per class: larger for rare ones."
)


def tensor_of(parameter: str) -> Callable[[Mapping[str, Value]], str]:
    """How a list of numbers is written where torch wants a tensor."""

    def spell(values: Mapping[str, Value]) -> str:
        numbers = values[parameter]
        assert isinstance(numbers, tuple)
        return f"torch.tensor({list(numbers)})"

    return spell


def check_weights(call: ShapeCall, size: int, what: str, parameter: str = "weight") -> None:
    """Weights need one number for each class (or answer) and scores of their own element type."""
    weights = call.values[parameter]
    if not isinstance(weights, tuple):
        return
    if len(weights) != size:
        raise ShapeError(
            f"{call.name} has {len(weights)} numbers in {parameter}, but {call.input()} holds {size} {what}.",
            suggestions=(set_parameter(parameter, None),),
        )
    if call.input().dtype != "float32":
        raise ShapeError(
            f"{call.name} has {parameter} as float32, and its input is {call.input().dtype}: bring it to float32.",
            port="input",
            suggestions=(cast_to("float32"),),
        )


def one_number(call: ShapeCall) -> Specs:
    """What every loss gives."""
    return {"loss": TensorSpec((), call.input().dtype)}


def class_target(call: ShapeCall, scores: TensorSpec, target: TensorSpec) -> None:
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


def scores_of(call: ShapeCall) -> TensorSpec:
    """The scores, which need a class axis behind the batch."""
    scores = call.input("input")
    if scores.rank < 2 or scores.shape[0] != BATCH or BATCH in scores.shape[1:]:
        raise ShapeError(
            f"{call.name} needs scores N×classes, one for each class; it gets {scores}.", port="input"
        )
    return scores


def _cross_entropy(call: ShapeCall) -> Specs:
    scores, target = scores_of(call), call.input("target")
    check_weights(call, int(scores.shape[1]), "classes")
    if target.dtype != "int64":
        if target.dtype == scores.dtype and target.shape == scores.shape:
            _check_nothing_ignored(call)
            return one_number(call)
        raise ShapeError(
            f"{call.name} needs class labels as int64, or a probability for each class as {scores.dtype} "
            f"of {scores}; "
            f"it gets {target.dtype} of {target}.",
            port="target",
            suggestions=(cast_to("int64"),) if target.rank == scores.rank - 1 else (),
        )
    class_target(call, scores, target)
    return one_number(call)


def _keeps_probabilities(call: ShapeCall, outputs: Specs) -> Kept:
    """The logarithms of the probabilities, and the answers."""
    return Kept(inputs=("target",), inside=(call.input(),))


def _check_nothing_ignored(call: ShapeCall) -> None:
    if call.integer("ignore_index") >= 0:
        raise ShapeError(
            f"{call.name} has ignore_index {call.integer('ignore_index')}, which works with class labels only; its "
            "target holds probabilities.",
            port="target",
            suggestions=(set_parameter("ignore_index", -100),),
        )


def cast_to(dtype: str) -> Suggestion:
    """The suggestion to put a Cast before the port at fault."""
    return Suggestion(label=f"Insert Cast to {dtype}", insert=("Cast", {"dtype": dtype}))


def _nll(call: ShapeCall) -> Specs:
    scores = scores_of(call)
    check_weights(call, int(scores.shape[1]), "classes")
    class_target(call, scores, call.input("target"))
    return one_number(call)


def pairwise(call: ShapeCall) -> Specs:
    """Prediction and target value by value: equal shapes, for torch would broadcast N×1 with N to N×N."""
    mine, target = call.input("input"), call.input("target")
    if mine.dtype != target.dtype:
        raise ShapeError(
            f"{call.name} compares {mine.dtype} predictions with {target.dtype} targets: set the Target's "
            f"dtype to "
            f"{mine.dtype}.",
            port="target",
            suggestions=(cast_to(mine.dtype),),
        )
    if mine.shape == target.shape:
        return one_number(call)
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


def objective(
    name: str,
    *,
    summary: str,
    doc: str,
    formula: str,
    keywords: tuple[str, ...],
    shape: Callable[[ShapeCall], Specs],
    answers: Answers | None = None,
    input_doc: str = "",
    target: Port | None = None,
    inputs: tuple[Port, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    reduction: Parameter = REDUCTION,
    named: tuple[str, ...] = (),
    spelled: Mapping[str, Callable[[Mapping[str, Value]], str]] = MappingProxyType({}),
    forward: Callable[[CodeCall], str] | None = None,
    common: bool = False,
    keeps: KeepRule | None = None,
) -> Kind:
    """A loss of torch.nn: of an input and a target, unless it names other `inputs`.

    A parameter called weight or pos_weight is a list that becomes a tensor in the code.
    """
    if target is not None:
        inputs = (Port(name="input", doc=input_doc, dtypes=FLOAT_DTYPES), target)
    weights = {p.name: tensor_of(p.name) for p in parameters if p.name in ("weight", "pos_weight")}
    return Kind(
        name=name,
        category="Loss",
        role=Role.OBJECTIVE,
        summary=summary,
        doc=doc,
        formula=formula,
        source=TORCH + f"{name}.html",
        keywords=("loss", "objective", "error", *keywords),
        parameters=(*parameters, reduction),
        inputs=inputs,
        outputs=(Port(name="loss", doc="one number"),),
        shape=shape,
        answers=answers,
        module=f"nn.{name}",
        named=named,
        spelled={**weights, **spelled},
        forward=forward,
        common=common,
        keeps=keeps,
    )


VALUES = Port(name="target", doc="the right values, same shape as the input", dtypes=FLOAT_DTYPES)
LABELS = Port(name="target", doc="N: the number of the right class, from 0", dtypes=frozenset({"int64"}))

CROSS_ENTROPY = objective(
    "CrossEntropyLoss",
    summary="For choosing one of several classes: punishes a low score of the right class.",
    doc="Takes raw scores and applies softmax itself: put no Softmax before it. Random guessing among k "
    "classes costs "
    "ln k.",
    formula="−log softmax(x)[target]",
    keywords=("classification", "softmax", "cce", "logits"),
    common=True,
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
        CLASS_WEIGHTS,
        _IGNORE_INDEX,
    ),
    keeps=_keeps_probabilities,
)


def answers_rule(call: ShapeCall) -> Specs:
    """Yes-or-no answers, which may have weights along the last axis."""
    outputs = pairwise(call)
    last = call.input().shape[-1:]
    for name in ("weight", "pos_weight"):
        if name in call.values:
            size = last[0] if last and isinstance(last[0], int) else 1
            check_weights(call, size, "answers per sample", name)
    return outputs


ANSWER_WEIGHTS = list_of_weights("weight", "How much each answer counts, one number per answer of a sample.")
BCE_WITH_LOGITS = objective(
    "BCEWithLogitsLoss",
    summary="For yes-or-no answers, one or several at once: punishes confidence in the wrong one.",
    doc="Takes raw scores and applies sigmoid itself: put no Sigmoid before it.",
    formula="−t·log σ(x) − (1 − t)·log(1 − σ(x))",
    keywords=("binary", "classification", "sigmoid", "multi-label", "logits"),
    shape=answers_rule,
    answers=Answers.YES_OR_NO,
    input_doc="raw scores, any shape",
    target=Port(name="target", doc="0 or 1, or between, as float; same shape", dtypes=FLOAT_DTYPES),
    parameters=(
        list_of_weights(
            "pos_weight", "How much a yes counts, one number per answer: more than 1 finds more of them."
        ),
        ANSWER_WEIGHTS,
    ),
)
MSE = objective(
    "MSELoss",
    summary="For predicting numbers: the mean of the squared differences.",
    doc="Large errors weigh much more than small ones, so outliers pull hard.",
    formula="mean of (x − t)²",
    keywords=("regression", "mean squared error", "l2", "reconstruction"),
    shape=pairwise,
    answers=Answers.VALUES,
    input_doc="predicted values",
    target=VALUES,
)
L1 = objective(
    "L1Loss",
    summary="For predicting numbers: the mean of the absolute differences.",
    doc="All errors weigh in proportion, so outliers pull less than with MSELoss.",
    formula="mean of |x − t|",
    keywords=("regression", "mean absolute error", "mae"),
    shape=pairwise,
    answers=Answers.VALUES,
    input_doc="predicted values",
    target=VALUES,
    keeps=keeps_mask,
)
SMOOTH_L1 = objective(
    "SmoothL1Loss",
    summary="For predicting numbers: squared for small differences, absolute for large ones.",
    doc="Smooth near zero like MSELoss, calm about outliers like L1Loss.",
    formula="d²/(2β) if |d| < β, else |d| − β/2, with d = x − t",
    keywords=("regression", "huber"),
    shape=pairwise,
    answers=Answers.VALUES,
    input_doc="predicted values",
    target=VALUES,
    parameters=(
        Parameter(
            "beta", Number(minimum=0.0, exclusive_minimum=True), 1.0, "Where squared turns into absolute."
        ),
    ),
)
NLL = objective(
    "NLLLoss",
    summary="For choosing one of several classes when the network ends in LogSoftmax.",
    doc="LogSoftmax followed by NLLLoss is the same as CrossEntropyLoss on the raw scores.",
    formula="−x[target]",
    keywords=("classification", "negative log likelihood"),
    shape=_nll,
    answers=Answers.CLASSES,
    input_doc="N×classes: log-probabilities",
    target=LABELS,
    parameters=(CLASS_WEIGHTS, _IGNORE_INDEX),
)
