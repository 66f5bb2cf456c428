"""A row of buttons that fits into narrow panels."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget


class ButtonBar(QWidget):
    """Buttons with sign and words; where there is no room for the words, with their signs alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: dict[QPushButton, str] = {}
        self._room = 0
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 6, 8, 2)
        self._row.setSpacing(5)
        self._row.addStretch(1)

    def add(self, button: QPushButton) -> None:
        """Put a button behind the others; it has an icon and its words."""
        button.setAccessibleName(button.text())
        self._words[button] = button.text()
        self._row.insertWidget(self._row.count() - 1, button)

    def minimumSizeHint(self) -> QSize:
        margins, count = self._row.contentsMargins(), len(self._words)
        widths = sum(button.iconSize().width() + 2 * button.fontMetrics().height() for button in self._words)
        width = widths + self._row.spacing() * count + margins.left() + margins.right()
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if any(button.text() for button in self._words):
            self._room = super().minimumSizeHint().width()
        shows_words = self.width() >= self._room
        for button, words in self._words.items():
            button.setText(words if shows_words else "")
