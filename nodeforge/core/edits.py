"""Edits: frozen values that say what to change. `apply` carries one out and returns its inverse.

Views submit edits and redraw from the change summary; they own no truth. An edit either applies
whole or raises `EditError` and leaves the document as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from nodeforge.core.changes import Change
from nodeforge.core.document import Component, DataSettings, Document, Recipe
from nodeforge.core.errors import EditError
from nodeforge.core.expressions import FUNCTIONS, renamed
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.core.parameters import Value, freeze, identical, is_identifier

REPEATING = ("repeat", "share_repeats")
"""What every use of a network can be told besides the parameters that the network exposes."""


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
class Share(Edit):
    """Lets a node use the weights and parameters of another of its network; "" gives it its own again."""

    network: str
    name: str
    other: str


@dataclass(frozen=True, slots=True)
class AddNetwork(Edit):
    """Adds a network with all that is in it; the edit keeps its graph to itself."""

    graph: Graph


@dataclass(frozen=True, slots=True)
class RemoveNetwork(Edit):
    """Removes a network that is not the main one; nodes that use it stay, and are then of an unknown kind."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameNetwork(Edit):
    """Renames a network, and with it the kind of every node that uses it."""

    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class SetMain(Edit):
    """Makes another network the one that is trained."""

    name: str


@dataclass(frozen=True, slots=True)
class SetVariables(Edit):
    """Variables of the project, or, with a network's name, the parameters which that network exposes."""

    network: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RenameVariable(Edit):
    """Renames a variable of the project or an exposed parameter of a network, wherever it is named."""

    network: str
    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class SetData(Edit):
    data: DataSettings | None


@dataclass(frozen=True, slots=True)
class SetRecipe(Edit):
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class SetText(Edit):
    """Title or description of the project, or, with a network's name, the description of that network."""

    field: str
    text: str
    network: str = ""


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
        case SetText(field, text, network) if network:
            graph = _graph(document, network)
            if field != "description":
                raise EditError(f"A network has no text called {field}.")
            inverse = SetText(field, graph.description, network)
            if text != graph.description:
                change.settings.add("networks")
            graph.description = text
            return inverse
        case _Reorder(graph, names):
            inverse = _apply(document, AddNetwork(graph), change)
            _rebuild(document, {name: document.networks[name] for name in names})
            return inverse
        case AddNetwork() | RemoveNetwork() | RenameNetwork() | SetMain():
            return _apply_to_networks(document, edit, change)
        case SetVariables(network, values):
            return _set_variables(document, network, values, change)
        case RenameVariable(network, name, new_name):
            return _apply_batch(document, _renaming(document, network, name, new_name), "", change)
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
            return _apply_to_graph(_graph(document, place), edit, change)


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
                sharing = [n for n in graph.nodes.values() if n.shares in (name, new_name)]
                graph._rename(name, new_name)
                touched.renamed[name] = new_name
                touched.rewired |= (neighbours - {name}) | {new_name}
                for other in (node for node in sharing if node.shares == name):
                    graph._replace(replace(graph.nodes[other.name], shares=new_name))
                    touched.configured.add(other.name)
                # Those that named the new name before there was such a node must not follow it back.
                strays = [Share(network, n.name, new_name) for n in sharing if n.shares == new_name]
                return Batch((RenameNode(network, new_name, name), *strays))
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


def _refuse_sharing(graph: Graph, node: Node, other: str) -> None:
    if other == node.name:
        raise EditError(f"{node.name} cannot share weights with itself.")
    owner = graph.nodes.get(other)
    if owner is not None and owner.kind != node.kind:
        raise EditError(
            f"{node.name} is a {node.kind} and {other} a {owner.kind}: only nodes of one kind share weights."
        )


def _apply_to_networks(document: Document, edit: Edit, change: Change) -> Edit:
    networks = document.networks
    match edit:
        case AddNetwork(graph):
            _refuse_network_name(document, graph.name)
            networks[graph.name] = graph.copy()
            inverse: Edit = RemoveNetwork(graph.name)
        case RemoveNetwork(name):
            graph = _graph(document, name)
            if name == document.main:
                raise EditError(f"{name} is the main network: make another one that first.")
            inverse = _restoring(document, name)
            del networks[name]
        case RenameNetwork(name, new_name):
            graph = _graph(document, name)
            inverse = RenameNetwork(new_name, name)
            if name == new_name:
                return inverse
            _refuse_network_name(document, new_name)
            if any(node.kind == new_name for g in networks.values() for node in g.nodes.values()):
                raise EditError(f"There are nodes of a kind {new_name} already: choose another name.")
            graph.name = new_name
            _rebuild(document, {new_name if n == name else n: g for n, g in networks.items()})
            document.main = new_name if document.main == name else document.main
            for using in networks.values():
                for node in [node for node in using.nodes.values() if node.kind == name]:
                    using._replace(replace(node, kind=new_name))
                    change.network(using.name).configured.add(node.name)
            change.renamed_networks[name] = new_name
        case SetMain(name):
            _graph(document, name)
            inverse = SetMain(document.main)
            if name == document.main:
                return inverse
            document.main = name
        case _:
            raise TypeError(f"not an edit: {edit!r}")
    change.settings.add("networks")
    return inverse


