"""How soon the engine's process answers, and how soon a training shows its first numbers. Wall seconds."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from nodeforge.engine.client import ChildEngine
from nodeforge.engine.messages import (
    ControlTraining,
    DescribeData,
    Event,
    Ping,
    RunFinished,
    StartTraining,
    StepSamples,
    TrainingStarted,
)
from nodeforge.project import files, schema
from nodeforge.project.shipped import projects
from tests.benchmarks.table import Row, format_table
from tests.benchmarks.turns import ratio, take_turns

PROJECT = "mnist-cnn"
ROUNDS = 3
PATIENCE_S = 120.0


def run() -> Iterator[Row]:
    """From the start of the process to its greeting; from Train to the first numbers, at once and again."""
    costs = take_turns({"ours": _ready, "torch": _import_torch}, ROUNDS)
    share = ratio(costs["ours"], costs["torch"])
    yield Row(
        name="engine, from its start to its greeting",
        ours=f"{statistics.median(costs['ours']):.2f} s",
        baseline=f"python that imports torch {statistics.median(costs['torch']):.2f} s",
        result=f"{share:.2f}×",
        target="≤ 1.5×",
        met=share <= 1.5,
    )
    with tempfile.TemporaryDirectory() as folder, _Host(Path(folder)) as host:
        for which in ("the first", "another"):
            seconds = host.first_numbers()
            yield Row(
                name=f"{PROJECT}, from Train to the first numbers, {which} training",
                ours=f"{seconds:.2f} s",
                result=f"{seconds:.2f} s",
            )


def _ready() -> float:
    start = time.perf_counter()
    engine = ChildEngine(lambda event: None)
    engine.start()
    engine.request(Ping()).result(PATIENCE_S)
    seconds = time.perf_counter() - start
    engine.close()
    return seconds


def _import_torch() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import os, torch; os._exit(0)"], check=True)
    return time.perf_counter() - start


class _Host:
    """An engine that trains a copy of a project, warmed as the window warms it: greeted, and asked for the data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / PROJECT
        shutil.copytree(projects() / PROJECT, self._folder, ignore=shutil.ignore_patterns("runs"))
        self._document = schema.encode(files.load(self._folder))
        self._numbers, self._finished = threading.Event(), threading.Event()
        self._engine = ChildEngine(self._listen)

    def __enter__(self) -> _Host:
        self._engine.start()
        self._engine.request(Ping())
        request = DescribeData(document=self._document, folder=str(self._folder))
        self._engine.request(request).result(PATIENCE_S)
        return self

    def __exit__(self, *exception: object) -> None:
        self._engine.close()

    def _listen(self, event: Event) -> None:
        if isinstance(event, StepSamples):
            self._numbers.set()
        elif isinstance(event, RunFinished):
            self._finished.set()

    def first_numbers(self) -> float:
        """Seconds from the request to the first losses; the training is stopped then."""
        self._numbers.clear()
        self._finished.clear()
        start = time.perf_counter()
        request = StartTraining(document=self._document, folder=str(self._folder))
        started = self._engine.request(request).result(PATIENCE_S)
        assert isinstance(started, TrainingStarted), started
        assert self._numbers.wait(PATIENCE_S)
        seconds = time.perf_counter() - start
        self._engine.request(ControlTraining(run=started.run, action="stop"))
        assert self._finished.wait(PATIENCE_S)
        return seconds


def main() -> None:
    print(format_table(run()))


if __name__ == "__main__":
    main()
