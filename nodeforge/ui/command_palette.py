"""The command palette: everything that can be done or gone to, found by typing a part of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge.ui import theme
from nodeforge.ui.actions import readable_keys
from nodeforge.ui.icons import icon, kind_icon
from nodeforge.ui.search import ranked

if TYPE_CHECKING:
    from nodeforge.ui.main_window import MainWindow

_ENTRY = Qt.ItemDataRole.UserRole
MAX_RESULTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to do.

    Attributes:
        title: What it does; this is searched.
        run: Does it.
        detail: Where it comes from or its keys, shown on the right.
        icon: Its sign.
        keywords: Other words a person may type.
        rank: The smaller, the earlier among those that match in the same way.
    """

    title: str
    run: Callable[[], object]
    detail: str = ""
    icon: QIcon | None = None
    keywords: tuple[str, ...] = ()
    rank: int = 0


def entries(window: MainWindow) -> list[Entry]:
    """What can be done now: the enabled commands, a node of each kind, a way to each node."""
    found = [
        Entry(
            title=action.text().replace("&", "").removesuffix("…"),
            run=action.trigger,
            detail=readable_keys(action) or command.menu,
            icon=action.icon(),
            keywords=tuple(command.tip.split()),
        )
        for command, action in window.commands
        if action.isEnabled() and command.id != "edit.commands"
    ]
    if window.has_project():
        from nodeforge.ui.canvas.searching import adding  # numpy waits until the window has been painted

        found += [
            Entry(
                title=f"Add {kind.label}",
                run=partial(window.canvas.add_node, kind.name),
                detail=kind.category,
                icon=kind_icon(kind),
                keywords=(kind.label, *kind.keywords),
                rank=-kind.common,
            )
            for kind in adding.offers(window.canvas).values()
        ]
        model = window.model
        found += [
            Entry(
                title=f"Show network {name}",
                run=partial(model.show_network, name),
                detail="main" if name == model.document.main else "Networks",
                icon=icon("networks"),
                keywords=(name,),
            )
            for name in model.document.networks
            if len(model.document.networks) > 1
        ]
        found += [
            Entry(
                title=f"Go to {node.name}",
                run=partial(model.reveal, model.network, node.name),
                detail=node.kind,
                icon=icon("search"),
                keywords=(node.name, node.kind),
            )
            for node in model.graph.ordered_nodes()
        ]
    return found


class CommandPalette(QDialog):
    """Opens over the window with the cursor in its search line; Enter does what is chosen, Escape nothing."""

    def __init__(self, entries: Iterable[Entry], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("command-palette")
        self._entries = list(entries)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Type a command, a layer or a node")
        self.search.setAccessibleName("Search commands")
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setItemDelegate(_EntryDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Commands")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self._fill("")
        self._place(parent)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = event.key()
            page = max(1, self.list.viewport().height() // max(1, self.list.sizeHintForRow(0)))
            rows = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: page,
                Qt.Key.Key_PageUp: -page,
            }
            if Qt.Key(key) in rows:
                last = self.list.count() - 1
                self.list.setCurrentRow(min(last, max(0, self.list.currentRow() + rows[Qt.Key(key)])))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentItem())
                return True
        return False

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.search.setFocus()

    def _fill(self, query: str) -> None:
        self.list.clear()
        found = ranked(query, self._entries, lambda e: (e.title, e.keywords), lambda e: e.rank)
        for entry in found[:MAX_RESULTS]:
            item = QListWidgetItem(entry.icon or QIcon(), entry.title)
            item.setData(_ENTRY, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            entry: Entry = item.data(_ENTRY)
            self.close()
            entry.run()

    def _place(self, parent: QWidget) -> None:
        """In the upper middle of the window."""
        width, height = min(580, parent.width() - 40), min(420, parent.height() - 80)
        corner = parent.mapToGlobal(QRect(0, 0, parent.width(), 0).center())
        self.setGeometry(corner.x() - width // 2, corner.y() + 60, width, height)


class _EntryDelegate(QStyledItemDelegate):
    """Draws the detail on the right, muted."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, option.fontMetrics.height() + 13)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        entry: Entry = index.data(_ENTRY)
        if entry.detail:
            area: QRect = option.rect
            painter.save()
            painter.setPen(theme.color("muted"))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(area.adjusted(0, 0, -10, 0), flags, entry.detail)
            painter.restore()

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
