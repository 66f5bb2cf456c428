"""A restless person in the real window, with its real engine: whatever is clicked, nothing breaks and memory stays flat.

NODEFORGE_RESTLESS_MINUTES says for how long; the long tests give it two, a release half an hour.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

import numpy as np
import pytest
from person import Person, Start, is_seen
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QTabBar,
    QWidget,
)
from restless import Restless, assert_shows_the_graph

MINUTES = float(os.environ.get("NODEFORGE_RESTLESS_MINUTES", "2"))
_CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar)
_NEVER = {"file.quit"}
"""Commands that would end the test."""
_GROWTH = 1.15
"""How much more memory may be in use at the end than after the first quarter."""


class RestlessPerson:
    """Hands on the canvas most of the time, on panels, commands and dialogs otherwise."""

    def __init__(self, person: Person, project: Path, random: Random) -> None:
        self.window = person.window
        self.project = project
        self.random = random
        self.hands = Restless(self.window.canvas, random)
        self.done: list[str] = []
        self._is_awake = True
        self._see_to_what_waits()

    def step(self) -> None:
        """One thing."""
        if not self.window.has_project():
            self.window.documents.open(self.project)
            QApplication.processEvents()
        does = self.random.choices((self._on_canvas, self._control, self._command), (7, 3, 1))[0]
        self.done.append("")
        self.done[-1] = does()
        for _ in range(3):
            QApplication.processEvents()

    def rest(self) -> None:
        """No more of it."""
        self._is_awake = False

    def _on_canvas(self) -> str:
        if not is_seen(self.window.canvas):
            return "no canvas"
        self.window.canvas.setFocus()
        return self.hands.step()

    def _control(self) -> str:
        return self._touch(self.window)

    def _command(self) -> str:
        choices = [
            action
            for command, action in self.window.commands
            if action.isEnabled() and command.id not in _NEVER
        ]
        action = self.random.choice(choices)
        told = action.text()
        action.trigger()
        return f"command {told}"

    def _touch(self, place: QWidget) -> str:
        """Click on some control, and type into it."""
        seen = [
            widget
            for widget in place.findChildren(QWidget)
            if isinstance(widget, _CONTROLS) and widget.isEnabled() and is_seen(widget)
        ]
        if not seen:
            return "nothing to touch"
        widget = self.random.choice(seen)
        told = f"{type(widget).__name__} {widget.accessibleName() or getattr(widget, 'text', str)()!r}"
        target = widget.viewport() if isinstance(widget, QAbstractItemView) else widget
        area = target.rect()
        point = QPoint(
            self.random.randrange(max(1, area.width())), self.random.randrange(max(1, area.height()))
        )
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
        focused = QApplication.focusWidget()
        if isinstance(focused, (QLineEdit, QAbstractSpinBox)) and self.random.random() < 0.7:
            QTest.keyClicks(focused, self.random.choice(("3", "0.1", "abc", "-1", "=x", "1e9", "")))
            QTest.keyClick(
                focused, self.random.choice((Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape))
            )
        return told

    def _see_to_what_waits(self) -> None:
        """A menu or dialog that waits for an answer gets one, which may open the next."""
        if not self._is_awake:
            return
        QTimer.singleShot(40, self.window, self._see_to_what_waits)  # a timer does not fire in its own slot
        popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if isinstance(popup, QMenu):
            if self.random.random() < 0.5:
                QTest.keyClick(popup, Qt.Key.Key_Down)
                QTest.keyClick(popup, Qt.Key.Key_Return)
            else:
                popup.close()
        elif popup is not None:
            popup.close()
        elif isinstance(dialog, QFileDialog) or (dialog is not None and self.random.random() < 0.3):
            dialog.reject() if isinstance(dialog, QDialog) else dialog.close()
        elif dialog is not None:
            self._touch(dialog)


def memory() -> float:
    """Resident memory of this process in MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.long
@pytest.mark.timeout(int(MINUTES * 60 * 2 + 300))
def test_whatever_is_clicked_nothing_breaks(
    start: Start, iris: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: True)
    person = start(iris)
    person.wait_for_engine()
    restless = RestlessPerson(person, iris, Random(7))
    used: list[float] = []
    end = time.monotonic() + MINUTES * 60
    steps = 0
    try:
        while time.monotonic() < end:
            restless.step()
            steps += 1
            if steps % 50 == 0:
                used.append(memory())
                if person.window.has_project() and not person.window.canvas.mouse.busy:
                    person.wait(lambda: not QApplication.activeModalWidget())
                    assert_shows_the_graph(person.window.canvas)
    except BaseException as error:
        error.add_note(f"step {steps}:\n" + "\n".join(restless.done[-15:]))
        raise
    finally:
        restless.rest()
    quarter = max(1, len(used) // 4)
    early, late = np.mean(used[quarter : 2 * quarter]), np.mean(used[-quarter:])
    with capsys.disabled():
        print(f"\n{steps} steps in {MINUTES:g} minutes; memory {early:.0f} MB early, {late:.0f} MB late")
    assert late <= early * _GROWTH
