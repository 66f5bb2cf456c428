"""What all gestures have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, and which modifier keys are held.

    Attributes:
        scene: In canvas units.
        view: In pixels of the view.
        modifiers: Held keys.
    """

    scene: QPointF
    view: QPoint
    modifiers: Qt.KeyboardModifier

    def holds(self, modifier: Qt.KeyboardModifier) -> bool:
        return bool(self.modifiers & modifier)


class Gesture:
    """From press to release. What it shows meanwhile is gone after `finish` or `cancel`; the document changes
    in `finish` only, by one undo step."""

    cursor: Qt.CursorShape | None = None

    def __init__(self, canvas: Canvas, pressed: Pointer) -> None:
        self.canvas = canvas
        self.pressed = pressed

    def move(self, pointer: Pointer) -> None:
        """The pointer moved."""

    def finish(self, pointer: Pointer) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Esc, or the window lost the pointer: all as it was before."""
