"""The networks of a project as kinds of node, so that one network can stand in another.

A network's face follows from its drawing: an input port for each Input node, an output port for each Output node,
a parameter for each number that it exposes. What happens inside is the checker's and the compiler's business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nodeforge.catalog import kinds
from nodeforge.catalog.custom import custom_kinds
from nodeforge.catalog.kind import Kind, Port, Role
from nodeforge.core.document import Document
from nodeforge.core.expressions import Scope, scope_of
from nodeforge.core.graph import Graph, Node, reached
from nodeforge.core.parameters import Boolean, Integer, Parameter, Scalar, Value, Values

CATEGORY = "Networks"
MAX_REPEAT = 1000

REPEAT = Parameter(
    "repeat",
    Integer(minimum=1, maximum=MAX_REPEAT),
    1,
    "How often it runs in a row: its outputs become its first inputs again.",
    unit="times",
)
SHARE_REPEATS = Parameter(
    "share_repeats",
    Boolean(),
    False,
    "Whether all the repeats use the same weights; else each has its own.",
    advanced=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkKind(Kind):
    """A network of the project as a kind. Its name is the network's.

    Attributes:
        defaults: What it exposes, as written: an expression may name others of them.
        scope: What the project's variables stand for.
    """

    defaults: Mapping[str, Value] = field(default_factory=dict, hash=False)
    scope: Scope = field(default_factory=dict, hash=False)

    def filled(self, values: Values, given: Collection[str]) -> dict[str, Value]:
        """The values of a use, with defaults that follow what is given (`d_ff = "=d_model*4"`)."""
        mine = {name: values[name] if name in given else text for name, text in self.defaults.items()}
        scope, _ = scope_of(mine, self.scope)
        return {**values, **{name: scope[name] for name in mine if name in scope}}

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """(output, input) by which one repeat feeds the next: in order, as far as there are both."""
        names = zip(self.outputs, self.inputs, strict=False)
        return tuple((output.name, input.name) for output, input in names)


def kinds_of(document: Document) -> Mapping[str, Kind]:
    """The catalog, with the project's own layers, and its networks where there are several.

    A network takes precedence over a kind of its name.
    """
    if len(document.networks) == 1 and not document.custom:
        return kinds()
    scope = document.scope
    several = document.networks if len(document.networks) > 1 else {}
    networks = {name: network_kind(graph, scope) for name, graph in several.items()}
    return MappingProxyType({**kinds(), **custom_kinds(document), **networks})


def network_kind(graph: Graph, scope: Scope) -> NetworkKind:
    """The face of a network.

    Args:
        graph: The network.
        scope: What the project's variables stand for: defaults may be expressions over them.
    """
    inside, _ = scope_of(graph.parameters, scope)
    exposed = [
        Parameter(
            name,
            Scalar(),
            inside.get(name),
            f"Set for this use; {inside.get(name, value)} when it is not.",
            positional=True,
        )
        for name, value in graph.parameters.items()
    ]
    outputs = tuple(Port(name=node.name) for node in borders(graph, Role.OUTPUT))
    text = " ".join(graph.description.split())
    return NetworkKind(
        name=graph.name,
        category=CATEGORY,
        summary=text.partition(". ")[0].rstrip(".") + "." if text else f"{len(graph)} nodes of this project.",
        doc=graph.description,
        keywords=("network", "block", "module"),
        parameters=(*exposed, REPEAT, SHARE_REPEATS),
        inputs=tuple(Port(name=node.name) for node in borders(graph, Role.INPUT)),
        outputs=outputs,
        unpack=", ".join(f"{{{port.name}}}" for port in outputs) if len(outputs) > 1 else "",
        defaults=dict(graph.parameters),
        scope=scope,
    )


def borders(graph: Graph, role: Role) -> list[Node]:
    """The nodes by which a network takes or gives, in the order of the drawing, which is that of the ports."""
    known = kinds()
    return [n for n in graph.ordered_nodes() if n.kind in known and known[n.kind].role is role]


def used_networks(document: Document, graph: Graph) -> set[str]:
    """Names of the networks that stand as nodes in a network."""
    return {node.kind for node in graph.nodes.values() if node.kind in document.networks}


def inner_first(document: Document) -> tuple[list[str], set[str]]:
    """The networks, each after those it uses, and, apart, those that contain themselves."""
    uses = {name: used_networks(document, graph) for name, graph in document.networks.items()}
    order: list[str] = []
    waiting = dict(uses)
    while ready := [name for name, inner in waiting.items() if not inner & waiting.keys()]:
        order += ready
        for name in ready:
            del waiting[name]
    circular = {name for name in waiting if name in _reached(uses, name)}
    return [*order, *waiting], circular


def reachable(document: Document, name: str) -> set[str]:
    """A network and all that stand in it, at any depth."""
    uses = {n: used_networks(document, graph) for n, graph in document.networks.items()}
    return {name, *_reached(uses, name)}


def _reached(uses: Mapping[str, set[str]], start: str) -> set[str]:
    return reached(uses.__getitem__, uses[start])


def uses_of(document: Document, network: str) -> Iterator[tuple[str, str]]:
    """(network, node) of every use of a network."""
    for graph in document.networks.values():
        for node in graph.ordered_nodes():
            if node.kind == network:
                yield graph.name, node.name
