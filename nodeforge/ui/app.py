"""Starts the window: one QApplication, our theme, and a net for our own faults."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from nodeforge import __version__
from nodeforge.ui import theme
from nodeforge.ui.icons import app_icon
from nodeforge.ui.main_window import MainWindow
from nodeforge.ui.preferences import Preferences


def run(path: Path | None = None, engine: str = "child") -> int:
    """Open the window and stay until it is closed.

    Args:
        path: Project to open; None for the welcome page.
        engine: "child" for an engine process of its own, "inprocess" for one in this process.

    Returns:
        The exit code.
    """
    app = QApplication(sys.argv[:1])
    app.setApplicationName("NodeForge")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("nodeforge")
    app.setWindowIcon(app_icon())
    preferences = Preferences()
    theme.follow(app, preferences.theme)
    window = MainWindow(path, engine, preferences)
    FaultNet(window).catch()
    window.show()
    return app.exec()


class FaultNet:
    """Tells of a fault of ours in one sentence; the log has the traceback, and the document stays as it is."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._told = False

    def catch(self) -> None:
        """From now on, exceptions nobody handled come here."""
        sys.excepthook = self.take

    def take(self, type_: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        """Log the traceback and tell the person once."""
        if issubclass(type_, KeyboardInterrupt):
            self._window.close()
            return
        place = _log(type_, error, traceback)
        if not self._told:  # a fault in a paint event comes back with every frame
            self._told = True
            QTimer.singleShot(0, self._window, lambda: self._tell(place))

    def _tell(self, place: Path) -> None:
        QMessageBox.critical(
            self._window,
            "NodeForge",
            "Something went wrong inside NodeForge. Your project is as it was; save it to be safe. "
            f"The details are in {place}.",
        )
        self._told = False


def _log(type_: type[BaseException], error: BaseException, traceback: TracebackType | None) -> Path:
    """Append the traceback to the log; returns the log's place."""
    from nodeforge.project.places import log_file

    place = log_file()
    logger = logging.getLogger("nodeforge.window")
    if not logger.handlers:
        place.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(place, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logger.addHandler(handler)
    logger.error("a fault nobody handled", exc_info=(type_, error, traceback))
    return place
