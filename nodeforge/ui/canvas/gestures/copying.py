"""Dragging copies out of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt

from nodeforge.session.duplicating import duplicate
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.gestures.sketch import Sketch

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])


class DragCopy(Gesture):
    """Adds copies of the selected nodes where the pointer lets go of their outlines; with Shift held, what feeds
    the nodes feeds the copies."""

    cursor = Qt.CursorShape.DragCopyCursor

    def __init__(self, canvas: Canvas, pressed: Pointer) -> None:
        super().__init__(canvas, pressed)
        self._names = sorted(canvas.model.selection)
        self._rects = canvas.mirror.rects[canvas.mirror.slots_of(self._names)].copy()
        self._way = np.zeros(2)
        self._outlines = Sketch(canvas, canvas.palette_colors.selection, 1.5, filled=True)

    def move(self, pointer: Pointer) -> None:
        self._way = np.round((pointer.scene - self.pressed.scene).toTuple())
        self._outlines.show(rect[:2] + self._way + _CORNERS * rect[2:] for rect in self._rects)

    def finish(self, pointer: Pointer) -> None:
        self.cancel()
        if not self._way.any():
            return
        model = self.canvas.model
        left, top = (self._rects[:, :2].min(axis=0) + self._way).tolist()
        fed = pointer.holds(Qt.KeyboardModifier.ShiftModifier)
        copies = duplicate(model.document, model.network, self._names, (left, top), keep_inputs=fed)
        if model.do(copies.edit):
            model.select(copies.names.values())

    def cancel(self) -> None:
        self._outlines.clear()
