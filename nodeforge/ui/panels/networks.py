"""The networks of the project: which there are, which is the main one, how often each is used."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QHeaderView,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge.catalog.networks import reachable, uses_of
from nodeforge.core.changes import Change
from nodeforge.core.edits import AddNetwork, RemoveNetwork, RenameNetwork, SetMain
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph
from nodeforge.session.blocks import save_block
from nodeforge.session.grouping import free_network_name
from nodeforge.ui import library
from nodeforge.ui.button_bar import ButtonBar
from nodeforge.ui.canvas.dropping.drops import KIND_MIME
from nodeforge.ui.icons import icon
from nodeforge.ui.inspector.network_page import used_words
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label

FIRST_NAME = "Network"
_NAME = Qt.ItemDataRole.UserRole


class NetworksPanel(QWidget):
    """A list of networks: Enter shows one by itself, F2 renames it, a drag puts a use of it on the canvas.

    Signals:
        library_changed: A network was put into the library of blocks.
    """

    library_changed = Signal()

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._filling = False
        self.list = NetworkList(model)
        self.list.itemActivated.connect(lambda item: model.show_network(item.data(0, _NAME)))
        self.list.itemChanged.connect(self._on_renamed)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.currentItemChanged.connect(self._refresh_actions)
        self.actions_ = self._make_actions()
        buttons = ButtonBar()
        for name in ("new", "duplicate", "delete"):
            buttons.add(self._button(self.actions_[name]))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(buttons)
        layout.addWidget(self.list, 1)
        note = label(
            "A network can stand in others as one node. Select nodes and press Ctrl+G to make one.",
            "muted",
            wrap=True,
        )
        note.setContentsMargins(10, 2, 10, 8)
        layout.addWidget(note)
        model.opened.connect(self.refresh)
        model.network_changed.connect(self._on_network)
        model.changed.connect(self._on_changed)
        self.refresh()

    @property
    def current(self) -> str:
        """The network that is chosen in the list; the shown one when none is."""
        item = self.list.currentItem()
        return str(item.data(0, _NAME)) if item is not None else self._model.network

    def refresh(self, _: object = None) -> None:
        """Show the document as it is now."""
        chosen, document = self.current, self._model.document
        self._filling = True
        self.list.clear()
        for name in document.networks:
            item = _item(self._model, name)
            self.list.addTopLevelItem(item)
            if name == (chosen if chosen in document.networks else self._model.network):
                self.list.setCurrentItem(item)
        self._filling = False
        self._refresh_actions()

    def _on_network(self, name: str) -> None:
        self.refresh()
        self.choose(name)

    def choose(self, name: str) -> None:
        """Choose a network in the list."""
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is not None and item.data(0, _NAME) == name:
                self.list.setCurrentItem(item)

    # What can be done -----------------------------------------------------------------------------

    def add(self) -> None:
        """A new, empty network, shown and ready to be renamed."""
        name = free_network_name(self._model.document, FIRST_NAME)
        if self._model.do(AddNetwork(Graph(name)), label=f"Add {name}"):
            self._model.show_network(name)
            self._edit(name)

    def duplicate(self) -> None:
        """A copy of the chosen network."""
        graph = self._model.document.networks[self.current].copy()
        graph.name = free_network_name(self._model.document, self.current)
        if self._model.do(AddNetwork(graph), label=f"Duplicate {self.current}"):
            self._edit(graph.name)

    def delete(self) -> None:
        """Remove the chosen network, if nothing uses it."""
        name, document = self.current, self._model.document
        uses = [node for _, node in uses_of(document, name)]
        if uses:
            them = "it" if len(uses) == 1 else "them"
            self._model.complained.emit(
                f"{name} is used {used_words(len(uses))} ({', '.join(uses)}): delete {them} or take {them} apart first."
            )
        else:
            self._model.do(RemoveNetwork(name), label=f"Delete {name}")

    def make_main(self) -> None:
        """Let the chosen network be the one that is trained."""
        self._model.do(SetMain(self.current), label=f"Make {self.current} the main network")

    def keep(self) -> None:
        """Put the chosen network into the library of blocks, for other projects."""
        try:
            save_block(self._model.document, self.current)
        except UserError as error:
            self._model.complained.emit(str(error))
            return
        library.reread()
        self.library_changed.emit()

    def _edit(self, name: str) -> None:
        self.choose(name)
        item = self.list.currentItem()
        if item is not None:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            self.list.editItem(item, 0)

    def _on_renamed(self, item: QTreeWidgetItem) -> None:
        name, wish = str(item.data(0, _NAME)), item.text(0).strip()
        if not self._filling and wish != name:
            # Not now: the list is filled anew, and the row that is being edited would go.
            QTimer.singleShot(0, self, lambda: self._rename(name, wish))

    def _rename(self, name: str, wish: str) -> None:
        if not self._model.do(RenameNetwork(name, wish), label=f"Rename {name} to {wish}"):
            self.refresh()

    def _on_changed(self, change: Change) -> None:
        if not change.affects_meaning:
            return
        chosen = change.renamed_networks.get(self.current)
        self.refresh()
        if chosen:
            self.choose(chosen)

    # Actions --------------------------------------------------------------------------------------

    def _make_actions(self) -> dict[str, QAction]:
        table = (
            ("new", "New", "add", "Add an empty network", self.add),
            ("duplicate", "Duplicate", "duplicate", "Add a copy of the chosen network", self.duplicate),
            ("delete", "Delete", "delete", "Remove the chosen network", self.delete),
            ("main", "Make main", "train", "Train this network instead", self.make_main),
            ("keep", "Keep in the library", "save", "Offer it as a block in other projects too", self.keep),
        )
        made = {}
        for name, title, sign, tip, run in table:
            action = QAction(icon(sign), title, self)
            action.setToolTip(tip)
            action.triggered.connect(lambda _=False, run=run: run())
            made[name] = action
        made["delete"].setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        made["delete"].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.list.addAction(made["delete"])
        return made

    def _button(self, action: QAction) -> QPushButton:
        button = QPushButton(action.icon(), action.text())
        button.setToolTip(action.toolTip())
        button.clicked.connect(action.trigger)
        action.changed.connect(lambda: button.setEnabled(action.isEnabled()))
        return button

    def _refresh_actions(self, *_: object) -> None:
        is_main = self.current == self._model.document.main
        if hasattr(self, "actions_"):
            self.actions_["delete"].setEnabled(not is_main)
            self.actions_["main"].setEnabled(not is_main)

    def _open_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if item is not None:
            menu.addAction("Show", lambda: self._model.show_network(item.data(0, _NAME)))
            menu.addAction("Rename", QKeySequence("F2"), lambda: self.list.editItem(item, 0))
            menu.addSeparator()
        for action in self.actions_.values():
            menu.addAction(action)
        menu.popup(self.list.viewport().mapToGlobal(at))


class NetworkList(QTreeWidget):
    """Networks as rows that can be renamed in place, and dragged onto the canvas."""

    def __init__(self, model: ProjectModel) -> None:
        super().__init__()
        self._model = model
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIconSize(QSize(18, 18))
        self.setDragEnabled(True)
        self.setDragDropMode(QTreeWidget.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setEditTriggers(QTreeWidget.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Networks")
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def mimeTypes(self) -> list[str]:
        return [KIND_MIME]

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        data = QMimeData()
        name = str(items[0].data(0, _NAME)) if items else ""
        if name in self._model.placeable:
            data.setData(KIND_MIME, QByteArray(name.encode()))
            data.setText(name)
        return data


def _item(model: ProjectModel, name: str) -> QTreeWidgetItem:
    document = model.document
    uses = list(uses_of(document, name))
    is_main = name == document.main
    told = "main" if is_main and not uses else f"{len(uses)}×"
    item = QTreeWidgetItem([name, told])
    item.setData(0, _NAME, name)
    item.setIcon(0, icon("networks", "accent" if is_main else "text"))
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
    font = item.font(0)
    font.setBold(name == model.network)
    item.setFont(0, font)
    used = f"Used {used_words(len(uses))}" + (f": {', '.join(node for _, node in uses)}." if uses else ".")
    inner = sorted(reachable(document, name) - {name})
    holds = f" Holds {', '.join(inner)}." if inner else ""
    about = document.networks[name].description.strip().partition("\n")[0]
    main = "The main network: the one that is trained. " if is_main else ""
    item.setToolTip(0, f"{main}{used}{holds}" + (f"\n{about}" if about else ""))
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{name}, {told}")
    return item
