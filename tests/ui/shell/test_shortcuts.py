"""Keys of one's own: searched, pressed, kept, taken from others and given back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from nodeforge.ui.canvas.geometry.hit import Hit
from nodeforge.ui.canvas.menus import menu_for
from nodeforge.ui.main_window import MainWindow
from nodeforge.ui.shortcuts.dialog import ShortcutsDialog
from nodeforge.ui.shortcuts.keymap import Keymap

OpenWindow = Callable[..., MainWindow]
Key, Held = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def window(open_window: OpenWindow, project: Path) -> MainWindow:
    return open_window(project)


def _dialog(window: MainWindow) -> ShortcutsDialog:
    window.commands["help.shortcuts"].trigger()
    return window.findChildren(ShortcutsDialog)[-1]


def _press(dialog: ShortcutsDialog, id_: str, key: Key, held: Held = Held.NoModifier) -> None:
    dialog.choose(id_)
    dialog.field.setFocus()
    QTest.keyClick(dialog.field, key, held)


def _shown(dialog: ShortcutsDialog) -> list[str]:
    return [id_ for id_, item in dialog._items.items() if not item.isHidden()]


def test_the_list_is_searched_by_command_and_by_key(window: MainWindow) -> None:
    dialog = _dialog(window)
    assert set(_shown(dialog)) == {command.id for command in window.commands.commands}
    dialog.search.setText("find layer")
    assert "edit.find_layer" in _shown(dialog)
    assert "file.save" not in _shown(dialog)
    dialog.search.setText("ctrl+s")
    assert "file.save" in _shown(dialog)
    assert "train.start" not in _shown(dialog)
    dialog.close()


def test_new_keys_hold_at_once_and_after_a_restart(
    window: MainWindow, open_window: OpenWindow, project: Path
) -> None:
    dialog = _dialog(window)
    _press(dialog, "edit.find_layer", Key.Key_J, Held.ControlModifier)
    assert "Ctrl+J" in dialog.outcome.text()
    assert [keys.toString() for keys in window.commands["edit.find_layer"].shortcuts()] == ["Ctrl+J"]
    assert "Ctrl+J" in window.commands["edit.find_layer"].toolTip()
    dialog.close()
    again = open_window(project)
    assert again.keymap.keys("edit.find_layer") == ("Ctrl+J",)
    assert [keys.toString() for keys in again.commands["edit.find_layer"].shortcuts()] == ["Ctrl+J"]


def test_keys_of_the_canvas_follow_and_the_old_ones_do_nothing(window: MainWindow) -> None:
    dialog = _dialog(window)
    _press(dialog, "edit.select_all", Key.Key_Q, Held.ShiftModifier)
    dialog.close()
    canvas = window.canvas
    canvas.setFocus()
    QTest.keyClick(canvas, Key.Key_A, Held.ControlModifier)
    assert not window.model.selection
    QTest.keyClick(canvas, Key.Key_Q, Held.ShiftModifier)
    assert window.model.selection == set(window.model.graph.nodes)


def test_context_menus_show_the_keys_that_a_person_has(window: MainWindow) -> None:
    canvas = window.canvas
    name = next(iter(window.model.graph.nodes))
    window.model.select([name])

    def shown(title: str) -> str:
        menu = menu_for(canvas, Hit(node=name), QPointF())
        actions = [*menu.actions(), *(a for inner in menu.findChildren(QMenu) for a in inner.actions())]
        return next(action.shortcut().toString() for action in actions if action.text() == title)

    assert [shown("Mute"), shown("Duplicate"), shown("Select all")] == ["M", "Ctrl+D", "Ctrl+A"]
    window.keymap.give("node.mute", ["Ctrl+Alt+M"])
    window.keymap.give("edit.duplicate", ["Ctrl+J"])
    window.keymap.give("edit.select_all", [])
    assert [shown("Mute"), shown("Duplicate"), shown("Select all")] == ["Ctrl+Alt+M", "Ctrl+J", ""]


def test_keys_of_another_command_are_taken_only_when_told_so(window: MainWindow) -> None:
    dialog = _dialog(window)
    _press(dialog, "edit.find_layer", Key.Key_S, Held.ControlModifier)
    assert "belongs to “Save”" in dialog.outcome.text()
    assert window.keymap.keys("edit.find_layer") == ("Ctrl+L",)
    dialog.take_button.click()
    assert window.keymap.keys("edit.find_layer") == ("Ctrl+S",)
    assert window.keymap.keys("file.save") == ()
    dialog.choose("file.save")
    dialog.reset_button.click()
    assert window.keymap.keys("file.save") == ("Ctrl+S",)
    assert window.keymap.keys("edit.find_layer") == ()
    dialog.reset_all_button.click()
    assert window.keymap.keys("edit.find_layer") == ("Ctrl+L",)
    assert not dialog.reset_all_button.isEnabled()
    dialog.close()


@pytest.mark.parametrize(
    ("id_", "key", "held", "part"),
    [
        ("edit.find_layer", Key.Key_J, Held.NoModifier, "taken from every field"),
        ("edit.copy", Key.Key_Space, Held.NoModifier, "always means the same"),
        ("edit.copy", Key.Key_E, Held.AltModifier, "opens a menu"),
    ],
)
def test_keys_that_would_harm_are_refused(
    window: MainWindow, id_: str, key: Key, held: Held, part: str
) -> None:
    dialog = _dialog(window)
    before = window.keymap.keys(id_)
    _press(dialog, id_, key, held)
    assert part in dialog.outcome.text()
    assert window.keymap.keys(id_) == before
    dialog.close()


def test_keys_are_removed(window: MainWindow) -> None:
    dialog = _dialog(window)
    dialog.choose("train.start")
    dialog.remove_button.click()
    assert window.commands["train.start"].shortcuts() == []
    dialog.close()


def test_a_broken_file_is_told_in_a_sentence_and_the_usual_keys_hold(
    open_window: OpenWindow, project: Path
) -> None:
    path = Keymap(()).path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"keys": 3}')
    window = open_window(project)
    assert window.keymap.keys("file.save") == ("Ctrl+S",)
    assert "cannot be read" in window.workbench.banner.text.text()
    assert path.read_text() == '{"keys": 3}'


def test_f1_lists_the_keys_while_nothing_is_selected(window: MainWindow) -> None:
    window.canvas.setFocus()
    window.model.select([])
    QTest.keyClick(window, Key.Key_F1)
    dialog = window.findChildren(ShortcutsDialog)[-1]
    assert dialog.isVisible()
    dialog.close()


def test_no_two_commands_have_the_same_keys_at_first(window: MainWindow) -> None:
    held = [keys for command in window.commands.commands for keys in command.shortcuts]
    assert len(held) == len(set(held))
