"""What the checker found out about a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodeforge.catalog.kind import Kind
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReport:
    """What is known of one node.

    Attributes:
        kind: Its kind; None when the catalog has no such kind.
        values: Declared parameters with defaults filled in and normalised (those at fault as they stand).
        derived: Constructor arguments that follow from the inputs; empty while those are unknown.
        inputs: Specs that arrive, by port; ports with an unknown spec are absent.
        outputs: Specs that leave, by port; empty while unknown.
        parameters: Trainable numbers; none where it uses the weights of another.
        inside: Of a network that stands as a node: what its own nodes are at this use.
        mode: What the node does (`core.graph.MODES`); its kind is what it works as meanwhile (`catalog.modes`).
        passes: Of a bypassed node: by output port, the input port whose first value leaves there.
    """

    kind: Kind | None
    values: Mapping[str, Value] = field(default_factory=dict)
    derived: Mapping[str, Value] = field(default_factory=dict)
    inputs: Mapping[str, tuple[TensorSpec, ...]] = field(default_factory=dict)
    outputs: Mapping[str, TensorSpec] = field(default_factory=dict)
    parameters: int = 0
    inside: NetworkReport | None = None
    mode: str = "active"
    passes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkReport:
    """What is known of one network.

    Attributes:
        parameters: Trainable numbers in all.
        nodes: By node name.
        order: Node names in execution order; empty when there is a cycle.
    """

    parameters: int
    nodes: Mapping[str, NodeReport]
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known of a document.

    Attributes:
        diagnostics: Worst first, then in drawing order.
        networks: By name.
    """

    diagnostics: tuple[Diagnostic, ...]
    networks: Mapping[str, NetworkReport]

    @property
    def ok(self) -> bool:
        """Whether nothing keeps the graph from running."""
        return not any(d.severity == "error" for d in self.diagnostics)

    def of_node(self, network: str, node: str) -> list[Diagnostic]:
        """The findings to show as a badge on a node."""
        mine = (d for d in self.diagnostics if d.network == network)
        return [d for d in mine if d.node == node or (not d.node and node in d.nodes)]
