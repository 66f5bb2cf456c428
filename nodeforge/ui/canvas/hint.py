"""A line over the canvas that says what is about to happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from nodeforge.ui.accessibility.speech import announce

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_MARGIN_PX = 18


class Hint(QLabel):
    """Lies at the lower edge of the canvas until it is put away; the mouse goes through it.

    Not in the view itself: what lies there is shifted when the view scrolls.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)

    def say(self, words: str, *, fault: bool = False) -> None:
        """Show a sentence."""
        colors, room = self._canvas.palette_colors, self._canvas.viewport().size()
        edge = colors.error if fault else colors.selection
        self.setStyleSheet(
            f"background: {colors.node.name()}; color: {colors.title.name()}; border: 2px solid {edge.name()};"
            "border-radius: 8px; padding: 8px 12px; font-size: 13px;"
        )
        self.setText(words)
        corner = self._canvas.minimap
        taken = corner.width() + _MARGIN_PX if corner.isVisible() else 0
        widest = max(120, room.width() - 2 * _MARGIN_PX - taken)
        self.setFixedWidth(min(widest, self.fontMetrics().horizontalAdvance(words) * 5 // 4 + 40))
        self.adjustSize()
        corner_px = QPoint(_MARGIN_PX, max(0, room.height() - self.height() - _MARGIN_PX))
        self.move(self._canvas.viewport().pos() + corner_px)
        self.raise_()
        self.show()
        announce(self._canvas, words)

    def put_away(self) -> None:
        """It is not needed any longer."""
        self.hide()
        self.deleteLater()
