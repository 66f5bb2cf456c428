"""A file or folder of the person's own as the project's data, and the nodes that it feeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nodeforge.analysis.wiring import node_name
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Role
from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.edits import AddNode, Batch, SetData
from nodeforge.core.graph import Node
from nodeforge.core.parameters import Value
from nodeforge.core.specs import DataFacts, FieldFacts

_STEP = 110.0
"""From one new node down to the next, in canvas units."""
_FED = {"input": ("Input", Role.INPUT), "target": ("Target", Role.TARGET)}
"""By the role of a field, the kind of node that it feeds."""


def use_data(document: Document, folder: Path | None, path: Path, kind: str) -> SetData:
    """Make a file or folder the data; written relative to the project if it lies in its folder.

    Args:
        document: The project.
        folder: Where it is saved.
        path: The file or folder.
        kind: The data source that reads it.
    """
    inside = folder is not None and path.is_relative_to(folder)
    text = path.relative_to(folder).as_posix() if folder and inside else str(path)
    source = Component(kind=kind, parameters={"path": text})
    present = document.data
    return SetData(
        replace(present, source=source, columns=()) if present else DataSettings(source=source, columns=())
    )


def fed_nodes(document: Document, facts: DataFacts, at: tuple[float, float]) -> Batch | None:
    """Input and Target nodes for what the data hold, where the main network has none; None when nothing is missing.

    Args:
        document: The project.
        facts: What the data hold.
        at: Where the first node goes; the others stand below it.
    """
    graph, known = document.main_network, kinds()
    present = {known[node.kind].role for node in graph.nodes.values() if node.kind in known}
    missing = [field for field in facts.fields if _FED[field.role][1] not in present]
    edits: list[AddNode] = []
    for place, field in enumerate(missing):
        kind = _FED[field.role][0]
        alone = sum(other.role == field.role for other in missing) == 1
        node = Node(
            name=node_name(graph, kind, [edit.node.name for edit in edits]),
            kind=kind,
            parameters=_parameters(field, alone=alone),
            position=(at[0], at[1] + place * _STEP),
        )
        edits.append(AddNode(graph.name, node))
    return Batch(tuple(edits), f"Add nodes for {facts.title}") if edits else None


def _parameters(field: FieldFacts, *, alone: bool) -> dict[str, Value]:
    found: dict[str, Value] = {"shape": field.spec.sample_shape, "dtype": field.spec.dtype}
    return found if alone else {**found, "field": field.name}
