"""A use of a network is taken apart: the nodes of the network come to stand in its place.

Where the network runs several times in a row, they do so as often: what one repeat gives is wired to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nodeforge.analysis.placement import GAP, HEIGHT, WIDTH
from nodeforge.catalog.kind import Role
from nodeforge.catalog.networks import REPEAT, borders, kinds_of, uses_of
from nodeforge.core.document import Document
from nodeforge.core.drawing import Point, shifted
from nodeforge.core.edits import AddNode, Batch, Collapse, Connect, Edit, RemoveNetwork, RemoveNode
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Endpoint, Graph, Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.session import framing
from nodeforge.session.grouping import middle
from nodeforge.session.substitution import names_of, plain, words

_MOST_NODES = 2_000
"""More nodes than these are not made of one."""


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
    _require_own(use)
    edits: list[Edit] = [RemoveNode(network, name)]
    edits += (AddNode(network, node) for node in _freed(document, use))
    edits += _wires(use)
    edits += _drawn(use)
    if list(uses_of(document, use.body.name)) == [(network, name)] and use.body.name != document.main:
        edits.append(RemoveNetwork(use.body.name))
    return Batch(tuple(edits), f"Take {name} apart")


class _Use:
    """A use of a network, the network, and what its nodes are called outside.

    Attributes:
        times: How often it runs in a row.
        carried: By input, the output of the repeat before that feeds it.
        names: For each repeat, what the nodes inside are called outside.
    """

    def __init__(self, document: Document, network: str, name: str) -> None:
        self.graph = document.networks[network]
        self.node = self.graph.nodes[name]
        body = document.networks.get(self.node.kind)
        if body is None:
            raise UserError(f"{name} is no network: only a network can be taken apart.", node=name)
        self.body: Graph = body
        inputs, outputs = ([n.name for n in borders(body, role)] for role in (Role.INPUT, Role.OUTPUT))
        self.inputs, self.outputs = set(inputs), set(outputs)
        self.inner = [n for n in body.ordered_nodes() if n.name not in self.inputs | self.outputs]
        self.times = _times(document, self.graph, self.node)
        self.carried = dict(zip(inputs, outputs, strict=False))
        self._require_unrollable()
        self.names = self._free_names()

    def _require_unrollable(self) -> None:
        name, kind, count = self.node.name, self.body.name, self.times * len(self.inner)
        if self.times > 1 and len(self.outputs) > len(self.inputs):
            raise UserError(f"{name} cannot repeat: {kind} gives more than it takes.", node=name)
        if count > _MOST_NODES:
            raise UserError(
                f"{name} runs {kind} {self.times} times, which would be {count:,} nodes: lower its repeat to take "
                "it apart.",
                node=name,
            )

    def _free_names(self) -> list[dict[str, str]]:
        free = self.graph.copy()
        del free.nodes[self.node.name]
        taken: set[str] = set()
        found: list[dict[str, str]] = []
        for _ in range(self.times):
            found.append({})
            for node in self.inner:
                found[-1][node.name] = free.free_name(node.name, taken)
                taken.add(found[-1][node.name])
        return found

    def way(self, turn: int) -> Point:
        """From where a node is inside to where it comes to lie: the repeats in a row, about the place of the use."""
        x, y = self.node.position
        if not self.inner:
            return (x, y)
        centre, down = middle(self.inner), self.body.drawing.direction == "down"
        places = [node.position[down] for node in self.inner]
        step = max(places) - min(places) + (2 * HEIGHT if down else WIDTH + GAP)
        along = round(step * (turn - (self.times - 1) / 2))
        dx, dy = (0, along) if down else (along, 0)
        return (x - centre[0] + dx, y - centre[1] + dy)

    def source(self, end: Endpoint, turn: int) -> Endpoint | None:
        """The end outside that stands for one inside a repeat; None for an input that nothing feeds."""
        while end[0] in self.inputs:
            if not turn or end[0] not in self.carried:
                return next(iter(self.graph.inputs_of(self.node.name).get(end[0], [])), None)
            before = self._ends_at(self.carried[end[0]])
            if not before:
                return None
            end, turn = before[0], turn - 1
        return self.names[turn][end[0]], end[1]

    def fed_by(self, output: str) -> Endpoint | None:
        """The end outside that stands for one of its outputs; None for one that nothing feeds."""
        ends = self._ends_at(output)
        return self.source(ends[0], self.times - 1) if ends else None

    def _ends_at(self, output: str) -> list[Endpoint]:
        return [end for ends in self.body.inputs_of(output).values() for end in ends]


def _times(document: Document, graph: Graph, node: Node) -> int:
    """How often a use runs its network, wherever the network around it is used itself."""
    scope = {name: value for name, value in document.scope.items() if name not in graph.parameters}
    try:
        times = REPEAT.check(node.parameters.get("repeat", REPEAT.default), scope)
    except ValueError as error:
        raise UserError(
            f"How often {node.name} runs {node.kind} cannot be computed here: set its repeat to a number to take it "
            "apart.",
            node=node.name,
        ) from error
    assert isinstance(times, int)
    return times


def _require_own(use: _Use) -> None:
    """Let a use pass that works, with weights of its own."""
    name = use.node.name
    if use.node.mode != "active":
        raise UserError(f"{name} is {use.node.mode}: let it work again to take it apart.", node=name)
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
    for node in use.inner:
        for value in node.parameters.values():
            _refuse_hidden(node, value, hidden, use)
    known = kinds_of(document)
    modules = {
        n.name for n in use.inner if n.kind in document.networks or (n.kind in known and known[n.kind].module)
    }
    first = use.names[0]
    for turn, names in enumerate(use.names):
        dx, dy = use.way(turn)
        again = modules if turn and use.node.parameters.get("share_repeats") else ()
        for node in use.inner:
            yield replace(
                node,
                name=names[node.name],
                parameters={key: plain(value, told) for key, value in node.parameters.items()},
                position=(node.position[0] + dx, node.position[1] + dy),
                order=None,
                shares=first[node.shares or node.name] if node.name in again else names.get(node.shares, ""),
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
    drawing = use.body.drawing
    small = sorted(names[name] for names in use.names for name in drawing.collapsed & names.keys())
    if small:
        yield Collapse(use.graph.name, dict.fromkeys(small, True))
    if drawing.frames:
        frames = {
            f"{name}_{turn}": frame.moved(*use.way(turn))
            for turn in range(use.times)
            for name, frame in drawing.frames.items()
        }
        yield framing.pasted(use.graph, frames, (0.0, 0.0))


# Wires --------------------------------------------------------------------------------------------------


def _wires(use: _Use) -> Iterator[Edit]:
    """Wires between the freed nodes, into them, and from them to all that the use fed."""
    for turn, names in enumerate(use.names):
        way = use.way(turn)
        for node in use.inner:
            for port, ends in use.body.inputs_of(node.name).items():
                fed = {end: source for end in ends if (source := use.source(end, turn)) is not None}
                _refuse_twice(list(fed.values()), names[node.name], port)
                for end, source in fed.items():
                    bends = use.body.drawing.bends.get(Wire(*end, node.name, port), ())
                    yield Connect(
                        use.graph.name,
                        Wire(*source, names[node.name], port),
                        bends=shifted(bends, way) if end[0] in names else (),
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
