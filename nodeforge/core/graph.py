"""A network: named nodes and the wires between them.

The graph knows structure only. Which ports a kind has and what shapes fit is the catalog's and
the analysis' business; so a file with a kind of tomorrow still opens.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nodeforge.core.drawing import Drawing, Point
from nodeforge.core.errors import EditError
from nodeforge.core.parameters import Value, Values, is_identifier

if TYPE_CHECKING:
    import networkx as nx

Endpoint = tuple[str, str]
"""(node name, port name)."""

MODES = ("active", "bypassed", "muted")
"""What a node does. Bypassed, its first input goes on as its output; muted, its outputs are zeros."""
MODES_TOLD = f"a node is {', '.join(MODES[:-1])} or {MODES[-1]}"

_revisions = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One use of a kind.

    Attributes:
        name: Unique in its network; also the attribute name in the generated code.
        kind: Name of the kind ("Conv2d"), or of another network of the project.
        parameters: Only what was set; the rest are the kind's defaults.
        position: Top left corner on the canvas, in canvas units (px at 100 %).
        order: Place among its siblings in files and code; given by the graph when None.
        shares: Name of the node whose weights, and with them whose parameters, it uses; "" for its own.
        mode: One of `MODES`.
    """

    name: str
    kind: str
    parameters: Values = field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)
    order: int | None = None
    shares: str = ""
    mode: str = "active"

    def means(self, other: Node) -> bool:
        """Whether both mean the same: a kind with these parameters. Position and name do not count."""
        return (
            self.kind == other.kind
            and self.shares == other.shares
            and self.mode == other.mode
            and self.parameters is other.parameters
        )


@dataclass(frozen=True, slots=True)
class Wire:
    """From an output port to an input port."""

    source: str
    output: str
    target: str
    input: str

    @property
    def tail(self) -> Endpoint:
        return (self.source, self.output)

    @property
    def head(self) -> Endpoint:
        return (self.target, self.input)

    def __str__(self) -> str:
        return f"{self.source}.{self.output} -> {self.target}.{self.input}"


def reached(step: Callable[[str], Collection[str]], names: Iterable[str]) -> set[str]:
    """The names, and all to which steps lead from them: with `graph.predecessors`, what they depend on."""
    waiting = list(names)
    found = set(waiting)
    while waiting:
        fresh = set(step(waiting.pop())) - found
        found |= fresh
        waiting += fresh
    return found


