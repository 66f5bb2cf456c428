"""Carries edits out. The only code that changes a document."""

from __future__ import annotations

from dataclasses import replace

from nodeforge.core.changes import Change
from nodeforge.core.document import Document
from nodeforge.core.drawing import place, way
from nodeforge.core.edits.custom import set_custom
from nodeforge.core.edits.drawing import draw
from nodeforge.core.edits.networks import apply_to_networks, graph_of
from nodeforge.core.edits.recipes import recipe_with_renamed
from nodeforge.core.edits.values import (
    UNSET,
    AddNetwork,
    AddNode,
    Applied,
    Batch,
    Collapse,
    Connect,
    Disconnect,
    Edit,
    MoveNodes,
    RemoveNetwork,
    RemoveNode,
    RenameNetwork,
    RenameNode,
    RenameVariable,
    RestoreNetwork,
    SetCustom,
    SetData,
    SetKind,
    SetMain,
    SetMode,
    SetParameter,
    SetRecipe,
    SetText,
    SetVariables,
    Share,
    Unset,
)
from nodeforge.core.edits.variables import frozen, renaming, set_variables
from nodeforge.core.errors import EditError
from nodeforge.core.graph import MODES, MODES_TOLD, Graph, Node
from nodeforge.core.parameters import Value, freeze, identical


def apply(document: Document, edit: Edit) -> Applied:
    """Carry out an edit.

    Raises:
        EditError: The edit does not fit; the document is as it was.
    """
    change = Change()
    inverse = _apply(document, edit, change)
    return Applied(inverse, change)


def _node(graph: Graph, name: str) -> Node:
    try:
        return graph.nodes[name]
    except KeyError:
        raise EditError(f"Network {graph.name} has no node {name}.") from None


def _apply(document: Document, edit: Edit, change: Change) -> Edit:
    match edit:
        case Batch(edits, label):
            return _apply_batch(document, edits, label, change)
        case SetData(data):
            inverse: Edit = SetData(document.data)
            if not identical(data, document.data):
                change.settings.add("data")
            document.data = data
            return inverse
        case SetRecipe(recipe):
            inverse = SetRecipe(document.recipe)
            if not identical(recipe, inverse.recipe):
                change.settings.add("recipe")
            document.recipe = recipe
            return inverse
        case SetText(field, text, network) if network:
            graph = graph_of(document, network)
            if field != "description":
                raise EditError(f"A network has no text called {field}.")
            inverse = SetText(field, graph.description, network)
            if text != graph.description:
                change.settings.add("networks")
            graph.description = text
            return inverse
        case AddNetwork() | RemoveNetwork() | RestoreNetwork() | RenameNetwork() | SetMain():
            return apply_to_networks(document, edit, change)
        case SetVariables(network, values):
            return set_variables(document, network, values, change)
        case SetCustom(codes):
            return set_custom(document, codes, change)
        case RenameVariable(network, name, new_name):
            return _apply_batch(document, renaming(document, network, name, new_name), "", change)
        case SetText(field, text, _):
            if field not in ("title", "description"):
                raise EditError(f"A project has no text called {field}.")
            inverse = SetText(field, getattr(document, field))
            if text != inverse.text:
                change.settings.add(field)
            setattr(document, field, text)
            return inverse
        case _:
            place: str | None = getattr(edit, "network", None)
            if place is None:
                raise TypeError(f"not an edit: {edit!r}")
            return _apply_to_graph(document, graph_of(document, place), edit, change)


def _apply_batch(document: Document, edits: tuple[Edit, ...], label: str, change: Change) -> Edit:
    inverses: list[Edit] = []
    merged = Change()
    try:
        for edit in edits:
            inverses.append(_apply(document, edit, merged))
    except EditError:
        for inverse in reversed(inverses):
            _apply(document, inverse, Change())
        raise
    change.merge(merged)
    return Batch(tuple(reversed(inverses)), label)


