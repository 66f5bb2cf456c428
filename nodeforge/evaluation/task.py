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
    """Yes or no: one score for each answer."""
    REGRESSION = "regression"
    """Numbers."""
    RECONSTRUCTION = "reconstruction"
    """The sample itself, through a narrow place or from a damaged copy."""
    ORGANIZATION = "organization"
    """A place on a map for each sample."""
    GENERATION = "generation"
    """New samples that look like those of the data."""
    OTHER = "other"
    """Nothing that a prediction can be compared with: only the loss tells."""


_METRICS = {
    TaskKind.CLASSIFICATION: "accuracy",
    TaskKind.BINARY: "accuracy",
    TaskKind.REGRESSION: "nrmse",
    TaskKind.RECONSTRUCTION: "reconstruction_error",
    TaskKind.ORGANIZATION: "quantization_error",
    TaskKind.GENERATION: "frechet_distance",
    TaskKind.OTHER: "",
}
HIGHER_IS_BETTER = frozenset({"accuracy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The question.

    Attributes:
        kind: What is asked.
        field: Name of the field that holds the answers: a target, or the input that is to be reconstructed,
            organized or imitated; "" for OTHER.
        classes: Names of the classes, where there are any.
        threshold: For BINARY: an output above it means yes (0 for a raw score, 0.5 for a probability).
        normalized: For CLASSIFICATION: the scores are probabilities already.
        unit: For language models, "characters" or "words": the classes are what may come next in a text.
        ignored: For CLASSIFICATION: the label of places that do not count.
    """

    kind: TaskKind
    field: str = ""
    classes: tuple[str, ...] = ()
    threshold: float = 0.0
    normalized: bool = False
    unit: str = ""
    ignored: int | None = None

    @property
    def metric(self) -> str:
        """The metric to follow while training; "" when there is none."""
        return _METRICS[self.kind]

    @property
    def higher_is_better(self) -> bool:
        return self.metric in HIGHER_IS_BETTER

    @property
    def headline(self) -> str:
        """The metric to compare with other methods by; "" when there is none."""
        return "perplexity" if self.unit else self.metric


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


def reconstruction_of(objective: str, field: FieldFacts) -> Task:
    """The question of an objective that compares a prediction with an input of the network."""
    kind = kinds().get(objective)
    if kind is None or kind.answers in (None, Answers.CLASSES) or field.classes or field.vocabulary:
        return Task(kind=TaskKind.OTHER)
    return Task(kind=TaskKind.RECONSTRUCTION, field=field.name)


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
