"""The field in which a node or a network is called something else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from nodeforge.core.parameters import is_identifier
from nodeforge.ui.widgets import label, restyle

NO_NAME = "A name is made of letters, digits and _, starts with a letter and is no Python keyword."


class NameField(QLineEdit):
    """A name, judged while it is typed; one that cannot be stays to be mended and goes nowhere.

    Args:
        what: What it is to a screen reader.
        tip: What the name is for.
        taken: Why a name that is well formed cannot be had; "" when it can.

    Signals:
        renamed: Another name was given that can be.

    Attributes:
        error: What is wrong with the name; laid out by whoever lays out the field.
    """

    renamed = Signal(str)

    def __init__(self, what: str, tip: str, taken: Callable[[str], str]) -> None:
        super().__init__()
        self._shown = ""
        self._taken = taken
        self.error = label(role="error", wrap=True)
        self.error.hide()
        self.setAccessibleName(what)
        self.setToolTip(tip)
        self.textEdited.connect(self._judge)
        self.editingFinished.connect(self._rename)

    def show_name(self, name: str) -> None:
        """Show a name as the document has it, unless another one is being typed."""
        self._shown = name
        if not (self.hasFocus() and self.isModified()):
            self.setText(name)
            self._judge(name)

    def _fault(self, name: str) -> str:
        if name == self._shown:
            return ""
        return self._taken(name) if is_identifier(name) else NO_NAME

    def _judge(self, name: str) -> None:
        fault = self._fault(name)
        self.error.setText(fault)
        self.error.setVisible(bool(fault))
        if bool(fault) != bool(self.property("invalid")):
            self.setProperty("invalid", bool(fault))
            restyle(self)

    def _rename(self) -> None:
        name = self.text()
        if name != self._shown and not self._fault(name):
            self.setModified(False)
            self.renamed.emit(name)
