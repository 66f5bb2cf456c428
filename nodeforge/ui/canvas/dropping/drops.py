"""Dropping on the canvas: a kind from the palette, files and folders, nodes as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from nodeforge.catalog.kind import Kind
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas.dropping.offers import Offer, offer_of
from nodeforge.ui.canvas.geometry.hit import hit_wire
from nodeforge.ui.canvas.hint import Hint
from nodeforge.ui.canvas.searching import adding

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

KIND_MIME = "application/x-nodeforge-kind"
"""The dragged data: the name of a kind, as UTF-8."""


class Drops:
    """What is dragged over a canvas, from entering to leaving or the drop.

    While something is dragged, the wire that it would land on is stressed, and a line says what a drop would do.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._kind: Kind | None = None
        self._offer: Offer | None = None
        self._hint: Hint | None = None

    def enter(self, event: QDragMoveEvent) -> None:
        """Take the drag if something can be done with it, or can be said about it."""
        self._look(event.mimeData())
        if self._kind is None and self._offer is None:
            event.ignore()
            return
        if self._offer is not None:
            self._hint = Hint(self._canvas)
            self._hint.say(self._offer.words, fault=self._offer.run is None)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def _look(self, data: QMimeData) -> None:
        """Find out what is dragged."""
        self._kind = kind_of(self._canvas, data)
        self._offer = None if self._kind else offer_of(self._canvas, data)

    def move(self, event: QDragMoveEvent) -> None:
        """Stress the wire that a drop here would land on."""
        if self._kind is not None:
            self._canvas.stress_wire(_wire_at(self._canvas, self._kind, event))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def leave(self) -> None:
        """Nothing is dragged here any longer."""
        self._kind = self._offer = None
        self._canvas.stress_wire(None)
        if self._hint is not None:
            self._hint.put_away()
            self._hint = None

    def drop(self, event: QDropEvent) -> None:
        """Do what was offered, where it was dropped."""
        self._look(event.mimeData())
        canvas, kind, offer = self._canvas, self._kind, self._offer
        self.leave()
        point = canvas.mapToScene(event.position().toPoint())
        event.setDropAction(Qt.DropAction.CopyAction)  # whoever dragged a file must not delete it
        event.accept()
        canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        if kind is not None:
            wire = _wire_at(canvas, kind, event)
            if wire is None:
                canvas.add_node(kind.name, point)
            else:
                adding.insert_node(canvas, kind.name, wire, point, {})
        elif offer is not None and offer.run is not None:
            offer.run(point, event.modifiers())
        elif offer is not None:
            canvas.model.complained.emit(offer.words)


def kind_of(canvas: Canvas, data: QMimeData) -> Kind | None:
    """The kind that is dragged, if it may be added to the shown network."""
    name = bytes(data.data(KIND_MIME).data()).decode("utf-8", "replace")
    return adding.offers(canvas).get(name) if name else None


def _wire_at(canvas: Canvas, kind: Kind, event: QDropEvent) -> Wire | None:
    if not (kind.inputs and kind.outputs):
        return None
    point = canvas.mapToScene(event.position().toPoint())
    return hit_wire(canvas.mirror, point.x(), point.y(), canvas.zoom).wire
