"""Edits of variables: of the project, and of what networks expose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nodeforge.core.changes import Change
from nodeforge.core.document import Document
from nodeforge.core.edits.networks import graph_of
from nodeforge.core.edits.values import Edit, SetData, SetKind, SetRecipe, SetVariables
from nodeforge.core.errors import EditError
from nodeforge.core.expressions import FUNCTIONS, renamed
from nodeforge.core.graph import Graph
from nodeforge.core.parameters import Value, freeze, identical, is_identifier

REPEATING = ("repeat", "share_repeats")
"""What every use of a network can be told besides the parameters that the network exposes."""


def set_variables(document: Document, network: str, values: Mapping[str, Value], change: Change) -> Edit:
    owner = graph_of(document, network) if network else document
    before = owner.parameters if isinstance(owner, Graph) else owner.variables
    after = frozen(values)
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


def renaming(document: Document, network: str, name: str, new_name: str) -> tuple[Edit, ...]:
    """The edits that rename a variable: where it is declared, and every value that names it."""
    declared = graph_of(document, network).parameters if network else document.variables
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
    if document.data is not None:
        yield SetData(document.data.rewritten(lambda _, values: over(values)))
    yield SetRecipe(document.recipe.rewritten(lambda _, values: over(values)))


def frozen(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: freeze(value) for name, value in values.items()}
