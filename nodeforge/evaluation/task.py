"""What kind of question a network answers: it decides which metrics make sense."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Answers
from nodeforge.core.specs import DataFacts, FieldFacts


class TaskKind(StrEnum):
    """The kinds of question."""

    CLASSIFICATION = "classification"
    """One of several classes: one score per class."""
    BINARY = "binary"
    """Yes or no: one score."""
    REGRESSION = "regression"
    """Numbers."""
    OTHER = "other"
    """Nothing that a prediction can be compared with: only the loss tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The question.

    Attributes:
        kind: What is asked.
        field: Name of the target field that holds the answers; "" for OTHER.
        classes: Names of the classes, where there are any.
        threshold: For BINARY: an output above it means yes (0 for a raw score, 0.5 for a probability).
    """

    kind: TaskKind
    field: str = ""
    classes: tuple[str, ...] = ()
    threshold: float = 0.0

    @property
    def metric(self) -> str:
        """The metric to show first; "" when there is none."""
        return {"regression": "nrmse", "other": ""}.get(self.kind, "accuracy")

    @property
    def higher_is_better(self) -> bool:
        return self.metric == "accuracy"


def task_of(objectives: Iterable[str], facts: DataFacts | None, field: str = "") -> Task:
    """The question behind a network's objectives.

    Args:
        objectives: Kind names of the objective nodes, the main one first ("CrossEntropyLoss").
        facts: What the data holds.
        field: Data field that feeds the Target node; "" for the first target.
    """
    target = facts.field(field, "target") if facts else None
    if target is not None:
        for objective in objectives:
            task = _task(objective, target)
            if task is not None:
                return task
    return Task(kind=TaskKind.OTHER)


def _task(objective: str, target: FieldFacts) -> Task | None:
    kind = kinds().get(objective)
    match kind and kind.answers:
        case Answers.CLASSES:
            return Task(kind=TaskKind.CLASSIFICATION, field=target.name, classes=target.classes)
        case Answers.YES_OR_NO:
            return Task(kind=TaskKind.BINARY, field=target.name, classes=target.classes)
        case Answers.PROBABILITY:
            return Task(kind=TaskKind.BINARY, field=target.name, classes=target.classes, threshold=0.5)
        case Answers.VALUES if not target.classes:
            return Task(kind=TaskKind.REGRESSION, field=target.name)
    return None
