"""Source text with line numbers, marked lines and colours. Long texts come in parts, so that nothing waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from nodeforge.ui import theme
from nodeforge.ui.panels.highlighter import PythonHighlighter

LINES_A_TURN = 300
"""So many lines are coloured in a few milliseconds."""


class CodeView(QPlainTextEdit):
    """Read-only text with line numbers and marked lines.

    Signals:
        line_chosen: Number of the line a person clicked or moved to, counted from 1.
    """

    line_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setAccessibleName("Generated code")
        self.setUndoRedoEnabled(False)
        self._marked: list[int] = []
        self._lines = [""]
        self._waiting: list[str] = []
        self._place = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._insert_some)
        self.highlighter = PythonHighlighter(self.document())
        self._numbers = _LineNumbers(self)
        self.updateRequest.connect(self._on_update)
        self._set_margin()

    def show_text(self, text: str) -> None:
        """Show another text and stay at the same place of it. Lines that both have in common are left alone."""
        lines = text.split("\n")
        if lines == self._lines:
            return
        scroll = self.verticalScrollBar().value()
        head, tail = _in_common(self._lines, lines)
        now = lines[head : len(lines) - tail]
        self._replace(head, len(self._lines) - tail, now[:LINES_A_TURN])
        self._waiting, self._place = now[LINES_A_TURN:], head + LINES_A_TURN
        if self._waiting:
            self._timer.start()
        else:
            self._timer.stop()
        self._set_margin()
        self.verticalScrollBar().setValue(scroll)

    def _insert_some(self) -> None:
        """Show the next lines of a text that comes in parts."""
        some = self._waiting[:LINES_A_TURN]
        # The line before stays, and carries the break between them.
        self._replace(self._place - 1, self._place, [self._lines[self._place - 1], *some])
        del self._waiting[:LINES_A_TURN]
        self._place += len(some)
        if not self._waiting:
            self._timer.stop()
            self._set_margin()
            self.mark_lines(self._marked)

    def _replace(self, first: int, end: int, lines: Sequence[str]) -> None:
        """Put lines in place of the lines from `first` to before `end`; neither may be none."""
        cursor = QTextCursor(self.document().findBlockByNumber(first))
        last = self.document().findBlockByNumber(end - 1)
        cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText("\n".join(lines))
        self._lines[first:end] = lines

    def mark_lines(self, lines: Iterable[int]) -> None:
        """Mark lines and scroll to the first of them that is out of sight."""
        self._marked = list(lines)
        marks = []
        for line in self._marked:
            if line > self.blockCount():
                break  # it comes with a later part
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.document().findBlockByNumber(line - 1))
            mark.format.setBackground(theme.color("code_line"))
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            marks.append(mark)
        self.setExtraSelections(marks)
        if self._marked and not self._in_sight(self._marked):
            self.verticalScrollBar().setValue(max(0, self._marked[-1] - 4))
        self._numbers.update()

    def show_line(self, line: int) -> None:
        """Scroll so that a line, counted from 1, stands at the top."""
        self.verticalScrollBar().setValue(max(0, line - 1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if not self.textCursor().hasSelection():
            self.line_chosen.emit(self.textCursor().blockNumber() + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._numbers.setGeometry(QRect(area.left(), area.top(), self._number_width(), area.height()))

    def paint_numbers(self, event: QPaintEvent) -> None:
        """Draw the numbers beside the lines in sight."""
        painter = QPainter(self._numbers)
        block, height = self.firstVisibleBlock(), self.fontMetrics().height()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        plain, marked = theme.color("muted"), theme.color("accent")
        while block.isValid() and top <= event.rect().bottom():
            number = block.blockNumber() + 1
            painter.setPen(QColor(marked if number in self._marked else plain))
            painter.drawText(
                0, int(top), self._numbers.width() - 8, height, Qt.AlignmentFlag.AlignRight, str(number)
            )
            top += self.blockBoundingRect(block).height()
            block = block.next()

    def _in_sight(self, lines: Iterable[int]) -> bool:
        first = self.firstVisibleBlock().blockNumber() + 1
        last = first + self.viewport().height() // max(1, self.fontMetrics().height()) - 1
        return any(first <= line <= last for line in lines)

    def _number_width(self) -> int:
        return 18 + self.fontMetrics().horizontalAdvance("9") * max(2, len(str(self.blockCount())))

    def _set_margin(self) -> None:
        self.setViewportMargins(self._number_width(), 0, 0, 0)

    def _on_update(self, area: QRect, moved: int) -> None:
        if moved:
            self._numbers.scroll(0, moved)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())


class _LineNumbers(QWidget):
    """The strip on the left; the view draws into it."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(40, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_numbers(event)


def _in_common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines two texts share at the start and at the end, with at least one line of each in between."""
    room = min(len(old), len(new)) - 1
    head = next((n for n in range(room) if old[n] != new[n]), room)
    tail = next((n for n in range(room - head) if old[-1 - n] != new[-1 - n]), room - head)
    return head, tail
