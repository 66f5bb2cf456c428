"""What the engine accepts, and when."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future

from nodeforge.engine.client import InProcessEngine
from nodeforge.engine.messages import AnyReply, Event, RunFinished, StartTraining, TrainingStarted
from nodeforge.project import schema
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
