"""Edits of which networks there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nodeforge.core.changes import Change
from nodeforge.core.document import Document
from nodeforge.core.edits.values import (
    AddNetwork,
    Edit,
    RemoveNetwork,
    RenameNetwork,
    RestoreNetwork,
    SetMain,
)
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Graph
from nodeforge.core.parameters import is_identifier


def graph_of(document: Document, name: str) -> Graph:
    """A network by name; raises EditError when there is none."""
    try:
        return document.networks[name]
    except KeyError:
        raise EditError(f"The project has no network {name}.") from None


def apply_to_networks(document: Document, edit: Edit, change: Change) -> Edit:
    """Carry out an edit of the networks; returns its inverse."""
    networks = document.networks
    match edit:
        case RestoreNetwork(graph, names):
            inverse: Edit = apply_to_networks(document, AddNetwork(graph), change)
            _rebuild(document, {name: networks[name] for name in names})
        case AddNetwork(graph):
            _refuse_network_name(document, graph.name)
            networks[graph.name] = graph.copy()
            inverse = RemoveNetwork(graph.name)
        case RemoveNetwork(name):
            graph = graph_of(document, name)
            if name == document.main:
                raise EditError(f"{name} is the main network: make another one that first.")
            inverse = _restoring(document, name)
            del networks[name]
        case RenameNetwork(name, new_name):
            graph = graph_of(document, name)
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
            graph_of(document, name)
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
    return RestoreNetwork(document.networks[name].copy(), tuple(names))


def _rebuild(document: Document, networks: Mapping[str, Graph]) -> None:
    document.networks.clear()
    document.networks.update(networks)
