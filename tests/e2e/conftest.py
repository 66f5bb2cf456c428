"""The real window with its real engine process, and a person to work in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from person import PATIENCE_MS, Person, Start
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_rules import nothing_left_running, own_settings

from nodeforge.project import shipped
from nodeforge.ui import theme
from nodeforge.ui.main_window import MainWindow

__all__ = ["nothing_left_running", "own_settings"]


@pytest.fixture
def start(
    nothing_left_running: None, qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Start:
    """Starts the program as often as asked, with or without a project; what still runs is closed at the end."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def start_(path: Path | None = None) -> Person:
        theme.follow(qapp, "light")
        window = MainWindow(path)
        window.setWindowState(Qt.WindowState.WindowNoState)
        window.resize(1366, 740)
        qtbot.addWidget(window, before_close_func=_give_up)
        with qtbot.waitSignal(window.ready, timeout=PATIENCE_MS):
            window.show()
        qtbot.waitActive(window)
        return Person(window, qtbot)

    return start_


def _give_up(window: MainWindow) -> None:
    """Let the window close without a question."""
    window.documents.may_leave = lambda: True  # type: ignore[method-assign]


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    """A copy of the shipped iris project."""
    folder = tmp_path / "iris"
    folder.mkdir()
    (folder / "project.json").write_bytes((shipped.project("iris-mlp") / "project.json").read_bytes())
    return folder
