"""What the engine accepts, and when."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from nodeforge.engine.client import InProcessEngine
from nodeforge.engine.messages import (
    AnyReply,
    ControlTraining,
    Event,
    Progress,
    RunFinished,
    StartTraining,
    TrainingStarted,
)
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from tests.training_jobs import iris

LIMIT_S = 60


def test_a_training_can_start_as_soon_as_another_has_told_its_end(tmp_path):
    started: list[Future[AnyReply]] = []
    told = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, RunFinished) and not started:
            started.append(engine.request(request))
            told.set()
            with contextlib.suppress(TimeoutError):
                started[0].result(0.1)  # the thread of the first training stays for a moment

    engine = InProcessEngine(listen)
    engine.start()
    request = StartTraining(document=schema.encode(iris(epochs=1)), folder=str(tmp_path))
    assert isinstance(engine.request(request).result(LIMIT_S), TrainingStarted)
    assert told.wait(LIMIT_S)
    assert isinstance(started[0].result(LIMIT_S), TrainingStarted)
    engine.close()


def _close(engine: InProcessEngine) -> None:
    engine.close()


def _stop_and_close(engine: InProcessEngine) -> None:
    engine.request(ControlTraining(run="", action="stop")).result(LIMIT_S)
    engine.close()


@pytest.mark.parametrize(("end", "status"), [(_close, "interrupted"), (_stop_and_close, "stopped")])
def test_only_what_a_person_stopped_reads_as_stopped(
    tmp_path: Path, end: Callable[[InProcessEngine], None], status: str
) -> None:
    running, ended = threading.Event(), threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Progress):
            running.set()
        elif isinstance(event, RunFinished):
            ended.set()

    engine = InProcessEngine(listen)
    engine.start()
    request = StartTraining(document=schema.encode(iris(epochs=100_000)), folder=str(tmp_path))
    started = engine.request(request).result(LIMIT_S)
    assert isinstance(started, TrainingStarted)
    assert running.wait(LIMIT_S)
    end(engine)
    assert ended.wait(LIMIT_S)
    assert RunStore(tmp_path).info(started.run).status == status
