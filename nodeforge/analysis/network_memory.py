"""What a checker remembers of one network, and how it takes in what is new there, in small steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from nodeforge.analysis.chains import onlookers
from nodeforge.analysis.evaluation import Evaluation, Evaluator, Specs
from nodeforge.analysis.order import execution_order
from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.analysis.rules import NETWORK_RULES, RULES_OF_MODE, WEIGHT_RULES
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.expressions import Scope, has_expression
from nodeforge.core.graph import Endpoint, Graph, Node
from nodeforge.core.specs import DataFacts

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Work that may rest at every `yield`, and returns what came of it."""

_PORTION = 1000
"""Nodes; to look at their wires takes one or two milliseconds."""


@dataclass(frozen=True, slots=True)
class Context:
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


@dataclass(slots=True)
class _Owed:
    """What is still to be done. An update that is left half-way leaves it to the next.

    Attributes:
        evaluate: Nodes to evaluate.
        evaluated: Nodes that were, since rules were last chosen.
        touched: Nodes that won or lost a wire to another, since then.
        news: What was not as before at any of them.
        restructured: Whether nodes, wires, kinds or what the network is to the document changed since then.
        everywhere: Whether every node is to be asked.
        ask: Nodes whose rules are to be asked.
        network: Whether the rules of the network are to be asked.
        weights: Whether those about its weights are.
    """

    evaluate: set[str] = field(default_factory=set)
    evaluated: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    news: _News = field(default_factory=_News)
    restructured: bool = False
    everywhere: bool = False
    ask: set[str] = field(default_factory=set)
    network: bool = False
    weights: bool = False

    @property
    def any(self) -> bool:
        chosen = self.ask or self.network or self.weights
        return bool(self.evaluate or self.evaluated or self.restructured or self.everywhere or chosen)

    def forget(self, gone: Collection[str]) -> None:
        """These nodes are no more."""
        for names in (self.evaluate, self.evaluated, self.touched, self.ask):
            names.difference_update(gone)


