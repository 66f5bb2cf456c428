"""What is checked: a network, samples for it, and words for where something happened."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch

from nodeforge.analysis.report import NodeReport, Report
from nodeforge.catalog.kind import Kind, Role
from nodeforge.compiler import Source
from nodeforge.core.document import Document
from nodeforge.core.graph import Graph, reached
from nodeforge.core.specs import TensorSpec
from nodeforge.torch_backend.deep_check.probe import Place, Probe, Quiet
from nodeforge.torch_backend.deep_check.samples import Samples


@dataclass(frozen=True, slots=True)
class Known:
    """A node as the drawing knows it, at one use of its network.

    Attributes:
        network: The network that it stands in.
        path: The node of the main network that it is or is in, and so on down to the node itself.
        report: What the checker knows of it at this use.
        port: The output port, where a value of it is meant.
    """

    network: str
    path: tuple[str, ...]
    report: NodeReport
    port: str = ""

    @property
    def root(self) -> str:
        """The node of the main network that it is, or is in."""
        return self.path[0]

    @property
    def node(self) -> str:
        """Its name in its network."""
        return self.path[-1]

    @property
    def name(self) -> str:
        """What it is called in sentences and in the source: "encoder.attention" inside another network."""
        return self.node if len(self.path) == 1 else f"{self.network}.{self.node}"

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

    @property
    def nodes(self) -> Mapping[str, NodeReport]:
        """What is known of the nodes of the main network."""
        return self.report.networks[self.document.main].nodes

    @cached_property
    def probe(self) -> Probe:
        """The network with its first weights."""
        return self.fresh()

    @cached_property
    def loud(self) -> Probe:
        """The network with larger weights: through those of the start a small influence fades in a few layers."""
        probe = self.fresh()
        with torch.no_grad():
            for parameter in probe.module.parameters():
                if parameter.dim() > 1:
                    parameter.mul_(2)
        return probe

    def fresh(self) -> Probe:
        """The network built anew; the same weights each time."""
        return Probe(self.source, self.seed, self.device, self.quiet, self.tick)

    def known(self, place: Place) -> Known | None:
        """What the drawing knows of a value; None for what belongs to no node that gives values."""
        key = (place.lines, place.slot)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[tuple[int, ...], tuple[int, ...]], Known | None]:
        """Every place is asked for many times."""
        return {}

    def _find(self, lines: tuple[int, ...], slot: tuple[int, ...]) -> Known | None:
        steps = self.steps(lines)
        if not steps or steps[-1].report.kind is None:
            return None
        port = port_at(steps[-1].report.kind, slot)
        return replace(steps[-1], port=port) if port else None

    def steps(self, lines: Iterable[int]) -> list[Known]:
        """From the node of the main network that lines of the source lead through down to the one that they end in."""
        return self._steps(self.source.line_nodes.get(line, "") for line in lines)

    def way_to_parameter(self, name: str) -> tuple[list[Known], str]:
        """From the node of the main network that a parameter is in down to the node it is of; and that one's module."""
        found: list[Known] = []
        module = ""
        *attributes, _ = name.split(".")
        for depth, attribute in enumerate(attributes, 1):
            kind = found[-1].report.kind if found else None
            here = self._by_attribute.get((kind.name if kind else "", attribute))
            if here is not None:
                found = self._steps([*(step.name for step in found), here])
                module = ".".join(attributes[:depth])
        return found, module

    @cached_property
    def _by_attribute(self) -> dict[tuple[str, str], str]:
        """By network ("" for the main one) and attribute of its class, the first node that has it."""
        found: dict[tuple[str, str], str] = {}
        for node, attribute in self.source.attributes.items():
            found.setdefault((node.rpartition(".")[0], attribute), node)
        return found

    def _steps(self, names: Iterable[str]) -> list[Known]:
        """Nodes by their names in the source, each in the network that the one before it stands for."""
        found: list[Known] = []
        network, reports = self.document.main, self.nodes
        for name in names:
            node = name.rpartition(".")[2]
            report = reports.get(node)
            if report is None:
                return []
            if report.kind is not None and report.kind.role is Role.OUTPUT:
                continue  # `output = self(image)` in objectives
            found.append(Known(network, (*(found[-1].path if found else ()), node), report))
            if report.inside is not None and report.kind is not None:
                network, reports = report.kind.name, report.inside.nodes
        return found

    def output_spec(self, output: str) -> TensorSpec:
        """What an Output node gives."""
        (spec,) = self.nodes[output].inputs["input"]
        return spec

    def upstream(self, names: Collection[str]) -> set[str]:
        """Nodes of the main network that the given ones depend on, themselves included."""
        return reached(self.graph.predecessors, names)


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