@dataclass(slots=True)
class Graph:
    """Nodes by name and wires by the input port they end in.

    Only `nodeforge.core.edits.apply` changes a graph that is shown or saved; the methods here with an underscore
    are its primitives. Reading is free for everybody. Not thread-safe: hand a `copy()` to another thread.
    """

    name: str = "main"
    nodes: dict[str, Node] = field(default_factory=dict)
    _incoming: dict[str, dict[str, list[Endpoint]]] = field(default_factory=dict)
    _outgoing: dict[str, dict[Wire, None]] = field(default_factory=dict)
    _next_order: int = field(default=0, compare=False)
    """Never goes back, so that a number names one node for good."""
    parameters: dict[str, Value] = field(default_factory=dict)
    """Numbers that each use of the network as a node may set, with their defaults."""
    description: str = ""
    """What the network is for, in Markdown; shown wherever it can be used as a node."""
    drawing: Drawing = field(default_factory=Drawing)
    """What is drawn beside nodes and wires."""
    revision: int = field(default_factory=lambda: next(_revisions), compare=False)
    """Another number after every change of what the graph means, never one that was there before."""

    # Reading ------------------------------------------------------------------------------------

    def __contains__(self, name: object) -> bool:
        return name in self.nodes

    def __len__(self) -> int:
        return len(self.nodes)

    def ordered_nodes(self) -> list[Node]:
        """Nodes in their lasting order: as they were made, whatever was undone since."""
        return sorted(self.nodes.values(), key=lambda node: node.order or 0)

    def inputs_of(self, name: str) -> Mapping[str, list[Endpoint]]:
        """For each wired input port of a node, the endpoints that feed it, in order."""
        return self._incoming.get(name, {})

    def wires_from(self, name: str) -> Iterator[Wire]:
        """Wires that leave a node."""
        return iter(self._outgoing.get(name, {}))

    def wires_into(self, name: str) -> Iterator[Wire]:
        """Wires that enter a node, port by port in order."""
        for port, ends in self._incoming.get(name, {}).items():
            for source, output in ends:
                yield Wire(source, output, name, port)

    def wires_of(self, name: str) -> list[Wire]:
        """Every wire that touches a node."""
        return [*self.wires_into(name), *(w for w in self.wires_from(name) if w.target != name)]

    def wires(self) -> Iterator[Wire]:
        """All wires."""
        for outgoing in self._outgoing.values():
            yield from outgoing

    def ordered_wires(self) -> list[Wire]:
        """Wires by the order of the nodes they end in, then port name, then place in the port."""
        ordered = []
        for node in self.ordered_nodes():
            incoming = self._incoming.get(node.name, {})
            for port in sorted(incoming):
                ordered += [Wire(source, output, node.name, port) for source, output in incoming[port]]
        return ordered

    def has_wire(self, wire: Wire) -> bool:
        return wire in self._outgoing.get(wire.source, {})

    def index_of(self, wire: Wire) -> int:
        """Place of the wire among those that end in the same port."""
        return self._incoming[wire.target][wire.input].index(wire.tail)

    def successors(self, name: str) -> set[str]:
        return {wire.target for wire in self.wires_from(name)}

    def predecessors(self, name: str) -> set[str]:
        return {source for ends in self._incoming.get(name, {}).values() for source, _ in ends}

    def digraph(self) -> nx.DiGraph:
        """The structure as a networkx graph of node names (parallel wires become one edge)."""
        import networkx as nx  # 0.1 s: not at start-up

        graph = nx.DiGraph()
        graph.add_nodes_from(node.name for node in self.ordered_nodes())
        graph.add_edges_from((wire.source, wire.target) for wire in self.wires())
        return graph

    def free_name(self, wish: str, taken: Collection[str] = ()) -> str:
        """`wish` itself, or with the smallest free number behind it: conv, conv_2, conv_3."""
        if wish not in self.nodes and wish not in taken:
            return wish
        stem, _, tail = wish.rpartition("_")
        stem = stem if stem and tail.isdigit() else wish
        number = 2
        while f"{stem}_{number}" in self.nodes or f"{stem}_{number}" in taken:
            number += 1
        return f"{stem}_{number}"

    def copy(self) -> Graph:
        """An independent copy (nodes are frozen and shared)."""
        return Graph(
            self.name,
            dict(self.nodes),
            {n: {p: list(e) for p, e in ports.items()} for n, ports in self._incoming.items()},
            {n: dict(wires) for n, wires in self._outgoing.items()},
            self._next_order,
            dict(self.parameters),
            self.description,
            self.drawing.copy(),
            self.revision,
        )

    # Primitives of `edits.apply` ------------------------------------------------------------------

    def _add(self, node: Node) -> Node:
        if not is_identifier(node.name):
            raise EditError(
                f"{node.name!r} cannot name a node: use letters, digits and _, starting with a letter "
                "(not a Python keyword), at most 64 characters."
            )
        if node.name in self.nodes:
            raise EditError(f"Network {self.name} already has a node {node.name}: choose another name.")
        if node.order is None:
            node = replace(node, order=self._next_order)
        self._next_order = max(self._next_order, (node.order or 0) + 1)
        self.nodes[node.name] = node
        self._revise()
        return node

    def _revise(self) -> None:
        self.revision = next(_revisions)

    def _remove(self, name: str) -> Node:
        self._revise()
        self.drawing.collapsed.discard(name)
        return self.nodes.pop(name)

    def _replace(self, node: Node) -> None:
        if not node.means(self.nodes[node.name]):
            self._revise()
        self.nodes[node.name] = node

    def _connect(self, wire: Wire, index: int | None, bends: tuple[Point, ...] = ()) -> None:
        for name in (wire.source, wire.target):
            if name not in self.nodes:
                raise EditError(f"The wire {wire} names {name}, and network {self.name} has no such node.")
        if self.has_wire(wire):
            raise EditError(f"The wire {wire} is there already.")
        ends = self._incoming.setdefault(wire.target, {}).setdefault(wire.input, [])
        ends.insert(len(ends) if index is None else index, wire.tail)
        self._outgoing.setdefault(wire.source, {})[wire] = None
        self._bend(wire, bends)
        self._revise()

    def _bend(self, wire: Wire, bends: tuple[Point, ...]) -> tuple[Point, ...]:
        """Lead a wire through points; returns those it went through before."""
        before = self.drawing.bends.pop(wire, ())
        if bends:
            self.drawing.bends[wire] = bends
        return before

    def _disconnect(self, wire: Wire) -> tuple[int, tuple[Point, ...]]:
        """Take a wire away; returns its place in the port, and the points it went through."""
        if not self.has_wire(wire):
            raise EditError(f"There is no wire {wire} in network {self.name}.")
        self._revise()
        index = self.index_of(wire)
        ports = self._incoming[wire.target]
        ports[wire.input].pop(index)
        if not ports[wire.input]:
            del ports[wire.input]
            if not ports:
                del self._incoming[wire.target]
        del self._outgoing[wire.source][wire]
        if not self._outgoing[wire.source]:
            del self._outgoing[wire.source]
        return index, self._bend(wire, ())

    def _rename(self, old: str, new: str) -> None:
        self._revise()
        wires = self.wires_of(old)
        collapsed = old in self.drawing.collapsed
        places = [(wire, self.index_of(wire)) for wire in wires]
        bends = {wire: self._disconnect(wire)[1] for wire, _ in sorted(places, key=lambda item: -item[1])}
        node = self.nodes.pop(old)
        try:
            self._add(replace(node, name=new))
            name = new
        except EditError:
            self.nodes[old] = node
            name = old
            raise
        finally:
            self.drawing.collapsed -= {old}
            self.drawing.collapsed |= {name} if collapsed else set()
            for wire, index in sorted(places, key=lambda item: item[1]):
                source = name if wire.source == old else wire.source
                target = name if wire.target == old else wire.target
                self._connect(Wire(source, wire.output, target, wire.input), index, bends[wire])
