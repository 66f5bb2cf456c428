"""Networks that come along with a node from another document: a pasted use, a block of the library."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from nodeforge.catalog.networks import inner_first, reachable
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNetwork, Edit, SetVariables
from nodeforge.core.expressions import is_expression, names_in
from nodeforge.core.graph import Graph
from nodeforge.core.parameters import Value


def carried(document: Document, source: Document, names: Iterable[str]) -> tuple[list[Edit], dict[str, str]]:
    """What brings networks of another document here, with all that stands in them.

    A network that is here already, the same under the same name, is used as it is; one whose name is taken gets a
    number. Variables that they name come along too, unless there are such here.

    Returns:
        The edits, and what each of the networks is called here.
    """
    wanted = set().union(*(reachable(source, name) for name in names))
    called: dict[str, str] = {}
    edits: list[Edit] = []
    for name in (name for name in inner_first(source)[0] if name in wanted):
        graph = _renamed(source.networks[name], called)
        if name in document.networks and _meaning(document.networks[name]) == _meaning(graph):
            called[name] = name
            continue
        graph.name = called[name] = _free(name, {*document.networks, *called.values()})
        edits.append(AddNetwork(graph))
    missing = _variables(source, wanted, document.variables)
    if missing:
        edits.insert(0, SetVariables("", {**document.variables, **missing}))
    return edits, called


def _meaning(graph: Graph) -> object:
    """What two networks have in common that compute the same, wherever their nodes lie."""
    nodes = {node.name: (node.kind, dict(node.parameters), node.shares) for node in graph.nodes.values()}
    return nodes, graph.ordered_wires(), graph.parameters


def _renamed(graph: Graph, called: Mapping[str, str]) -> Graph:
    """A copy in which the networks that stand in it go by what they are called here."""
    copy = graph.copy()
    for node in graph.nodes.values():
        if called.get(node.kind, node.kind) != node.kind:
            copy.nodes[node.name] = replace(node, kind=called[node.kind])
    return copy


def _variables(source: Document, networks: Collection[str], here: Mapping[str, Value]) -> dict[str, Value]:
    """The variables of the source that its networks name, and those that these name, and are not here."""
    values: list[Value] = []
    for name in networks:
        graph = source.networks[name]
        values += graph.parameters.values()
        values += (value for node in graph.nodes.values() for value in node.parameters.values())
    found: dict[str, Value] = {}
    while values:
        value = values.pop()
        if isinstance(value, tuple):
            values += value
        elif is_expression(value):
            for name in names_in(str(value)) & source.variables.keys() - here.keys() - found.keys():
                found[name] = source.variables[name]
                values.append(source.variables[name])
    return found


def _free(wish: str, taken: Collection[str]) -> str:
    name, number = wish, 2
    while name in taken:
        name, number = f"{wish}_{number}", number + 1
    return name
