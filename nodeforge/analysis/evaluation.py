"""What one node makes of the specs that arrive: outputs, derived arguments, parameter count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace

from nodeforge.analysis.bodies import Bodies
from nodeforge.analysis.report import NodeReport
from nodeforge.catalog.custom import CustomKind, custom_faults, custom_kinds
from nodeforge.catalog.kind import Kind, ShapeCall, ShapeRule
from nodeforge.catalog.modes import acting, mode_of
from nodeforge.catalog.networks import NetworkKind, kinds_of
from nodeforge.core.document import Document
from nodeforge.core.errors import ShapeError
from nodeforge.core.expressions import EMPTY, Scope, has_expression
from nodeforge.core.graph import Graph, Node
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec

Specs = Mapping[str, tuple[TensorSpec | None, ...]]
"""By input port, the specs of its wires in order; None where one is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an oracle knows of a kind without a shape rule.

    Attributes:
        outputs: By output port, the spec that leaves.
        parameters: Trainable numbers.
    """

    outputs: Mapping[str, TensorSpec]
    parameters: int = 0


Oracle = Callable[[Kind, Mapping[str, Value], Mapping[str, tuple[TensorSpec, ...]]], Answer | None]
"""Answers for a kind without a shape rule; None while it does not know: the next check asks again."""

CACHE_LIMIT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A node's report, and why it is not complete.

    Attributes:
        report: What is known.
        error: What the kind's shape rule has against the inputs.
        pending: Whether the oracle owes an answer.
    """

    report: NodeReport
    error: ShapeError | None = None
    pending: bool = False


class Evaluator:
    """Asks the kinds, and remembers answers by (kind, values, input specs).

    It belongs to one network (`within` makes one for another, with the same memory): what the names in
    expressions stand for, and which nodes there are to share weights with.

    Attributes:
        catalog: Node kinds by name: the catalog's, or, after `renew`, also the document's own layers and networks.
        custom: The document's own layers; of those that cannot be used, the reason.
        scope: What the names in expressions stand for.
    """

    def __init__(self, catalog: Mapping[str, Kind], oracle: Oracle | None = None) -> None:
        self.catalog = self._catalog = catalog
        self.scope: Scope = EMPTY
        self._graph = Graph()
        self._oracle = oracle
        self._known: dict[object, Evaluation] = {}
        self._bodies = Bodies()
        self.custom: Mapping[str, CustomKind | str] = {}

    def renew(self, document: Document) -> tuple[list[str], set[str]]:
        """Take in the document's networks and its own layers, which are kinds as well.

        Returns:
            The networks, each after those that stand in it; and the names of all that means something else now.
        """
        several = len(document.networks) > 1 or document.custom
        self.catalog = kinds_of(document) if several else self._catalog
        before, self.custom = self.custom, {**custom_kinds(document), **custom_faults(document)}
        changed = {
            name for name in before.keys() | self.custom.keys() if before.get(name) != self.custom.get(name)
        }
        if changed:
            self._known.clear()  # it knows kinds by their names
        order, networks = self._bodies.renew(document, self.custom)
        return order, networks | changed

    def within(self, graph: Graph, scope: Scope) -> Evaluator:
        """The same for the nodes of another network."""
        other = copy(self)
        other._graph, other.scope = graph, scope
        return other

    def evaluate(self, node: Node, arriving: Specs) -> Evaluation:
        """What the node makes of the specs that arrive at its ports."""
        kind = self.catalog.get(node.kind)
        if kind is None:
            return Evaluation(report=NodeReport(kind=None, values=node.parameters))
        usual = self._evaluate(node, kind, arriving)
        match mode_of(node, kind):
            case "bypassed":
                return _bypassed(kind, usual, arriving)
            case "muted":
                return replace(usual, report=replace(usual.report, kind=acting(kind, "muted"), mode="muted"))
            case _:
                return usual

    def _evaluate(self, node: Node, kind: Kind, arriving: Specs) -> Evaluation:
        """What it makes of them when it is active."""
        owner = self.owner(node)
        given = (owner or node).parameters
        values, sound = normalise(kind, given, self.scope)
        if isinstance(kind, NetworkKind):
            values = kind.filled(values, given)
        # In the order of the kind's ports, whatever the order in which they were wired.
        ports = [port.name for port in kind.inputs if port.name in arriving]
        inputs = {port: known(arriving[port]) for port in ports if None not in arriving[port]}
        if not sound or owner is None or not _can_answer(kind, arriving, inputs):
            return Evaluation(report=NodeReport(kind=kind, values=values, inputs=inputs))
        call = ShapeCall(node.name, values, inputs)
        found = self._use(kind, call) if isinstance(kind, NetworkKind) else self._answer(kind, call)
        if found.report.parameters and not self._counts(node, owner):
            return replace(found, report=replace(found.report, parameters=0))
        return found

    def _counts(self, node: Node, owner: Node) -> bool:
        """Whether weights are counted here: at their owner, or, if that is bypassed, at the first that uses them."""
        if owner is node or owner.mode != "bypassed":
            return owner is node
        using = (n for n in self._graph.ordered_nodes() if n.shares == owner.name and n.mode != "bypassed")
        return next((n.name for n in using), "") == node.name

    def owner(self, node: Node) -> Node | None:
        """The node whose weights and parameters a node uses: itself, unless it shares. None when there is none."""
        if not node.shares:
            return node
        owner = self._graph.nodes.get(node.shares)
        return owner if owner is not None and owner.kind == node.kind and not owner.shares else None

    def given(self, node: Node, kind: Kind, spec: TensorSpec) -> Evaluation:
        """An Input node that a use of its network feeds, whatever the node itself declares."""
        values, _ = normalise(kind, node.parameters, self.scope)
        return Evaluation(report=NodeReport(kind=kind, values=values, outputs={kind.outputs[0].name: spec}))

    def _answer(self, kind: Kind, call: ShapeCall) -> Evaluation:
        key = (kind.name, tuple(call.values.items()), tuple(call.inputs.items()))
        found = self._known.get(key)
        if found is None:
            found = self._ask(kind, call)
            # An error names the node, so it is not for others of the same signature.
            if found.error is None and not found.pending:
                if len(self._known) >= CACHE_LIMIT:
                    self._known.clear()
                self._known[key] = found
        return found

    def _use(self, kind: NetworkKind, call: ShapeCall) -> Evaluation:
        body = self._bodies.at_use(self, kind, call)
        complete = body.error is None and len(body.outputs) == len(kind.outputs)
        times = 1 if call.values["share_repeats"] else call.integer("repeat")
        report = NodeReport(
            kind=kind,
            values=call.values,
            inputs=call.inputs,
            outputs=body.outputs if complete else {},
            parameters=body.report.parameters * times,
            inside=body.report,
        )
        return Evaluation(report=report, error=body.error, pending=body.pending)

    def _ask(self, kind: Kind, call: ShapeCall) -> Evaluation:
        unknown = NodeReport(kind=kind, values=call.values, inputs=call.inputs)
        try:
            answer = self._oracle_answer(kind, call) if kind.shape is None else _ruled(kind, kind.shape, call)
            if answer is None:
                return Evaluation(report=unknown, pending=self._oracle is not None)
            derived = {derived.name: derived.compute(call) for derived in kind.derived}
        except ShapeError as error:
            return Evaluation(report=unknown, error=error)
        report = replace(unknown, derived=derived, outputs=answer.outputs, parameters=answer.parameters)
        return Evaluation(report=report)

    def _oracle_answer(self, kind: Kind, call: ShapeCall) -> Answer | None:
        """What the oracle says; code that nobody trusts is not even asked about."""
        if self._oracle is None or (isinstance(kind, CustomKind) and not kind.trusted):
            return None
        return self._oracle(kind, call.values, call.inputs)


