"""Rules for every test of the window: settings and user folders of their own, nothing left running, no motion.

Exceptions in slots and paint events fail a test (pytest-qt catches them), and so do unexpected Qt warnings
(`qt_log_level_fail` in pyproject.toml).
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QSettings, QThread, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from nodeforge.project.places import STATE_VARIABLE
from nodeforge.ui.preferences import Preferences


@pytest.fixture
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Preferences, recent projects and recovery files go to a folder of the test's own."""
    home = tmp_path / "home"
    monkeypatch.setenv(STATE_VARIABLE, str(home / "state"))
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    for format_ in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
        QSettings.setPath(format_, QSettings.Scope.UserScope, str(home / "settings"))
    Preferences().motion = "off"
    return home


@pytest.fixture
def nothing_left_running(own_settings: Path, qapp: QApplication) -> Iterator[None]:
    """Threads, timers and windows that outlive a test fail it."""
    threads = set(threading.enumerate())
    timers = {id(timer) for timer in _active_timers()}
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [f"thread {thread.name}" for thread in set(threading.enumerate()) - threads if not thread.daemon]
    left += [f"QThread {thread.objectName()}" for thread in _instances(QThread) if thread.isRunning()]
    left += [f"timer of {timer.parent()}" for timer in _active_timers() if id(timer) not in timers]
    left += [f"window {window}" for window in qapp.topLevelWidgets() if window.isVisible()]
    for window in qapp.topLevelWidgets():
        window.close()
    assert not left, "still there after the test: " + ", ".join(left)


def _instances(wanted: type) -> list:
    # type(), not isinstance(), which asks the lazy proxies of other libraries for their __class__.
    return [item for item in gc.get_objects() if issubclass(type(item), wanted) and isValid(item)]


def _active_timers() -> list[QTimer]:
    return [timer for timer in _instances(QTimer) if timer.isActive()]
