"""The rules of tests/ui/conftest.py hold."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings


def test_settings_go_to_the_folder_of_the_test(own_settings: Path) -> None:
    settings = QSettings("NodeForge", "NodeForge")
    settings.setValue("theme", "dark")
    settings.sync()
    assert Path(settings.fileName()).is_relative_to(own_settings)
