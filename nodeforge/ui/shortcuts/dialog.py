"""The list of all keys: searched by command or by key, and changed there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nodeforge.core.errors import UserError
from nodeforge.ui.actions import Command
from nodeforge.ui.shortcuts.keymap import Keymap, native, portable
from nodeforge.ui.widgets import label, quiet_button, restyle

_ID = Qt.ItemDataRole.UserRole


class ShortcutsDialog(QDialog):
    """Commands by menu, with their keys. A row is chosen, new keys are pressed, and they hold at once.

    Signals:
        mouse_requested: The person wants to read what the mouse does.
    """

    mouse_requested = Signal()

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(640, 620)
        self._keymap = keymap
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        self._make_parts()
        self._lay_out()
        self._fill()
        keymap.changed.connect(self._refresh)
        self._say(keymap.fault, "error" if keymap.fault else "")
        self.search.setFocus()

    @property
    def current(self) -> Command | None:
        """The command whose row is chosen."""
        item = self.tree.currentItem()
        return self._keymap.commands.get(item.data(0, _ID)) if item is not None else None

    def choose(self, id_: str) -> None:
        """Choose the row of a command."""
        self.tree.setCurrentItem(self._items[id_])
        self.tree.scrollToItem(self._items[id_])

    # Changing -------------------------------------------------------------------------------------

    def _use(self) -> None:
        """Give the chosen command the keys that were pressed, if nothing else has them."""
        command, keys = self.current, portable(self.field.keySequence().toString())
        if command is None or not keys:
            return
        refusal = self._keymap.refusal(command.id, keys)
        holder = self._keymap.holder(keys)
        if refusal:
            self._say(refusal, "error")
        elif holder is not None and holder.id != command.id:
            words = f"{native(keys)} belongs to “{holder.words}”. Take it from there, or press other keys."
            self._say(words, "warning", takes=f"Take it from “{holder.words}”")
        else:
            self._give(command, keys)

    def _take(self) -> None:
        """Give the keys all the same; the other command loses them."""
        if self.current is not None:
            self._give(self.current, portable(self.field.keySequence().toString()))

    def _give(self, command: Command, keys: str) -> None:
        self._do(lambda: self._keymap.give(command.id, [keys]), f"{command.words}: {native(keys)}.")

    def _remove(self) -> None:
        command = self.current
        if command is not None:
            self._do(lambda: self._keymap.give(command.id, []), f"{command.words} has no keys any longer.")

    def _reset(self) -> None:
        command = self.current
        if command is not None:
            self._do(lambda: self._keymap.reset(command.id), f"{command.words} has its first keys again.")

    def _reset_all(self) -> None:
        self._do(self._keymap.reset_all, "All commands have their first keys again.")

    def _do(self, change: Callable[[], None], words: str) -> None:
        try:
            change()
        except UserError as error:
            self._say(f"It holds until the window is closed: {error}", "error")
        else:
            self._say(words, "")
        self.field.clear()

    # Showing --------------------------------------------------------------------------------------

    def _fill(self) -> None:
        for command in self._keymap.commands.values():
            title = self._title(command.id)
            if title not in self._groups:
                self._groups[title] = QTreeWidgetItem(self.tree, [title])
                self._groups[title].setFlags(Qt.ItemFlag.ItemIsEnabled)
                self._groups[title].setFont(0, _bold(self.font()))
            item = QTreeWidgetItem(self._groups[title], [command.words])
            item.setData(0, _ID, command.id)
            item.setToolTip(0, command.tip)
            self._items[command.id] = item
        self.tree.expandAll()
        self._refresh()

    def _title(self, id_: str) -> str:
        return self._keymap.commands[id_].menu or "Anywhere"

    def _refresh(self) -> None:
        for id_, item in self._items.items():
            item.setText(1, " / ".join(map(native, self._keymap.keys(id_))))
            item.setFont(1, _bold(self.font(), self._keymap.is_own(id_)))
        self._enable()

    def _filter(self, text: str) -> None:
        """Leave the commands whose words or keys hold what was typed."""
        wanted = text.casefold().split()
        for id_, item in self._items.items():
            words = f"{item.text(0)} {item.text(1)} {self._keymap.commands[id_].tip}".casefold()
            item.setHidden(not all(word in words for word in wanted))
        for title, group in self._groups.items():
            inside = [item for id_, item in self._items.items() if self._title(id_) == title]
            group.setHidden(all(item.isHidden() for item in inside))
        first = next((item for item in self._items.values() if not item.isHidden()), None)
        if text and first is not None:
            self.tree.setCurrentItem(first)

    def _enable(self) -> None:
        command = self.current
        for part in (self.field, self.remove_button):
            part.setEnabled(command is not None)
        self.reset_button.setEnabled(command is not None and self._keymap.is_own(command.id))
        self.reset_all_button.setEnabled(any(map(self._keymap.is_own, self._items)))

    def _on_row(self) -> None:
        self.field.clear()
        self._say("", "")
        self._enable()

    def _say(self, sentence: str, role: str, *, takes: str = "") -> None:
        self.outcome.setText(sentence)
        self.outcome.setProperty("role", role)
        restyle(self.outcome)
        self.take_button.setText(takes.replace("&", "&&"))
        self.take_button.setVisible(bool(takes))

    # Parts ----------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter in the list goes where keys are pressed."""
        pressed = event.key() if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress else 0
        if pressed in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.field.setFocus()
            return True
        return False

    def _make_parts(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by command or keys")
        self.search.setAccessibleName("Search commands and keys")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Command", "Keys"])
        self.tree.setAccessibleName("Commands and their keys")
        self.tree.setRootIsDecorated(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        self.tree.currentItemChanged.connect(lambda *_: self._on_row())
        self.tree.itemDoubleClicked.connect(lambda *_: self.field.setFocus())
        self.tree.installEventFilter(self)
        self.field: QKeySequenceEdit = QKeySequenceEdit()
        self.field.setMaximumSequenceLength(1)
        self.field.setAccessibleName("New keys")
        self.field.editingFinished.connect(self._use)
        self.remove_button = QPushButton("Remove keys")
        self.remove_button.clicked.connect(self._remove)
        self.reset_button = QPushButton("Reset")
        self.reset_button.setToolTip("Give the chosen command its first keys again")
        self.reset_button.clicked.connect(self._reset)
        self.outcome = label(wrap=True)
        self.take_button = QPushButton()
        self.take_button.clicked.connect(self._take)
        self.mouse_button = quiet_button("Mouse and touchpad…", "What they do on the canvas")
        self.mouse_button.clicked.connect(self.mouse_requested)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.reset_all_button = self.buttons.addButton("Reset all", QDialogButtonBox.ButtonRole.ResetRole)
        self.reset_all_button.clicked.connect(self._reset_all)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        change = QHBoxLayout()
        change.setSpacing(8)
        change.addWidget(label("New keys"))
        change.addWidget(self.field, 1)
        change.addWidget(self.remove_button)
        change.addWidget(self.reset_button)
        told = QHBoxLayout()
        told.setSpacing(8)
        told.addWidget(self.outcome, 1)
        told.addWidget(self.take_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addLayout(change)
        layout.addLayout(told)
        layout.addWidget(self.mouse_button, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addWidget(self.buttons)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)


def _bold(font: QFont, wanted: bool = True) -> QFont:
    font = QFont(font)
    font.setBold(wanted)
    return font