def _ruled(kind: Kind, rule: ShapeRule, call: ShapeCall) -> Answer:
    parameters = kind.parameter_count(call) if kind.parameter_count else 0
    return Answer(outputs=rule(call), parameters=parameters)


def _bypassed(kind: Kind, usual: Evaluation, arriving: Specs) -> Evaluation:
    """A node whose first input goes on as its first output, and others where they are what would leave there."""
    wired = [port.name for port in kind.inputs if arriving.get(port.name)]
    passes = {kind.outputs[0].name: wired[0]} if wired else {}
    given = {port: known(arriving[port][:1]) for port in wired}
    for port in kind.outputs[1:]:
        fitting = [name for name in wired if given[name] == (usual.report.outputs.get(port.name),)]
        if fitting:
            passes[port.name] = port.name if port.name in fitting else fitting[0]
    report = replace(
        usual.report,
        kind=acting(kind, "bypassed"),
        outputs={output: given[name][0] for output, name in passes.items() if given[name]},
        parameters=0,
        mode="bypassed",
        passes=passes,
    )
    return Evaluation(report=report, pending=usual.pending)


def known(specs: tuple[TensorSpec | None, ...]) -> tuple[TensorSpec, ...]:
    """The specs that are known."""
    return tuple(spec for spec in specs if spec is not None)


def normalise(
    kind: Kind, parameters: Mapping[str, Value], scope: Scope = EMPTY
) -> tuple[dict[str, Value], bool]:
    """Every declared parameter with defaults filled in and expressions computed, and whether all of them are sound.

    Values at fault stay as they are; required ones that are not set are left out.
    """
    values = kind.complete(parameters)
    sound = len(values) == len(kind.parameters) and parameters.keys() <= values.keys()
    for parameter in kind.parameters:
        if parameter.name in parameters or has_expression(values.get(parameter.name)):
            try:
                values[parameter.name] = parameter.check(values[parameter.name], scope)
            except ValueError:
                sound = False
    return values, sound


def _can_answer(kind: Kind, arriving: Specs, inputs: Mapping[str, tuple[TensorSpec, ...]]) -> bool:
    """Whether the ports are wired as declared, every spec is known and of a type that its port takes."""
    if len(inputs) != len(arriving):
        return False  # a spec is unknown, or the kind has no such port
    for port in kind.inputs:
        specs = inputs.get(port.name)
        if specs is None:
            if not port.optional:
                return False
        elif (len(specs) > 1 and not port.many) or any(spec.dtype not in port.dtypes for spec in specs):
            return False
    return True
