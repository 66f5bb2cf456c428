"""Nodes once more, fed by the same sources if one likes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Batch, Connect, Edit
from nodeforge.core.graph import Wire
from nodeforge.session.clipboard import copy_text, paste_edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """What duplicates nodes.

    Attributes:
        edit: Adds the copies.
        names: The copy of each node.
    """

    edit: Batch
    names: dict[str, str]


def duplicate(
    document: Document,
    network: str,
    names: Collection[str],
    at: tuple[float, float],
    *,
    frames: Collection[str] = (),
    keep_inputs: bool = False,
) -> Copies:
    """Copy nodes with the wires between them, and frames.

    Args:
        document: The project.
        network: The network that the nodes stand in.
        names: The nodes.
        at: Top left corner of the copies.
        frames: The frames; those that hold nothing but such nodes come along anyway.
        keep_inputs: Whether what feeds the nodes from outside feeds the copies as well.
    """
    graph = document.networks[network]
    pasted = paste_edits(document, network, copy_text(document, network, names, frames), at)
    added = [edit.node.name for edit in pasted.edits if isinstance(edit, AddNode)]
    originals = [node.name for node in graph.ordered_nodes() if node.name in names]
    copies = dict(zip(originals, added, strict=True))
    fed: list[Edit] = []
    for name in originals if keep_inputs else ():
        for wire in graph.wires_into(name):
            if wire.source not in copies:
                again = Wire(*wire.tail, copies[name], wire.input)
                fed.append(Connect(network, again, graph.index_of(wire)))
    what = originals[0] if len(originals) == 1 else f"{len(originals)} nodes" if originals else "frame"
    label = f"Duplicate {what}"
    return Copies(edit=Batch((*pasted.edits, *fed), label), names=copies)
