"""Copy and paste: nodes with the wires between them as text, in the format of a project file.

The networks that stand in the nodes and the variables that they name come along. So what was copied may be kept in a
file or sent in a mail, and text from anywhere is checked like a stranger's project.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from nodeforge.catalog.networks import reachable, used_networks
from nodeforge.core.document import Document
from nodeforge.core.drawing import shifted
from nodeforge.core.edits import (
    AddNode,
    Batch,
    Collapse,
    Connect,
    Edit,
    RemoveNode,
    SetVariables,
    apply,
)
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.project import schema
from nodeforge.session import framing
from nodeforge.session.carrying import carried, own_layers
from nodeforge.session.pasted import project_in
from nodeforge.session.substitution import needed


def copy_text(document: Document, network: str, names: Collection[str], frames: Collection[str] = ()) -> str:
    """The nodes called `names` of a network, with the wires between them and all that they stand for, as text.

    Frames come along that are named, or that hold nothing but such nodes.
    """
    kept = document.networks[network].copy()
    kept.description = ""
    kept.drawing.frames = framing.copied(document.networks[network], names, frames)
    kept.drawing.bookmarks = {}
    copied = Document("Clipboard", networks={network: kept}, main=network, variables=dict(document.variables))
    for node in document.networks[network].nodes.values():
        if node.name not in names:
            apply(copied, RemoveNode(network, node.name))
        elif node.shares not in names:
            kept.nodes[node.name] = _on_its_own(document.networks[network], node)
    inner = set().union(*(reachable(document, name) for name in used_networks(document, kept)))
    copied.networks |= {name: document.networks[name].copy() for name in document.networks if name in inner}
    graphs = copied.networks.values()
    copied.custom = own_layers(document, graphs)
    kept.parameters = needed(_values(kept), kept.parameters)
    values = [value for graph in graphs for value in (*_values(graph), *graph.parameters.values())]
    copied.variables = needed(values, document.variables)
    return schema.encode(copied).decode()


def _on_its_own(graph: Graph, node: Node) -> Node:
    """A node that does not share: what it was, with weights of its own."""
    owner = graph.nodes.get(node.shares, node)
    return replace(node, parameters=owner.parameters, shares="")


def _values(graph: Graph) -> list[Value]:
    return [value for node in graph.nodes.values() for value in node.parameters.values()]


def paste_edits(document: Document, network: str, text: str, at: tuple[float, float]) -> Batch:
    """Add the nodes of a text to a network; names that are taken get a number.

    Networks that the nodes stand for are added, unless the project has the same ones; so are variables.

    Args:
        document: Where they are pasted.
        network: Name of the network.
        text: What `copy_text` gave, or a whole project file, whatever stands around it; it is not trusted.
        at: Top left corner of what is pasted.

    Raises:
        UserError: The text holds no nodes, is broken, or the network would then contain itself.
    """
    found = project_in(text)
    if not found:
        raise UserError(
            "There are no nodes in this text: copy some on a canvas, or the whole answer that holds them."
        )
    source = schema.decode(found.encode("utf-8", "replace"), "This text")
    copied = source.main_network
    frames = copied.drawing.frames
    if not (copied.nodes or frames):
        raise UserError("There are no nodes on the clipboard: select some and copy them first.")
    graph = document.networks[network]
    edits, called = carried(document, source, used_networks(source, copied))
    _refuse_circle(document, network, copied, called)
    edits += _variables(document, network, source, edits)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for node in copied.ordered_nodes():
        names[node.name] = graph.free_name(node.name, taken)
        taken.add(names[node.name])
    corners = [node.position for node in copied.nodes.values()]
    corners += [frame.area[:2] for frame in frames.values()]
    left, top = (min(corner[axis] for corner in corners) for axis in (0, 1))
    for node in copied.ordered_nodes():
        new = replace(
            node,
            name=names[node.name],
            kind=called.get(node.kind, node.kind),
            position=(at[0] + node.position[0] - left, at[1] + node.position[1] - top),
            order=None,
            shares=names.get(node.shares, ""),
        )
        edits.append(AddNode(network, new))
    way = (at[0] - left, at[1] - top)
    for wire in copied.ordered_wires():
        here = Wire(names[wire.source], wire.output, names[wire.target], wire.input)
        bends = shifted(copied.drawing.bends.get(wire, ()), way)
        edits.append(Connect(network, here, bends=bends))
    if copied.drawing.collapsed:
        edits.append(Collapse(network, {names[name]: True for name in sorted(copied.drawing.collapsed)}))
    if frames:
        edits.append(framing.pasted(graph, frames, way))
    label = "Paste 1 node" if len(names) == 1 else f"Paste {len(names)} nodes" if names else "Paste"
    return Batch(tuple(edits), label)


def _refuse_circle(document: Document, network: str, copied: Graph, called: Mapping[str, str]) -> None:
    for node in copied.ordered_nodes():
        kind = called.get(node.kind, node.kind)
        if kind in document.networks and network in reachable(document, kind):
            what = (
                "is this network" if kind == network else f"stands for {kind}, in which this network stands"
            )
            raise UserError(f"{node.name} {what}: it cannot be put inside itself.", node=node.name)


def _variables(document: Document, network: str, source: Document, edits: list[Edit]) -> list[Edit]:
    """What gives the names in the pasted nodes a meaning, where they have none here yet."""
    here: Mapping[str, Value] = document.variables
    for edit in edits:
        here = edit.values if isinstance(edit, SetVariables) else here
    values, graph = _values(source.main_network), document.networks[network]
    own = source.main_network.parameters
    exposed = {n: v for n, v in needed(values, own).items() if n not in graph.parameters and n not in here}
    of_project = {name: v for name, v in source.variables.items() if name not in (*here, *own)}
    missing = needed([*values, *exposed.values()], of_project)
    if network == document.main:  # nobody could set them there
        missing, exposed = {**missing, **exposed}, {}
    found: list[Edit] = [SetVariables("", {**here, **missing})] if missing else []
    return [*found, SetVariables(network, {**graph.parameters, **exposed})] if exposed else found
