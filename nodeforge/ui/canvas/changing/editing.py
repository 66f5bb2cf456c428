"""The edits behind the gestures and menus of the canvas: plain functions from graph to edit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import hypot

from nodeforge.analysis import healing, wiring
from nodeforge.analysis.report import NetworkReport
from nodeforge.catalog import Kind
from nodeforge.catalog.kind import Port, Role
from nodeforge.core.document import Document
from nodeforge.core.drawing import Point
from nodeforge.core.edits import AddNode, Batch, Connect, Disconnect, Edit, apply
from nodeforge.core.graph import Endpoint, Graph, Wire
from nodeforge.session.framing import middle

Kinds = Mapping[str, Kind]
"""The kinds of the document, by name."""


def connect(
    graph: Graph, wire: Wire, known: Kinds, moved: Wire | None = None, bends: Iterable[Point] = ()
) -> Batch:
    """Draw a wire; `moved`, whose end was taken hold of, and one that holds its port go out."""
    removals = _replaced(graph, wire, known, moved)
    index = graph.index_of(moved) if moved is not None and moved.head == wire.head else None
    drawn = Connect(graph.name, wire, index, tuple(bends))
    return Batch((*removals, drawn), "Move wire" if moved else "Connect")


def connect_fault(graph: Graph, wire: Wire, known: Kinds, moved: Wire | None = None) -> str | None:
    """Why `connect` would be wrong, in a sentence; None when it is right."""
    if wire == moved:
        return None
    trial = Document(networks={graph.name: graph.copy()}, main=graph.name)
    if graph.nodes[wire.target].kind in known and wire.source != wire.target:
        apply(trial, Batch(_replaced(graph, wire, known, moved)))
    return wiring.check_connect(trial.main_network, wire, known)


def _replaced(graph: Graph, wire: Wire, known: Kinds, moved: Wire | None) -> tuple[Edit, ...]:
    """Disconnects of what makes way for a wire."""
    if graph.has_wire(wire):
        return ()
    edits = wiring.connect_edits(graph, wire, known).edits
    held = [edit for edit in edits if isinstance(edit, Disconnect)]
    out = dict.fromkeys([*([moved] if moved else []), *(edit.wire for edit in held)])
    return tuple(Disconnect(graph.name, each) for each in out)


def best_wire(
    graph: Graph,
    anchor: Endpoint,
    forward: bool,
    node: str,
    known: Kinds,
    report: NetworkReport | None = None,
) -> Wire | None:
    """The wire to (or from) a node whose port was not aimed at: to a free port that takes it, if there is one."""
    kind = known.get(graph.nodes[node].kind)
    if kind is None:
        return None
    if not forward:
        return Wire(node, kind.outputs[0].name, *anchor) if kind.outputs else None
    port = _port_for(graph, anchor, kind, known, report, graph.inputs_of(node))
    return Wire(*anchor, node, port.name) if port else None


def _port_for(
    graph: Graph,
    tail: Endpoint,
    kind: Kind,
    known: Kinds,
    report: NetworkReport | None,
    wired: Collection[str] = (),
) -> Port | None:
    """Which input of a kind what leaves a port goes to."""
    source = known.get(graph.nodes[tail[0]].kind)
    told = report.nodes.get(tail[0]) if report else None
    spec = told.outputs.get(tail[1]) if told else None
    is_answer = source is not None and source.role is Role.TARGET
    return wiring.port_for(kind, spec, is_answer=is_answer, wired=wired)


def wired(
    graph: Graph,
    edits: Sequence[Edit],
    name: str,
    kind: Kind,
    known: Kinds,
    *,
    anchor: Endpoint | None = None,
    forward: bool = True,
    bends: Iterable[Point] = (),
    report: NetworkReport | None = None,
) -> Batch:
    """A new node of a kind, which some edits add, wired to the anchor if one is given, through some bends."""
    wires: list[Edit] = []
    if anchor is not None and forward and (port := _port_for(graph, anchor, kind, known, report)):
        wires.append(Connect(graph.name, Wire(*anchor, name, port.name), bends=tuple(bends)))
    elif anchor is not None and not forward and kind.outputs:
        wire = Wire(name, kind.outputs[0].name, *anchor)
        held = graph.inputs_of(anchor[0]).get(anchor[1], [])
        target = known.get(graph.nodes[anchor[0]].kind)
        held_by = target.input_port(anchor[1]) if target else None
        if held_by is not None and not held_by.many:
            wires += [Disconnect(graph.name, Wire(*tail, *anchor)) for tail in held]
        wires.append(Connect(graph.name, wire))
    return Batch((*edits, *wires), f"Add {kind.label}")


def put_on_wire(
    graph: Graph, edits: Sequence[Edit], name: str, kind: Kind, wire: Wire, at: Point | None = None
) -> Batch:
    """A node of a kind, which some edits add, put on a wire: its first ports take the ends.

    The bends of the wire before `at` stay before the node, the others behind it.
    """
    seat = Seat((name, kind.inputs[0].name), (name, kind.outputs[0].name))
    return Batch((*edits, *seated(graph, seat, wire, at)), f"Insert {name}")


@dataclass(frozen=True, slots=True)
class Seat:
    """The ports of nodes that take the ends of a wire on which the nodes are put."""

    entry: Endpoint
    exit: Endpoint


def seat_of(graph: Graph, names: Collection[str], known: Kinds) -> Seat | None:
    """Where nodes can be put on a wire; None when they hang on others, or are no chain with free ends."""
    chosen = set(names)
    if not chosen or healing.border(graph, chosen) or len(wiring.connected_groups(graph, chosen)) > 1:
        return None
    heads = [name for name in chosen if not graph.predecessors(name)]
    tails = [name for name in chosen if not graph.successors(name)]
    if len(heads) != 1 or len(tails) != 1:
        return None
    first, last = known.get(graph.nodes[heads[0]].kind), known.get(graph.nodes[tails[0]].kind)
    if first is None or last is None or not first.inputs or not last.outputs:
        return None
    return Seat((heads[0], first.inputs[0].name), (tails[0], last.outputs[0].name))


def seated(graph: Graph, seat: Seat, wire: Wire, at: Point | None) -> tuple[Edit, ...]:
    """What puts nodes on a wire; its bends before `at` stay before them."""
    bends = graph.drawing.bends.get(wire, ())
    leg = (
        len(bends)
        if at is None
        else leg_at([middle(graph, wire.source), *bends, middle(graph, wire.target)], at)
    )
    return (
        Disconnect(graph.name, wire),
        Connect(graph.name, Wire(*wire.tail, *seat.entry), bends=bends[:leg]),
        Connect(graph.name, Wire(*seat.exit, *wire.head), graph.index_of(wire), bends[leg:]),
    )


def added_names(batch: Batch) -> list[str]:
    """Names of the nodes that an edit adds."""
    return [edit.node.name for edit in batch.edits if isinstance(edit, AddNode)]


# Bends --------------------------------------------------------------------------------------------


def leg_at(way: Sequence[Point], at: Point) -> int:
    """Which piece of a way through at least two points comes nearest to a point."""

    def gap(leg: int) -> float:
        (x0, y0), (x1, y1) = way[leg], way[leg + 1]
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        share = ((at[0] - x0) * (x1 - x0) + (at[1] - y0) * (y1 - y0)) / length if length else 0.0
        share = min(1.0, max(0.0, share))
        return hypot(at[0] - x0 - share * (x1 - x0), at[1] - y0 - share * (y1 - y0))

    return min(range(len(way) - 1), key=gap)


def kept_bends(
    bends: Sequence[Point], before: Point, after: Point, *, forward: bool, down: bool
) -> tuple[Point, ...]:
    """The bends of a wire that it keeps when one of its ends moves.

    They go as far as the end has gone back behind them. A way that led past the end before stays as it was.

    Args:
        bends: From the source on.
        before: Where the end was.
        after: Where it is.
        forward: Whether it is the end at the target.
        down: Whether wires run downwards.
    """
    axis, sign = int(down), 1 if forward else -1
    if any((point[axis] - before[axis]) * sign > 0 for point in bends):
        return tuple(bends)
    in_order = list(bends) if forward else list(reversed(bends))
    kept = list(takewhile(lambda point: (point[axis] - after[axis]) * sign <= 0, in_order))
    return tuple(kept if forward else reversed(kept))
