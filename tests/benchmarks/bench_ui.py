"""What the window costs while it trains, and how soon it is there.

Lateness is that of a 16-ms heartbeat on the UI thread, with every plot shown and fed by a fast training in the
engine's child process. Training speed is that of the same engine with and without the window, in turns. First paint
is counted from the start of the process, beside an empty QMainWindow, in turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

from nodeforge.engine.messages import Progress
from tests.benchmarks.table import Row, format_table
from tests.benchmarks.turns import ratio, take_turns

HEARTBEAT_MS = 16
BATCH_SIZE = 64
SECONDS = 4.0
ROUNDS = 4
PAINT_ROUNDS = 5
PATIENCE_S = 120.0


def run() -> Iterator[Row]:
    """Measure everything once."""
    yield from first_paint()
    with tempfile.TemporaryDirectory() as folder:
        own_settings(folder)
        yield from heartbeat_and_speed(Path(folder))


def own_settings(folder: str) -> None:
    """Keep the person's settings and state out of it."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "APPDATA"):
        os.environ[name] = folder
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)


# First paint --------------------------------------------------------------------------------------


def first_paint() -> Iterator[Row]:
    """Time from the start of the process to the first paint, ours and an empty window's, in turns."""
    torch_seen = set()

    def paint(which: str) -> float:
        started = time.time()
        command = [sys.executable, "-m", "tests.benchmarks.bench_ui", "--first-paint", which]
        painted, torch = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        torch_seen.add(torch)
        return float(painted) - started

    times = take_turns({which: partial(paint, which) for which in ("ours", "empty")}, PAINT_ROUNDS)
    torch = "torch imported" if "True" in torch_seen else "torch not imported"
    ours, empty = (statistics.median(times[which]) for which in ("ours", "empty"))
    share = ratio(times["ours"], times["empty"])
    yield Row(
        name="first paint of the window",
        ours=f"{ours:.2f} s, {torch}",
        baseline=f"empty QMainWindow {empty:.2f} s",
        result=f"{share:.2f}×",
        target="≤ 2×, no torch",
        met=share <= 2 and torch == "torch not imported",
    )


