"""Taking nodes out of the wires they stand in, so that what was before them reaches what was behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.wiring import connected_groups
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Kind, Role
from nodeforge.core.drawing import Point
from nodeforge.core.edits import Batch, Connect, Disconnect, Edit, RemoveNode
from nodeforge.core.graph import Endpoint, Graph, Wire


@dataclass(frozen=True, slots=True)
class _Way:
    """What takes the place of a wire behind the nodes: where it comes from, and the points it goes through."""

    tail: Endpoint
    bends: tuple[Point, ...]


def healing_edits(
    graph: Graph,
    names: Collection[str],
    known: Mapping[str, Kind] | None = None,
    report: NetworkReport | None = None,
) -> Batch:
    """Remove nodes; what fed their first input takes over the wires behind their first output.

    A group of removed nodes that hung on one wire hands that one on to all wires behind it. A new wire is
    drawn only where it fits, as far as the report tells.

    Args:
        graph: The network.
        names: The nodes to remove.
        known: The kinds of the document; the catalog alone when None.
        report: What wires carry, when that is known.
    """
    gone = {name for name in names if name in graph}
    label = f"Delete {next(iter(gone))}" if len(gone) == 1 else f"Delete {len(gone)} nodes"
    healed = _reconnections(graph, gone, _ways(graph, gone, known, report))
    return Batch((*removals(graph, gone), *healed), label)


def removals(graph: Graph, names: Collection[str]) -> list[Edit]:
    """Remove nodes with their wires, in the order of their making."""
    in_order = sorted(names, key=lambda name: graph.nodes[name].order or 0)
    return [RemoveNode(graph.name, name) for name in in_order]


def pulling_edits(
    graph: Graph,
    names: Collection[str],
    known: Mapping[str, Kind] | None = None,
    report: NetworkReport | None = None,
) -> Batch:
    """Free nodes of the wires between them and all others, and heal as if they were gone; they stay.

    Args:
        graph: The network.
        names: The nodes to free; wires among them stay.
        known: The kinds of the document; the catalog alone when None.
        report: What wires carry, when that is known.
    """
    freed = {name for name in names if name in graph}
    label = f"Pull {next(iter(freed))} out" if len(freed) == 1 else f"Pull {len(freed)} nodes out"
    cut = [Disconnect(graph.name, wire) for wire in border(graph, freed)]
    return Batch((*cut, *_reconnections(graph, freed, _ways(graph, freed, known, report))), label)


def border(graph: Graph, names: Collection[str]) -> list[Wire]:
    """The wires between some nodes and all others."""
    wires = (wire for name in names for wire in graph.wires_of(name))
    return [wire for wire in wires if (wire.source in names) != (wire.target in names)]


def _ways(
    graph: Graph, gone: set[str], known: Mapping[str, Kind] | None, report: NetworkReport | None
) -> dict[Wire, _Way]:
    """For wires that leave the nodes, what can take their place."""
    known = kinds() if known is None else known
    bends = graph.drawing.bends
    ways: dict[Wire, _Way] = {}
    for group in connected_groups(graph, gone):
        wires = border(graph, group)
        entering = [wire for wire in wires if wire.target in group]
        for wire in wires:
            if wire.source not in group:
                continue
            only = len(entering) == 1
            before = entering[0] if only else _source(graph, group, wire, known)
            if before is not None and _fits(graph, wire, before.tail, known, report, same_rank=not only):
                ways[wire] = _Way(before.tail, bends.get(before, ()) + bends.get(wire, ()))
    return ways


def _source(graph: Graph, group: set[str], wire: Wire, known: Mapping[str, Kind]) -> Wire | None:
    """The wire into the group that one arrives at from the first outputs of its nodes to their first inputs."""
    seen: set[str] = set()
    while wire.source in group and wire.source not in seen:
        seen.add(wire.source)
        kind = known.get(graph.nodes[wire.source].kind)
        if kind is None or kind.role is not Role.LAYER or kind.output_port(wire.output) != kind.outputs[0]:
            return None
        first = next(_first_wires(graph, wire.source, kind), None)
        if first is None:
            return None
        wire = first
    return None if wire.source in group else wire


def _first_wires(graph: Graph, name: str, kind: Kind) -> Iterator[Wire]:
    """The first wire of each wired input port, in the order of the kind's ports."""
    ends = graph.inputs_of(name)
    return (Wire(*ends[port.name][0], name, port.name) for port in kind.inputs if port.name in ends)


def _fits(
    graph: Graph,
    wire: Wire,
    tail: Endpoint,
    known: Mapping[str, Kind],
    report: NetworkReport | None,
    *,
    same_rank: bool,
) -> bool:
    """Whether what leaves a port may take the place of what a wire carries, as far as that is known."""
    if report is None:
        return True
    nodes = report.nodes
    new = nodes[tail[0]].outputs.get(tail[1]) if tail[0] in nodes else None
    old = nodes[wire.source].outputs.get(wire.output) if wire.source in nodes else None
    kind = known.get(graph.nodes[wire.target].kind)
    port = kind.input_port(wire.input) if kind else None
    if new is None or port is None:
        return True
    return new.dtype in port.dtypes and (not same_rank or old is None or len(new.shape) == len(old.shape))


def _reconnections(graph: Graph, gone: set[str], ways: Mapping[Wire, _Way]) -> list[Edit]:
    """Wires from the new sources, each at the place that the old wire had in its port."""
    edits: list[Edit] = []
    for head in dict.fromkeys(wire.head for wire in ways):
        present: list[Endpoint] = []
        staying = [end for end in graph.inputs_of(head[0])[head[1]] if end[0] not in gone]
        for end in graph.inputs_of(head[0])[head[1]]:
            way = ways.get(Wire(*end, *head)) if end[0] in gone else _Way(end, ())
            if way is None or way.tail in present:
                continue
            if end[0] in gone:
                if way.tail in staying:
                    continue  # the same two ports are wired once
                edits.append(Connect(graph.name, Wire(*way.tail, *head), len(present), way.bends))
            present.append(way.tail)
    return edits
