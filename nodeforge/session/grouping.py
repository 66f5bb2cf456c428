"""A selection becomes a network, and a node that uses the network stands in its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nodeforge.analysis import Report
from nodeforge.analysis.placement import GAP, HEIGHT, WIDTH
from nodeforge.analysis.wiring import node_name
from nodeforge.catalog.kind import Kind, Role
from nodeforge.catalog.networks import kinds_of
from nodeforge.core.document import Document
from nodeforge.core.edits import (
    AddNetwork,
    AddNode,
    Batch,
    Collapse,
    Connect,
    Edit,
    RemoveNode,
    SetFrames,
    SetVariables,
    apply,
)
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Endpoint, Graph, Node, Wire, reached
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec
from nodeforge.session import framing
from nodeforge.session.substitution import needed

_COLUMN = WIDTH + GAP
_ROW = HEIGHT + GAP / 2
_BORDERS = {
    Role.INPUT: "an Input of the whole network",
    Role.OUTPUT: "an Output of the whole network",
    Role.TARGET: "a Target, which only the data can feed",
    Role.OBJECTIVE: "a loss, which belongs to the training of the whole",
}


def group(document: Document, report: Report, network: str, names: Collection[str], wish: str) -> Batch:
    """Make a network of some nodes and put a use of it in their place, with every wire that they had.

    Args:
        document: The project.
        report: What the checker knows of it: the shapes of what comes in.
        network: Where the nodes are.
        names: The nodes.
        wish: What to call the new network; a number follows if the name is taken.

    Raises:
        UserError: They cannot become a network; the sentence says why and what to do.
    """
    selection = _Selection(document, report, network, frozenset(names))
    _require_groupable(selection)
    name = free_network_name(document, wish)
    inputs, outputs = _inputs(selection), _outputs(selection)
    body = _body(selection, name, inputs, outputs)
    use = Node(
        name=node_name(selection.graph, name, ()),
        kind=name,
        parameters={exposed: f"={exposed}" for exposed in body.parameters},
        position=middle(selection.nodes),
    )
    edits: list[Edit] = [AddNetwork(body)]
    edits += (RemoveNode(network, node.name) for node in selection.nodes)
    edits.append(AddNode(network, use))
    edits += (Connect(network, Wire(*tail, use.name, port)) for tail, port in inputs.fed())
    edits += _wires_out(selection, use.name, outputs)
    frames = selection.graph.drawing.frames
    if gone := framing.frames_around(selection.graph, selection.names):
        edits.append(SetFrames(network, {each: frames[each] for each in frames if each not in gone}))
    return Batch(tuple(edits), f"Make {name} of {_count(len(selection.nodes))}")


def free_network_name(document: Document, wish: str) -> str:
    """The wish itself, or with a number behind it, so that it names no network and no kind of node."""
    taken = {*kinds_of(document), *document.networks}
    taken |= {node.kind for graph in document.networks.values() for node in graph.nodes.values()}
    return Graph().free_name(wish, taken)


def _count(nodes: int) -> str:
    return "1 node" if nodes == 1 else f"{nodes} nodes"


class _Selection:
    """The nodes that become a network, and what is known of them."""

    def __init__(self, document: Document, report: Report, network: str, names: frozenset[str]) -> None:
        self.graph = document.networks[network]
        self.names = names & self.graph.nodes.keys()
        self.nodes = [node for node in self.graph.ordered_nodes() if node.name in self.names]
        self.kinds: Mapping[str, Kind] = kinds_of(document)
        self._report = report.networks.get(network)

    def spec(self, end: Endpoint) -> TensorSpec | None:
        """What leaves an output port, when that is known."""
        node = self._report.nodes.get(end[0]) if self._report else None
        return node.outputs.get(end[1]) if node else None

    def wires_in(self) -> Iterator[Wire]:
        """Wires from outside, in the order of the nodes and ports that they enter."""
        for node in self.nodes:
            yield from (wire for wire in self.graph.wires_into(node.name) if wire.source not in self.names)

    def wires_out(self) -> Iterator[Wire]:
        """Wires to the outside, in the order of the nodes that they leave."""
        for node in self.nodes:
            yield from (wire for wire in self.graph.wires_from(node.name) if wire.target not in self.names)


@dataclass(frozen=True, slots=True)
class _Border:
    """The ports of the new network on one side.

    Attributes:
        ports: Their names by what they stand for: the end outside that feeds an input, or an unwired port inside;
            the end inside that feeds an output.
        wired: Whether wires outside end at a port; the others are there to be wired later.
    """

    ports: Mapping[Endpoint, str]
    wired: frozenset[Endpoint]

    def fed(self) -> Iterator[tuple[Endpoint, str]]:
        return ((end, port) for end, port in self.ports.items() if end in self.wired)


# What cannot become a network --------------------------------------------------------------------------


def _require_groupable(selection: _Selection) -> None:
    if not selection.nodes:
        raise UserError("No node is selected: select the nodes that shall become a network.")
    for node in selection.nodes:
        kind = selection.kinds.get(node.kind)
        if kind is not None and kind.role in _BORDERS:
            raise UserError(
                f"{node.name} is {_BORDERS[kind.role]}: leave it out of the selection.", node=node.name
            )
    between = sorted(_outside_between(selection))
    if between:
        them = "it" if len(between) == 1 else "them"
        lie = "lies" if len(between) == 1 else "lie"
        raise UserError(
            f"{', '.join(between)} {lie} between the selected nodes, so the network would wait for itself: "
            f"select {them} too."
        )
    for node in selection.graph.nodes.values():
        if node.shares in selection.graph and (node.name in selection.names) != (
            node.shares in selection.names
        ):
            raise UserError(
                f"{node.name} uses the weights of {node.shares}: select both of them or neither.",
                node=node.name,
            )


def _outside_between(selection: _Selection) -> set[str]:
    """Nodes outside to which wires lead from the selection and from which wires lead back into it."""
    graph = selection.graph
    behind = reached(graph.successors, (wire.target for wire in selection.wires_out()))
    before = reached(graph.predecessors, (wire.source for wire in selection.wires_in()))
    return (behind & before) - selection.names


# Its ports ---------------------------------------------------------------------------------------------


def _inputs(selection: _Selection) -> _Border:
    """An input for each end outside that feeds the selection, and for each port inside that still wants a wire."""
    fed = list(dict.fromkeys(wire.tail for wire in selection.wires_in()))
    wanting = [
        (node.name, port.name)
        for node in selection.nodes
        if (kind := selection.kinds.get(node.kind)) is not None
        for port in kind.inputs
        if not port.optional and port.name not in selection.graph.inputs_of(node.name)
    ]
    return _border(selection, fed, wanting, "input")


def _outputs(selection: _Selection) -> _Border:
    """An output for each end that is read outside, and for each node inside that nothing reads yet."""
    read = list(dict.fromkeys(wire.tail for wire in selection.wires_out()))
    unread = [
        (node.name, kind.outputs[0].name)
        for node in selection.nodes
        if (kind := selection.kinds.get(node.kind)) is not None
        and kind.outputs
        and not any(selection.graph.wires_from(node.name))
    ]
    return _border(selection, read, unread, "output")


def _border(selection: _Selection, wired: list[Endpoint], unwired: list[Endpoint], only: str) -> _Border:
    """Name the ports: the only one `input` or `output`, several by the node, and by the port where that is not enough."""
    ends = [*wired, *unwired]
    nodes = [node for node, _ in ends]
    ports: dict[Endpoint, str] = {}
    for node, port in ends:
        clear = only if len(ends) == 1 else f"{node}_{port}" if nodes.count(node) > 1 else node
        # Inside, the name of a node that comes along is taken.
        wish = f"{node}_{port}" if clear in selection.names else clear
        ports[node, port] = Graph().free_name(wish, {*selection.names, *ports.values()})
    return _Border(ports, frozenset(wired))


# Its drawing -------------------------------------------------------------------------------------------


def _body(selection: _Selection, name: str, inputs: _Border, outputs: _Border) -> Graph:
    """The new network: the nodes as they are, between its own Input and Output nodes."""
    left = min(node.position[0] for node in selection.nodes)
    right = max(node.position[0] for node in selection.nodes)
    drawing = selection.graph.drawing
    edits: list[Edit] = [SetVariables(name, _exposed(selection))]
    for (end, port), y in zip(inputs.ports.items(), _heights(selection, len(inputs.ports)), strict=True):
        parameters = _declared(selection.spec(end)) if end in inputs.wired else {}
        node = Node(name=port, kind="Input", parameters=parameters, position=(left - _COLUMN, y))
        edits.append(AddNode(name, node))
    edits += (AddNode(name, replace(node, order=None)) for node in selection.nodes)
    for port, y in zip(outputs.ports.values(), _heights(selection, len(outputs.ports)), strict=True):
        edits.append(AddNode(name, Node(name=port, kind="Output", position=(right + _COLUMN, y))))
    for node in selection.nodes:
        for wire in selection.graph.wires_into(node.name):
            tail = wire.tail if wire.source in selection.names else (inputs.ports[wire.tail], "output")
            bends = drawing.bends.get(wire, ()) if wire.source in selection.names else ()
            edits.append(Connect(name, Wire(*tail, *wire.head), bends=bends))
    wanting = (end for end in inputs.ports if end not in inputs.wired)
    edits += (Connect(name, Wire(inputs.ports[end], "output", *end)) for end in wanting)
    edits += (Connect(name, Wire(*end, port, "input")) for end, port in outputs.ports.items())
    edits.append(Collapse(name, dict.fromkeys(sorted(drawing.collapsed & selection.names), True)))
    edits.append(SetFrames(name, framing.frames_around(selection.graph, selection.names)))
    drawn = Document(networks={name: Graph(name)}, main=name)
    apply(drawn, Batch(tuple(edits)))
    return drawn.main_network


def _declared(spec: TensorSpec | None) -> dict[str, Value]:
    """The parameters of an Input for what flows in; none while that is not known."""
    if spec is None:
        return {}
    shape: dict[str, Value] = {"shape": spec.sample_shape}
    return shape if spec.dtype == "float32" else {**shape, "dtype": spec.dtype}


def _exposed(selection: _Selection) -> dict[str, Value]:
    """The exposed parameters of the network around that the nodes name, and those that their defaults name."""
    values = (value for node in selection.nodes for value in node.parameters.values())
    return needed(values, selection.graph.parameters)


def _heights(selection: _Selection, count: int) -> list[float]:
    """Where the nodes of a border lie, one below the other, in the middle of the rest."""
    tops = [node.position[1] for node in selection.nodes]
    first = (min(tops) + max(tops) - (count - 1) * _ROW) / 2
    return [first + place * _ROW for place in range(count)]


# What stays outside ------------------------------------------------------------------------------------


def middle(nodes: Sequence[Node]) -> tuple[float, float]:
    """Where one node lies that stands for several."""
    xs, ys = zip(*(node.position for node in nodes), strict=True)
    return ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)


def _wires_out(selection: _Selection, use: str, outputs: _Border) -> Iterator[Edit]:
    """Wires from the use to all that the selection fed, each at the place it had in its port."""
    heads = dict.fromkeys(wire.head for wire in selection.wires_out())
    for head in heads:
        for index, end in enumerate(selection.graph.inputs_of(head[0])[head[1]]):
            if end[0] in selection.names:
                yield Connect(selection.graph.name, Wire(use, outputs.ports[end], *head), index)
