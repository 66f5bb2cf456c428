"""What happens to faults of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from nodeforge.core.edits import SetText
from nodeforge.project.places import log_file
from nodeforge.ui.app import FaultNet
from nodeforge.ui.main_window import MainWindow


def test_a_fault_is_told_once_and_logged(
    open_window: Callable[..., MainWindow], qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project)
    window.model.do(SetText("title", "Kept"))
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "critical", lambda parent, title, text: told.append(text))
    net = FaultNet(window)
    for _ in range(3):  # as a paint event would, with every frame
        try:
            raise ZeroDivisionError("a fault of ours")
        except ZeroDivisionError as error:
            net.take(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(told))
    assert len(told) == 1
    assert str(log_file()) in told[0]
    assert log_file().read_text("utf-8").count("a fault of ours") >= 3
    assert window.model.document.title == "Kept"