class NetworkMemory:
    """What is known of one network since the last check.

    Attributes:
        stamp: Another number whenever structure, kinds, element types or the presence of weights changed.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self._shared = self._evaluator = evaluator
        self.stamp = 0
        self._revision = 0
        self._context: Context | None = None
        self._nodes: dict[str, Node] = {}
        self._incoming: dict[str, dict[str, list[Endpoint]]] = {}
        self._order: tuple[str, ...] = ()
        self._blocked: set[str] = set()
        self._by_kind: dict[str, list[str]] = {}
        self._evaluations: dict[str, Evaluation] = {}
        self._of_nodes: dict[str, tuple[Diagnostic, ...]] = {}
        self._of_network: tuple[Diagnostic, ...] = ()
        self._of_weights: tuple[Diagnostic, ...] = ()
        self._owed = _Owed()

    def update(self, graph: Graph, scope: Scope, networks: Collection[str], context: Context) -> Steps[None]:
        """Take in how the network is now.

        The network must mean the same from the first step to the last. If it does not, the rest is to be given up:
        another update goes on from there.

        Args:
            graph: The network.
            scope: What the names in its expressions stand for.
            networks: Networks that mean something else than at the last check.
            context: What it is to the document.
        """
        elsewhere = context != self._context
        scope_changed = scope != self._evaluator.scope
        pending = {name for name, known in self._evaluations.items() if known.pending}
        same = graph.revision == self._revision and not (elsewhere or scope_changed or networks or pending)
        if same and not self._owed.any:
            return
        yield from self._take_in(graph, scope, networks, pending, elsewhere=elsewhere)
        self._context = context
        yield from self._propagate(graph)
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
        self._choose_rules(view)
        yield
        yield from self._ask(view)

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

    # What is new ----------------------------------------------------------------------------------

    def _take_in(
        self, graph: Graph, scope: Scope, networks: Collection[str], pending: set[str], *, elsewhere: bool
    ) -> Steps[None]:
        """Find what changed, and owe what follows from it. Nothing is remembered before the last step."""
        scope_changed = scope != self._evaluator.scope
        changed = self._changed(graph, networks, scope_changed)
        yield
        rewired: set[str] = set()
        for names in _portions(graph.nodes):
            rewired |= {name for name in names if graph.inputs_of(name) != self._incoming.get(name, {})}
            yield
        gone = self._nodes.keys() - graph.nodes.keys()
        restructured = (
            not self._revision
            or bool(rewired)
            or bool(gone)
            or not graph.nodes.keys() <= self._nodes.keys()
            or self._kinds_differ(graph, changed)
            or any(graph.nodes[name].kind in networks for name in changed)
        )
        dirty, touched = changed | rewired | pending, set[str]()
        if restructured:
            incoming: dict[str, dict[str, list[Endpoint]]] = {}
            for names in _portions(rewired | gone):
                touched |= self._feeding(graph, names)
                for name in rewired.intersection(names):
                    incoming[name] = {port: list(ends) for port, ends in graph.inputs_of(name).items()}
                yield
            order = tuple(execution_order(graph))
            yield
            by_kind: dict[str, list[str]] = {}
            for node in graph.ordered_nodes():
                by_kind.setdefault(node.kind, []).append(node.name)
            yield
            self._forget(gone)
            self._incoming.update(incoming)
            self._order, self._by_kind = order, by_kind
            freed = self._blocked & graph.nodes.keys()
            self._blocked = graph.nodes.keys() - set(order)
            dirty |= freed | self._blocked
        owed = self._owed
        owed.evaluate |= dirty
        owed.touched |= touched
        owed.restructured |= restructured or elsewhere
        owed.everywhere |= scope_changed or elsewhere
        self._evaluator = self._shared.within(graph, scope)
        self._nodes = dict(graph.nodes)
        self._revision = graph.revision

    def _forget(self, gone: Collection[str]) -> None:
        for name in gone:
            self._evaluations.pop(name, None)
            self._of_nodes.pop(name, None)
            self._incoming.pop(name, None)
        self._owed.forget(gone)

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
        """The nodes that won or lost a wire to one of these, which may be gone."""
        before = (ends for name in rewired for ends in self._incoming.get(name, {}).values())
        lost = {source for ends in before for source, _ in ends}
        return (lost & graph.nodes.keys()).union(*(graph.predecessors(name) for name in rewired))

    # What follows from it -------------------------------------------------------------------------

    def _propagate(self, graph: Graph) -> Steps[None]:
        """Evaluate the nodes that are owed, and on from there until outputs stay as they were."""
        owed = self._owed
        for name in owed.evaluate & self._blocked:
            self._evaluations[name] = self._evaluator.evaluate(graph.nodes[name], {})
            owed.evaluate.discard(name)
            owed.evaluated.add(name)
            yield
        for name in self._order:
            if name not in owed.evaluate:
                continue
            before = self._evaluations.get(name)
            now = self._evaluator.evaluate(graph.nodes[name], self._arriving(graph, name))
            self._evaluations[name] = now
            if owed.news.take(before.report if before else None, now.report):
                owed.evaluate |= graph.successors(name)
            owed.evaluate.discard(name)
            owed.evaluated.add(name)
            yield
        owed.evaluated |= (
            owed.evaluate
        )  # a cycle blocks them: nothing arrives there, but rules may see their neighbour
        owed.evaluate.clear()

    def _arriving(self, graph: Graph, name: str) -> Specs:
        return {
            port: tuple(self._evaluations[source].report.outputs.get(output) for source, output in ends)
            for port, ends in graph.inputs_of(name).items()
        }

    def _choose_rules(self, view: NetworkView) -> None:
        """Owe answers to the rules that may say something else now."""
        owed, news = self._owed, self._owed.news
        if owed.everywhere:
            owed.ask = set(view.graph.nodes)
        else:
            owed.ask |= owed.evaluated | self._of_nodes.keys()
            owed.ask |= onlookers(view, owed.evaluated | owed.touched)
            if owed.restructured:
                owed.ask.update(_watchful(view))
        learns = owed.restructured or news.learning
        self.stamp += learns
        owed.network |= learns or (news.specs and bool(self._of_network))
        owed.weights |= owed.restructured or news.weights
        owed.evaluated, owed.touched, owed.news = set(), set(), _News()
        owed.restructured = owed.everywhere = False

    def _ask(self, view: NetworkView) -> Steps[None]:
        """Ask the rules that are owed an answer."""
        owed = self._owed
        if owed.network:
            self._of_network = yield from answers(NETWORK_RULES, view)
            owed.network = False
        if owed.weights:
            self._of_weights = yield from answers(WEIGHT_RULES, view)
            owed.weights = False
        for name in tuple(owed.ask):
            node = view.graph.nodes[name]
            rules = RULES_OF_MODE[view.report(name).mode]
            if found := tuple(finding for rule in rules for finding in rule(view, node)):
                self._of_nodes[name] = found
            else:
                self._of_nodes.pop(name, None)
            owed.ask.discard(name)
            yield


def answers(
    rules: Iterable[Callable[..., Iterable[Diagnostic]]], *about: Any
) -> Steps[tuple[Diagnostic, ...]]:
    """What rules say about something, with a rest after each finding."""
    found: list[Diagnostic] = []
    for rule in rules:
        for finding in rule(*about):
            found.append(finding)
            yield
        yield
    return tuple(found)


def _portions(names: Iterable[str]) -> Iterator[list[str]]:
    """So many names at a time as can be looked at without a rest."""
    waiting = iter(list(names))
    while portion := list(islice(waiting, _PORTION)):
        yield portion


def _same(before: Node | None, now: Node) -> bool:
    """Whether a node means what it meant: `edits.apply` shares parameters that it does not change."""
    return before is now or (before is not None and now.means(before))


def _has_expression(node: Node) -> bool:
    return any(map(has_expression, node.parameters.values()))


def _watchful(view: NetworkView) -> Iterable[str]:
    """Nodes whose rules look further than their neighbours: borders and objectives."""
    return (name for name in view.graph.nodes if (kind := view.kind(name)) and kind.role is not Role.LAYER)
