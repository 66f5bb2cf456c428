"""A line of text that may hold an expression: it tells what that comes to and offers the names it may use."""

from __future__ import annotations

import re

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QListView

from nodeforge.core.expressions import EMPTY, FUNCTIONS, Scope
from nodeforge.ui.widgets import label

_WORD = re.compile(r"[A-Za-z]\w*$")
_TAKEN_BY_THE_LIST = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Escape)


class ExpressionEdit(QLineEdit):
    """Offers names while an expression is typed; what it comes to stands in a label, for whoever lays it out.

    Signals:
        completed: A name was chosen from the list and stands in the text now.

    Attributes:
        scope: What the names in an expression stand for.
        result: "→ 128" while there is something to tell.
    """

    completed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.scope: Scope = EMPTY
        self.result: QLabel = label(role="result")
        self.result.hide()
        self._names = QStringListModel(self)
        self._completer = QCompleter(self._names, self)
        self._completer.setWidget(self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._list = QListView()
        self._completer.setPopup(self._list)
        self._completer.activated.connect(self._insert)
        self.textEdited.connect(self._offer)

    @property
    def is_offering(self) -> bool:
        """Whether the list of names is open: what stands there is half a name."""
        return self._list.isVisible()

    def show_result(self, text: str) -> None:
        """Show what the expression comes to; "" for none."""
        self.result.setText(f"→ {text}" if text else "")
        self.result.setVisible(bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_offering and event.key() in _TAKEN_BY_THE_LIST:
            event.ignore()  # the list does what these ask for
            return
        super().keyPressEvent(event)

    def _offer(self, text: str) -> None:
        """Open the list of names that begin as the word at the cursor."""
        word = _WORD.search(text[: self.cursorPosition()])
        offered = sorted(self.scope) + sorted(FUNCTIONS)
        names = [name for name in offered if word and name.lower().startswith(word[0].lower())]
        if "=" not in text or word is None or not names or names == [word[0]]:
            self._list.hide()
            return
        self._names.setStringList(names)
        self._completer.setCompletionPrefix(word[0])
        self._list.setCurrentIndex(self._completer.completionModel().index(0, 0))
        self._completer.complete()

    def _insert(self, name: str) -> None:
        """Put a chosen name in place of the word at the cursor."""
        cursor = self.cursorPosition()
        before, after = self.text()[:cursor], self.text()[cursor:]
        word = _WORD.search(before)
        before = before[: word.start()] if word else before
        self.setText(before + name + after)
        self.setCursorPosition(len(before) + len(name))
        self.completed.emit(self.text())
