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
    gc.freeze()  # what is there already is not looked through after the test
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [f"thread {thread.name}" for thread in set(threading.enumerate()) - threads if not thread.daemon]
    left += [told for item in gc.get_objects() if (told := _still_running(item))]
    left += [f"window {window}" for window in qapp.topLevelWidgets() if window.isVisible()]
    gc.unfreeze()
    for window in qapp.topLevelWidgets():
        window.close()
    assert not left, "still there after the test: " + ", ".join(left)


def _still_running(item: object) -> str:
    """What to call a thread or timer of Qt that still runs; "" for anything else."""
    kind = type(item)  # isinstance() would ask the lazy proxies of other libraries for their __class__
    if issubclass(kind, QThread) and isValid(item) and item.isRunning():
        return f"QThread {item.objectName()}"
    if issubclass(kind, QTimer) and isValid(item) and item.isActive():
        return f"timer of {item.parent()}"
    return ""
