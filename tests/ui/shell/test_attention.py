"""Panels work only while they are seen, and long work leaves the UI thread."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from nodeforge.ui.attention import WhenSeen
from nodeforge.ui.background import Background
from nodeforge.ui.panels.code_view import LINES_A_TURN, CodeView


def test_a_panel_behind_another_tab_works_once_it_comes_to_the_front(qtbot: QtBot) -> None:
    window, panel, done = QMainWindow(), QWidget(), []
    qtbot.addWidget(window)
    front, back = QDockWidget("front"), QDockWidget("back")
    back.setWidget(panel)
    for dock in (front, back):
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    window.tabifyDockWidget(back, front)
    front.setWidget(QWidget())
    window.resize(400, 300)
    with qtbot.waitExposed(window):
        window.show()
    front.raise_()
    qtbot.waitUntil(lambda: panel.visibleRegion().isEmpty())
    showing = WhenSeen(panel, lambda: done.append("done"))
    for _ in range(3):
        showing.ask()
    qtbot.wait(50)
    assert done == []
    back.raise_()
    qtbot.waitUntil(lambda: len(done) == 1)
    for _ in range(3):
        showing.ask()
    qtbot.waitUntil(lambda: len(done) == 2)
    qtbot.wait(50)
    assert len(done) == 2


def test_background_work_is_done_elsewhere_and_the_newest_answer_wins(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    background, go, taken = Background(owner), threading.Event(), []

    def first() -> str:
        go.wait(10)
        return "first"

    background.start(first, taken.append)
    background.start(lambda: "second", taken.append)
    background.start(lambda: threading.current_thread().name, taken.append)
    go.set()
    qtbot.waitUntil(lambda: bool(taken))
    assert taken == ["background"]


def test_a_fault_of_background_work_is_raised_on_the_ui_thread(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    background = Background(owner)
    with qtbot.captureExceptions() as faults:
        background.start(lambda: 1 / 0, lambda _: None)
        qtbot.waitUntil(lambda: bool(faults))
    assert faults[0][0] is ZeroDivisionError


TEXTS = (
    ["a", "b", "c"],
    ["a", "x", "c"],
    ["a", "c"],
    ["a", "c", "c", "c"],
    [""],
    [f"line {n}" for n in range(3 * LINES_A_TURN)],
    [f"line {n}" for n in range(3 * LINES_A_TURN) if n != 7],
    ["first", *(f"line {n}" for n in range(3 * LINES_A_TURN))],
    ["end"],
)


@pytest.mark.parametrize("patient", [True, False])
def test_any_text_follows_any_other(qtbot: QtBot, patient: bool) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    for first in TEXTS:
        for second in TEXTS:
            for lines in (first, second):
                text = "\n".join(lines)
                view.show_text(text)
                if patient:
                    qtbot.waitUntil(lambda text=text: view.toPlainText() == text)
    qtbot.waitUntil(lambda: view.toPlainText() == "\n".join(TEXTS[-1]))


def test_lines_that_stay_are_left_alone(qtbot: QtBot) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    lines = [f"value = {n}" for n in range(100)]
    view.show_text("\n".join(lines))

    def revisions() -> list[int]:
        return [view.document().findBlockByNumber(n).revision() for n in range(100)]

    before = revisions()
    lines[40] = "value = None"
    view.show_text("\n".join(lines))
    assert [n for n, (old, new) in enumerate(zip(before, revisions(), strict=True)) if old != new] == [40]


def test_a_long_text_does_not_hold_up_the_window(qtbot: QtBot) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    view.mark_lines([5000])
    begin = time.thread_time()
    view.show_text("\n".join(f"self.layer_{n} = nn.Linear({n}, {n})" for n in range(5000)))
    first = time.thread_time() - begin
    qtbot.waitUntil(lambda: view.blockCount() == 5000)
    assert first < (time.thread_time() - begin) / 3
    assert [mark.cursor.blockNumber() + 1 for mark in view.extraSelections()] == [5000]


def test_windows_may_go_while_their_work_is_done(qtbot: QtBot) -> None:
    """Answers of hundreds of jobs arrive while those who asked for them are deleted."""
    taken: list[int] = []
    for number in range(300):
        owner = QWidget()
        Background(owner).start(partial(int, number), taken.append)
        owner.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    last = QWidget()
    qtbot.addWidget(last)
    Background(last).start(lambda: -1, taken.append)
    qtbot.waitUntil(lambda: -1 in taken)
    assert taken == [-1]
