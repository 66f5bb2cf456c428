"""Commands as one table, and the Qt actions made from it.

A command stands once in `command_table`; menus, toolbar, shortcuts, the command palette and the list of
shortcuts all come from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton, QWidget

from nodeforge.ui.icons import icon


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something a person can have done.

    Attributes:
        id: Stable name, "file.save".
        title: As in menus, with the mnemonic: "&Save".
        run: What to do.
        menu: The menu it stands in, or, where there is no such menu, what it is listed under; "" for neither.
        group: Commands of a menu with different groups get a line between them.
        submenu: Title of the menu inside that one that it stands in; "" for none.
        shortcuts: Keys, the first one shown.
        icon: Name of its drawing.
        tip: What it does, for the status bar and tool tips; the title when empty.
        enabled: Whether it makes sense now; always when None.
        checked: For commands that switch something: whether it is on.
        toolbar: Whether it has a button in the toolbar.
        caption: Whether that button shows its title.
        everywhere: Whether its keys count in every window of the application, as in that of the help.
        on_canvas: Whether its keys count on the canvas only. The canvas listens to them itself; here they are shown.
    """

    id: str
    title: str
    run: Callable[[], object]
    menu: str = ""
    group: int = 0
    submenu: str = ""
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    enabled: Callable[[], bool] | None = None
    checked: Callable[[], bool] | None = None
    toolbar: bool = False
    caption: bool = False
    everywhere: bool = False
    on_canvas: bool = False

    @property
    def words(self) -> str:
        """The title without mnemonic and dots."""
        return self.title.replace("&", "").removesuffix("…")


class Actions(QObject):
    """The Qt actions of a table of commands."""

    def __init__(self, commands: Iterable[Command], parent: QObject) -> None:
        super().__init__(parent)
        self.commands = tuple(commands)
        self._actions = {command.id: self._make(command) for command in self.commands}

    def __getitem__(self, id_: str) -> QAction:
        return self._actions[id_]

    def __iter__(self) -> Iterator[tuple[Command, QAction]]:
        return ((command, self._actions[command.id]) for command in self.commands)

    def refresh(self) -> None:
        """Ask every command anew whether it makes sense and is on."""
        for command, action in self:
            if command.enabled is not None:
                action.setEnabled(command.enabled())
            if command.checked is not None:
                action.setChecked(command.checked())

    def fill_menu(self, menu: QMenu) -> None:
        """Add the commands of the menu, grouped by lines and in menus of their own."""
        group = None
        inner: dict[str, QMenu] = {}
        for command, action in self:
            if command.menu == menu.title().replace("&", ""):
                if group is not None and command.group != group:
                    menu.addSeparator()
                group = command.group
                if command.submenu and command.submenu not in inner:
                    inner[command.submenu] = menu.addMenu(command.submenu)
                inner.get(command.submenu, menu).addAction(action)

    def fill_menu_bar(self, bar: QMenuBar, titles: Iterable[str]) -> dict[str, QMenu]:
        """Make the menus; returns them by title without mnemonics."""
        menus = {}
        for title in titles:
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(False)
            self.fill_menu(menu)
            menus[title.replace("&", "")] = menu
        return menus

    def fill_toolbar(self, toolbar: QToolBar) -> None:
        """Add the buttons, with a line between commands of different menus."""
        menu = ""
        for command, action in self:
            if command.toolbar:
                if menu and command.menu != menu:
                    toolbar.addSeparator()
                menu = command.menu
                toolbar.addAction(action)
                button = toolbar.widgetForAction(action)
                button.setObjectName(command.id)
                if command.caption and isinstance(button, QToolButton):
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def set_keys(self, keys: Callable[[str], tuple[str, ...]]) -> None:
        """Give every command the keys that are told for its name."""
        for command, action in self:
            action.setShortcuts([QKeySequence(each) for each in keys(command.id)])
            self._tell_keys(command, action)

    def bind(self, window: QWidget) -> None:
        """Let the keys of every command that is not the canvas' own work in the whole window."""
        window.addActions([action for command, action in self if not command.on_canvas])

    def _make(self, command: Command) -> QAction:
        action = QAction(command.title, self)
        if command.icon:
            action.setIcon(icon(command.icon))
        action.setShortcuts([QKeySequence(keys) for keys in command.shortcuts])
        if command.on_canvas:  # no widget but menus has the action, so its keys are shown and never taken
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        elif command.everywhere:
            action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        self._tell_keys(command, action)
        action.setStatusTip(command.tip)
        action.setCheckable(command.checked is not None)
        action.triggered.connect(lambda _=False: command.run())
        return action

    def _tell_keys(self, command: Command, action: QAction) -> None:
        keys = f" ({readable_keys(action)})" if action.shortcuts() else ""
        action.setToolTip(f"{command.tip or command.words}{keys}")


def readable_keys(action: QAction) -> str:
    """The keys of an action as this system writes them."""
    return " / ".join(keys.toString(QKeySequence.SequenceFormat.NativeText) for keys in action.shortcuts())
