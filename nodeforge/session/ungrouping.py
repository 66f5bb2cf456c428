"""A use of a network is taken apart: the nodes of the network come to stand in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nodeforge.catalog.kind import Role
from nodeforge.catalog.networks import borders, uses_of
from nodeforge.core.document import Document
from nodeforge.core.drawing import shifted
from nodeforge.core.edits import AddNode, Batch, Collapse, Connect, Edit, RemoveNetwork, RemoveNode
from nodeforge.core.errors import UserError
from nodeforge.core.expressions import resolve, scope_of
from nodeforge.core.graph import Endpoint, Graph, Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.session import framing
from nodeforge.session.grouping import middle
from nodeforge.session.substitution import names_of, plain, words


def ungroup(document: Document, network: str, name: str) -> Batch:
    """Put the nodes of a network in the place of a use of it; the network goes if nothing else uses it.

    Args:
        document: The project.
        network: Where the use is.
        name: The use.

    Raises:
        UserError: It cannot be taken apart; the sentence says why and what to do.
    """
    use = _Use(document, network, name)
    _require_single(document, use)
    edits: list[Edit] = [RemoveNode(network, name)]
    edits += (AddNode(network, node) for node in _freed(document, use))
    edits += _wires(use)
    edits += _drawn(use)
    if list(uses_of(document, use.body.name)) == [(network, name)] and use.body.name != document.main:
        edits.append(RemoveNetwork(use.body.name))
    return Batch(tuple(edits), f"Take {name} apart")


class _Use:
    """A use of a network, the network, and what its nodes are called outside."""

    def __init__(self, document: Document, network: str, name: str) -> None:
        self.graph = document.networks[network]
        self.node = self.graph.nodes[name]
        body = document.networks.get(self.node.kind)
        if body is None:
            raise UserError(f"{name} is no network: only a network can be taken apart.", node=name)
        self.body: Graph = body
        self.inputs = {node.name for node in borders(body, Role.INPUT)}
        self.outputs = {node.name for node in borders(body, Role.OUTPUT)}
        self.inner = [n for n in body.ordered_nodes() if n.name not in self.inputs | self.outputs]
        free = self.graph.copy()
        del free.nodes[name]
        self.names: dict[str, str] = {}
        for node in self.inner:
            self.names[node.name] = free.free_name(node.name, self.names.values())
        centre = middle(self.inner) if self.inner else (0.0, 0.0)
        self.way = (self.node.position[0] - centre[0], self.node.position[1] - centre[1])
        """From where a node is inside to where it comes to lie."""

    def source(self, end: Endpoint) -> Endpoint | None:
        """The end outside that stands for one inside; None for an input that nothing feeds."""
        if end[0] not in self.inputs:
            return self.names[end[0]], end[1]
        return next(iter(self.graph.inputs_of(self.node.name).get(end[0], [])), None)

    def fed_by(self, output: str) -> Endpoint | None:
        """The end outside that stands for one of its outputs; None for one that nothing feeds."""
        ends = [end for ends in self.body.inputs_of(output).values() for end in ends]
        return self.source(ends[0]) if ends else None


def _require_single(document: Document, use: _Use) -> None:
    """Let a use pass that means the nodes of its network once, with weights of its own."""
    name, kind = use.node.name, use.body.name
    scope, _ = scope_of(use.graph.parameters, document.scope)
    try:
        repeat = resolve(use.node.parameters.get("repeat", 1), scope)
    except ValueError:
        repeat = None
    if repeat != 1:
        times = f"{repeat} times" if repeat is not None else "so often as cannot be computed"
        raise UserError(f"{name} runs {kind} {times}: set its repeat to 1 to take it apart.", node=name)
    if use.node.shares:
        raise UserError(
            f"{name} uses the weights of {use.node.shares}: give it its own to take it apart.", node=name
        )
    sharer = next((node.name for node in use.graph.nodes.values() if node.shares == name), None)
    if sharer is not None:
        raise UserError(f"{sharer} uses the weights of {name}: give {sharer} its own first.", node=sharer)


# Nodes --------------------------------------------------------------------------------------------------


def _freed(document: Document, use: _Use) -> Iterator[Node]:
    """The nodes inside as they are outside: names that are free, places about that of the use, plain values."""
    if not use.inner:
        return
    told = _told(use)
    hidden = (use.graph.parameters.keys() & document.variables.keys()) - told.keys()
    dx, dy = use.way
    for node in use.inner:
        for value in node.parameters.values():
            _refuse_hidden(node, value, hidden, use)
        yield replace(
            node,
            name=use.names[node.name],
            parameters={key: plain(value, told) for key, value in node.parameters.items()},
            position=(node.position[0] + dx, node.position[1] + dy),
            order=None,
            shares=use.names.get(node.shares, ""),
        )


def _told(use: _Use) -> dict[str, str]:
    """What each exposed parameter stands for at this use, as Python over the names outside."""
    told: dict[str, str] = {}
    waiting = dict(use.body.parameters)
    while waiting:
        ready = [
            name
            for name, default in waiting.items()
            if name in use.node.parameters or not names_of(default) & waiting.keys()
        ]
        if not ready:
            raise UserError(
                f"The parameters of {use.body.name} depend on each other in a circle: change one of them."
            )
        for name in ready:
            default = waiting.pop(name)
            value = use.node.parameters[name] if name in use.node.parameters else plain(default, told)
            told[name] = _words(name, value, use)
    return told


def _words(name: str, value: Value, use: _Use) -> str:
    """A number or an expression as Python."""
    text = words(value)
    if text is None:
        raise UserError(
            f"{name} of {use.node.name} is {value!r}, which is no number: mend it to take {use.node.name} apart.",
            node=use.node.name,
        )
    return text


def _refuse_hidden(node: Node, value: Value, hidden: set[str], use: _Use) -> None:
    """Stop where a variable of the project would come to mean a parameter of the network around."""
    for name in sorted(names_of(value) & hidden):
        raise UserError(
            f"{node.name} follows the project's variable {name}, and {use.graph.name} has a parameter of that name: "
            "rename one of them first.",
            node=use.node.name,
        )


def _drawn(use: _Use) -> Iterator[Edit]:
    """The frames inside, where the nodes have gone, and which nodes are small."""
    small = sorted(use.names[name] for name in use.body.drawing.collapsed & use.names.keys())
    if small:
        yield Collapse(use.graph.name, dict.fromkeys(small, True))
    if use.body.drawing.frames:
        yield framing.pasted(use.graph, use.body.drawing.frames, use.way)


# Wires --------------------------------------------------------------------------------------------------


def _wires(use: _Use) -> Iterator[Edit]:
    """Wires between the freed nodes, into them, and from them to all that the use fed."""
    for node in use.inner:
        for port, ends in use.body.inputs_of(node.name).items():
            fed = {end: source for end in ends if (source := use.source(end)) is not None}
            _refuse_twice(list(fed.values()), use.names[node.name], port)
            for end, source in fed.items():
                bends = use.body.drawing.bends.get(Wire(*end, node.name, port), ())
                inside = end[0] in use.names
                yield Connect(
                    use.graph.name,
                    Wire(*source, use.names[node.name], port),
                    bends=shifted(bends, use.way) if inside else (),
                )
    heads = dict.fromkeys(wire.head for wire in use.graph.wires_from(use.node.name))
    for target, port in heads:
        ends = use.graph.inputs_of(target)[port]
        moved = [use.fed_by(end[1]) if end[0] == use.node.name else end for end in ends]
        sources = [end for end in moved if end is not None]
        _refuse_twice(sources, target, port)
        kept = {end for end in ends if end[0] != use.node.name}
        for index, source in enumerate(sources):
            if source not in kept:
                yield Connect(use.graph.name, Wire(*source, target, port), index)


def _refuse_twice(sources: list[Endpoint], target: str, port: str) -> None:
    twice = next((source for source in sources if sources.count(source) > 1), None)
    if twice is not None:
        raise UserError(
            f"{twice[0]} would be wired to {port} of {target} twice, which a drawing cannot show: put an Identity on "
            "one of the two wires first."
        )
