"""Adding nodes: where they go, and the search that offers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nodeforge.analysis import wiring
from nodeforge.catalog.kind import Kind
from nodeforge.core.edits import AddNode, Edit
from nodeforge.core.graph import Endpoint, Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.session.blocks import insert_edits
from nodeforge.ui import library
from nodeforge.ui.canvas import editing, layered, style
from nodeforge.ui.canvas.search_popup import SearchPopup

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_CLEARANCE = 10.0


def offers(canvas: Canvas) -> Mapping[str, Kind]:
    """What may be added to the shown network: kinds, the project's networks, blocks of the library."""
    return {**canvas.model.placeable, **library.block_kinds()}


def add_node(
    canvas: Canvas,
    kind: str,
    at: QPointF,
    parameters: Mapping[str, Value],
    anchor: Endpoint | None,
    forward: bool,
) -> str:
    """Add a node with its middle at a point, beside its anchor if it has one, and select it."""
    model = canvas.model
    shift = 0.0 if anchor is None else style.NODE_WIDTH / 2 * (1 if forward else -1)
    edits, name = _new_node(canvas, kind, _corner(at + QPointF(shift, 0)), parameters)
    declared = offers(canvas)[kind]
    edit = editing.wired(model.graph, edits, name, declared, model.kinds, anchor=anchor, forward=forward)
    if model.do(edit):
        model.select([name])
    return name


def insert_node(canvas: Canvas, kind: str, wire: Wire, at: QPointF, parameters: Mapping[str, Value]) -> None:
    """Put a new node on a wire and select it."""
    model = canvas.model
    edits, name = _new_node(canvas, kind, _corner(at), parameters)
    if model.do(editing.put_on_wire(model.graph, edits, name, offers(canvas)[kind], wire)):
        model.select([name])


def _new_node(
    canvas: Canvas, kind: str, corner: tuple[float, float], parameters: Mapping[str, Value]
) -> tuple[tuple[Edit, ...], str]:
    """What adds a node that is offered, and the node's name. A block brings its networks along."""
    model = canvas.model
    block = library.block_of(kind)
    if block is None:
        node = Node(
            name=wiring.node_name(model.graph, kind), kind=kind, parameters=parameters, position=corner
        )
        return (AddNode(model.network, node),), node.name
    *brought, last = insert_edits(model.document, model.network, block, corner).edits
    assert isinstance(last, AddNode)
    node = replace(last.node, parameters={**last.node.parameters, **parameters})
    return (*brought, AddNode(model.network, node)), node.name


def _corner(middle: QPointF) -> tuple[float, float]:
    return (round(middle.x() - style.NODE_WIDTH / 2), round(middle.y() - style.NODE_HEIGHT / 2))


def free_place(canvas: Canvas) -> QPointF:
    """Behind the selected node, or in the middle of the view; moved down to where nothing lies."""
    mirror = canvas.mirror
    point = canvas.visible_area().center()
    chosen = mirror.slots_of(canvas.model.selection)
    if len(chosen) == 1:
        x, y = mirror.rects[chosen[0], :2].tolist()
        point = QPointF(x + layered.COLUMN + style.NODE_WIDTH / 2, y + style.NODE_HEIGHT / 2)
    while _is_taken(canvas, point):
        point += QPointF(0, style.NODE_HEIGHT + layered.ROW_GAP)
    return point


def _is_taken(canvas: Canvas, point: QPointF) -> bool:
    rects = canvas.mirror.rects
    half_width, half_height = style.NODE_WIDTH / 2 + _CLEARANCE, style.NODE_HEIGHT / 2 + _CLEARANCE
    across = (rects[:, 0] < point.x() + half_width) & (rects[:, 0] + rects[:, 2] > point.x() - half_width)
    down = (rects[:, 1] < point.y() + half_height) & (rects[:, 1] + rects[:, 3] > point.y() - half_height)
    return bool((across & down).any())


def open_search(
    canvas: Canvas, at: QPointF, anchor: Endpoint | None, forward: bool, wire: Wire | None
) -> SearchPopup:
    """Open the search at a point; what is chosen is added there, wired to the anchor or put on the wire."""
    window = canvas.window()
    choices = _choices(canvas, anchor, forward, wire)
    popup = SearchPopup(window, choices, _used(canvas), canvas.palette_colors)

    def add(kind: str, parameters: Mapping[str, Value]) -> None:
        if wire is not None and canvas.model.graph.has_wire(wire):
            insert_node(canvas, kind, wire, at, parameters)
        else:
            add_node(canvas, kind, at, parameters, anchor, forward)

    popup.chosen.connect(add)
    popup.open_at(canvas.viewport().mapTo(window, canvas.mapFromScene(at)))
    return popup


def _choices(canvas: Canvas, anchor: Endpoint | None, forward: bool, wire: Wire | None) -> list[Kind]:
    """All kinds, or those that fit the anchor or the wire, the likeliest first."""
    tail = wire.tail if wire is not None else anchor
    if tail is None:
        return list(offers(canvas).values())
    report = canvas.mirror.report
    node = report.nodes.get(tail[0]) if report and forward else None
    spec = node.outputs.get(tail[1]) if node else None
    found = wiring.fitting_kinds(spec, "forward" if forward else "backward", offers(canvas))
    return [kind for kind in found if kind.outputs] if wire is not None else found


def _used(canvas: Canvas) -> Mapping[str, int]:
    networks = canvas.model.document.networks.values()
    return Counter(node.kind for graph in networks for node in graph.nodes.values())
