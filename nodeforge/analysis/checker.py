"""The checker: specs along the wires, then the rules. What an edit did not touch is not computed again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from nodeforge.analysis.chains import onlookers
from nodeforge.analysis.evaluation import Evaluation, Evaluator, Oracle, Specs
from nodeforge.analysis.order import execution_order
from nodeforge.analysis.report import NetworkReport, NodeReport, Report
from nodeforge.analysis.rules import (
    DOCUMENT_RULES,
    NETWORK_RULES,
    RULES_OF_MODE,
    TEACHING_RULES,
    WEIGHT_RULES,
)
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Kind, Role
from nodeforge.catalog.networks import reachable
from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.document import Document
from nodeforge.core.expressions import Scope, has_expression, scope_of
from nodeforge.core.graph import Endpoint, Graph, Node
from nodeforge.core.specs import DataFacts

_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}


class Checker:
    """Checks a document again and again while it is edited. Belongs to one thread.

    Args:
        oracle: Answers for kinds without a shape rule; their outputs stay unknown without it.
        catalog: Node kinds by name; all there are when None.
    """

    def __init__(self, oracle: Oracle | None = None, catalog: Mapping[str, Kind] | None = None) -> None:
        self._evaluator = Evaluator(kinds() if catalog is None else catalog, oracle)
        self._networks: dict[str, _NetworkMemory] = {}
        self._of_teaching: list[Diagnostic] = []
        self._taught: object = None
        """What the findings on who teaches whom depend on, as it was when they were found."""

    def check(self, document: Document, facts: DataFacts | None = None) -> Report:
        """The findings on the document as it is now."""
        self._networks = {
            name: self._networks.get(name) or _NetworkMemory(self._evaluator) for name in document.networks
        }
        order, changed = self._evaluator.renew(document)
        used = reachable(document, document.main)
        scope = document.scope
        for name in order:  # what stands in others first
            graph = document.networks[name]
            is_main = name == document.main
            # Only the main network is fed by the data.
            context = _Context(facts if is_main else None, is_main, name in used)
            self._networks[name].update(graph, scope_of(graph.parameters, scope)[0], changed, context)
        reports = {name: self._networks[name].report() for name in document.networks}
        found: list[Diagnostic] = []
        for name, graph in document.networks.items():
            findings = self._networks[name].findings(graph)
            found += findings if name in used else map(_for_later, findings)
        of_document = [finding for rule in DOCUMENT_RULES for finding in rule(document, facts, reports)]
        taught = (document.main, self._networks[document.main].stamp, document.recipe)
        if taught != self._taught:
            self._of_teaching = [f for rule in TEACHING_RULES for f in rule(document, facts, reports)]
            self._taught = taught
        found = of_document + self._of_teaching + found
        found.sort(key=lambda finding: _SEVERITIES[finding.severity])
        return Report(diagnostics=tuple(found), networks=reports)


def check(document: Document, facts: DataFacts | None = None, oracle: Oracle | None = None) -> Report:
    """Check a document once.

    Args:
        document: What is checked.
        facts: What the data holds; None when unknown, and then nothing is said about the data.
        oracle: Answers for kinds without a shape rule: the project's own layers.
    """
    return Checker(oracle).check(document, facts)


def _for_later(finding: Diagnostic) -> Diagnostic:
    """What is wrong in a network that nothing uses: it keeps nothing from running."""
    severe = finding.severity is Severity.ERROR
    return replace(finding, severity=Severity.WARNING) if severe else finding


@dataclass(frozen=True, slots=True)
class _Context:
    """What a network is to the document: the data that feeds it, whether it is trained, and whether it is in use."""

    facts: DataFacts | None
    is_main: bool
    is_used: bool


@dataclass(slots=True)
class _News:
    """What is not as it was, at any node of a network.

    Attributes:
        specs: Whether an output has another shape or element type.
        weights: Whether a node has more or fewer trainable numbers.
        learning: Whether weights came or went, or an output has another element type: gradients may reach others.
    """

    specs: bool = False
    weights: bool = False
    learning: bool = False

    def take(self, before: NodeReport | None, now: NodeReport) -> bool:
        """Take in what a node is now; tells whether its outputs differ."""
        if before is None:
            self.specs = self.weights = self.learning = True
            return True
        differs = before.outputs != now.outputs
        self.specs |= differs
        if before.parameters != now.parameters:
            self.weights = True
            self.learning |= not before.parameters or not now.parameters
        if differs and not self.learning:
            self.learning = _dtypes(before) != _dtypes(now)
        return differs


def _dtypes(report: NodeReport) -> list[str]:
    return [spec.dtype for spec in report.outputs.values()]


class _NetworkMemory:
    """What is known of one network since the last check.

    Attributes:
        stamp: Another number whenever structure, kinds, element types or the presence of weights changed.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._shared = self._evaluator = evaluator
        self.stamp = 0
        self._new = True
        self._revision = 0
        self._context: _Context | None = None
        self._nodes: dict[str, Node] = {}
        self._incoming: dict[str, dict[str, list[Endpoint]]] = {}
        self._order: tuple[str, ...] = ()
        self._blocked: set[str] = set()
        self._by_kind: dict[str, list[str]] = {}
        self._evaluations: dict[str, Evaluation] = {}
        self._of_nodes: dict[str, tuple[Diagnostic, ...]] = {}
        self._of_network: tuple[Diagnostic, ...] = ()
        self._of_weights: tuple[Diagnostic, ...] = ()

    def update(self, graph: Graph, scope: Scope, networks: Collection[str], context: _Context) -> None:
        """Take in how the network is now.

        Args:
            graph: The network.
            scope: What the names in its expressions stand for.
            networks: Networks that mean something else than at the last check.
            context: What it is to the document.
        """
        elsewhere = context != self._context
        scope_changed = scope != self._evaluator.scope
        pending = {name for name, known in self._evaluations.items() if known.pending}
        if graph.revision == self._revision and not (elsewhere or scope_changed or networks or pending):
            return
        self._revision = graph.revision
        self._evaluator = self._shared.within(graph, scope)
        changed = self._changed(graph, networks, scope_changed)
        rewired = {name for name in graph.nodes if graph.inputs_of(name) != self._incoming.get(name, {})}
        restructured = (
            self._new
            or bool(rewired)
            or graph.nodes.keys() != self._nodes.keys()
            or self._kinds_differ(graph, changed)
            or any(graph.nodes[name].kind in networks for name in changed)
        )
        dirty = changed | rewired | pending
        touched = self._feeding(graph, rewired) if restructured else set()
        if restructured:
            dirty |= self._restructure(graph, rewired)
        evaluated, news = self._propagate(graph, dirty)
        self._nodes = dict(graph.nodes)
        self._new = False

        view = NetworkView(
            graph=graph,
            evaluator=self._evaluator,
            evaluations=self._evaluations,
            order=self._order,
            by_kind=self._by_kind,
            facts=context.facts,
            is_main=context.is_main,
            is_used=context.is_used,
        )
        if elsewhere or scope_changed:
            asked: set[str] = set(graph.nodes)
        else:
            asked = evaluated | self._of_nodes.keys()
            asked |= onlookers(view, evaluated | touched)
            if restructured:
                asked.update(_watchful(view))
        if restructured or elsewhere or news.learning:
            self.stamp += 1
        if restructured or elsewhere or news.learning or (news.specs and self._of_network):
            self._of_network = tuple(finding for rule in NETWORK_RULES for finding in rule(view))
        if restructured or elsewhere or news.weights:
            self._of_weights = tuple(finding for rule in WEIGHT_RULES for finding in rule(view))
        self._context = context
        self._ask_nodes(view, asked)

    def report(self) -> NetworkReport:
        nodes = {name: self._evaluations[name].report for name in self._nodes}
        return NetworkReport(
            parameters=sum(report.parameters for report in nodes.values()),
            nodes=nodes,
            order=() if self._blocked else self._order,
        )

    def findings(self, graph: Graph) -> list[Diagnostic]:
        """Of the network as a whole, then of its nodes in drawing order."""
        named = sorted(self._of_nodes, key=lambda name: graph.nodes[name].order or 0)
        findings = [*self._of_network, *self._of_weights]
        return [*findings, *(finding for name in named for finding in self._of_nodes[name])]

    def _changed(self, graph: Graph, networks: Collection[str], scope_changed: bool) -> set[str]:
        """The nodes that mean something else than before, by themselves or by what they follow."""
        changed = {name for name, node in graph.nodes.items() if not _same(self._nodes.get(name), node)}
        if networks or scope_changed:
            changed |= {
                node.name
                for node in graph.nodes.values()
                if node.kind in networks or (scope_changed and _has_expression(node))
            }
        gone = self._nodes.keys() - graph.nodes.keys()
        owners = changed | gone
        owners |= {graph.nodes[name].shares for name in changed}  # its weights may be counted at another now
        owners |= {self._nodes[name].shares for name in (changed | gone) & self._nodes.keys()}
        owners.discard("")
        return changed | {node.name for node in graph.nodes.values() if node.shares in owners}

    def _kinds_differ(self, graph: Graph, changed: Iterable[str]) -> bool:
        known = ((self._nodes[name], graph.nodes[name]) for name in changed if name in self._nodes)
        return any(before.kind != now.kind or before.mode != now.mode for before, now in known)

    def _feeding(self, graph: Graph, rewired: Iterable[str]) -> set[str]:
        """The nodes that won or lost a wire to another node."""
        gone = self._nodes.keys() - graph.nodes.keys()
        before = (ends for name in (*rewired, *gone) for ends in self._incoming.get(name, {}).values())
        lost = {source for ends in before for source, _ in ends}
        return (lost & graph.nodes.keys()).union(*(graph.predecessors(name) for name in rewired))

    def _restructure(self, graph: Graph, rewired: Iterable[str]) -> set[str]:
        """Find the order again; returns the nodes that a cycle blocks or blocked before."""
        for name in self._nodes.keys() - graph.nodes.keys():
            self._evaluations.pop(name, None)
            self._of_nodes.pop(name, None)
            self._incoming.pop(name, None)
        for name in rewired:
            self._incoming[name] = {port: list(ends) for port, ends in graph.inputs_of(name).items()}
        self._order = tuple(execution_order(graph))
        self._by_kind = {}
        for node in graph.ordered_nodes():
            self._by_kind.setdefault(node.kind, []).append(node.name)
        freed = self._blocked & graph.nodes.keys()
        self._blocked = graph.nodes.keys() - set(self._order)
        return freed | self._blocked

    def _propagate(self, graph: Graph, dirty: set[str]) -> tuple[set[str], _News]:
        """Evaluate the dirty nodes, and on from there until outputs stay as they were.

        Returns:
            The nodes that were evaluated, and what is not as it was at any of them.
        """
        evaluated, news = set(dirty), _News()
        for name in dirty & self._blocked:
            self._evaluations[name] = self._evaluator.evaluate(graph.nodes[name], {})
        for name in self._order:
            if name in evaluated:
                before = self._evaluations.get(name)
                now = self._evaluator.evaluate(graph.nodes[name], self._arriving(graph, name))
                self._evaluations[name] = now
                if news.take(before.report if before else None, now.report):
                    evaluated |= graph.successors(name)
        return evaluated, news

    def _arriving(self, graph: Graph, name: str) -> Specs:
        return {
            port: tuple(self._evaluations[source].report.outputs.get(output) for source, output in ends)
            for port, ends in graph.inputs_of(name).items()
        }

    def _ask_nodes(self, view: NetworkView, names: Iterable[str]) -> None:
        for name in names:
            node = view.graph.nodes[name]
            rules = RULES_OF_MODE[view.report(name).mode]
            found = tuple(finding for rule in rules for finding in rule(view, node))
            if found:
                self._of_nodes[name] = found
            else:
                self._of_nodes.pop(name, None)


def _same(before: Node | None, now: Node) -> bool:
    """Whether a node means what it meant: `edits.apply` shares parameters that it does not change."""
    return before is now or (before is not None and now.means(before))


def _has_expression(node: Node) -> bool:
    return any(map(has_expression, node.parameters.values()))


def _watchful(view: NetworkView) -> Iterable[str]:
    """Nodes whose rules look further than their neighbours: borders and objectives."""
    return (name for name in view.graph.nodes if (kind := view.kind(name)) and kind.role is not Role.LAYER)
