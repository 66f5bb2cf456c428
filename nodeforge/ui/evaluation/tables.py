"""Metrics in rows: of every split beside simple methods, and of every class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from nodeforge.core.specs import SPLITS
from nodeforge.engine.messages import Evaluated
from nodeforge.ui import theme
from nodeforge.ui.panels.wording import title_of, value_of

SHARES = ("precision", "recall", "f1", "f1_micro", "roc_auc", "average_precision", "class_evenness")
"""Written with as many decimals each, so that they can be compared down a column."""
PADDING_PX = 6
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ScoreTable(QTableWidget):
    """Numbers to read, not to change."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        self.setShowGrid(False)
        self.setStyleSheet(f"QTableView::item {{ padding-left: {PADDING_PX}px; }}")
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 5)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setHighlightSections(False)

    def set_rows(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], *, strong: int = -1, firm: int = -1
    ) -> None:
        """Show these texts; column `strong` and row `firm` stand out."""
        self.clear()
        self.setColumnCount(len(header))
        self.setRowCount(len(rows))
        for column, text in enumerate(header):
            item = QTableWidgetItem(text)
            item.setTextAlignment(RIGHT if column else Qt.AlignmentFlag.AlignLeft)
            self.setHorizontalHeaderItem(column, item)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(
                    RIGHT if column else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                )
                if column and column == strong:
                    item.setForeground(theme.color("accent"))
                if column == strong or row == firm:
                    font = item.font()
                    font.setBold(True)
                    item.setFont(font)
                self.setItem(row, column, item)


def show_scores(table: ScoreTable, found: Evaluated) -> None:
    """A row per metric: the run on every split, then simple methods on the split that is looked at."""
    splits = [split for split in SPLITS if split in found.splits]
    known = dict.fromkeys(
        (*found.metrics, *(name for split in splits for name in found.splits[split].metrics))
    )
    names = sorted(known, key=lambda name: name.startswith("loss"))
    columns = [found.splits[split].metrics for split in splits] + list(found.baseline.values())
    rows = [[title_of(name), *(_text(name, part) for part in columns)] for name in names]
    table.set_rows(
        ["", *splits, *found.baseline],
        rows,
        strong=1 + splits.index(found.split) if found.split in splits else -1,
        firm=names.index(found.headline) if found.headline in names else -1,
    )


def show_parts(table: ScoreTable, found: Evaluated) -> None:
    """A row per class, answer or value, in the order of the data."""
    names = list(dict.fromkeys(name for part in found.parts for name in part.values))
    rows = [
        [
            part.name,
            f"{part.count:,}",
            *(_text(name, part.values) for name in names),
        ]
        for part in found.parts
    ]
    table.set_rows(["", "samples", *map(title_of, names)], rows)


def _text(name: str, values: Mapping[str, float]) -> str:
    if name not in values:
        return ""
    return f"{values[name]:.3f}" if name in SHARES else value_of(name, values[name])
