"""What a deep check says: one verdict for each property, with what was found wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nodeforge.core.diagnostics import Severity
from nodeforge.core.parameters import Value


class Outcome(StrEnum):
    """How a property came out."""

    HELD = "held"
    """It held in every try."""
    BROKEN = "broken"
    """A finding says where it does not."""
    SKIPPED = "skipped"
    """There is nothing to try; the note says why."""
    UNFINISHED = "unfinished"
    """Time ran out, or the person cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """An edit that may mend a finding, proposed without a look at the rest of the drawing.

    Attributes:
        label: Words on its button.
        node: The node to change.
        parameter: The parameter to set; "" to take the node out.
        value: Its new value.
    """

    label: str
    node: str
    parameter: str = ""
    value: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, with the node to blame. Fields as in `core.diagnostics.Diagnostic`."""

    code: str
    message: str
    reason: str = ""
    severity: Severity = Severity.ERROR
    network: str = ""
    node: str = ""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one property came out.

    Attributes:
        outcome: Whether it holds.
        note: On what that rests, or why there is no answer.
        findings: What is wrong; only when broken.
    """

    outcome: Outcome
    note: str = ""
    findings: tuple[Finding, ...] = ()


def held(note: str) -> Answer:
    """The property held; the note says where it was tried."""
    return Answer(outcome=Outcome.HELD, note=note)


def broken(*findings: Finding, note: str = "") -> Answer:
    """The property does not hold."""
    return Answer(outcome=Outcome.BROKEN, findings=findings, note=note)


def skipped(reason: str) -> Answer:
    """There is nothing to try."""
    return Answer(outcome=Outcome.SKIPPED, note=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to one property.

    Attributes:
        check: Its short name ("independent").
        title: The property as a sentence.
        seconds: How long it took.
    """

    check: str
    title: str
    answer: Answer
    seconds: float = 0.0
