"""A restless person in the real window, with its real engine: whatever is touched, nothing breaks and memory stays flat.

NODEFORGE_RESTLESS_MINUTES says for how long; the long tests give it two, a release half an hour.
NODEFORGE_RESTLESS_SEED has another person come.
"""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path
from random import Random

import numpy as np
import pytest
from person import Start
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMainWindow
from restless import assert_shows_the_graph
from restless_person import RestlessPerson

from nodeforge.ui.main_window import MainWindow

MINUTES = float(os.environ.get("NODEFORGE_RESTLESS_MINUTES", "2"))
SEED = int(os.environ.get("NODEFORGE_RESTLESS_SEED", "7"))
_WARM_UP_S, _WARM_UP = 300.0, 1 / 3
"""After so long, and this share of the time, everything that is loaded late, is; shorter runs say nothing of growth."""
_GROWTH_MB = 25.0
"""So much more memory may be in use at the end than after warming up, by a straight line through all that was measured."""


def memory_mb() -> float:
    """Resident memory of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth_mb(seconds: list[float], used: list[float]) -> float:
    """By how much memory grew after warming up."""
    times, sizes = np.array(seconds), np.array(used)
    warm = times >= max(_WARM_UP_S, _WARM_UP * times[-1])
    if warm.sum() < 3:
        return 0.0
    return float(np.polyfit(times[warm], sizes[warm], 1)[0] * np.ptp(times[warm]))


@pytest.mark.long
@pytest.mark.timeout(int(MINUTES * 60 * 2 + 300))
def test_whatever_is_touched_nothing_breaks(
    start: Start,
    iris: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: True)
    may_quit: list[bool] = []
    monkeypatch.setattr(MainWindow, "close", lambda window: bool(may_quit) and QMainWindow.close(window))
    person = start(iris)
    person.wait_for_engine()
    restless = RestlessPerson(person, iris, tmp_path, Random(SEED))
    seconds: list[float] = []
    used: list[float] = []
    done: list[str] = []
    raised = request.node.qt_exception_capture_manager.exceptions
    begun = time.monotonic()
    try:
        while time.monotonic() < begun + MINUTES * 60:
            done.append(restless.step())
            assert not raised, "".join(traceback.format_exception(*raised[0]))
            if len(done) % 50 == 0:
                seconds.append(time.monotonic() - begun)
                used.append(memory_mb())
                if person.window.has_project() and not person.window.canvas.mouse.busy:
                    person.wait(lambda: not QApplication.activeModalWidget())
                    person.wait(lambda: person.window.model.is_checked)
                    person.window.canvas.arranging.arrive()
                    assert_shows_the_graph(person.window.canvas)
    except BaseException as error:
        error.add_note(f"step {len(done)}:\n" + "\n".join(done[-20:]))
        raise
    finally:
        restless.rest()
        may_quit.append(True)
        grown = growth_mb(seconds, used)
        with capsys.disabled():
            print(f"\n{len(done)} steps; {_course(seconds, used)}; {grown:+.1f} MB after warming up")
    assert grown <= _GROWTH_MB


def _course(seconds: list[float], used: list[float]) -> str:
    marks = np.linspace(0, len(used) - 1, 13).round().astype(int) if used else ()
    return "MB after " + ", ".join(f"{seconds[mark] / 60:.0f} min {used[mark]:.0f}" for mark in marks)
