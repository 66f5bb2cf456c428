"""Sections side by side, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

COLUMN_WIDTH_EM = 15
SPACING = 22


class Columns(QWidget):
    """Lays sections out from left to right; where the panel is narrow, the last ones stand below each other."""

    def __init__(self, sections: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sections = tuple(sections)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 4, 10, 8)
        self._row.setSpacing(SPACING)
        self._columns: list[QVBoxLayout] = []
        self._shown: tuple[int, tuple[QWidget, ...]] = (0, ())
        for section in self._sections:
            section.setParent(self)
        self.arrange()

    @property
    def count(self) -> int:
        """How many columns there are now."""
        return self._shown[0]

    def arrange(self) -> None:
        """Spread the sections that are not hidden over the columns that there is room for."""
        shown = tuple(section for section in self._sections if not section.isHidden())
        width = COLUMN_WIDTH_EM * self.fontMetrics().height()
        fitting = max(1, (self.width() - 20 + SPACING) // (width + SPACING))
        count = min(len(shown), fitting)
        if (count, shown) == self._shown:
            return
        self._shown = count, shown
        old, self._columns = self._columns, [self._add_column() for _ in range(count)]
        for section, column in zip(shown, _places(len(shown), count), strict=True):
            self._columns[column].addWidget(section)  # which takes it out of its old column
        for layout in self._columns:
            layout.addStretch(1)
        for layout in old:
            self._row.removeItem(layout)
            layout.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def _add_column(self) -> QVBoxLayout:
        layout = QVBoxLayout()
        layout.setSpacing(14)
        self._row.addLayout(layout, 1)
        return layout


def _places(sections: int, columns: int) -> list[int]:
    """The column of each section: in order, as even as can be, the fuller columns last."""
    share, more = divmod(sections, columns) if columns else (0, 0)
    sizes = [share + (column >= columns - more) for column in range(columns)]
    return [column for column, size in enumerate(sizes) for _ in range(size)]
