"""The stages of a recipe in order: chosen, named, moved by dragging and by keys."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QMenu, QWidget

from nodeforge.catalog import learning_rules
from nodeforge.core.diagnostics import Severity
from nodeforge.core.document import Recipe, Stage
from nodeforge.ui.icons import icon


class StageList(QListWidget):
    """Tells what was asked for; the document changes elsewhere.

    Signals:
        chosen: The place of the stage to show.
        renamed: (place, name).
        moved: (place, the place where it is to stand).
        removed, duplicated: The place.
        pointed: The place under the pointer; -1 when there is none.
    """

    chosen = Signal(int)
    renamed = Signal(int, str)
    moved = Signal(int, int)
    removed = Signal(int)
    duplicated = Signal(int)
    pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_filling = False
        self.setAccessibleName("Stages of the recipe")
        self.setToolTip("Double-click or F2 renames, dragging or Alt+Up and Alt+Down move")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setIconSize(QSize(14, 14))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.currentRowChanged.connect(self._on_row)
        self.itemChanged.connect(self._on_edited)
        self.itemEntered.connect(lambda item: self.pointed.emit(self.row(item)))

    def show_recipe(self, recipe: Recipe, current: int, worst: Mapping[str, Severity]) -> None:
        """Show the stages, with a sign at those that have something to mend."""
        self._is_filling = True
        while self.count() > len(recipe.stages):
            self.takeItem(self.count() - 1)
        while self.count() < len(recipe.stages):
            item = QListWidgetItem()
            item.setFlags((item.flags() | Qt.ItemFlag.ItemIsEditable) & ~Qt.ItemFlag.ItemIsDropEnabled)
            self.addItem(item)
        for row, stage in enumerate(recipe.stages):
            self._fill(self.item(row), row, stage, worst.get(stage.name))
        self.setCurrentRow(current)
        self._is_filling = False

    def _fill(self, item: QListWidgetItem, row: int, stage: Stage, worst: Severity | None) -> None:
        if item.text() != stage.name:
            item.setText(stage.name)
        rule = learning_rules().get(stage.rule)
        title = rule.label if rule else stage.rule
        turns = "takes turns with the stage before" if stage.alternates else ""
        item.setIcon(
            icon(str(worst), str(worst)) if worst else icon("turns" if stage.alternates else "dot", "muted")
        )
        spoken = ", ".join(part for part in (f"Stage {row + 1}: {stage.name}", title, turns) if part)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        item.setToolTip(spoken)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, alt = self.currentRow(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if alt and step:
            if 0 <= row + step < self.count():
                self.moved.emit(row, row + step)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(row)
        elif event.key() == Qt.Key.Key_D and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.duplicated.emit(row)
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        source, target = self.currentRow(), self._gap_at(event.position().toPoint())
        if event.source() is self and source >= 0:
            self.move_to_gap(source, target)
        event.setDropAction(Qt.DropAction.IgnoreAction)  # the list is filled anew by the edit
        event.accept()

    def move_to_gap(self, source: int, gap: int) -> None:
        """Ask for a stage to be put before the one that stands at `gap`."""
        target = gap - (gap > source)
        if target != source:
            self.moved.emit(source, target)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(-1)

    def sizeHint(self) -> QSize:
        return QSize(11 * self.fontMetrics().height(), 4 * self.fontMetrics().height())

    def _gap_at(self, point: QPoint) -> int:
        index = self.indexAt(point)
        if not index.isValid():
            return self.count()
        return index.row() + (point.y() > self.visualRect(QModelIndex(index)).center().y())

    def _on_row(self, row: int) -> None:
        if not self._is_filling and row >= 0:
            self.chosen.emit(row)

    def _on_edited(self, item: QListWidgetItem) -> None:
        if not self._is_filling:
            self.renamed.emit(self.row(item), item.text())

    def _show_menu(self, point: QPoint) -> None:
        item = self.itemAt(point)
        if item is None:
            return
        row = self.row(item)
        menu = QMenu(self)
        menu.addAction("&Rename", lambda: self.editItem(item))
        menu.addAction(icon("duplicate"), "&Duplicate", lambda: self.duplicated.emit(row))
        menu.addAction("Move &up", lambda: self.moved.emit(row, row - 1)).setEnabled(row > 0)
        menu.addAction("Move &down", lambda: self.moved.emit(row, row + 1)).setEnabled(row < self.count() - 1)
        menu.addSeparator()
        menu.addAction(icon("delete"), "R&emove", lambda: self.removed.emit(row)).setEnabled(self.count() > 1)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(point))
