"""A line above the canvas that says what happened and offers what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from nodeforge.ui.icons import icon
from nodeforge.ui.widgets import label, restyle


class Banner(QFrame):
    """Hidden until it has something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = QLabel()
        self.text = label(wrap=True)
        self._buttons: list[QPushButton] = []
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setAutoRaise(True)
        close.setToolTip("Close this message")
        close.setAccessibleName("Close this message")
        close.clicked.connect(self.hide)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 7, 8, 7)
        self._layout.setSpacing(10)
        self._layout.addWidget(self._sign)
        self._layout.addWidget(self.text, 1)
        self._layout.addWidget(close)
        self.hide()

    def say(self, text: str, severity: str = "hint", *offers: tuple[str, Callable[[], object]]) -> None:
        """Show a sentence.

        Args:
            text: What happened.
            severity: "error", "warning" or "hint".
            offers: Title and callback of a button each; a click also closes the banner.
        """
        self._clear()
        self.text.setText(text)
        self.setProperty("role", f"banner-{severity}")
        restyle(self)
        self._sign.setPixmap(icon(severity, severity).pixmap(QSize(20, 20)))
        for title, callback in offers:
            self._add(title, callback)
        self.show()

    def _add(self, title: str, callback: Callable[[], object]) -> None:
        button = QPushButton(title)
        button.clicked.connect(self.hide)
        button.clicked.connect(lambda: callback())
        self._buttons.append(button)
        self._layout.insertWidget(self._layout.count() - 1, button, 0, Qt.AlignmentFlag.AlignVCenter)

    def _clear(self) -> None:
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons.clear()
