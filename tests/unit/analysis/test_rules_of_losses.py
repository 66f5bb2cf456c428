"""What arrives at a loss: raw scores, probabilities, classes, numbers. Each finding, its near misses, its fixes."""

from __future__ import annotations

import pytest
from drawings import drawing
from findings import CLASSIFIER, FORECAST, MNIST, codes, mends, only

from nodeforge.core.specs import DataFacts, FieldFacts, TensorSpec


def _judged(loss: str, before: str = "", target: str = "shape=[3], dtype='float32'", width: int = 3) -> str:
    """A Linear, perhaps more, then a loss."""
    names = [line.split(" = ")[0] for line in before.splitlines()]
    chain = " -> ".join(["fc", *names, "loss"])
    return f"""
    x = Input(shape=[4])
    fc = Linear(out_features={width})
    {before.replace(chr(10), chr(10) + "    ")}
    y = Output()
    t = Target({target})
    loss = {loss}
    x -> {chain}
    fc -> y
    t -> loss.target
    """


def _numbers(low: float, high: float, *shape: int) -> DataFacts:
    """Data whose targets are numbers between two others."""
    return DataFacts(
        title="numbers",
        fields=(
            FieldFacts(name="features", spec=TensorSpec(("N", 4)), span=(-2.0, 2.0)),
            FieldFacts(name="price", spec=TensorSpec(("N", *shape)), role="target", span=(low, high)),
        ),
        sizes={"train": 1000},
    )


SPECIES = DataFacts(
    title="Iris",
    fields=(
        FieldFacts(name="features", spec=TensorSpec(("N", 4))),
        FieldFacts(name="species", spec=TensorSpec(("N",), "int64"), role="target", classes=("a", "b", "c")),
    ),
    sizes={"train": 100},
)

HITS = [
    pytest.param(
        _judged("CrossEntropyLoss()", "soft = Softmax()\ndrop = Dropout()", ""),
        None,
        "activation-before-loss",
        "CrossEntropyLoss applies softmax itself: without soft before it, the network learns faster and better.",
        "Remove soft",
        id="softmax and dropout before cross entropy",
    ),
    pytest.param(
        _judged("CrossEntropyLoss()", "log = LogSoftmax()", ""),
        None,
        "activation-before-loss",
        "log changes nothing: CrossEntropyLoss takes the log-softmax of its input itself.",
        "Remove log",
        id="log-softmax before cross entropy",
    ),
    pytest.param(
        _judged("BCEWithLogitsLoss()", "sigmoid = Sigmoid()\nflat = Flatten()"),
        None,
        "activation-before-loss",
        "BCEWithLogitsLoss applies sigmoid itself: without sigmoid before it, the network learns faster and better.",
        "Remove sigmoid",
        id="sigmoid before a loss that applies it",
    ),
    pytest.param(
        _judged("NLLLoss()", "soft = Softmax()", ""),
        None,
        "raw-scores",
        "loss expects log-probabilities, and soft gives probabilities: use CrossEntropyLoss, which takes raw scores.",
        "Change soft to LogSoftmax",
        id="probabilities where logarithms are wanted",
    ),
    pytest.param(
        _judged("KLDivLoss()"),
        None,
        "raw-scores",
        "loss expects log-probabilities, and fc is no LogSoftmax: take the LogSoftmax of the scores first.",
        "Insert LogSoftmax",
        id="divergence of raw scores",
    ),
    pytest.param(
        _judged("BCELoss()"),
        None,
        "no-probabilities",
        "loss takes probabilities from 0 to 1, and fc gives any number: use BCEWithLogitsLoss, which takes raw "
        "scores, or put a Sigmoid before it.",
        "Change to BCEWithLogitsLoss",
        id="BCELoss of raw scores",
    ),
    pytest.param(
        _judged("BCELoss()"),
        None,
        "no-probabilities",
        "loss takes probabilities from 0 to 1, and fc gives any number: use BCEWithLogitsLoss, which takes raw "
        "scores, or put a Sigmoid before it.",
        "Insert Sigmoid",
        id="BCELoss of raw scores, the other way",
    ),
    pytest.param(
        _judged("BCELoss()", "tanh = Tanh()"),
        None,
        "no-probabilities",
        "loss takes probabilities from 0 to 1, and tanh gives values from -1 to 1: use BCEWithLogitsLoss, which "
        "takes raw scores, or put a Sigmoid before it.",
        None,
        id="BCELoss of values below 0",
    ),
    pytest.param(
        _judged("CrossEntropyLoss()", target="", width=1),
        None,
        "single-score",
        "loss chooses among classes, and fc gives it one score, N×1: give it one for each class.",
        "Set out_features of fc to 2",
        id="a choice with one score",
    ),
    pytest.param(
        _judged("BCEWithLogitsLoss()", target="", width=1).replace(
            "t -> loss", "one = Reshape(shape=[1])\n    number = Cast()\n    t -> one -> number -> loss"
        ),
        SPECIES,
        "classes-as-numbers",
        "species holds 3 classes, and loss takes their numbers for amounts: use CrossEntropyLoss with a score for "
        "each class.",
        None,
        id="yes or no of three classes",
    ),
    pytest.param(
        _judged("MSELoss()", "one = Select(dim=1, index=0)", "").replace(
            "t -> loss", "number = Cast()\n    t -> number -> loss"
        ),
        SPECIES,
        "classes-as-numbers",
        "species holds 3 classes, and loss takes their numbers for amounts: use CrossEntropyLoss with a score for "
        "each class.",
        None,
        id="squared error of class numbers",
    ),
    pytest.param(
        _judged("BCEWithLogitsLoss()", target="shape=[1], dtype='float32'", width=1),
        _numbers(-1.8, 2.6, 1),
        "target-range",
        "loss wants targets from 0, no, to 1, yes; price goes from -1.8 to 2.6: use a loss that compares values, "
        "such as MSELoss.",
        "Change to MSELoss",
        id="yes or no of prices",
    ),
    pytest.param(
        _judged("MSELoss()", "relu = ReLU()", "shape=[1], dtype='float32'", 1),
        _numbers(-1.8, 2.6, 1),
        "out-of-reach",
        "relu gives nothing below 0, and price goes down to -1.8: the network can never get there.",
        "Remove relu",
        id="ReLU before negative targets",
    ),
    pytest.param(
        _judged("L1Loss()", "squash = Sigmoid()", "shape=[1], dtype='float32'", 1),
        _numbers(0.0, 250.0, 1),
        "out-of-reach",
        "squash gives nothing above 1, and price goes up to 250: the network can never get there.",
        "Remove squash",
        id="sigmoid before large targets",
    ),
    pytest.param(
        _judged("BCEWithLogitsLoss()", "relu = ReLU()"),
        None,
        "out-of-reach",
        "relu never gives less than 0, and to loss a score above 0 means yes: it could never say no.",
        "Remove relu",
        id="ReLU before yes or no",
    ),
    pytest.param(
        _judged("CrossEntropyLoss()", "relu = ReLU()", ""),
        None,
        "out-of-reach",
        "relu cuts off the scores below 0 before loss: take the scores as they come from the layer.",
        "Remove relu",
        id="ReLU before a choice",
    ),
]


