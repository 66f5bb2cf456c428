"""Variables of a project and parameters that a network exposes: where they are named, and how they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nodeforge.catalog.networks import uses_of
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, Edit, SetKind, SetVariables, settings_over
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph
from nodeforge.core.parameters import Value, Values, identical
from nodeforge.session.substitution import names_of, plain, words


def declared(document: Document, network: str) -> Mapping[str, Value]:
    """The variables of the project, or, with a network's name, the parameters that it exposes."""
    return document.networks[network].parameters if network else document.variables


def named_in(document: Document, network: str, name: str) -> list[str]:
    """Every place that names a variable, in words: "conv.out_channels", "variable hidden", "optimizer.lr"."""
    return list(_places(document, network, name))


def _places(document: Document, network: str, name: str) -> Iterator[str]:
    for other, value in declared(document, network).items():
        if name in names_of(value):
            yield f"{'parameter' if network else 'variable'} {other}"
    for graph in _meant(document, network, name):
        where = "" if graph.name in (network, document.main) else f"{graph.name}: "
        if not network:
            yield from (
                f"{where}parameter {other}" for other, v in graph.parameters.items() if name in names_of(v)
            )
        for node in graph.ordered_nodes():
            for parameter, value in node.parameters.items():
                if name in names_of(value):
                    yield f"{where}{node.name}.{parameter}"
    if not network:
        yield from _settings_naming(document, name)


def _meant(document: Document, network: str, name: str) -> list[Graph]:
    """The networks in which the name means this variable: one with a parameter of that name means its own."""
    if network:
        return [document.networks[network]]
    return [graph for graph in document.networks.values() if name not in graph.parameters]


def _settings_naming(document: Document, name: str) -> Iterator[str]:
    found: list[str] = []

    def look(place: str, values: Values) -> Values:
        prefix = f"{place}." if place else ""
        found.extend(f"{prefix}{key}" for key, value in values.items() if name in names_of(value))
        return values

    if document.data is not None:
        document.data.rewritten(look)
    document.recipe.rewritten(look)
    return iter(found)


def removal(document: Document, network: str, name: str) -> Batch:
    """Remove a variable; whatever names it takes its value or its expression instead.

    Raises:
        UserError: Its value is no number, or uses of the network set it to other values.
    """
    values = declared(document, network)
    _refuse_told(document, network, name)
    kept = {key: value for key, value in values.items() if key != name}
    if not named_in(document, network, name):
        return Batch((SetVariables(network, kept),), f"Remove {name}")
    text = words(values[name])
    if text is None:
        raise UserError(f"{name} is {values[name]!r}, which is no number: mend it, then remove it.")

    def over(told: Mapping[str, Value]) -> dict[str, Value]:
        return {key: plain(value, {name: text}) for key, value in told.items()}

    edits: list[Edit] = [SetVariables(network, over(kept))]
    for graph in _meant(document, network, name):
        if not network and not identical(over(graph.parameters), dict(graph.parameters)):
            edits.append(SetVariables(graph.name, over(graph.parameters)))
        edits += (
            SetKind(graph.name, node.name, node.kind, told)
            for node in graph.nodes.values()
            if not identical(told := over(node.parameters), dict(node.parameters))
        )
    edits += settings_over(document, over) if not network else ()
    return Batch(tuple(edits), f"Remove {name}")


def _refuse_told(document: Document, network: str, name: str) -> None:
    """Stop where uses of a network set the parameter: removing it would change what they are."""
    for place, node in uses_of(document, network) if network else ():
        if name in document.networks[place].nodes[node].parameters:
            raise UserError(
                f"{node} in {place} sets {name} to a value of its own: take that back to its default first.",
                node=node,
            )
