"""The field over a node's title in which it, or the network that it stands for, is renamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from nodeforge.ui.canvas import style

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


class InlineEditor(QLineEdit):
    """Enter or leaving renames, Esc leaves the name as it is. A name that is not accepted stays to be mended.

    Args:
        canvas: What it lies on.
        node: The node over whose title it lies.
        text: The name as it is.
        title: What it is to a screen reader.
        rename: Gives the new name; False when that is not accepted.
    """

    def __init__(
        self, canvas: Canvas, node: str, text: str, title: str, rename: Callable[[str], bool]
    ) -> None:
        super().__init__(text, canvas.viewport())
        self._canvas, self._name, self._text, self._accept = canvas, node, text, rename
        self._done = False
        self.setAccessibleName(title)
        self.setToolTip(title)
        self.setMaxLength(64)
        self.place()
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def place(self) -> None:
        """Lie over the title, at the zoom of the view but never too small to read."""
        mirror, zoom = self._canvas.mirror, self._canvas.zoom
        x, y = mirror.rects[mirror.nodes.index[self._name], :2].tolist()
        corner = self._canvas.mapFromScene(x + style.STRIP + 3, y + 6)
        self.setFont(style.font(max(12.0, 13 * zoom), strong=True))
        width = max(112.0, (style.NODE_WIDTH - style.STRIP - 6) * zoom)
        self.setGeometry(corner.x(), corner.y(), round(width), self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._rename():
                self._close()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self._done and event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self._rename()
            self._close()

    def _rename(self) -> bool:
        wish = self.text().strip()
        if wish in ("", self._text) or self._name not in self._canvas.model.graph:
            return True
        return self._accept(wish)

    def _close(self) -> None:
        if not self._done:
            self._done = True
            self._canvas.setFocus()
            self.hide()
            self.deleteLater()
