"""The forecast of training memory, part by part, beside what a run has measured."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from nodeforge.analysis.forecast import MemoryUse
from nodeforge.core.document import Stage
from nodeforge.session.costing import size
from nodeforge.ui import theme
from nodeforge.ui.widgets import label

PARTS = (
    ("parameters", "Parameters", "accent"),
    ("gradients", "Gradients", "good"),
    ("optimizer", "Optimizer", "code_keyword"),
    ("activations", "Activations", "derivative"),
)
"""By part of a `MemoryUse`: its title and its colour."""


class MemoryBox(QWidget):
    """Training memory in numbers and as one bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.total = label("", "section")
        self.bar = _Bar()
        self.measured = label("", "muted", wrap=True)
        self._titles = {name: QLabel(title) for name, title, _ in PARTS}
        self._values = {name: label() for name, _, _ in PARTS}
        parts = QGridLayout()
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setHorizontalSpacing(8)
        parts.setVerticalSpacing(2)
        for row, (name, _, color) in enumerate(PARTS):
            parts.addWidget(_Dot(color), row, 0)
            parts.addWidget(self._titles[name], row, 1)
            self._values[name].setAlignment(Qt.AlignmentFlag.AlignRight)
            parts.addWidget(self._values[name], row, 2)
        parts.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(7)
        for item in (self.total, self.bar):
            column.addWidget(item)
        column.addLayout(parts)
        column.addWidget(self.measured)
        column.addStretch(1)
        self.setMinimumWidth(190)
        self.measured.hide()

    def show_forecast(self, use: MemoryUse, stage: Stage, batch: int) -> None:
        """Show what a stage needs."""
        self.total.setText(f"Training needs {size(use.total)}")
        self.total.setToolTip(
            "For weights, gradients, optimizer and what is kept for the backward pass. The program itself and the data "
            "come on top."
        )
        self._titles["optimizer"].setText(stage.optimizer.kind)
        self._titles["activations"].setText(f"Activations, batch {batch:,}")
        for name, value in self._values.items():
            value.setText(size(getattr(use, name)))
        self.bar.show_parts([(color, getattr(use, name)) for name, _, color in PARTS])

    def show_measured(self, run: str, memory: Mapping[str, Mapping[str, int]]) -> None:
        """Show what a run had forecast and what it then measured; nothing for an empty record."""
        if memory:
            expected, found = memory["forecast"]["total"], memory["measured"]["total"]
            differs = f", {found / expected - 1:+.0%}" if abs(found - expected) * 200 > expected > 0 else ""
            self.measured.setText(f"{run}: forecast {size(expected)}, measured {size(found)}{differs}.")
            self.measured.setToolTip(
                "\n".join(
                    f"{title}: forecast {size(memory['forecast'][name])}, measured {size(memory['measured'][name])}"
                    for name, title, _ in PARTS
                )
            )
        self.measured.setVisible(bool(memory))


class _Bar(QWidget):
    """Parts of a whole, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[tuple[str, int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Parts of the training memory")

    def show_parts(self, parts: list[tuple[str, int]]) -> None:
        self._parts = parts
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        total = sum(value for _, value in self._parts)
        with QPainter(self) as painter:
            painter.setPen(Qt.PenStyle.NoPen)
            x = 0.0
            for color, value in self._parts:
                width = self.width() * value / total if total else 0.0
                painter.setBrush(theme.color(color))
                painter.drawRect(QRectF(x, 0, max(0.0, width - 1), self.height()))
                x += width


class _Dot(QWidget):
    """The colour of a part."""

    def __init__(self, color: str) -> None:
        super().__init__()
        self._color = color
        self.setFixedSize(10, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(self._color))
            painter.drawEllipse(1, 1, 8, 8)
