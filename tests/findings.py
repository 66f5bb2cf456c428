"""Findings of the checker, for tests: usual drawings and data, one finding by its code, fixes that must mend."""

from __future__ import annotations

from nodeforge.analysis import check
from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.document import Document
from nodeforge.core.edits import apply
from nodeforge.core.specs import DataFacts, FieldFacts, TensorSpec

MNIST = DataFacts(
    title="MNIST",
    fields=(
        FieldFacts(name="image", spec=TensorSpec(("N", 1, 28, 28))),
        FieldFacts(
            name="label", spec=TensorSpec(("N",), "int64"), role="target", classes=tuple("0123456789")
        ),
    ),
    sizes={"train": 4000},
)
SERIES = DataFacts(
    title="El Niño",
    fields=(
        FieldFacts(name="window", spec=TensorSpec(("N", 24, 1))),
        FieldFacts(name="value", spec=TensorSpec(("N", 1)), role="target"),
    ),
    sizes={"train": 400},
)
CLASSIFIER = """
x = Input(shape=[1, 28, 28])
flat = Flatten()
fc = Linear(out_features=10)
y = Output()
t = Target()
loss = CrossEntropyLoss()
x -> flat -> fc -> y
fc -> loss
t -> loss.target
"""
FORECAST = """
x = Input(shape=[24, 1])
lstm = LSTM(hidden_size=32)
last = Select()
fc = Linear(out_features=1)
y = Output()
t = Target(shape=[1], dtype="float32")
loss = MSELoss()
x -> lstm -> last -> fc -> y
fc -> loss
t -> loss.target
"""


def only(document: Document, code: str, facts: DataFacts | None = None) -> Diagnostic:
    """The one finding of a code."""
    found = [finding for finding in check(document, facts).diagnostics if finding.code == code]
    assert len(found) == 1, found
    return found[0]


def codes(document: Document, facts: DataFacts | None = None) -> list[str]:
    return [finding.code for finding in check(document, facts).diagnostics]


def mends(document: Document, finding: Diagnostic, facts: DataFacts | None = None) -> None:
    """Every fix of a finding leaves the drawing without it, and with no error that was not there before."""
    before = _errors(document, facts)
    for fix in finding.fixes:
        trial = document.copy()
        apply(trial, fix.edit)
        assert finding.code not in codes(trial, facts), fix.label
        assert _errors(trial, facts) <= before, fix.label


def _errors(document: Document, facts: DataFacts | None) -> set[tuple[str, str]]:
    found = check(document, facts).diagnostics
    return {(finding.code, finding.node) for finding in found if finding.severity is Severity.ERROR}
