"""What a rule sees of a network: the drawing, and what the kinds said about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nodeforge.analysis.evaluation import Evaluation, Evaluator
from nodeforge.analysis.report import NodeReport
from nodeforge.catalog.kind import Kind, Role
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.expressions import Scope
from nodeforge.core.graph import Endpoint, Graph, Node, Wire
from nodeforge.core.specs import DataFacts, FieldFacts, TensorSpec


@dataclass(frozen=True, kw_only=True)
class NetworkView:
    """One network in the middle of a check. Rules read it and keep nothing.

    Attributes:
        graph: The drawing.
        evaluator: To try what a fix would do.
        evaluations: By node name.
        order: Execution order, without the nodes in a cycle and those behind one.
        by_kind: Names of the nodes of each kind, in drawing order.
        facts: What the data holds, when that is known and the data feeds this network.
        is_main: Whether it is the network that is trained.
        is_used: Whether it is that, or stands in it at any depth.
    """

    graph: Graph
    evaluator: Evaluator
    evaluations: Mapping[str, Evaluation]
    order: tuple[str, ...]
    by_kind: Mapping[str, Sequence[str]]
    facts: DataFacts | None
    is_main: bool
    is_used: bool = True

    @property
    def name(self) -> str:
        return self.graph.name

    @property
    def catalog(self) -> Mapping[str, Kind]:
        return self.evaluator.catalog

    @property
    def scope(self) -> Scope:
        """What the names in expressions stand for here."""
        return self.evaluator.scope

    def kind(self, name: str) -> Kind | None:
        """The kind as which a node works; None when the catalog has none of that name."""
        report = self.report(name)
        return report.kind if report.mode != "active" else self.catalog.get(self.graph.nodes[name].kind)

    def report(self, name: str) -> NodeReport:
        return self.evaluations[name].report

    def spec(self, end: Endpoint) -> TensorSpec | None:
        """What leaves an output port, when that is known."""
        return self.report(end[0]).outputs.get(end[1])

    def with_role(self, role: Role) -> list[Node]:
        """The nodes of a role, in drawing order; a muted loss has none."""
        kinds = [name for name in self.by_kind if name in self.catalog and self.catalog[name].role is role]
        return [n for n in self.of_kinds(kinds) if (kind := self.kind(n.name)) and kind.role is role]

    def of_kinds(self, kinds: Iterable[str]) -> list[Node]:
        """The nodes of some kinds, in drawing order."""
        nodes = [self.graph.nodes[name] for kind in kinds for name in self.by_kind.get(kind, ())]
        return sorted(nodes, key=lambda node: node.order or 0)

    @cached_property
    def tails(self) -> dict[tuple[bool, bool], list[Endpoint]]:
        """First outputs that a wire may leave, by whether they are a Target's and whether a wire does leave."""
        tails: dict[tuple[bool, bool], list[Endpoint]] = {}
        for node in self.graph.nodes.values():
            kind = self.catalog.get(node.kind)
            if kind is None or not kind.outputs or kind.role is Role.OBJECTIVE:
                continue
            used = next(self.graph.wires_from(node.name), None) is not None
            tails.setdefault((kind.role is Role.TARGET, used), []).append((node.name, kind.outputs[0].name))
        return tails

    def _role(self, node: Node) -> Role | None:
        kind = self.catalog.get(node.kind)
        return kind.role if kind else None

    def data_role(self, name: str) -> str:
        """Which fields of the data may feed a node: "input", "target" or ""."""
        role = self._role(self.graph.nodes[name])
        return str(role) if role in (Role.INPUT, Role.TARGET) else ""

    def field_of(self, name: str) -> FieldFacts | None:
        """The field of the data that feeds a node; None when the data is unknown or has no such field."""
        role = self.data_role(name)
        if self.facts is None or not role:
            return None
        wish = self.report(name).values.get("field", "")
        return self.facts.field(wish, role) if isinstance(wish, str) else None

    def finding(
        self,
        code: str,
        severity: Severity,
        message: str,
        *,
        reason: str = "",
        node: str = "",
        port: str = "",
        parameter: str = "",
        nodes: Iterable[str] = (),
        wires: Iterable[Wire] = (),
        fixes: Iterable[Fix] = (),
    ) -> Diagnostic:
        """A diagnostic of this network."""
        return Diagnostic(
            code=code,
            severity=severity,
            message=message,
            reason=reason,
            network=self.name,
            node=node,
            port=port,
            parameter=parameter,
            nodes=tuple(nodes),
            wires=tuple(wires),
            fixes=tuple(fixes),
        )
