"""The rules of tests/ui/conftest.py hold."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from nodeforge.project.places import state_folder
from nodeforge.ui.preferences import Preferences


def test_settings_and_state_go_to_the_folder_of_the_test(qtbot: QtBot, own_settings: Path) -> None:
    Preferences().theme = "dark"
    assert Preferences().theme == "dark"
    assert list((own_settings / "settings").rglob("NodeForge*"))
    assert state_folder().is_relative_to(own_settings)


def test_the_next_test_starts_with_none_of_it(qtbot: QtBot) -> None:
    assert Preferences().theme == "system"
