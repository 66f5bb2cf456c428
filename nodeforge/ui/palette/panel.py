"""The layer palette: every kind by category, a search, and adding by drag, Enter or double-click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from nodeforge.catalog.custom import CATEGORY as CUSTOM
from nodeforge.catalog.kind import Kind
from nodeforge.catalog.networks import CATEGORY as NETWORKS
from nodeforge.core.changes import Change
from nodeforge.core.errors import UserError
from nodeforge.session.blocks import Block, remove_block
from nodeforge.ui import library
from nodeforge.ui.icons import icon, kind_icon
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.search import ranked_kinds
from nodeforge.ui.widgets import label

KIND_MIME = "application/x-nodeforge-kind"
ROW = QSize(0, 27)
_OWN = (NETWORKS, CUSTOM)
"""Categories of what the project itself holds."""
_KIND = Qt.ItemDataRole.UserRole


class LayerPalette(QWidget):
    """A search above the kinds.

    Signals:
        add_requested: Name of the kind to add.
        new_requested: A layer of the person's own is to be begun.
        help_requested: Name of the kind to read about.
    """

    add_requested = Signal(str)
    new_requested = Signal()
    help_requested = Signal(str)

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._offered: list[Kind] = []
        self.search = _SearchLine()
        self.search.setPlaceholderText("Search layers")
        self.search.setAccessibleName("Search layers")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._add_current)
        self.search.stepped.connect(self._step)
        self.tree = KindTree()
        self.tree.itemActivated.connect(self._add_item)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        about = QAction("Read about this layer", self.tree)
        about.triggered.connect(self._read_about_current)
        self.tree.addAction(about)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.nothing = label(
            "No layer answers to that. Try another word: dense, image, recurrent, loss.", "muted"
        )
        self.nothing.setWordWrap(True)
        self.nothing.setContentsMargins(8, 4, 8, 4)
        self.nothing.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 4, 4)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.nothing)
        layout.addWidget(self.tree, 1)
        self.setMinimumWidth(180)
        for signal in (model.opened, model.changed, model.network_changed):
            signal.connect(self._follow)
        self.refresh()

    def focus_search(self) -> None:
        """Put the cursor into the search, ready to type over what stands there."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @property
    def current(self) -> str:
        """The kind of the chosen row, "" where there is none."""
        item = self.tree.currentItem()
        return str(item.data(0, _KIND) or "") if item is not None else ""

    def refresh(self) -> None:
        """Offer what the project and the library hold now."""
        placeable = self._model.placeable.values()
        networks = [kind for kind in placeable if kind.category == NETWORKS]
        others = [kind for kind in placeable if kind.category not in _OWN]
        custom = [kind for kind in placeable if kind.category == CUSTOM]
        self._offered = [*networks, *library.block_kinds().values(), *others, *custom]
        self._fill(self.search.text())

    def _follow(self, change: object = None) -> None:
        """The project's networks and its own layers may be others now."""
        if isinstance(change, Change) and not change.affects_meaning:
            return
        shown = {kind.name: kind for kind in self._offered if kind.category in _OWN}
        now = {kind.name: kind for kind in self._model.placeable.values() if kind.category in _OWN}
        if shown != now:
            self.refresh()

    def _fill(self, query: str) -> None:
        kinds = self._offered
        if query.strip():
            found = ranked_kinds(query, kinds)
            self.tree.show_list(found)
            self.nothing.setVisible(not found)
        else:
            self.tree.show_categories(kinds)
            self.nothing.hide()

    def _open_menu(self, at: QPoint) -> None:
        """What can be done with what is offered; a block of the person's own can go."""
        item = self.tree.itemAt(at)
        name = str(item.data(0, _KIND) or "") if item is not None else ""
        if not name:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Add", lambda: self.add_requested.emit(name))
        if (block := library.block_of(name)) is not None and block.own:
            menu.addAction("Remove from the library", lambda: self._remove(block))
        menu.popup(self.tree.viewport().mapToGlobal(at))

    def _remove(self, block: Block) -> None:
        try:
            remove_block(block)
        except UserError as error:
            self._model.complained.emit(str(error))
        library.reread()
        self.refresh()

    def _step(self, rows: int) -> None:
        """Walk through the results while the cursor stays in the search."""
        item = self.tree.currentItem()
        if item is None:
            return
        neighbour = self.tree.itemBelow(item) if rows > 0 else self.tree.itemAbove(item)
        if neighbour is not None:
            self.tree.setCurrentItem(neighbour)

    def _add_current(self) -> None:
        self._add_item(self.tree.currentItem())

    def _read_about_current(self) -> None:
        if self.current:
            self.help_requested.emit(self.current)

    def _add_item(self, item: QTreeWidgetItem | None) -> None:
        name = item.data(0, _KIND) if item is not None else None
        if name:
            self.add_requested.emit(str(name))
        elif item is not None and item.parent() is not None:
            self.new_requested.emit()


