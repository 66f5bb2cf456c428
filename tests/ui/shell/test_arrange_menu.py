"""The menu Arrange in the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from nodeforge.ui.main_window import MainWindow

Open = Callable[..., MainWindow]


def test_commands_of_the_menu_wait_for_enough_nodes(open_window: Open, project: Path) -> None:
    window = open_window(project)
    names = sorted(window.model.graph.nodes)
    assert window.commands["arrange.all"].isEnabled()
    assert window.commands["arrange.rows"].isEnabled()
    for chosen, aligns, spreads in ((0, False, False), (1, False, False), (2, True, False), (3, True, True)):
        window.model.select(names[:chosen])
        assert window.commands["arrange.selection"].isEnabled() is aligns
        assert window.commands["arrange.top_edges"].isEnabled() is aligns
        assert window.commands["arrange.spread_across"].isEnabled() is spreads


def test_the_grid_is_remembered(open_window: Open, project: Path) -> None:
    window = open_window(project)
    assert not window.canvas.snaps_to_grid
    window.commands["arrange.grid"].trigger()
    assert window.canvas.snaps_to_grid
    assert window.commands["arrange.grid"].isChecked()
    assert open_window(project).canvas.snaps_to_grid
    window.commands["arrange.grid"].trigger()
    assert not window.canvas.snaps_to_grid
    assert not window.preferences.snaps_to_grid


def test_a_network_is_turned_and_turned_back_from_the_menu(
    open_window: Open, project: Path, qtbot: QtBot
) -> None:
    window = open_window(project)
    for command, direction in (("arrange.down", "down"), ("arrange.right", "right")):
        window.commands[command].trigger()
        qtbot.waitUntil(lambda: not window.canvas.arranging.busy)
        assert window.model.graph.drawing.direction == direction
        assert window.commands["edit.undo"].text() == "&Undo Arrange nodes"
