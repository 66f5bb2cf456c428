"""What is checked: a network, samples for it, and words for where something happened."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from nodeforge.analysis.report import NodeReport, Report
from nodeforge.catalog.kind import Kind
from nodeforge.compiler import Source
from nodeforge.core.document import Document
from nodeforge.core.graph import Graph
from nodeforge.core.specs import TensorSpec
from nodeforge.torch_backend.deep_check.probe import Place, Probe, Quiet
from nodeforge.torch_backend.deep_check.samples import Samples


@dataclass(frozen=True, slots=True)
class Known:
    """A value of the source as the drawing knows it.

    Attributes:
        network: The network whose node computed it.
        node: That node.
        report: What the checker knows of the node.
        port: The output port.
        root: The node of the main network that it is, or is in.
    """

    network: str
    node: str
    report: NodeReport
    port: str
    root: str

    @property
    def spec(self) -> TensorSpec | None:
        """What the checker says of the value."""
        return self.report.outputs.get(self.port)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A network under check.

    Attributes:
        document: The project.
        report: The checker's, without errors.
        source: The main network's.
        samples: To try it on.
        device: Where it is tried.
        seed: Of its weights and of everything random.
        causal: Whether every input is to be held to be a sequence in time, also without a causal layer.
        quiet: Makes a context in which random numbers are drawn without anybody else noticing.
        tick: Called at every value; raises to end the check.
    """

    document: Document
    report: Report
    source: Source
    samples: Samples
    device: torch.device
    seed: int
    causal: bool
    quiet: Quiet
    tick: Callable[[], None]

    @property
    def graph(self) -> Graph:
        return self.document.main_network

    @cached_property
    def nodes(self) -> dict[str, NodeReport]:
        """What is known of the nodes of the main network."""
        return dict(self.report.networks[self.document.main].nodes)

    @property
    def order(self) -> Sequence[str]:
        """Nodes of the main network in execution order."""
        return self.report.networks[self.document.main].order

    @cached_property
    def probe(self) -> Probe:
        """The network with its first weights."""
        return self.fresh()

    def fresh(self) -> Probe:
        """The network built anew; the same weights each time."""
        return Probe(self.source, self.seed, self.device, self.quiet, self.tick)

    def known(self, place: Place) -> Known | None:
        """What the drawing knows of a value; None for what belongs to no node that gives values."""
        name = self.source.line_nodes.get(place.line, "")
        report = self.nodes.get(name)
        if report is None or report.kind is None:
            return None
        port = port_at(report.kind, place.slot)
        return Known(self.document.main, name, report, port, name) if port else None

    def node_of_parameter(self, name: str) -> str:
        """The node of the main network that holds a parameter of the module."""
        return self._nodes_by_attribute.get(name.partition(".")[0], "")

    @cached_property
    def _nodes_by_attribute(self) -> dict[str, str]:
        return {attribute: node for node, attribute in self.source.attributes.items()}

    def output_spec(self, output: str) -> TensorSpec:
        """What an Output node gives."""
        (spec,) = self.nodes[output].inputs["input"]
        return spec

    def upstream(self, names: Collection[str]) -> set[str]:
        """Nodes of the main network that the given ones depend on, themselves included."""
        return _reached(self.graph.predecessors, names)

    def downstream(self, names: Collection[str]) -> set[str]:
        """Nodes of the main network that depend on the given ones, themselves included."""
        return _reached(self.graph.successors, names)


def _reached(step: Callable[[str], set[str]], names: Collection[str]) -> set[str]:
    found, waiting = set(names), list(names)
    while waiting:
        fresh = step(waiting.pop()) - found
        found |= fresh
        waiting += fresh
    return found


def port_at(kind: Kind, slot: tuple[int, ...]) -> str:
    """The output port whose variable stands at a place of the left-hand side; "" for none."""
    if not kind.unpack:
        return kind.outputs[0].name if kind.outputs and not slot else ""
    names = {port.name: port.name for port in kind.outputs}
    target = ast.parse(kind.unpack.format(**names), mode="eval").body
    for index in slot:
        if not isinstance(target, ast.Tuple) or index >= len(target.elts):
            return ""
        target = target.elts[index]
    return target.id if isinstance(target, ast.Name) else ""
