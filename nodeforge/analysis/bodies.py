"""Networks that stand as nodes: what is inside one at a use, with the shapes and numbers of that use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nodeforge.analysis.order import execution_order
from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.catalog.kind import Kind, Role, ShapeCall
from nodeforge.catalog.networks import NetworkKind, inner_first, used_networks
from nodeforge.core.document import Document
from nodeforge.core.errors import ShapeError
from nodeforge.core.expressions import EMPTY, Scope
from nodeforge.core.graph import Graph
from nodeforge.core.specs import TensorSpec

if TYPE_CHECKING:
    from nodeforge.analysis.evaluation import Evaluation, Evaluator

MEMORY = 500
"""Uses of one network, with different numbers or shapes, that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A network at one use.

    Attributes:
        report: What its nodes are there.
        outputs: What it gives, by port; those that are unknown are absent.
        error: The first fault inside, if there is one.
        pending: Whether the oracle owes an answer.
    """

    report: NetworkReport
    outputs: Mapping[str, TensorSpec]
    error: ShapeError | None = None
    pending: bool = False


class Bodies:
    """Evaluates the networks of a document at their uses, and remembers them until one of them changes."""

    def __init__(self) -> None:
        self._document = Document()
        self._scope: Scope = EMPTY
        self._circular: set[str] = set()
        self._stamps: dict[str, object] = {}
        self._known: dict[str, dict[object, Body]] = {}
        self._orders: dict[str, tuple[int, list[str]]] = {}

    def renew(self, document: Document, custom: Mapping[str, object]) -> tuple[list[str], set[str]]:
        """Take in how the document is now.

        Args:
            document: The document.
            custom: Its own layers, each with all that it means.

        Returns:
            The networks, each after those that stand in it; and the names of those that mean something else now.
        """
        self._document = document
        self._scope = document.scope
        order, self._circular = inner_first(document)
        stamps: dict[str, object] = {}
        for name in order:
            graph = document.networks[name]
            inner = [stamps.get(used) for used in sorted(used_networks(document, graph))]
            own = [custom[kind] for kind in sorted(_kinds_in(graph) & custom.keys())] if custom else []
            stamps[name] = (graph.revision, tuple(self._scope.items()), inner, own, name in self._circular)
        changed = {name for name in order if stamps[name] != self._stamps.get(name)}
        changed |= self._stamps.keys() - stamps.keys()
        for name in changed:
            self._known.pop(name, None)
            self._orders.pop(name, None)
        self._stamps = stamps
        return order, changed

    def at_use(self, evaluator: Evaluator, kind: NetworkKind, call: ShapeCall) -> Body:
        """The network of a kind with these values and inputs."""
        key = (tuple(call.values.items()), tuple(call.inputs.items()))
        known = self._known.setdefault(kind.name, {})
        body = known.get(key)
        if body is None:
            body = self._evaluate(evaluator, kind, call)
            if not body.pending and body.error is None:
                if len(known) >= MEMORY:
                    known.clear()
                known[key] = body
        return body

    def _evaluate(self, evaluator: Evaluator, kind: NetworkKind, call: ShapeCall) -> Body:
        if kind.name in self._circular:
            nothing = NetworkReport(parameters=0, nodes={}, order=())
            return Body(report=nothing, outputs={}, error=ShapeError(f"{kind.name} contains itself."))
        graph = self._document.networks[kind.name]
        exposed = {name: call.values[name] for name in graph.parameters}
        inner = evaluator.within(graph, {**self._scope, **exposed})  # type: ignore[dict-item]
        found: dict[str, Evaluation] = {}
        outputs: dict[str, TensorSpec] = {}
        order = self._order(graph)
        for name in order:
            node = graph.nodes[name]
            given = call.inputs.get(name)
            arriving = {
                port: tuple(found[source].report.outputs.get(output) for source, output in ends)
                for port, ends in graph.inputs_of(name).items()
            }
            evaluation = inner.evaluate(node, arriving)
            declared = evaluation.report.kind
            if given and declared is not None and declared.role is Role.INPUT:
                evaluation = inner.given(node, declared, given[0])
            elif declared is not None and declared.role is Role.OUTPUT:
                for specs in evaluation.report.inputs.values():
                    outputs[name] = specs[0]
            found[name] = evaluation
        reports = {name: found[name].report for name in order}
        error = next((found[name].error for name in order if found[name].error), None)
        return Body(
            report=NetworkReport(
                parameters=sum(report.parameters for report in reports.values()),
                nodes={name: reports.get(name, NodeReport(kind=None)) for name in graph.nodes},
                order=tuple(order) if len(order) == len(graph) else (),
            ),
            outputs=outputs,
            error=_inside(call.name, kind, error) if error else _repeating(kind, call, outputs),
            pending=any(evaluation.pending for evaluation in found.values()),
        )

    def _order(self, graph: Graph) -> list[str]:
        known = self._orders.get(graph.name)
        if known is None or known[0] != graph.revision:
            known = self._orders[graph.name] = (graph.revision, execution_order(graph))
        return known[1]


def _kinds_in(graph: Graph) -> set[str]:
    return {node.kind for node in graph.nodes.values()}


def _inside(use: str, kind: Kind, error: ShapeError) -> ShapeError:
    return ShapeError(f"{use} does not fit here: inside {kind.name}, {error}")


def _repeating(kind: NetworkKind, call: ShapeCall, outputs: Mapping[str, TensorSpec]) -> ShapeError | None:
    """What keeps a network from running on its own outputs."""
    if call.integer("repeat") == 1 or len(outputs) < len(kind.outputs):
        return None
    if len(kind.outputs) > len(kind.inputs):
        return ShapeError(f"{call.name} cannot repeat: {kind.name} gives more than it takes.")
    for output, port in kind.carried:
        (taken,) = call.inputs[port]
        if outputs[output] != taken:
            return ShapeError(
                f"{call.name} cannot repeat: {kind.name} takes {taken} of {taken.dtype} at {port} and gives "
                f"{outputs[output]} of {outputs[output].dtype} at {output}; both must be the same.",
                port=port,
            )
    return None