def _refuse_network_name(document: Document, name: str) -> None:
    if not is_identifier(name):
        raise EditError(
            f"{name!r} cannot name a network: use letters, digits and _, starting with a letter "
            "(not a Python keyword), at most 64 characters."
        )
    if name in document.networks:
        raise EditError(f"The project already has a network {name}: choose another name.")


def _restoring(document: Document, name: str) -> Edit:
    """Brings a network back to its place among the others: they are taken out and put in again behind it."""
    names = list(document.networks)
    behind = names[names.index(name) + 1 :]
    if not behind:
        return AddNetwork(document.networks[name].copy())
    return _Reorder(document.networks[name].copy(), tuple(names))


@dataclass(frozen=True, slots=True)
class _Reorder(Edit):
    """Adds a network, and sets the order of all."""

    graph: Graph
    names: tuple[str, ...]


def _rebuild(document: Document, networks: Mapping[str, Graph]) -> None:
    document.networks.clear()
    document.networks.update(networks)


def _set_variables(document: Document, network: str, values: Mapping[str, Value], change: Change) -> Edit:
    owner = _graph(document, network) if network else document
    before = owner.parameters if isinstance(owner, Graph) else owner.variables
    after = _frozen(values)
    for name in after.keys() - before.keys():
        _refuse_variable_name(name)
    inverse = SetVariables(network, dict(before))
    if identical(after, dict(before)):
        return inverse
    if isinstance(owner, Graph):
        owner.parameters = after
        owner._revise()
        change.network(network).exposed = True
    else:
        owner.variables = after
        change.settings.add("variables")
    return inverse


def _refuse_variable_name(name: str) -> None:
    if not is_identifier(name):
        raise EditError(
            f"{name!r} cannot name a variable: use letters, digits and _, starting with a letter "
            "(not a Python keyword), at most 64 characters."
        )
    if name in FUNCTIONS or name in REPEATING:
        raise EditError(f"{name} has a meaning of its own, so no variable can be called that.")


def _renaming(document: Document, network: str, name: str, new_name: str) -> tuple[Edit, ...]:
    """The edits that rename a variable: where it is declared, and every value that names it."""
    declared = _graph(document, network).parameters if network else document.variables
    if name not in declared:
        raise EditError(f"There is no variable {name}.")
    if name == new_name:
        return ()
    if new_name in declared:
        raise EditError(f"There is a variable {new_name} already: choose another name.")

    def over(values: Mapping[str, Value]) -> dict[str, Value]:
        return {key: renamed(value, name, new_name) for key, value in values.items()}

    values = {new_name if key == name else key: value for key, value in over(declared).items()}
    edits: list[Edit] = [SetVariables(network, values)]
    for graph in document.networks.values():
        if network and graph.name != network:
            for node in graph.nodes.values():
                if node.kind == network and name in node.parameters:
                    told = {new_name if key == name else key: v for key, v in node.parameters.items()}
                    edits.append(SetKind(graph.name, node.name, node.kind, told))
            continue
        if not network and name in graph.parameters:
            continue  # the network's own parameter of that name is meant there
        if not network:
            edits.append(SetVariables(graph.name, over(graph.parameters)))
        edits += (
            SetKind(graph.name, node.name, node.kind, told)
            for node in graph.nodes.values()
            if (told := over(node.parameters)) != dict(node.parameters)
        )
    if not network:
        edits += settings_over(document, over)
    return tuple(edits)


def settings_over(
    document: Document, over: Callable[[Mapping[str, Value]], dict[str, Value]]
) -> Iterator[Edit]:
    """The edits that put other values in place of those of data and recipe."""

    def component(part: Component) -> Component:
        return replace(part, parameters=over(part.parameters))

    if document.data is not None:
        data = document.data
        yield SetData(
            replace(
                data,
                source=component(data.source),
                preparation=over(data.preparation),
                augmentation=tuple(component(part) for part in data.augmentation),
            )
        )
    stages = tuple(
        replace(
            stage,
            settings=over(stage.settings),
            optimizer=component(stage.optimizer),
            schedule=component(stage.schedule),
        )
        for stage in document.recipe.stages
    )
    yield SetRecipe(replace(document.recipe, stages=stages))


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
