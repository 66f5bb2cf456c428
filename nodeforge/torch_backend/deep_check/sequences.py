"""Which inputs hold the sequences that causal layers read, and along which axis time runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nodeforge.analysis.report import NodeReport
from nodeforge.catalog.kind import Role
from nodeforge.catalog.networks import borders
from nodeforge.core.document import Document
from nodeforge.core.graph import Endpoint, Graph

SWITCHES = ("causal", "is_causal")
"""Parameters that keep a layer from looking ahead."""

_CHANNELS_FIRST = ("Conv1d", "ConvTranspose1d", "Pool1d", "Pad1d", "Norm1d")
_FEATURES_LAST = ("Linear", "Embedding", "Recurrent", "Attention")
_TURNING = ("Transpose", "Permute")

_Nodes = Mapping[str, NodeReport]


def read_by_causal_layers(document: Document, graph: Graph, nodes: _Nodes) -> set[str]:
    """The Input nodes of a network that a causal layer, at any depth, reads as its own sequence."""
    ends = {(name, port) for name, known in nodes.items() for port in _causal_ports(document, known)}
    return _inputs_behind(document, graph, nodes, ends)


def _causal_ports(document: Document, known: NodeReport) -> set[str]:
    """By which ports a node takes sequences whose future it must not see."""
    if known.inside is not None and known.kind is not None:
        return read_by_causal_layers(document, document.networks[known.kind.name], known.inside.nodes)
    if any(known.values.get(switch) is True for switch in SWITCHES):
        return _sequence_ports(known)
    return set()


def _inputs_behind(document: Document, graph: Graph, nodes: _Nodes, ends: Iterable[Endpoint]) -> set[str]:
    """The Input nodes that the sequence at some input ports comes from."""
    inputs: set[str] = set()
    seen = set(ends)
    waiting = list(seen)
    while waiting:
        name, port = waiting.pop()
        for source, _ in graph.inputs_of(name).get(port, ()):
            known = nodes[source]
            if known.kind is not None and known.kind.role is Role.INPUT:
                inputs.add(source)
            fresh = {(source, way) for way in _ways_in(document, known)} - seen
            seen |= fresh
            waiting += fresh
    return inputs


def _ways_in(document: Document, known: NodeReport) -> set[str]:
    """By which ports the sequence comes in that a node gives."""
    if known.inside is not None and known.kind is not None:
        graph = document.networks[known.kind.name]
        ends = [(output.name, "input") for output in borders(graph, Role.OUTPUT)]
        return _inputs_behind(document, graph, known.inside.nodes, ends)
    return _sequence_ports(known)


def _sequence_ports(known: NodeReport) -> set[str]:
    """The wired ports of a layer, without memory, keys and values: those may be of another sequence."""
    wired = set(known.inputs)
    if known.kind is None or known.kind.category != "Attention":
        return wired
    in_order = [port.name for port in known.kind.inputs if port.name in wired]
    return {"tgt"} & wired or set(in_order[:1])


def is_channels_first(document: Document, graph: Graph, nodes: _Nodes, name: str) -> bool | None:
    """Whether an Input gives N×channels×length, as the first layer that tells needs it; None when none tells."""
    waiting, seen = [name], {name}
    while waiting:
        for wire in graph.wires_from(waiting.pop(0)):
            known = nodes[wire.target]
            if known.kind is None or wire.target in seen:
                continue
            if known.kind.name.endswith(_CHANNELS_FIRST):
                return True
            if known.kind.category in _FEATURES_LAST or known.kind.name in _TURNING:
                return False
            if known.inside is not None:
                inner = document.networks[known.kind.name]
                told = is_channels_first(document, inner, known.inside.nodes, wire.input)
                if told is not None:
                    return told
            seen.add(wire.target)
            waiting.append(wire.target)
    return None
