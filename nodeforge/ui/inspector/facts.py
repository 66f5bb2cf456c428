"""Read-only rows: what follows from the inputs, shapes at the ports, counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from nodeforge.ui.widgets import label


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
        self.facts: tuple[Fact, ...] = ()
        self._kept: list[_Row] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(label(title, "section"))
        layout.addLayout(self._rows)
        self.hide()

    def show_facts(self, facts: Sequence[Fact]) -> None:
        self.facts = tuple(facts)
        for row in self._kept[len(facts) :]:
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        del self._kept[len(facts) :]
        for row, fact in zip(self._kept, facts, strict=False):
            row.show_fact(fact)
        for fact in facts[len(self._kept) :]:
            self._kept.append(_Row(fact))
            self._rows.addWidget(self._kept[-1])
        self.setVisible(bool(facts))


class _Row(QWidget):
    """One fact. Rows are kept and filled anew: making one costs twenty times as much."""

    def __init__(self, fact: Fact) -> None:
        super().__init__()
        self._fact: Fact | None = None
        self._name = label(role="muted")
        self._value = label(wrap=True)
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(0)
        grid.setColumnMinimumWidth(0, 104)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._name, 0, 0)
        grid.addWidget(self._value, 0, 1)
        self.show_fact(fact)

    def show_fact(self, fact: Fact) -> None:
        if fact == self._fact:
            return
        self._fact = fact
        self._name.setText(fact.name)
        self._value.setText(fact.value)
        self._value.setAccessibleName(f"{fact.name}: {fact.value}")
        for widget in (self._name, self._value):
            widget.setToolTip(fact.doc)
