"""Another project's main network as a node of this one."""

from __future__ import annotations

import re
from pathlib import Path

from nodeforge.catalog import kinds
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, RemoveNode, RenameNetwork, apply
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph, reached
from nodeforge.core.parameters import is_identifier
from nodeforge.project import files
from nodeforge.session.blocks import Block, insert_edits


def insert_project(document: Document, network: str, path: Path, at: tuple[float, float]) -> Batch:
    """Put what a project computes into a network, as one node: what lies between its inputs and its outputs.

    Args:
        document: Where it goes.
        network: Name of the network that gets the node.
        path: A project's folder or its project.json.
        at: Where the node goes.

    Raises:
        UserError: The project cannot be read, gives nothing out, or would contain itself.
    """
    source = files.load(path)
    _prune(source)
    name = _name(source)
    if name != source.main:
        apply(source, RenameNetwork(source.main, name))
    block = Block(name=name, title=source.title, document=source)
    return insert_edits(document, network, block, at)


def _prune(source: Document) -> None:
    """Take out of the main network what its outputs do not need: losses, answers, and what only they use."""
    graph = source.main_network
    outputs = [node.name for node in graph.nodes.values() if node.kind == "Output"]
    if not outputs:
        raise UserError(f"{source.title} has no Output node, so it would be a node that gives nothing.")
    needed = _needed(graph, outputs)
    for name in [name for name in graph.nodes if name not in needed]:
        apply(source, RemoveNode(graph.name, name))


def _needed(graph: Graph, names: list[str]) -> set[str]:
    """Nodes from which one gets to some nodes, and those; owners of shared weights as well."""
    nodes = graph.nodes
    return reached(lambda name: (graph.predecessors(name) | {nodes[name].shares}) & nodes.keys(), names)


def _name(source: Document) -> str:
    """What the network is called here: "main" tells nobody anything, the project's title does."""
    if source.main != "main":
        return source.main
    words = re.findall(r"[A-Za-z0-9]+", source.title)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    taken = {*source.networks, *kinds()}
    return name if is_identifier(name) and name not in taken else "Project"
