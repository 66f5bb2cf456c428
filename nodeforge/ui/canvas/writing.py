"""What all fields have in common in which something is written on the canvas itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

    _Field = QWidget
else:
    _Field = object  # a Python class can have only one parent of Qt's: the field that this is mixed into

_NOT_LEFT = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""The focus went to another window, or to the field's own menu."""


class Writing(_Field):
    """Mixed into a field that lies on the canvas until it is left.

    Enter or leaving keeps what was written, Esc leaves all as it was. When another network is shown, what was written
    is kept; when another project is, it is not.

    Attributes:
        held_with_enter: The keys that must be held with Enter.
    """

    held_with_enter = Qt.KeyboardModifier.NoModifier
    _canvas: Canvas
    _done = False

    def begin(self, canvas: Canvas, title: str) -> None:
        """Appear and take the keys.

        Args:
            canvas: What it lies on.
            title: What it is to a screen reader.
        """
        self._canvas = canvas
        self.setAccessibleName(title)
        canvas.model.network_changed.connect(self.keep)
        canvas.model.opened.connect(self.give_up)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def write(self) -> bool:
        """Take over what was written; False when that is not accepted, and stays to be mended."""
        raise NotImplementedError

    def keep(self) -> None:
        """Write and go."""
        if not self._done:
            self._done = True
            self.write()
            self._go()

    def give_up(self) -> None:
        """Go without having written."""
        if not self._done:
            self._done = True
            self._go()

    def _go(self) -> None:
        self._canvas.setFocus()
        self.hide()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & self.held_with_enter == self.held_with_enter
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and held:
            if self.write():
                self.give_up()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _NOT_LEFT:
            self.keep()
