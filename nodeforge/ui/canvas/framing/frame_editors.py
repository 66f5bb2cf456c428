"""The fields on the canvas in which titles and texts of frames are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from nodeforge.core.drawing import Frame
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.painting.frame_painter import GAP_PX, title_px
from nodeforge.ui.canvas.writing import Writing

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_LEAST_TITLE_WIDTH = 180
_LEAST_NOTE = (220, 110)


class TitleField(Writing, QLineEdit):
    """Over the upper edge of a frame. Enter or leaving writes the title, Esc leaves it as it is."""

    def __init__(self, canvas: Canvas, frame: Frame, take: Callable[[str], object]) -> None:
        super().__init__(frame.title, canvas.viewport())
        self._take = take
        self.setPlaceholderText("Title of the frame")
        self.setMaxLength(120)
        left, top, width, _ = frame.area
        self.setFont(style.font(max(12.0, title_px(canvas.zoom)), strong=True))
        height = self.sizeHint().height()
        corner = canvas.mapFromScene(left, top)
        wide = max(_LEAST_TITLE_WIDTH, min(round(width * canvas.zoom), 420))
        self.setGeometry(corner.x(), corner.y() - height - round(GAP_PX / 2), wide, height)
        self.selectAll()
        self.begin(canvas, "Title of the frame")

    def write(self) -> bool:
        self._take(self.text().strip())
        return True


class NoteField(Writing, QPlainTextEdit):
    """Over a note. Ctrl+Enter or leaving writes the text, Esc leaves it as it is."""

    held_with_enter = Qt.KeyboardModifier.ControlModifier

    def __init__(self, canvas: Canvas, frame: Frame, take: Callable[[str], object]) -> None:
        super().__init__(frame.text, canvas.viewport())
        self._take = take
        self.setPlaceholderText("Write a note, as Markdown. Ctrl+Enter keeps it.")
        self.setTabChangesFocus(True)
        self.setFont(style.font(max(12.0, 13 * canvas.zoom)))
        area = canvas.mapFromScene(QRectF(*frame.area)).boundingRect()
        area.setWidth(max(area.width(), _LEAST_NOTE[0]))
        area.setHeight(max(area.height(), _LEAST_NOTE[1]))
        self.setGeometry(area)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.begin(canvas, "Text of the note, as Markdown")

    def write(self) -> bool:
        self._take(self.toPlainText().strip())
        return True
