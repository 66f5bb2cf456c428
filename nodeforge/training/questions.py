"""What a network is measured by: read off its drawing, its recipe and its data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nodeforge.analysis import Report
from nodeforge.analysis.report import NodeReport
from nodeforge.compiler import Source
from nodeforge.core.document import Document
from nodeforge.core.graph import Graph, reached
from nodeforge.core.specs import FieldFacts, TensorSpec
from nodeforge.data import Dataset
from nodeforge.evaluation import Task, TaskKind, reconstruction_of, task_of

End = tuple[str, str]

MAP = "SelfOrganizingMap"
DIVERGENCE = "KLDivergence"
SAME_VALUES = frozenset({"Flatten", "Unflatten", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Cast"})
"""What only changes shape or element type: flattened, the values stay as they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPart:
    """One term of a variational autoencoder's −ELBO.

    Attributes:
        objective: The loss node.
        factor: What its value for a sample is multiplied by.
        summed: Whether it adds up over a batch rather than taking the mean.
    """

    objective: str
    factor: float
    summed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the network is measured by.

    Attributes:
        task: Which metrics make sense.
        output: Place of the prediction among the network's outputs.
        target: Place of its answers among the Target nodes; -1 when there are none.
        original: Place among the inputs of what is to be reconstructed, organized or imitated; -1 when there is none.
        classes_last: Whether the prediction has its classes on the last axis, not the second.
        map: The self-organizing map; "" when there is none.
        toroidal: Whether opposite edges of the map are neighbours.
        aside: The objective, where the Output shows another reconstruction than the one it looks at: of a sample that
            is not damaged first, or without chance; else "".
        components: Values in the narrowest place between input and output; 0 when unknown.
        bound: The terms of −ELBO; empty where the objectives do not add up to it.
    """

    task: Task
    output: int = 0
    target: int = -1
    original: int = -1
    classes_last: bool = False
    map: str = ""
    toroidal: bool = False
    aside: str = ""
    components: int = 0
    bound: tuple[BoundPart, ...] = ()

    @property
    def compares_inputs(self) -> bool:
        """Whether its predictions are to be like samples of the data."""
        return self.task.kind in (TaskKind.RECONSTRUCTION, TaskKind.GENERATION)


def question_of(document: Document, report: Report, source: Source, dataset: Dataset) -> Question:
    """The question of two players if they take turns, else of the first objective that has answers, else of a map."""
    reader = _Reader(document, report, source, dataset)
    found = reader.generation() or reader.prediction() or reader.organization()
    return found or Question(task=task_of([], dataset.facts))


class _Reader:
    def __init__(self, document: Document, report: Report, source: Source, dataset: Dataset) -> None:
        self._recipe = document.recipe
        self._graph: Graph = document.main_network
        self._nodes = report.networks[document.main].nodes
        self._source = source
        self._dataset = dataset
        self._targets = [slot.node for slot in source.targets]
        self._inputs = [slot.node for slot in source.inputs]

    # What is asked --------------------------------------------------------------------------------

    def prediction(self) -> Question | None:
        """Of the first objective that compares a prediction with a Target, else with an Input."""
        for name in self._source.objectives:
            for end in self._ends(name):
                place = self._behind(end, self._targets)
                if place >= 0:
                    return self._answered(name, end, place)
        for name in self._source.objectives:
            found = self._reconstruction(name)
            if found is not None:
                return found
        return None

    def _answered(self, name: str, answer: End, place: int) -> Question:
        node, dataset = self._graph.nodes[name], self._dataset
        task = task_of([node.kind], dataset.facts, self._source.targets[place].field)
        found, shown, seen = self._output_of([end for end in self._ends(name) if end != answer])
        output = found or 0
        if task.kind is TaskKind.BINARY and "Sigmoid" in shown | seen:
            task = replace(task, threshold=0.5 if "Sigmoid" in shown else 0.0)
        if task.kind is TaskKind.CLASSIFICATION:
            task = self._told(task, self._nodes[name], normalized="Softmax" in shown)
        return Question(
            task=task, output=output, target=place, classes_last=self._classes_last(task, name, output)
        )

    def _told(self, task: Task, report: NodeReport, *, normalized: bool) -> Task:
        """The task with what only its loss and its data tell."""
        ignored = report.values.get("ignore_index")
        task = replace(
            task,
            normalized=normalized,
            ignored=ignored if isinstance(ignored, int) and ignored >= 0 else None,
        )
        vocabulary = self._dataset.vocabulary(task.field)
        if vocabulary is None:
            return task
        return replace(task, unit=vocabulary.tokens.unit, classes=vocabulary.words)

    def _reconstruction(self, name: str) -> Question | None:
        ports = self._graph.inputs_of(name)
        prediction, answer = ports.get("input", ()), ports.get("target", ())
        if not (prediction and answer):
            return None
        place = self._behind(answer[0], self._inputs)
        facts = self._field(place) if place >= 0 else None
        task = reconstruction_of(self._graph.nodes[name].kind, facts) if facts else None
        if task is None or task.kind is not TaskKind.RECONSTRUCTION:
            return None
        shown, _, _ = self._output_of(list(prediction))
        output = shown or 0
        spec = self._spec(self._ends(self._source.outputs[output])[0]) if self._source.outputs else None
        if spec is None or spec.sample_size != self._source.inputs[place].spec.sample_size:
            return None  # what it gives is not the sample
        return Question(
            task=task,
            output=output,
            original=place,
            aside=name if shown is None else "",
            components=self._narrowest(self._inputs[place], prediction[0][0]),
            bound=self._bound(name),
        )

    def organization(self) -> Question | None:
        """Of the first self-organizing map."""
        for name, node in self._graph.nodes.items():
            report = self._nodes[name]
            if node.kind != MAP or not report.outputs:
                continue
            place = self._behind(self._ends(name)[0], self._inputs)
            facts = self._field(place) if place >= 0 else None
            return Question(
                task=Task(kind=TaskKind.ORGANIZATION, field=facts.name if facts else ""),
                original=place,
                map=self._source.attributes[name],
                toroidal=bool(report.values["toroidal"]),
            )
        return None

    def generation(self) -> Question | None:
        """Of an output that has the form of the samples, where two players take turns."""
        if not any(stage.alternates for stage in self._recipe.stages):
            return None
        for output, name in enumerate(self._source.outputs):
            spec = self._spec(self._ends(name)[0])
            for place, slot in enumerate(self._source.inputs):
                facts = self._field(place)
                if spec is not None and facts is not None and spec.sample_size == slot.spec.sample_size > 1:
                    task = Task(kind=TaskKind.GENERATION, field=facts.name)
                    return Question(task=task, output=output, original=place)
        return None

    # The drawing ----------------------------------------------------------------------------------

    def _ends(self, node: str) -> list[End]:
        return [end for port in self._graph.inputs_of(node).values() for end in port]

    def _spec(self, end: End) -> TensorSpec | None:
        return self._nodes[end[0]].outputs.get(end[1])

    def _field(self, place: int) -> FieldFacts | None:
        return self._dataset.facts.field(self._source.inputs[place].field, "input")

    def _back(self, end: End) -> Iterator[End]:
        """From an end against the wires, as long as there is one way to go and nothing is learnt."""
        while True:
            yield end
            node, ends = self._graph.nodes[end[0]], self._ends(end[0])
            if len(ends) != 1 or node.shares or self._nodes[end[0]].parameters:
                return
            end = ends[0]

    def _behind(self, end: End, nodes: list[str]) -> int:
        """Which of some nodes has the values that an end has, in another shape at most; -1 when none has."""
        for node, _ in self._back(end):
            if node in nodes:
                return nodes.index(node)
            if self._graph.nodes[node].kind not in SAME_VALUES:
                break
        return -1

    def _output_of(self, looked_at: list[End]) -> tuple[int | None, set[str], set[str]]:
        """The Output node that shows what an objective looks at, or both come from the same.

        Returns:
            Its place, None when there is none, and the kinds of node from what they share to the output, and to the
            objective.
        """
        for place, name in enumerate(self._source.outputs):
            shown = list(self._back(self._ends(name)[0]))
            for end in looked_at:
                seen = list(self._back(end))
                shared = next((one for one in shown if one in seen), None)
                if shared is not None:
                    return place, self._kinds(shown, shared), self._kinds(seen, shared)
        return None, set(), set()

    def _kinds(self, way: list[End], last: End) -> set[str]:
        return {self._graph.nodes[node].kind for node, _ in way[: way.index(last)]}

    def _classes_last(self, task: Task, objective: str, output: int) -> bool:
        """Whether the Output has (N, …, C) where the loss has (N, C, …)."""
        if task.kind is not TaskKind.CLASSIFICATION or not self._source.outputs:
            return False
        arriving = next(iter(self._nodes[objective].inputs.values()), ())
        given = self._spec(self._ends(self._source.outputs[output])[0])
        if not arriving or given is None or given.rank < 3:
            return False
        wanted = arriving[0].shape
        return given.shape != wanted and given.shape == (wanted[0], *wanted[2:], wanted[1])

    def _narrowest(self, first: str, last: str) -> int:
        """The fewest values that a node between two holds of a sample."""
        onwards, backwards = (
            reached(self._graph.successors, [first]),
            reached(self._graph.predecessors, [last]),
        )
        sizes = [
            spec.sample_size
            for name in onwards & backwards
            for spec in self._nodes[name].outputs.values()
            if spec.rank > 1
        ]
        return min(sizes, default=0)

    def _bound(self, reconstruction: str) -> tuple[BoundPart, ...]:
        """The terms of −ELBO: the reconstruction's cost of a sample and every divergence, each counted once."""
        parts = []
        for name in self._source.objectives:
            report, kind = self._nodes[name], self._graph.nodes[name].kind
            summed = report.values.get("reduction") == "sum"
            if name == reconstruction:
                size = report.inputs["input"][0].sample_size
                parts.append(BoundPart(objective=name, factor=1.0 if summed else size, summed=summed))
            elif kind == DIVERGENCE:
                beta = report.values["beta"]
                if not isinstance(beta, (int, float)) or beta <= 0 or report.values["free_bits"]:
                    return ()
                parts.append(BoundPart(objective=name, factor=1.0 / beta, summed=summed))
        return tuple(parts) if len(parts) > 1 else ()
