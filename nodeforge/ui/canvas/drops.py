"""Dragging a kind from the palette onto the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from nodeforge.catalog.kind import Kind
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas import adding
from nodeforge.ui.canvas.hit import hit_wire

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

KIND_MIME = "application/x-nodeforge-kind"
"""The dragged data: the name of a kind, as UTF-8."""


def kind_of(canvas: Canvas, data: QMimeData) -> Kind | None:
    """The kind that is dragged, if it may be added to the shown network."""
    name = bytes(data.data(KIND_MIME).data()).decode("utf-8", "replace")
    return adding.offers(canvas).get(name)


def enter(canvas: Canvas, event: QDragMoveEvent) -> None:
    """Take the drag if it carries a kind."""
    if kind_of(canvas, event.mimeData()) is None:
        event.ignore()
    else:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()


def move(canvas: Canvas, event: QDragMoveEvent) -> None:
    """Stress the wire that a drop here would land on."""
    kind = kind_of(canvas, event.mimeData())
    if kind is not None:
        canvas.stress_wire(_wire_at(canvas, kind, event))
        event.acceptProposedAction()


def drop(canvas: Canvas, event: QDropEvent) -> None:
    """Add the node where it was dropped, or put it on the wire there."""
    kind = kind_of(canvas, event.mimeData())
    if kind is None:
        event.ignore()
        return
    canvas.stress_wire(None)
    point = canvas.mapToScene(event.position().toPoint())
    wire = _wire_at(canvas, kind, event)
    if wire is None:
        canvas.add_node(kind.name, point)
    else:
        adding.insert_node(canvas, kind.name, wire, point, {})
    event.acceptProposedAction()
    canvas.setFocus(Qt.FocusReason.OtherFocusReason)


def _wire_at(canvas: Canvas, kind: Kind, event: QDropEvent) -> Wire | None:
    if not (kind.inputs and kind.outputs):
        return None
    point = canvas.mapToScene(event.position().toPoint())
    return hit_wire(canvas.mirror, point.x(), point.y(), canvas.zoom).wire
