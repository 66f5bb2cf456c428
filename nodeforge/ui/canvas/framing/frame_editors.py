"""The fields on the canvas in which titles and texts of frames are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from nodeforge.core.drawing import Frame
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.painting.frame_painter import GAP_PX, title_px

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_LEAST_TITLE_WIDTH = 180
_LEAST_NOTE = (220, 110)


class TitleField(QLineEdit):
    """Over the upper edge of a frame. Enter or leaving writes the title, Esc leaves it as it is."""

    def __init__(self, canvas: Canvas, frame: Frame, write: Callable[[str], object]) -> None:
        super().__init__(frame.title, canvas.viewport())
        self._closing = _Closing(canvas, self, lambda: write(self.text().strip()))
        canvas.model.network_changed.connect(self.keep)
        canvas.model.opened.connect(self.give_up)
        self.setAccessibleName("Title of the frame")
        self.setPlaceholderText("Title of the frame")
        self.setMaxLength(120)
        left, top, width, _ = frame.area
        self.setFont(style.font(max(12.0, title_px(canvas.zoom)), strong=True))
        height = self.sizeHint().height()
        corner = canvas.mapFromScene(left, top)
        wide = max(_LEAST_TITLE_WIDTH, min(round(width * canvas.zoom), 420))
        self.setGeometry(corner.x(), corner.y() - height - round(GAP_PX / 2), wide, height)
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keep(self) -> None:
        """Write and go: another network is shown."""
        self._closing.close(keep=True)

    def give_up(self) -> None:
        """Go: another project is shown."""
        self._closing.close(keep=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._closing.close(keep=False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._closing.close(keep=True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._closing.leave(event)


class NoteField(QPlainTextEdit):
    """Over a note. Ctrl+Enter or leaving writes the text, Esc leaves it as it is."""

    def __init__(self, canvas: Canvas, frame: Frame, write: Callable[[str], object]) -> None:
        super().__init__(frame.text, canvas.viewport())
        self._closing = _Closing(canvas, self, lambda: write(self.toPlainText().strip()))
        canvas.model.network_changed.connect(self.keep)
        canvas.model.opened.connect(self.give_up)
        self.setAccessibleName("Text of the note, as Markdown")
        self.setPlaceholderText("Write a note, as Markdown. Ctrl+Enter keeps it.")
        self.setTabChangesFocus(True)
        self.setFont(style.font(max(12.0, 13 * canvas.zoom)))
        area = canvas.mapFromScene(QRectF(*frame.area)).boundingRect()
        area.setWidth(max(area.width(), _LEAST_NOTE[0]))
        area.setHeight(max(area.height(), _LEAST_NOTE[1]))
        self.setGeometry(area)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keep(self) -> None:
        """Write and go: another network is shown."""
        self._closing.close(keep=True)

    def give_up(self) -> None:
        """Go: another project is shown."""
        self._closing.close(keep=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self._closing.close(keep=False)
        elif enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._closing.close(keep=True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._closing.leave(event)


class _Closing:
    """Ends the writing once: with what was written, or without."""

    def __init__(
        self, canvas: Canvas, field: QLineEdit | QPlainTextEdit, write: Callable[[], object]
    ) -> None:
        self._canvas, self._field, self._write = canvas, field, write
        self._done = False

    def close(self, *, keep: bool) -> None:
        if self._done:
            return
        self._done = True
        if keep:
            self._write()
        self._canvas.setFocus()
        self._field.hide()
        self._field.deleteLater()

    def leave(self, event: QFocusEvent) -> None:
        """The focus went elsewhere; not when that is another window or the field's own menu."""
        reasons = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
        if event.reason() not in reasons:
            self.close(keep=True)
