"""Dragging the whole canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from nodeforge.ui.canvas.gestures.base import Gesture, Pointer

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


class Pan(Gesture):
    """The point under the pointer stays under it."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, canvas: Canvas, pressed: Pointer) -> None:
        super().__init__(canvas, pressed)
        self._start = canvas.scroll_position()

    def move(self, pointer: Pointer) -> None:
        self.canvas.scroll_to(self._start - (pointer.view - self.pressed.view))

    def cancel(self) -> None:
        self.canvas.scroll_to(self._start)
