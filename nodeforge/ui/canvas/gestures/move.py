"""Dragging nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt

from nodeforge.core.edits import MoveNodes
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas import editing
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.gestures.guides import Guides
from nodeforge.ui.canvas.hit import hit_wire

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


class Move(Gesture):
    """Moves the selected nodes, caught by lines through their neighbours (Alt moves freely).

    A node without wires that is dropped on a wire is inserted there.
    """

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, canvas: Canvas, pressed: Pointer) -> None:
        super().__init__(canvas, pressed)
        self._names = sorted(canvas.model.selection)
        self._slots = canvas.mirror.slots_of(self._names)
        self._start = canvas.mirror.rects[self._slots, :2].copy()
        self._guides = Guides(canvas, self._slots)
        canvas.mirror.raise_nodes(self._slots)

    def move(self, pointer: Pointer) -> None:
        way = pointer.scene - self.pressed.scene
        delta = np.round((way.x(), way.y()))
        if not pointer.holds(Qt.KeyboardModifier.AltModifier):
            delta = self._guides.catch(self._start, delta)
        self._show(self._start + delta)
        self.canvas.stress_wire(self._wire_below(pointer))

    def finish(self, pointer: Pointer) -> None:
        wire = self._wire_below(pointer)
        self._clear()
        model, mirror = self.canvas.model, self.canvas.mirror
        corners = mirror.rects[self._slots, :2].tolist()
        if corners == self._start.tolist():
            return
        positions = {name: (x, y) for name, (x, y) in zip(self._names, corners, strict=True)}
        label = f"Move {self._names[0]}" if len(self._names) == 1 else f"Move {len(self._names)} nodes"
        edit = MoveNodes(model.network, positions)
        if wire is None:
            model.do(edit, label=label)
        else:
            name = self._names[0]
            kind = model.kinds[model.graph.nodes[name].kind]
            model.do(editing.put_on_wire(model.graph, [edit], name, kind, wire))

    def cancel(self) -> None:
        self._clear()
        self._show(self._start)

    def _show(self, corners: np.ndarray) -> None:
        mirror = self.canvas.mirror
        before = mirror.extent(self._slots)
        mirror.move(self._slots, corners)
        self.canvas.repaint_area(before.united(mirror.extent(self._slots)))

    def _clear(self) -> None:
        self._guides.clear()
        self.canvas.stress_wire(None)

    def _wire_below(self, pointer: Pointer) -> Wire | None:
        """The wire on which the one dragged node would be inserted."""
        canvas = self.canvas
        model = canvas.model
        if len(self._names) != 1 or not editing.can_insert(model.graph, self._names[0], model.kinds):
            return None
        return hit_wire(canvas.mirror, pointer.scene.x(), pointer.scene.y(), canvas.zoom).wire
