"""Edits: frozen values that say what to change. `apply` carries one out and returns its inverse.

Views submit edits and redraw from the change summary; they own no truth. An edit either applies
whole or raises `EditError` and leaves the document as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nodeforge.core.changes import Change
from nodeforge.core.document import DataSettings, Document, Recipe
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.core.parameters import Value, freeze, identical


@dataclass(frozen=True, slots=True)
class Unset:
    """In `SetParameter`: go back to the kind's default."""


UNSET = Unset()


@dataclass(frozen=True, slots=True)
class Edit:
    """Base of all edits."""


@dataclass(frozen=True, slots=True)
class AddNode(Edit):
    network: str
    node: Node


@dataclass(frozen=True, slots=True)
class RemoveNode(Edit):
    """Removes the node and every wire that touches it."""

    network: str
    name: str


@dataclass(frozen=True, slots=True)
class RenameNode(Edit):
    network: str
    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class SetParameter(Edit):
    """Sets one parameter of a node, or takes it back to its default with UNSET."""

    network: str
    name: str
    parameter: str
    value: Value | Unset


@dataclass(frozen=True, slots=True)
class SetKind(Edit):
    """Another kind for a node; its wires stay."""

    network: str
    name: str
    kind: str
    parameters: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class MoveNodes(Edit):
    """New positions by node name, all at once."""

    network: str
    positions: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Connect(Edit):
    """Adds a wire; `index` is its place in an input port that takes a list (None: the last)."""

    network: str
    wire: Wire
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Disconnect(Edit):
    network: str
    wire: Wire


@dataclass(frozen=True, slots=True)
class SetData(Edit):
    data: DataSettings | None


@dataclass(frozen=True, slots=True)
class SetRecipe(Edit):
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class SetText(Edit):
    """Title or description of the project."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Batch(Edit):
    """Several edits as one: all apply, or none does. The label names the undo step."""

    edits: tuple[Edit, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """The outcome of an edit: what undoes it, and what changed."""

    inverse: Edit
    change: Change


def apply(document: Document, edit: Edit) -> Applied:
    """Carry out an edit.

    Raises:
        EditError: The edit does not fit; the document is as it was.
    """
    change = Change()
    inverse = _apply(document, edit, change)
    return Applied(inverse, change)


def _graph(document: Document, name: str) -> Graph:
    try:
        return document.networks[name]
    except KeyError:
        raise EditError(f"The project has no network {name}.") from None


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
        case SetText(field, text):
            if field not in ("title", "description"):
                raise EditError(f"A project has no text called {field}.")
            inverse = SetText(field, getattr(document, field))
            if text != inverse.text:
                change.settings.add(field)
            setattr(document, field, text)
            return inverse
        case _:
            network: Any = getattr(edit, "network", None)
            if network is None:
                raise TypeError(f"not an edit: {edit!r}")
            return _apply_to_graph(_graph(document, network), edit, change)


def _apply_batch(document: Document, edits: tuple[Edit, ...], label: str, change: Change) -> Edit:
    inverses: list[Edit] = []
    merged = Change()
    try:
        for edit in edits:
            step = Change()
            inverses.append(_apply(document, edit, step))
            merged.merge(step)
    except EditError:
        for inverse in reversed(inverses):
            _apply(document, inverse, Change())
        raise
    change.merge(merged)
    return Batch(tuple(reversed(inverses)), label)


def _apply_to_graph(graph: Graph, edit: Edit, change: Change) -> Edit:
    touched = change.network(graph.name)
    match edit:
        case AddNode(network, node):
            node = graph._add(replace(node, parameters=_frozen(node.parameters)))
            touched.added.add(node.name)
            return RemoveNode(network, node.name)
        case RemoveNode(network, name):
            return _remove_node(graph, network, _node(graph, name), change)
        case RenameNode(network, name, new_name):
            _node(graph, name)
            if new_name != name:
                neighbours = graph.successors(name) | graph.predecessors(name)
                graph._rename(name, new_name)
                touched.renamed[name] = new_name
                touched.rewired |= (neighbours - {name}) | {new_name}
            return RenameNode(network, new_name, name)
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
            values = _frozen(parameters)
            if kind != node.kind or not identical(values, dict(node.parameters)):
                graph._replace(replace(node, kind=kind, parameters=values))
                touched.configured.add(name)
            return SetKind(network, name, node.kind, node.parameters)
        case MoveNodes(network, positions):
            before = {name: _node(graph, name).position for name in positions}
            for name, (x, y) in positions.items():
                if before[name] != (x, y):
                    graph._replace(replace(graph.nodes[name], position=(float(x), float(y))))
                    touched.moved.add(name)
            return MoveNodes(network, before)
        case Connect(network, wire, index):
            graph._connect(wire, index)
            touched.rewired |= {wire.source, wire.target}
            return Disconnect(network, wire)
        case Disconnect(network, wire):
            index = graph._disconnect(wire)
            touched.rewired |= {wire.source, wire.target}
            return Connect(network, wire, index)
        case _:
            raise TypeError(f"not an edit: {edit!r}")


def _remove_node(graph: Graph, network: str, node: Node, change: Change) -> Edit:
    touched = change.network(graph.name)
    back: list[Edit] = []
    for wire in graph.wires_of(node.name):
        back.append(Connect(network, wire, graph._disconnect(wire)))
        touched.rewired |= {wire.source, wire.target} - {node.name}
    graph._remove(node.name)
    touched.removed.add(node.name)
    touched.added.discard(node.name)
    return Batch((AddNode(network, node), *reversed(back)))


def _frozen(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: freeze(value) for name, value in values.items()}
