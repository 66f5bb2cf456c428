"""A number in a node becomes one with a name: a parameter of the network it is in, or a variable of the project."""

from __future__ import annotations

from nodeforge.catalog.networks import kinds_of
from nodeforge.core.document import Document
from nodeforge.core.edits import REPEATING, Batch, SetParameter, SetVariables
from nodeforge.core.expressions import FUNCTIONS, is_expression
from nodeforge.core.graph import Graph
from nodeforge.core.parameters import Value
from nodeforge.session.substitution import names_of
from nodeforge.session.variables import declared


def exposable(document: Document, network: str, name: str, parameter: str) -> Value:
    """What a parameter of a node is set to, or its default, if a name can stand in its place; None when none can."""
    node = document.networks[network].nodes[name]
    kind = kinds_of(document).get(node.kind)
    if kind is None or node.shares:
        return None
    numeric = {each.name for each in kind.parameters if each.type.numeric}
    value = kind.complete(node.parameters).get(parameter)
    if parameter not in numeric or isinstance(value, bool):
        return None
    if is_expression(value):
        owner = _owner(document, network)
        has_name = value in {f"={each}" for each in declared(document, owner)}
        out_of_reach = not owner and names_of(value) & document.networks[network].parameters.keys()
        return None if has_name or out_of_reach else value
    return value if isinstance(value, (int, float)) else None


def expose(document: Document, network: str, name: str, parameter: str) -> Batch:
    """Give the number of a node a name: each use of its network can set it then, or, in the main one, the project.

    Args:
        document: The project.
        network: Where the node is.
        name: The node.
        parameter: What of it; `exposable` says whether that can be.
    """
    value = exposable(document, network, name, parameter)
    assert value is not None, f"{parameter} of {name} cannot have a name"
    owner = _owner(document, network)
    mine = declared(document, owner)
    taken = {*mine, *document.variables, *document.networks[network].parameters, *FUNCTIONS, *REPEATING}
    called = Graph().free_name(parameter, taken)
    edits = (
        SetVariables(owner, {**mine, called: value}),
        SetParameter(network, name, parameter, f"={called}"),
    )
    return Batch(edits, f"Expose {parameter} of {name}" if owner else f"Make {called} a variable")


def _owner(document: Document, network: str) -> str:
    """Whose the name is: a network's, or "" for the project's."""
    return network if network != document.main else ""
