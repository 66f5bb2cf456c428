"""What a training, an evaluation and an export all start from: checked drawing, source, data, question."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodeforge.analysis import Report, check
from nodeforge.compiler import Source, generate
from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.data import Dataset, load
from nodeforge.project.runs import RunInfo
from nodeforge.torch_backend.oracle import Oracle
from nodeforge.training.questions import Question, question_of

DATA_MARK = "data"
"""Under this name a run's environment holds the fingerprint of the data it was trained on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that follows from a document and its data."""

    document: Document
    report: Report
    dataset: Dataset
    source: Source
    question: Question


def gather(document: Document, folder: Path) -> Material:
    """Load the data, check the drawing against it, generate the source.

    Raises:
        UserError: The project has no data, or the data or the drawing is at fault.
    """
    document = document.computed()
    if document.data is None:
        raise UserError("The project has no data: choose a data source first.")
    dataset = load(document.data, folder)
    report = check(document, dataset.facts, Oracle())
    for diagnostic in report.diagnostics:
        if diagnostic.severity == "error":
            raise UserError(diagnostic.message, node=diagnostic.node)
    source = generate(document, report)
    return Material(
        document=document,
        report=report,
        dataset=dataset,
        source=source,
        question=question_of(document, report, source, dataset),
    )


def require_same_data(dataset: Dataset, info: RunInfo) -> None:
    """See that a run's data is what it was trained on.

    Raises:
        UserError: It has changed.
    """
    if info.environment.get(DATA_MARK) not in (None, dataset.fingerprint):
        raise UserError(
            f"{dataset.facts.title} has changed since run {info.id} was trained on it: "
            "train again, or put the data back as they were."
        )
