"""Curves of runs that are on disk, read off the UI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, Signal

from nodeforge.core.errors import UserError
from nodeforge.engine.messages import EpochEnded
from nodeforge.project.runs import RunStore
from nodeforge.ui.plots.curves import LEARNING_RATE, SPEED, TRAIN, RunCurves

POINTS = 20_000
"""Samples read of a curve: several times a screen's width, extremes kept."""
STEP_COLUMNS = {"loss": TRAIN, LEARNING_RATE: "", "gradient_norm": TRAIN}


def read_run(folder: Path, run: str) -> RunCurves:
    """All curves of a run of the project in `folder`.

    Raises:
        UserError: There is no such run, or its files cannot be read.
    """
    store = RunStore(folder)
    curves = RunCurves(run, store.info(run).name)
    for column, split in STEP_COLUMNS.items():
        steps, values = store.curve(run, column, POINTS)
        if len(steps):
            curves.per_step.add(column)
            curves.add(column, split, steps, values)
    for epoch in store.epochs(run):
        curves.feed(
            EpochEnded(
                run=run,
                stage=epoch.stage,
                epoch=epoch.epoch,
                step=epoch.step,
                learning_rate=epoch.learning_rate,
                samples_per_second=epoch.samples_per_second,
                metrics={split: dict(metrics) for split, metrics in epoch.metrics.items()},
                best=epoch.best,
            )
        )
        curves.add(SPEED, "", [epoch.step], [epoch.samples_per_second])
    return curves


class RunReader(QObject):
    """Reads runs one after another on a thread of its own.

    Signals:
        read: A `RunCurves`, on the UI thread.
        failed: (run, sentence) when a run cannot be read.
    """

    read = Signal(object)
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.setExpiryTimeout(1000)

    def start(self, folder: Path, run: str) -> None:
        """Read a run; one of the signals follows."""
        self._pool.start(lambda: self._read(folder, run))

    def wait(self) -> None:
        """Return when nothing is being read."""
        self._pool.waitForDone()

    def _read(self, folder: Path, run: str) -> None:
        try:
            self.read.emit(read_run(folder, run))
        except (UserError, OSError) as error:
            self.failed.emit(run, str(error))
