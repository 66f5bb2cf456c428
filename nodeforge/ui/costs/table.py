"""The table of costs: a row for each node, any column to sort by, bars for the shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSignalBlocker,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from nodeforge.analysis.costs import NodeCosts
from nodeforge.analysis.report import NodeReport
from nodeforge.session.costing import shapes
from nodeforge.ui import theme
from nodeforge.ui.costs.measures import MEASURES
from nodeforge.ui.costs.source import CostPicture
from nodeforge.ui.project_model import ProjectModel

COLUMNS = ("Node", "Kind", "Output", *(measure.heading for measure in MEASURES))
FIRST_NUMBER = len(COLUMNS) - len(MEASURES)
SHARE = Qt.ItemDataRole.UserRole
"""How large a cell is beside the total of its column, from 0 to 1."""
_ARROWS = {Qt.SortOrder.AscendingOrder: " ↑", Qt.SortOrder.DescendingOrder: " ↓"}
"""Behind a heading: the style would draw its own over the words of narrow columns."""
_BAR_HEIGHT = 4.0

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class Row:
    """One node. Its words are made when they are seen."""

    name: str
    known: NodeReport
    costs: NodeCosts

    def text(self, column: int) -> str:
        """What stands in one of the first columns."""
        if column == 0:
            return self.name
        if column == 1:
            return self.known.kind.name if self.known.kind else ""
        return shapes(self.known)

    def key(self, column: int) -> str | int:
        """What rows are sorted by."""
        if column >= FIRST_NUMBER:
            return MEASURES[column - FIRST_NUMBER].of(self.costs)
        return self.text(column).casefold()


class CostTableModel(QAbstractTableModel):
    """The nodes of a network with their costs."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.total = NodeCosts()
        self._sorted_by = -1
        self._order = Qt.SortOrder.DescendingOrder

    def show(self, picture: CostPicture) -> None:
        """Show these costs, in the order that was chosen."""
        nodes = picture.report.nodes
        self.beginResetModel()
        self.rows = [Row(name, nodes[name], costs) for name, costs in picture.costs.nodes.items()]
        self.total = picture.total
        self._sort()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        self._sorted_by, self._order = column, order
        self._sort()
        self.layoutChanged.emit()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def _sort(self) -> None:
        column = self._sorted_by
        if column >= 0:
            self.rows.sort(
                key=lambda row: row.key(column), reverse=self._order == Qt.SortOrder.DescendingOrder
            )

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Role.DisplayRole:
            return COLUMNS[section] + (_ARROWS[self._order] if section == self._sorted_by else "")
        if role == Role.ToolTipRole and section >= FIRST_NUMBER:
            return MEASURES[section - FIRST_NUMBER].doc
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section >= FIRST_NUMBER else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        if column < FIRST_NUMBER:
            return row.text(column) if role == Role.DisplayRole else None
        measure = MEASURES[column - FIRST_NUMBER]
        value, total = measure.of(row.costs), measure.of(self.total)
        match role:
            case Role.DisplayRole:
                return measure.text(value) if row.costs.known and value else "–" if row.costs.known else "?"
            case Role.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Role.ForegroundRole if not value:
                return theme.color("muted")
            case Role.ToolTipRole:
                if not row.costs.known:
                    return "Its shapes are not known yet."
                unit = " bytes" if measure.in_bytes else ""
                return f"{value:,}{unit}, {value / total:.1%} of the network" if total else None
        return value / total if role == SHARE and total else None


def _stretches(places: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of the places that adjoin one another."""
    for _, stretch in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        adjoining = [place for _, place in stretch]
        yield adjoining[0], adjoining[-1]


class _Bars(QStyledItemDelegate):
    """A number with a bar below it for its share."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        share = index.data(SHARE)
        if not share:
            return
        cell = QRectF(option.rect).adjusted(10, 0, -8, -3)
        track = QRectF(cell.left(), cell.bottom() - _BAR_HEIGHT, cell.width(), _BAR_HEIGHT)
        bar = QRectF(track)
        bar.setLeft(track.right() - max(2.0, track.width() * share))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        faint = QColor(theme.color("border"))
        faint.setAlphaF(0.5)
        for rect, color in ((track, faint), (bar, theme.color("accent"))):
            painter.setBrush(color)
            painter.drawRoundedRect(rect, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        painter.restore()


class CostTable(QTableView):
    """The table. Selecting rows selects their nodes, and the other way round; a double click shows the node."""

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = model
        self.costs = CostTableModel()
        self.setModel(self.costs)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAccessibleName("Costs of nodes")
        self.setMinimumWidth(120)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 14)
        for column in range(FIRST_NUMBER, len(COLUMNS)):
            self.setItemDelegateForColumn(column, _Bars(self))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionsClickable(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
        header.sortIndicatorChanged.connect(self.costs.sort)
        self.doubleClicked.connect(self._reveal)
        self.selectionModel().selectionChanged.connect(self._select_nodes)
        model.selection_changed.connect(self.mark)

    def show_costs(self, picture: CostPicture) -> None:
        """Show fresh costs; scrolling and selection stay."""
        place = self.verticalScrollBar().value()
        with QSignalBlocker(self.selectionModel()):
            self.costs.show(picture)
        self.verticalScrollBar().setValue(place)
        self.mark(self._project.selection)

    def mark(self, names: frozenset[str]) -> None:
        """Select the rows of these nodes."""
        chosen = QItemSelection()
        places = [place for place, row in enumerate(self.costs.rows) if row.name in names]
        for first, last in _stretches(places):
            chosen.select(self.costs.index(first, 0), self.costs.index(last, len(COLUMNS) - 1))
        selection = self.selectionModel()
        with QSignalBlocker(selection):
            selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.viewport().update()

    def _select_nodes(self) -> None:
        rows = [index.row() for index in self.selectionModel().selectedRows()]
        self._project.select(self.costs.rows[row].name for row in rows)

    def _reveal(self, index: QModelIndex) -> None:
        self._project.reveal(self._project.network, self.costs.rows[index.row()].name)