def _apply_to_graph(document: Document, graph: Graph, edit: Edit, change: Change) -> Edit:
    touched = change.network(graph.name)
    match edit:
        case AddNode(network, node):
            position = place(node.name, node.position)
            node = graph._add(replace(node, parameters=frozen(node.parameters), position=position))
            touched.added.add(node.name)
            touched.removed.discard(node.name)
            return RemoveNode(network, node.name)
        case RemoveNode(network, name):
            return _remove_node(graph, network, _node(graph, name), change)
        case RenameNode(network, name, new_name):
            _node(graph, name)
            if new_name != name:
                neighbours = graph.successors(name) | graph.predecessors(name)
                sharing = [n for n in graph.nodes.values() if n.shares in (name, new_name)]
                graph._rename(name, new_name)
                touched.renamed[name] = new_name
                touched.rewired |= (neighbours - {name}) | {new_name}
                for other in (node for node in sharing if node.shares == name):
                    graph._replace(replace(graph.nodes[other.name], shares=new_name))
                    touched.configured.add(other.name)
                # Those that named the new name before there was such a node must not follow it back.
                back: list[Edit] = [RenameNode(network, new_name, name)]
                back += [Share(network, n.name, new_name) for n in sharing if n.shares == new_name]
                recipe = recipe_with_renamed(document, network, name, new_name)
                if recipe != document.recipe:
                    back.append(_apply(document, SetRecipe(recipe), change))
                return Batch(tuple(back))
            return RenameNode(network, new_name, name)
        case Share(network, name, other):
            node = _node(graph, name)
            if other and other != node.shares:
                _refuse_sharing(graph, node, other)
            if other != node.shares:
                graph._replace(replace(node, shares=other))
                touched.configured.add(name)
            return Share(network, name, node.shares)
        case SetParameter(network, name, parameter, value):
            node = _node(graph, name)
            previous: Value | Unset = node.parameters.get(parameter, UNSET)
            values = {k: v for k, v in node.parameters.items() if k != parameter or value is not UNSET}
            if not isinstance(value, Unset):
                values[parameter] = freeze(value)
            if not identical(values.get(parameter, UNSET), previous):
                graph._replace(replace(node, parameters=values))
                touched.configured.add(name)
            if isinstance(value, Unset):
                return SetKind(network, name, node.kind, node.parameters)  # each at its place in the file
            return SetParameter(network, name, parameter, previous)
        case SetKind(network, name, kind, parameters):
            node = _node(graph, name)
            values = frozen(parameters)
            if kind != node.kind or not identical(values, dict(node.parameters)):
                graph._replace(replace(node, kind=kind, parameters=values))
                touched.configured.add(name)
            return SetKind(network, name, node.kind, node.parameters)
        case MoveNodes(network, positions):
            before = {name: _node(graph, name).position for name in positions}
            after = {name: place(name, position) for name, position in positions.items()}
            for name, position in after.items():
                if before[name] != position:
                    graph._replace(replace(graph.nodes[name], position=position))
                    touched.moved.add(name)
            return MoveNodes(network, before)
        case SetMode(network, name, mode):
            node = _node(graph, name)
            if mode not in MODES:
                raise EditError(f"{name} cannot be {mode!r}; {MODES_TOLD}.")
            if mode != node.mode:
                graph._replace(replace(node, mode=mode))
                touched.configured.add(name)
            return SetMode(network, name, node.mode)
        case Connect(network, wire, index, bends):
            graph._connect(wire, index, way(wire, bends))
            touched.rewired |= {wire.source, wire.target}
            return Disconnect(network, wire)
        case Disconnect(network, wire):
            index, bends = graph._disconnect(wire)
            touched.rewired |= {wire.source, wire.target}
            return Connect(network, wire, index, bends)
        case _:
            return draw(graph, edit, touched)


def _refuse_sharing(graph: Graph, node: Node, other: str) -> None:
    if other == node.name:
        raise EditError(f"{node.name} cannot share weights with itself.")
    owner = graph.nodes.get(other)
    if owner is not None and owner.kind != node.kind:
        raise EditError(
            f"{node.name} is a {node.kind} and {other} a {owner.kind}: only nodes of one kind share weights."
        )


def _remove_node(graph: Graph, network: str, node: Node, change: Change) -> Edit:
    touched = change.network(graph.name)
    back: list[Edit] = []
    for wire in graph.wires_of(node.name):
        back.append(Connect(network, wire, *graph._disconnect(wire)))
        touched.rewired |= {wire.source, wire.target} - {node.name}
    if node.name in graph.drawing.collapsed:
        back.append(Collapse(network, {node.name: True}))
    graph._remove(node.name)
    touched.removed.add(node.name)
    touched.added.discard(node.name)
    return Batch((AddNode(network, node), *reversed(back)))
