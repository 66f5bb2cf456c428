"""The table of runs: which are overlaid, their names, how they ended and what they reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from nodeforge.project.runs import RunInfo
from nodeforge.ui import theme
from nodeforge.ui.panels.wording import duration, main_metric
from nodeforge.ui.plots.style import PlotStyle
from nodeforge.ui.project_model import ProjectModel

COLUMNS = ("Name", "Status", "Epochs", "Validation", "Test", "Seed", "Created", "Duration")
NAME, STATUS, EPOCHS, VALIDATION, TEST, SEED, CREATED, DURATION = range(len(COLUMNS))
FIRST_TO_GO = (SEED, DURATION, CREATED)
"""Hidden one after another where there is no room for all; what is told of a chosen run has them too."""
STATUS_COLORS = {"finished": "good", "running": "accent", "failed": "error", "interrupted": "warning"}

Index = QModelIndex | QPersistentModelIndex
Flag, Role = Qt.ItemFlag, Qt.ItemDataRole


class RunTableModel(QAbstractTableModel):
    """Runs, the newest first. Ticking one overlays its curves; its name can be edited.

    Signals:
        renamed: (run, the name a person typed).
    """

    renamed = Signal(str, str)

    def __init__(self, model: ProjectModel, palette: QPalette) -> None:
        super().__init__()
        self._model = model
        self._palette = palette
        self.runs: list[RunInfo] = []
        model.overlay_changed.connect(self._on_overlay)

    def set_runs(self, runs: Sequence[RunInfo]) -> None:
        """Show these; rows that stay keep their selection."""
        if [run.id for run in runs] == [run.id for run in self.runs]:
            self.runs = list(runs)
            self.dataChanged.emit(self.index(0, 0), self.index(len(runs) - 1, DURATION))
            return
        self.beginResetModel()
        self.runs = list(runs)
        self.endResetModel()

    def set_epochs(self, run: str, epochs: int) -> None:
        """Show how far a run is that trains right now."""
        row = self.row_of(run)
        if row >= 0:
            self.runs[row] = replace(self.runs[row], epochs=epochs)
            self.dataChanged.emit(self.index(row, EPOCHS), self.index(row, EPOCHS))

    def row_of(self, run: str) -> int:
        """The row of a run; -1 if it is not listed."""
        return next((row for row, info in enumerate(self.runs) if info.id == run), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return COLUMNS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Flag.ItemIsEnabled | Flag.ItemIsSelectable
        return flags | Flag.ItemIsEditable | Flag.ItemIsUserCheckable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        run, column = self.runs[index.row()], index.column()
        match role:
            case Role.DisplayRole | Role.EditRole:
                return _text(run, column)
            case Role.CheckStateRole if column == NAME:
                return Qt.CheckState.Checked if run.id in self._model.overlay else Qt.CheckState.Unchecked
            case Role.DecorationRole if column == NAME:
                return self._swatch(run.id)
            case Role.ForegroundRole if column == STATUS and run.status in STATUS_COLORS:
                return theme.color(STATUS_COLORS[run.status])
            case Role.ToolTipRole:
                return run.message or ("Tick it to see its curves" if column == NAME else None)
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        run = self.runs[index.row()]
        if role == Role.CheckStateRole:
            self._model.overlay_run(run.id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Role.EditRole and value.strip() and value.strip() != run.name:
            self.renamed.emit(run.id, value)
            return True
        return False

    def _on_overlay(self) -> None:
        if self.runs:
            self.dataChanged.emit(self.index(0, NAME), self.index(len(self.runs) - 1, NAME))

    def _swatch(self, run: str) -> QPixmap:
        """The colour of its curves; empty while they are not shown."""
        pixmap = QPixmap(12, 12)
        place = self._model.overlay.get(run)
        transparent = QColor(Qt.GlobalColor.transparent)
        pixmap.fill(transparent if place is None else PlotStyle.of(self._palette).color(place))
        return pixmap


class RunTable(QTableView):
    """The runs; several can be selected.

    Signals:
        chosen: The selected runs (a list of `RunInfo`), in the order of the table.
    """

    chosen = Signal(list)

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunTableModel(model, self.palette())
        self.setModel(self.runs)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QTableView.EditTrigger.DoubleClicked | QTableView.EditTrigger.EditKeyPressed)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAccessibleName("Runs")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.selectionModel().selectionChanged.connect(lambda: self.chosen.emit(self.selected()))
        self.runs.modelReset.connect(lambda: self.chosen.emit(self.selected()))
        self.runs.modelReset.connect(self._make_room)
        self.runs.dataChanged.connect(self._make_room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Show as many columns as there is room for."""
        header = self.horizontalHeader()
        widths = [
            max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
            for column in range(len(COLUMNS))
        ]
        over = sum(widths) - self.viewport().width()
        for column in FIRST_TO_GO:
            self.setColumnHidden(column, over > 0)
            over -= widths[column]

    def selected(self) -> list[RunInfo]:
        """The selected runs, in the order of the table."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.runs.runs[row] for row in rows]

    def select(self, runs: Sequence[str]) -> None:
        """Select exactly these runs."""
        self.clearSelection()
        flags = self.selectionModel().SelectionFlag.Select | self.selectionModel().SelectionFlag.Rows
        for run in runs:
            if (row := self.runs.row_of(run)) >= 0:
                self.selectionModel().select(self.runs.index(row, 0), flags)


def _text(run: RunInfo, column: int) -> str:
    match column:
        case 0:
            return run.name
        case 1:
            return run.status
        case 2:
            return str(run.epochs)
        case 3 | 4:
            return main_metric(run.metrics.get("validation" if column == VALIDATION else "test", {}))
        case 5:
            return str(run.seed)
        case 6:
            return when(run.created)
    return duration(run.seconds)


def when(created: str) -> str:
    """A moment as people write it: "today, 14:05", else "2 Mar 2026, 14:05"."""
    try:
        moment = datetime.fromisoformat(created).astimezone()
    except ValueError:
        return created
    if moment.date() == datetime.now().date():
        return f"today, {moment:%H:%M}"
    return f"{moment.day} {moment:%b %Y, %H:%M}"
