"""The generated PyTorch source: exactly what is trained. Lines and nodes point at each other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nodeforge.compiler import Source, generate
from nodeforge.core.errors import UserError
from nodeforge.project.files import write_atomic
from nodeforge.ui import theme
from nodeforge.ui.icons import icon
from nodeforge.ui.panels.highlighter import PythonHighlighter
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label


class CodePanel(QWidget):
    """Shows the source of the shown network. It is made only while somebody looks."""

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._source: Source | None = None
        self._stale = True
        self.view = CodeView()
        self.view.line_chosen.connect(self._select_node)
        self.message = label(wrap=True)
        self.message.setContentsMargins(12, 10, 12, 10)
        self.title = label(role="muted")
        self.copy_button = self._button("copy", "Copy", "Copy the whole source", self._copy)
        self.save_button = self._button("save", "Save…", "Save the source as a Python file", self._save)
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 4, 6, 2)
        bar.addWidget(self.title, 1)
        bar.addWidget(self.copy_button)
        bar.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.message)
        layout.addWidget(self.view, 1)
        model.checked.connect(self._on_checked)
        model.network_changed.connect(self._on_checked)
        model.selection_changed.connect(self._mark_selection)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "view"):
            self.view.highlighter.retheme()
            self._mark_selection()

    def _button(self, sign: str, text: str, tip: str, callback) -> QToolButton:  # type: ignore[no-untyped-def]
        button = QToolButton()
        button.setIcon(icon(sign))
        button.setText(text)
        button.setToolTip(tip)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAutoRaise(True)
        button.clicked.connect(callback)
        return button

    def _on_checked(self, _: object) -> None:
        self._stale = True
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        if not self._stale:
            return
        self._stale = False
        try:
            source = generate(self._model.document, self._model.workspace.report, self._model.network)
            fault = ""
        except UserError as error:
            source, fault = None, str(error)
        self._source = source
        self.message.setText(f"The code appears once the graph is right. {fault}")
        self.message.setVisible(source is None)
        self.view.setVisible(source is not None)
        self.copy_button.setEnabled(source is not None)
        self.save_button.setEnabled(source is not None)
        self.title.setText(f"{source.class_name} · {source.text.count(chr(10))} lines" if source else "")
        if source is not None and source.text != self.view.toPlainText():
            self.view.show_text(source.text)
        self._mark_selection()

    def _mark_selection(self, _: object = None) -> None:
        if self._source is None:
            return
        lines = sorted(n for name in self._model.selection for n in self._source.node_lines.get(name, ()))
        self.view.mark_lines(lines)

    def _select_node(self, line: int) -> None:
        node = self._source.line_nodes.get(line) if self._source else None
        if node is not None:
            self._model.reveal(self._model.network, node)

    def _copy(self) -> None:
        if self._source is not None:
            QApplication.clipboard().setText(self._source.text)

    def _save(self) -> None:
        if self._source is None:
            return
        proposal = str((self._model.folder or Path.home()) / f"{self._source.class_name.lower()}.py")
        path, _ = QFileDialog.getSaveFileName(self, "Save the source", proposal, "Python (*.py)")
        if not path:
            return
        try:
            write_atomic(Path(path), self._source.text.encode())
        except UserError as error:
            self._model.complained.emit(str(error))


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
        self._marked: list[int] = []
        self.highlighter = PythonHighlighter(self.document())
        self._numbers = _LineNumbers(self)
        self.updateRequest.connect(self._on_update)
        self._set_margin()

    def show_text(self, text: str) -> None:
        """Replace the text and stay at the same place of it."""
        scroll = self.verticalScrollBar().value()
        self.setPlainText(text)
        self._set_margin()
        self.verticalScrollBar().setValue(scroll)

    def mark_lines(self, lines: Iterable[int]) -> None:
        """Mark lines and scroll to the first of them that is out of sight."""
        self._marked = list(lines)
        marks = []
        for line in self._marked:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.document().findBlockByNumber(line - 1))
            mark.format.setBackground(theme.color("code_line"))
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            marks.append(mark)
        self.setExtraSelections(marks)
        if self._marked and not self._in_sight(self._marked):
            self.verticalScrollBar().setValue(max(0, self._marked[-1] - 4))
        self._numbers.update()

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
