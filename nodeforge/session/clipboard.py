"""Copy and paste: nodes with the wires between them as text, in the format of a project file.

So what was copied may be kept in a file or sent in a mail, and text from anywhere is checked like a
stranger's project.
"""

from __future__ import annotations

from collections.abc import Collection

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Batch, Connect, Edit, RemoveNode, apply
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.project import schema


def copy_text(graph: Graph, names: Collection[str]) -> str:
    """The nodes called `names`, with the wires between them, as text."""
    kept = graph.copy()
    document = Document(title="Clipboard", networks={kept.name: kept}, main=kept.name)
    for name in graph.nodes:
        if name not in names:
            apply(document, RemoveNode(kept.name, name))
    return schema.encode(document).decode()


def paste_edits(document: Document, network: str, text: str, at: tuple[float, float]) -> Batch:
    """Add the nodes of a text to a network; names that are taken get a number.

    Args:
        document: Where they are pasted.
        network: Name of the network.
        text: What `copy_text` gave, or a whole project file; it is not trusted.
        at: Top left corner of what is pasted.

    Raises:
        UserError: The text holds no nodes, or is broken.
    """
    copied = schema.decode(text.encode("utf-8", "replace"), "What is on the clipboard").main_network
    if not copied.nodes:
        raise UserError("There are no nodes on the clipboard: select some and copy them first.")
    graph = document.networks[network]
    names: dict[str, str] = {}
    for node in copied.ordered_nodes():
        names[node.name] = graph.free_name(node.name, names.values())
    left = min(node.position[0] for node in copied.nodes.values())
    top = min(node.position[1] for node in copied.nodes.values())
    edits: list[Edit] = []
    for node in copied.ordered_nodes():
        position = (at[0] + node.position[0] - left, at[1] + node.position[1] - top)
        new = Node(name=names[node.name], kind=node.kind, parameters=node.parameters, position=position)
        edits.append(AddNode(network, new))
    for wire in copied.ordered_wires():
        edits.append(Connect(network, Wire(names[wire.source], wire.output, names[wire.target], wire.input)))
    label = "Paste 1 node" if len(names) == 1 else f"Paste {len(names)} nodes"
    return Batch(tuple(edits), label)
