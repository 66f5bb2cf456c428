"""First rows of a table; a click on a column's header sets its role and type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QTableView, QWidget

from nodeforge.core.document import Column
from nodeforge.engine.messages import Table
from nodeforge.ui import theme

ROLES = {"feature": "Feature: the network sees it", "target": "Target: to be predicted", "ignore": "Ignored"}
TYPES = {"number": "Number", "category": "Category"}
NO_TABLE = Table(columns=[], types=[], rows=[], total_rows=0)

Index = QModelIndex | QPersistentModelIndex


class TableModel(QAbstractTableModel):
    """The rows of a preview."""

    def __init__(self) -> None:
        super().__init__()
        self.table = NO_TABLE
        self.editable = False

    def set_table(self, table: Table, editable: bool) -> None:
        self.beginResetModel()
        self.table, self.editable = table, editable
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.table.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.table.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and self.table.types[index.column()] == "number":
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and self._role_of(index.column()) == "ignore":
            return theme.color("muted")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return section + self.table.first_row if role == Qt.ItemDataRole.DisplayRole else None
        column_role = self._role_of(section)
        if role == Qt.ItemDataRole.DisplayRole:
            words = " · ".join(word for word in (column_role, self.table.types[section]) if word)
            below = f"\n{words}{' ▾' if self.editable else ''}" if words else ""
            return f"{self.table.columns[section]}{below}"
        if role == Qt.ItemDataRole.ForegroundRole and column_role in ("target", "feature"):
            return theme.color("accent" if column_role == "target" else "text")
        if role == Qt.ItemDataRole.ToolTipRole and self.editable:
            return f"{self.table.columns[section]}: click to set its role and type"
        return None

    def _role_of(self, column: int) -> str:
        return self.table.roles[column] if column < len(self.table.roles) else ""


class TableView(QTableView):
    """The table with menus in its header.

    Signals:
        columns_edited: (all columns with their new roles and types, name of the column that was edited).
    """

    columns_edited = Signal(tuple, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TableModel()
        self.setModel(self.rows)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 7)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMaximumSectionSize(260)
        header.sectionClicked.connect(self._show_menu)
        self.setAccessibleName("First rows of the data")

    def set_table(self, table: Table, editable: bool) -> None:
        """Show these rows; the header has menus when roles and types are the person's to choose."""
        self.rows.set_table(table, editable)
        self.resizeColumnsToContents()

    def columns(self) -> list[Column]:
        """The columns as they are used now."""
        table = self.rows.table
        columns = zip(table.columns, table.roles, table.types, strict=True)
        return [Column(name=name, role=role, type=type_) for name, role, type_ in columns]

    def menu(self, section: int) -> QMenu:
        """Roles and types to choose from for a column. The caller owns the menu."""
        menu = QMenu(self)
        columns = self.columns()
        column = columns[section]
        _add_choices(menu, ROLES, column.role, lambda role: self._set_role(section, role))
        others = [c for c in columns if c.role == "target" and c.name != column.name]
        if others and column.role != "target" and all(c.type == "number" for c in (*others, column)):
            menu.addAction("Target as well", lambda: self._set(section, role="target"))
        menu.addSeparator()
        _add_choices(menu, TYPES, column.type, lambda type_: self._set(section, type=type_))
        return menu

    def _show_menu(self, section: int) -> None:
        if not self.rows.editable:
            return
        header = self.horizontalHeader()
        menu = self.menu(section)
        menu.aboutToHide.connect(menu.deleteLater)
        corner = QPoint(header.sectionViewportPosition(section), header.height())
        menu.popup(header.viewport().mapToGlobal(corner))

    def _set_role(self, section: int, role: str) -> None:
        """Another role; a new target takes the place of the old one."""
        columns = self.columns()
        if role == "target":
            columns = [
                Column(name=c.name, role="feature" if c.role == "target" else c.role, type=c.type)
                for c in columns
            ]
        self._emit(columns, section, role=role)

    def _set(self, section: int, **values: str) -> None:
        self._emit(self.columns(), section, **values)

    def _emit(self, columns: list[Column], section: int, **values: str) -> None:
        columns[section] = replace(columns[section], **values)
        self.columns_edited.emit(tuple(columns), columns[section].name)


def _add_choices(menu: QMenu, words: dict[str, str], chosen: str, choose: Callable[[str], None]) -> None:
    group = QActionGroup(menu)
    for value, text in words.items():
        action = QAction(text, menu, checkable=True, checked=value == chosen)
        action.triggered.connect(lambda _=False, value=value: choose(value))
        group.addAction(action)
        menu.addAction(action)
