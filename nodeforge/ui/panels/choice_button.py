"""A button that looks like a choice box: it tells what is chosen, and opens something to choose from."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from nodeforge.ui.icons import icon

SIGN_PX = 13


class ChoiceButton(QPushButton):
    """Its text begins at the left, with a sign at the right; it does not widen its panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "choice")
        self.setMinimumWidth(1)
        self.setAutoDefault(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        top = (self.height() - SIGN_PX) // 2
        painter = QPainter(self)
        icon("chevron", "muted").paint(painter, QRect(self.width() - SIGN_PX - 4, top, SIGN_PX, SIGN_PX))
        painter.end()
