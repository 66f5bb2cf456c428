"""Networks that come along with a node from another document: a pasted use, a block of the library."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from nodeforge.catalog.networks import inner_first, reachable
from nodeforge.core.document import CustomCode, Document
from nodeforge.core.edits import AddNetwork, Edit, SetCustom, SetVariables
from nodeforge.core.graph import Graph
from nodeforge.core.parameters import Value
from nodeforge.session.substitution import needed


def carried(document: Document, source: Document, names: Iterable[str]) -> tuple[list[Edit], dict[str, str]]:
    """What brings networks of another document here, with all that stands in them.

    A network that is here already, the same under the same name, is used as it is; one whose name is taken gets a
    number. Variables that they name come along too, unless there are such here, and so do the source's own layers.

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
    own = {name: code for name, code in source.custom.items() if name not in document.custom}
    if own:
        edits.insert(0, SetCustom({**document.custom, **own}))
    return edits, called


def own_layers(document: Document, graphs: Iterable[Graph]) -> dict[str, CustomCode]:
    """The layers of the document's own that stand in some networks."""
    used = {node.kind for graph in graphs for node in graph.nodes.values()}
    return {name: code for name, code in document.custom.items() if name in used}


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
    graphs = [source.networks[name] for name in networks]
    values = [value for graph in graphs for value in graph.parameters.values()]
    values += (v for graph in graphs for node in graph.nodes.values() for v in node.parameters.values())
    offered = {name: value for name, value in source.variables.items() if name not in here}
    return needed(values, offered)


def _free(wish: str, taken: Collection[str]) -> str:
    name, number = wish, 2
    while name in taken:
        name, number = f"{wish}_{number}", number + 1
    return name
