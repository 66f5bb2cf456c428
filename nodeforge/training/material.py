"""What a training, an evaluation and an export all start from: checked drawing, source, data, question."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodeforge.analysis import Report, check
from nodeforge.compiler import Source, generate
from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph
from nodeforge.data import Dataset, load
from nodeforge.evaluation import Task, task_of
from nodeforge.project.runs import RunInfo
from nodeforge.torch_backend.oracle import Oracle

DATA_MARK = "data"
"""Under this name a run's environment holds the fingerprint of the data it was trained on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the network is measured by.

    Attributes:
        task: Which metrics make sense.
        output: Place of the prediction among the network's outputs.
        target: Place of its answers among the Target nodes; -1 when there are none.
    """

    task: Task
    output: int = 0
    target: int = -1


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
        question=_question(document.main_network, source, dataset),
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


def _question(graph: Graph, source: Source, dataset: Dataset) -> Question:
    """The question of the first objective that compares a prediction with answers of the data."""
    targets = [slot.node for slot in source.targets]
    for name in source.objectives:
        ends = [end for port in graph.inputs_of(name).values() for end in port]
        place = next((targets.index(node) for node, _ in ends if node in targets), -1)
        if place < 0:
            continue
        task = task_of([graph.nodes[name].kind], dataset.facts, source.targets[place].field)
        return Question(task=task, output=_output_fed_by(graph, source, ends), target=place)
    return Question(task=task_of([], dataset.facts))


def _output_fed_by(graph: Graph, source: Source, ends: list[tuple[str, str]]) -> int:
    """The Output node that shows what the objective looks at; the first when none does."""
    for place, output in enumerate(source.outputs):
        if any(end in ends for port in graph.inputs_of(output).values() for end in port):
            return place
    return 0
