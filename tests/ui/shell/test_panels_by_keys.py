"""Going from panel to panel by keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from shiboken6 import isValid

from nodeforge.ui.main_window import MainWindow

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def _area(window: MainWindow) -> str:
    focus = window.focusWidget()
    names = [name for name, dock in window.workbench.docks.items() if focus and dock.isAncestorOf(focus)]
    return names[0] if names else "canvas" if focus is window.canvas else ""


def test_control_tab_goes_round_the_panels_in_sight_and_back(
    open_window: Callable[..., MainWindow], project: Path
) -> None:
    window = open_window(project)
    window.canvas.setFocus()
    seen = [_area(window)]
    for _ in range(12):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab, CONTROL)
        seen.append(_area(window))
        if seen[-1] == "canvas":
            break
    in_sight = {n for n, dock in window.workbench.docks.items() if not dock.visibleRegion().isEmpty()}
    assert seen[0] == seen[-1] == "canvas"
    assert set(seen) - {"canvas"} <= in_sight
    assert {"palette", "training"} <= set(seen)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab, CONTROL | SHIFT)
    assert _area(window) == seen[-2]


def test_going_round_leaves_everything_usable_when_a_widget_is_deleted_later(
    open_window: Callable[..., MainWindow], project: Path, qapp: QApplication
) -> None:
    window = open_window(project)
    passing = QLineEdit(window)  # it comes last in the chain of focus, and leads back to the first
    window.canvas.setFocus()
    for _ in range(3):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab, CONTROL)
    viewport = window.canvas.viewport()
    passing.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert isValid(viewport)


def test_tab_in_the_canvas_searches_and_shift_tab_leaves_it(
    open_window: Callable[..., MainWindow], project: Path
) -> None:
    window = open_window(project)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Backtab, SHIFT)
    assert _area(window) != "canvas"
