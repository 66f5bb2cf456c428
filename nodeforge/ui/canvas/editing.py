"""The edits behind the gestures and menus of the canvas: plain functions from graph to edit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from nodeforge.analysis import wiring
from nodeforge.catalog import Kind
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Batch, Connect, Disconnect, Edit, MoveNodes, apply
from nodeforge.core.graph import Endpoint, Graph, Wire

Kinds = Mapping[str, Kind]
"""The kinds of the document, by name."""


def connect(graph: Graph, wire: Wire, known: Kinds, moved: Wire | None = None) -> Batch:
    """Draw a wire; `moved`, whose end was taken hold of, and one that holds its port go out."""
    removals = _replaced(graph, wire, known, moved)
    index = graph.index_of(moved) if moved is not None and moved.head == wire.head else None
    return Batch((*removals, Connect(graph.name, wire, index)), "Move wire" if moved else "Connect")


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


def best_wire(graph: Graph, anchor: Endpoint, forward: bool, node: str, known: Kinds) -> Wire | None:
    """The wire to (or from) a node whose port was not aimed at: to a free port if there is one."""
    kind = known.get(graph.nodes[node].kind)
    if kind is None:
        return None
    if not forward:
        return Wire(node, kind.outputs[0].name, *anchor) if kind.outputs else None
    wired = graph.inputs_of(node)
    free = [port for port in kind.inputs if port.many or port.name not in wired]
    ports = free or kind.inputs
    return Wire(*anchor, node, ports[0].name) if ports else None


def wired(
    graph: Graph,
    edits: Sequence[Edit],
    name: str,
    kind: Kind,
    known: Kinds,
    *,
    anchor: Endpoint | None = None,
    forward: bool = True,
) -> Batch:
    """A new node of a kind, which some edits add, wired to the anchor if one is given."""
    wires: list[Edit] = []
    if anchor is not None and forward and kind.inputs:
        wires.append(Connect(graph.name, Wire(*anchor, name, kind.inputs[0].name)))
    elif anchor is not None and not forward and kind.outputs:
        wire = Wire(name, kind.outputs[0].name, *anchor)
        held = graph.inputs_of(anchor[0]).get(anchor[1], [])
        target = known.get(graph.nodes[anchor[0]].kind)
        port = target.input_port(anchor[1]) if target else None
        if port is not None and not port.many:
            wires += [Disconnect(graph.name, Wire(*tail, *anchor)) for tail in held]
        wires.append(Connect(graph.name, wire))
    return Batch((*edits, *wires), f"Add {kind.label}")


def put_on_wire(graph: Graph, edits: Sequence[Edit], name: str, kind: Kind, wire: Wire) -> Batch:
    """A node of a kind, which some edits add or move, put on a wire: its first ports take the ends."""
    rewired = (
        Disconnect(graph.name, wire),
        Connect(graph.name, Wire(*wire.tail, name, kind.inputs[0].name)),
        Connect(graph.name, Wire(name, kind.outputs[0].name, *wire.head), graph.index_of(wire)),
    )
    return Batch((*edits, *rewired), f"Insert {name}")


def can_insert(graph: Graph, name: str, known: Kinds) -> bool:
    """Whether a present node can be put on a wire: it has no wires yet, and ports on both sides."""
    kind = known.get(graph.nodes[name].kind)
    return kind is not None and bool(kind.inputs and kind.outputs) and not graph.wires_of(name)


def nudge(graph: Graph, names: Collection[str], dx: float, dy: float) -> MoveNodes:
    """The nodes a step further."""
    places = {name: graph.nodes[name].position for name in names}
    return MoveNodes(graph.name, {name: (x + dx, y + dy) for name, (x, y) in places.items()})


def added_names(batch: Batch) -> list[str]:
    """Names of the nodes that an edit adds."""
    return [edit.node.name for edit in batch.edits if isinstance(edit, AddNode)]