@pytest.mark.parametrize(("text", "facts", "code", "message", "fix"), HITS)
def test_a_finding_and_its_fixes(
    text: str, facts: DataFacts | None, code: str, message: str, fix: str | None
) -> None:
    document = drawing(text)
    finding = only(document, code, facts)
    assert finding.message == message
    labels = [offered.label for offered in finding.fixes]
    assert fix in labels if fix else labels == []
    mends(document, finding, facts)


def test_class_numbers_become_a_choice_where_there_is_a_score_for_each() -> None:
    text = _judged("MultiLabelSoftMarginLoss()", target="").replace(
        "t -> loss", "number = Cast()\n    t -> number -> loss"
    )
    assert "classes-as-numbers" not in codes(drawing(text), SPECIES), "its answers are not known"
    text = text.replace("MultiLabelSoftMarginLoss", "BCEWithLogitsLoss")
    document = drawing(text)
    finding = only(document, "classes-as-numbers", SPECIES)
    assert [fix.label for fix in finding.fixes] == ["Change to CrossEntropyLoss, on the labels as they are"]
    mends(document, finding, SPECIES)


SILENT = [
    pytest.param(CLASSIFIER, MNIST, id="a classifier"),
    pytest.param(
        _judged("NLLLoss()", "log = LogSoftmax()\nflat = Flatten()", ""), None, id="log-softmax, NLL"
    ),
    pytest.param(_judged("NLLLoss()", "soft = Softmax()\nlog = Log()", ""), None, id="softmax, log, NLL"),
    pytest.param(_judged("KLDivLoss()", "log = LogSoftmax()"), None, id="divergence of log-probabilities"),
    pytest.param(_judged("BCELoss()", "sigmoid = Sigmoid()\nflat = Flatten()"), None, id="probabilities"),
    pytest.param(_judged("BCELoss()", "clamp = Clamp(min=0.0, max=1.0)"), None, id="clamped to 0 to 1"),
    pytest.param(_judged("MSELoss()", "sigmoid = Sigmoid()"), None, id="sigmoid before a loss of values"),
    pytest.param(
        _judged("MSELoss()", "relu = ReLU()", "shape=[1], dtype='float32'", 1),
        _numbers(0.0, 9.0, 1),
        id="ReLU before targets that are never negative",
    ),
    pytest.param(
        _judged("MSELoss()", "relu = Tanh()", "shape=[1], dtype='float32'", 1),
        _numbers(-1.0, 1.0, 1),
        id="tanh before targets in its range",
    ),
    pytest.param(
        _judged("BCEWithLogitsLoss()", target="shape=[1], dtype='float32'", width=1),
        _numbers(0.0, 1.0, 1),
        id="yes or no",
    ),
    pytest.param(FORECAST, _numbers(-2.0, 2.0, 1), id="a forecast"),
]
ABOUT_LOSSES = {
    "activation-before-loss",
    "classes-as-numbers",
    "loss-misfit",
    "no-probabilities",
    "out-of-reach",
    "raw-scores",
    "single-score",
    "target-range",
}


@pytest.mark.parametrize(("text", "facts"), SILENT)
def test_no_word_where_all_is_well(text: str, facts: DataFacts | None) -> None:
    assert ABOUT_LOSSES.isdisjoint(codes(drawing(text), facts))
