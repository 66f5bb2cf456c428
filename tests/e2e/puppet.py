"""The real app in a process of its own, made to be killed: `puppet.py PROJECT edit|train`.

It adds a node, or trains until there is a checkpoint, says so on standard output with the engine's process id, and
goes on until somebody ends it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.project.journal import journal_folder
from nodeforge.project.runs import RunStore
from nodeforge.ui import app
from nodeforge.ui.main_window import MainWindow


class Puppet:
    """Acts as soon as the window is ready."""

    def __init__(self, folder: Path, act: str) -> None:
        self._folder = folder
        self._steps = (
            [self._add_a_node, self._is_journaled] if act == "edit" else [self._train, self._can_resume]
        )

    def take_over(self, window: MainWindow) -> None:
        """Take the next step as often as it says that it is not done."""
        if window.engine.state == "ready" and self._steps and self._steps[0](window):
            self._steps.pop(0)
            if not self._steps:
                print(window.engine.pid, flush=True)
        QTimer.singleShot(20, window, lambda: self.take_over(window))

    def _add_a_node(self, window: MainWindow) -> bool:
        QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
        QTest.keyClicks(QApplication.focusWidget(), "dropout")
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        return True

    def _is_journaled(self, window: MainWindow) -> bool:
        return any(journal_folder().glob("*.json"))

    def _train(self, window: MainWindow) -> bool:
        QTest.keyClick(window.canvas, Qt.Key.Key_F5)
        return True

    def _can_resume(self, window: MainWindow) -> bool:
        return any(RunStore(self._folder).folder.glob("*/last.safetensors"))


class PuppetWindow(MainWindow):
    """The window, with the puppet in it."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.ready.connect(lambda: Puppet(Path(sys.argv[1]), sys.argv[2]).take_over(self))


app.MainWindow = PuppetWindow  # type: ignore[misc]
sys.exit(app.run(Path(sys.argv[1])))