class FirstPaint(QObject):
    """Says when a window was painted, and ends the process."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self.tell)
        return False

    def tell(self) -> None:
        print(time.time(), "torch" in sys.modules, flush=True)
        os._exit(0)


def paint_once(which: str) -> None:
    """The child process of `first_paint`."""
    with tempfile.TemporaryDirectory() as folder:
        own_settings(folder)
        app = QApplication([])
        window = _our_window(app) if which == "ours" else QMainWindow()
        watcher = FirstPaint()
        window.installEventFilter(watcher)
        window.show()
        app.exec()


def _our_window(app: QApplication, path: Path | None = None) -> QMainWindow:
    from nodeforge.ui import theme
    from nodeforge.ui.main_window import MainWindow
    from nodeforge.ui.preferences import Preferences

    preferences = Preferences()
    theme.follow(app, preferences.theme)
    window = MainWindow(path, "child", preferences)
    window.resize(1366, 768)
    return window


# While training -----------------------------------------------------------------------------------


class Heartbeat(QObject):
    """How late a 16-ms timer is, each time."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(HEARTBEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        self.late_ms.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - HEARTBEAT_MS))
        self._clock.restart()

    def quantile(self, share: float) -> float:
        ordered = sorted(self.late_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def heartbeat_and_speed(folder: Path) -> Iterator[Row]:
    """Train with the window and without it in turns; the heartbeat beats while the window is there."""
    project = fast_project(folder)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    bench = _Bench(project)
    beats = Heartbeat()
    shown: list[tuple[float, float]] = []
    hidden: list[tuple[float, float]] = []
    try:
        bench.start()
        for _ in range(ROUNDS):
            bench.show()
            beats.start()
            shown.append(bench.measure())
            beats.stop()
            bench.hide()
            hidden.append(bench.measure())
    finally:
        bench.close()
    p50, p99, worst = beats.quantile(0.5), beats.quantile(0.99), max(beats.late_ms)
    yield Row(
        name=f"lateness of a 16-ms heartbeat while training, {bench.plots_shown} plots shown, p99",
        ours=f"{p99:.1f} ms",
        baseline=f"median {p50:.2f} ms, worst {worst:.1f} ms",
        result=f"{p99:.1f} ms",
        target="≤ 8 ms",
        met=p99 <= 8,
    )
    ours, theirs = (statistics.median(speed for speed, _ in found) for found in (shown, hidden))
    share = statistics.median(share for _, share in shown)
    yield Row(
        name="training speed with the window and all plots",
        ours=f"{ours:,.0f} samples/s, the window takes {share:.0%} of one core",
        baseline=f"window hidden {theirs:,.0f} samples/s",
        result=f"{ours / theirs:.3f}",
        target="≥ 0.97",
        met=ours / theirs >= 0.97,
    )


def fast_project(folder: Path) -> Path:
    """A small MLP on digits whose steps take a fraction of a millisecond, and that trains until it is stopped."""
    from nodeforge.core.document import Component, DataSettings
    from nodeforge.project import files
    from tests.drawings import drawing

    document = drawing(
        """
        x = Input(shape=[64])
        fc1 = Linear(out_features=64)
        relu = ReLU()
        fc2 = Linear(out_features=10)
        y = Output()
        t = Target()
        loss = CrossEntropyLoss()
        x -> fc1 -> relu -> fc2 -> y
        fc2 -> loss.input
        t -> loss.target
        """
    )
    document.data = DataSettings(source=Component(kind="digits", parameters={"layout": "flat"}))
    (stage,) = document.recipe.stages
    stage = replace(stage, settings={"epochs": 1_000_000, "batch_size": BATCH_SIZE, "restore_best": False})
    document.recipe = replace(document.recipe, stages=(stage,))
    files.save(document, folder / "fast")
    return folder / "fast"


class _Bench:
    """The real window on a project, with every plot in sight."""

    def __init__(self, project: Path) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.window = _our_window(app, project)
        self.window.show()
        self.wait(lambda: hasattr(self.window, "workbench") and "runs" in self.window.workbench.panels)
        self.wait(
            lambda: self.window.engine.state == "ready" and self.window.model.workspace.facts is not None
        )
        self._training = self.window.workbench.training
        self._plots = self.window.workbench.plots
        self._training.trainer.progressed.connect(self._on_progress)
        self._step = 0
        self.plots_shown = 0

    def start(self) -> None:
        """Train until `close`."""
        self._training.start()
        self.wait(lambda: self._training.state == "running")

    def show(self) -> None:
        self.window.show()
        self.window.workbench.show_panel("plots")
        self.rest(1.0)
        self.plots_shown = sum(card.isVisible() and card.has_data for card in self._plots.cards)

    def hide(self) -> None:
        self.window.hide()
        self.rest(1.0)

    def measure(self) -> tuple[float, float]:
        """Samples per second for a while, and the share of one core that this process took."""
        begin, before, cpu = time.perf_counter(), self._step, time.process_time()
        self.rest(SECONDS)
        seconds = time.perf_counter() - begin
        return (self._step - before) * BATCH_SIZE / seconds, (time.process_time() - cpu) / seconds

    def _on_progress(self, progress: Progress) -> None:
        self._step = progress.step

    def rest(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        self.wait(lambda: time.perf_counter() >= end)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let events run, as the app does, until the condition holds."""
        loop, poll = QEventLoop(), QTimer()
        end = time.perf_counter() + PATIENCE_S
        poll.timeout.connect(lambda: condition() and loop.exit(0))
        poll.timeout.connect(lambda: time.perf_counter() > end and loop.exit(1))
        poll.start(50)
        if loop.exec():
            raise TimeoutError("the window did not get there")

    def close(self) -> None:
        self._training.stop()
        self.wait(lambda: self._training.state == "idle")
        self.window.model.workspace.close()
        self.window.engine.close()
        self.window.hide()


def main() -> None:
    print(format_table(run()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--first-paint"]:
        paint_once(sys.argv[2])
    else:
        main()
