"""Which keys a command has: those of the table, or the person's own, which outlive the window."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence

from nodeforge.core.errors import system_reason
from nodeforge.project import files
from nodeforge.project.places import state_folder
from nodeforge.ui.actions import Command

_RESERVED = ("Space", "Esc", "Return", "Enter", "Left", "Right", "Up", "Down", "Backtab")
"""On the canvas they mean the same whatever is held with them."""
_MODIFIERS = ("Ctrl+", "Alt+", "Meta+")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The person's own keys, by command; none at all for a command that has lost its keys."""

    keys: dict[str, tuple[str, ...]]


class Keymap(QObject):
    """The keys of a table of commands.

    Args:
        commands: The table.
        menus: Titles of the menus, with their mnemonics, whose keys no command can have.
        parent: Who owns it.

    Signals:
        changed: Some command has other keys.

    Attributes:
        fault: Why the person's own keys could not be read, in a sentence; "" when they could.
    """

    changed = Signal()

    def __init__(
        self, commands: Iterable[Command], menus: Iterable[str] = (), parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._of_menus = {f"Alt+{title.partition('&')[2][:1].upper()}" for title in menus}
        self.path = state_folder() / "keys.json"
        self.commands = {command.id: command for command in commands}
        self.fault = ""
        self._own: dict[str, tuple[str, ...]] = self._read()

    def keys(self, id_: str) -> tuple[str, ...]:
        """The keys of a command, the first one shown."""
        return self._own.get(id_, self.commands[id_].shortcuts)

    def is_own(self, id_: str) -> bool:
        """Whether the person has changed them."""
        return id_ in self._own

    def holder(self, keys: str) -> Command | None:
        """The command that some keys belong to."""
        wanted = portable(keys)
        return next((c for c in self.commands.values() if wanted in map(portable, self.keys(c.id))), None)

    def refusal(self, id_: str, keys: str) -> str:
        """Why a command cannot have some keys, whoever has them now; "" when it can."""
        if portable(keys) in self._of_menus:
            return f"{native(keys)} opens a menu: choose other keys."
        name = portable(keys).rpartition("+")[2]
        if self.commands[id_].on_canvas:
            if name in _RESERVED:
                return f"{native(keys)} always means the same on the canvas: choose other keys."
        elif len(name) <= 1 and not portable(keys).startswith(_MODIFIERS):
            return f"{native(keys)} would be taken from every field one types in: hold Ctrl or Alt with it."
        return ""

    def give(self, id_: str, keys: Iterable[str]) -> None:
        """Give a command exactly these keys; whoever had one of them loses it.

        Raises:
            UserError: The choice cannot be kept; it holds until the window is closed.
        """
        wanted = tuple(dict.fromkeys(map(portable, keys)))
        for other in self.commands:
            if other != id_ and (lost := set(wanted) & set(map(portable, self.keys(other)))):
                self._own[other] = tuple(each for each in self.keys(other) if portable(each) not in lost)
        self._own[id_] = wanted
        self._keep()

    def reset(self, id_: str) -> None:
        """Give a command its first keys again; whoever has them meanwhile loses them.

        Raises:
            UserError: As for `give`.
        """
        self.give(id_, self.commands[id_].shortcuts)

    def reset_all(self) -> None:
        """All keys as they were at first.

        Raises:
            UserError: As for `give`.
        """
        self._own.clear()
        self._keep()

    def translated(self, event: QKeyEvent) -> QKeyEvent:
        """A key press on the canvas as one of the keys that the canvas knows its commands by."""
        pressed = QKeySequence(event.keyCombination()).toString()
        here = [c for c in self.commands.values() if c.on_canvas and c.id in self._own]
        for command in here:
            if pressed in self.keys(command.id) and command.shortcuts:
                return _press_of(command.shortcuts[0], event)
        if any(pressed in map(portable, command.shortcuts) for command in here):
            return _press_of("", event)  # the keys of a command that has others now
        return event

    def own(self, keys: QKeySequence) -> QKeySequence:
        """The keys that a command has now which has some keys at first; none where it lost them."""
        wanted = keys.toString(QKeySequence.SequenceFormat.PortableText)
        for command in self.commands.values():
            if wanted in map(portable, command.shortcuts):
                now = self.keys(command.id)
                return keys if wanted in map(portable, now) else QKeySequence(now[0] if now else "")
        return keys

    def _keep(self) -> None:
        first = {id_: tuple(map(portable, command.shortcuts)) for id_, command in self.commands.items()}
        self._own = {id_: keys for id_, keys in self._own.items() if keys != first.get(id_)}
        self.fault = ""
        self.changed.emit()
        files.make_folder(self.path.parent)
        files.write_atomic(self.path, msgspec.json.format(msgspec.json.encode(_File(keys=self._own))))

    def _read(self) -> dict[str, tuple[str, ...]]:
        try:
            read = msgspec.json.decode(self.path.read_bytes(), type=_File).keys
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            why = system_reason(error) if isinstance(error, OSError) else "it is broken"
            self.fault = f"Your own keys in {self.path} cannot be read ({why}): the usual ones hold."
            return {}
        return {id_: tuple(map(portable, keys)) for id_, keys in read.items() if id_ in self.commands}


def portable(keys: str) -> str:
    """Keys as they are written in the table and in the file, whatever the system."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)


def native(keys: str) -> str:
    """Keys as this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _press_of(keys: str, event: QKeyEvent) -> QKeyEvent:
    """A press of other keys; of none for ""."""
    if not keys:
        return QKeyEvent(event.type(), Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier)
    pressed = QKeySequence(keys)[0]  # type: ignore[index]
    return QKeyEvent(event.type(), pressed.key(), pressed.keyboardModifiers())