class KindTree(QTreeWidget):
    """Kinds as rows that can be dragged onto the canvas."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setIconSize(QSize(22, 22))
        self.setIndentation(12)
        self.setDragEnabled(True)
        self.setDragDropMode(QTreeWidget.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Layers")
        self._closed = {library.CATEGORY}
        self.itemCollapsed.connect(lambda item: self._closed.add(item.text(0)))
        self.itemExpanded.connect(lambda item: self._closed.discard(item.text(0)))

    def mimeTypes(self) -> list[str]:
        return [KIND_MIME]

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        data = QMimeData()
        if items and (name := items[0].data(0, _KIND)):
            data.setData(KIND_MIME, QByteArray(str(name).encode()))
            data.setText(str(name))
        return data

    def show_list(self, kinds: Sequence[Kind]) -> None:
        """The results of a search, the best chosen, so that Enter adds it."""
        self.clear()
        self.setRootIsDecorated(False)
        items = [_item(kind) for kind in kinds]
        self.addTopLevelItems(items)
        if items:
            self.setCurrentItem(items[0])

    def show_categories(self, kinds: Sequence[Kind]) -> None:
        """All kinds in their categories; the library of blocks stays closed until somebody opens it."""
        place = self.verticalScrollBar().value()
        self.clear()
        self.setRootIsDecorated(True)
        groups: dict[str, QTreeWidgetItem] = {}
        for kind in kinds:
            if kind.category not in groups:
                groups[kind.category] = self._add_group(kind.category)
            groups[kind.category].addChild(_item(kind))
        if CUSTOM not in groups:
            groups[CUSTOM] = self._add_group(CUSTOM)
        groups[CUSTOM].addChild(_new_item())
        for name, group in groups.items():
            group.setExpanded(name not in self._closed)
        self.verticalScrollBar().setValue(place)

    def _add_group(self, category: str) -> QTreeWidgetItem:
        group = QTreeWidgetItem([category])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        group.setForeground(0, self.palette().placeholderText())
        font = self.font()
        font.setBold(True)
        group.setFont(0, font)
        group.setSizeHint(0, ROW)
        self.addTopLevelItem(group)
        return group


def _new_item() -> QTreeWidgetItem:
    """The row that begins a layer of the person's own."""
    item = QTreeWidgetItem(["New layer…"])
    item.setIcon(0, icon("add"))
    item.setSizeHint(0, ROW)
    item.setToolTip(0, "Write a layer in Python, in a file of the project")
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item


def _item(kind: Kind) -> QTreeWidgetItem:
    item = QTreeWidgetItem([kind.label])
    item.setIcon(0, kind_icon(kind))
    item.setSizeHint(0, ROW)
    item.setData(0, _KIND, kind.name)
    item.setToolTip(0, kind.summary + (f"\n{kind.formula}" if kind.formula else ""))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled)
    return item


class _SearchLine(QLineEdit):
    """Hands the arrow keys on, so that the results can be walked through while typing.

    Signals:
        stepped: Rows to go down (1) or up (-1).
    """

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if rows is not None:
            self.stepped.emit(rows)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
