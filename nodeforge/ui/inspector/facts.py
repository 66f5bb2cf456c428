"""Read-only rows: what follows from the inputs, shapes at the ports, counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from nodeforge.ui.widgets import clear, label


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A name, what it is, and where it comes from."""

    name: str
    value: str
    doc: str = ""


class Facts(QWidget):
    """A titled table of facts; hidden while there are none. Text can be selected and copied."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._shown: tuple[Fact, ...] = ()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(label(title, "section"))
        layout.addLayout(self._rows)
        self.hide()

    def show_facts(self, facts: Sequence[Fact]) -> None:
        if tuple(facts) == self._shown:
            return
        self._shown = tuple(facts)
        clear(self._rows)
        for fact in facts:
            self._rows.addWidget(_row(fact))
        self.setVisible(bool(facts))


def _row(fact: Fact) -> QWidget:
    row = QWidget()
    grid = QGridLayout(row)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(6)
    grid.setVerticalSpacing(0)
    grid.setColumnMinimumWidth(0, 104)
    grid.setColumnStretch(1, 1)
    value = label(fact.value, wrap=True)
    value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    value.setAccessibleName(f"{fact.name}: {fact.value}")
    name = label(fact.name, "muted")
    grid.addWidget(name, 0, 0)
    grid.addWidget(value, 0, 1)
    for widget in (name, value):
        widget.setToolTip(fact.doc)
    return row
