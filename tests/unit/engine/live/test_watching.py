"""Live views of a running training: they show what it holds, and it never notices."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from nodeforge.core.document import Document
from nodeforge.engine.client import InProcessEngine
from nodeforge.engine.messages import (
    ControlTraining,
    Done,
    Event,
    LiveShown,
    RunFinished,
    StartTraining,
    TrainingStarted,
    TrainingState,
    WatchLive,
    Wish,
)
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.training import checkpoints
from tests.training_jobs import iris

LIMIT_S = 60
WISHES = [
    Wish(key=0, view="forward"),
    Wish(key=1, view="activations", node="norm"),
    Wish(key=2, view="gradients"),
    Wish(key=3, view="flow"),
]


class Watcher:
    """An engine whose events can be waited for."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()
        self.engine = InProcessEngine(self._listen)
        self.engine.start()

    def _listen(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def shown(self) -> list[LiveShown]:
        return [event for event in self.events if isinstance(event, LiveShown)]

    def wait(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, LIMIT_S)

    def start(self, document: Document, folder: Path, *, paused: bool = False) -> str:
        request = StartTraining(document=schema.encode(document), folder=str(folder), paused=paused)
        started = self.engine.request(request).result(LIMIT_S)
        assert isinstance(started, TrainingStarted), started
        return started.run

    def watch(self, folder: Path, run: str, wishes: list[Wish], watcher: str = "") -> None:
        request = WatchLive(folder=str(folder), run=run, wishes=wishes, watcher=watcher)
        reply = self.engine.request(request).result(LIMIT_S)
        assert isinstance(reply, Done)

    def finish(self) -> None:
        self.wait(lambda: any(isinstance(event, RunFinished) for event in self.events))


@pytest.fixture
def watcher():
    watcher = Watcher()
    yield watcher
    watcher.engine.close()


def weights_of(folder: Path, run: str) -> dict[str, bytes]:
    path = checkpoints.path_of(RunStore(folder).path(run), checkpoints.LAST)
    return {name: tensor.numpy().tobytes() for name, tensor in checkpoints.read(path).group("model").items()}


def test_a_training_that_is_watched_ends_with_the_very_same_weights(watcher, tmp_path):
    document = iris(epochs=120, batch_size=4)  # with dropout and batch normalization
    run = watcher.start(document, tmp_path / "alone")
    watcher.finish()
    alone = weights_of(tmp_path / "alone", run)
    watcher.events.clear()

    watched = watcher.start(document, tmp_path / "watched", paused=True)
    watcher.watch(tmp_path / "watched", watched, WISHES)
    watcher.engine.request(ControlTraining(run=watched, action="resume")).result(LIMIT_S)
    watcher.finish()
    steps = {event.step for event in watcher.shown() if event.step > 0}
    assert len(steps) > 2, "too few looks for the comparison to mean anything"
    assert weights_of(tmp_path / "watched", watched) == alone


def test_what_is_shown_follows_the_training(watcher, tmp_path):
    run = watcher.start(iris(epochs=100_000), tmp_path)
    watcher.watch(tmp_path, run, WISHES)
    watcher.wait(lambda: len({event.step for event in watcher.shown()}) > 3)
    shown = watcher.shown()
    assert not [event.fault for event in shown if event.fault]
    assert [event.step for event in shown] == sorted(event.step for event in shown)
    history = [event for event in shown if event.key == 2][-1]
    assert {row.name for row in history.rows} == {"fc1", "norm", "fc2"}
    rows = [row for event in shown if event.key == 0 for row in event.rows]
    means = {tuple(row.cells) for row in rows if row.name == "fc1"}
    assert len(means) > 1, "fc1 gives the same in spite of learning"


def test_while_a_training_pauses_other_samples_can_be_looked_at(watcher, tmp_path):
    run = watcher.start(iris(), tmp_path, paused=True)
    watcher.wait(lambda: any(isinstance(e, TrainingState) and e.state == "paused" for e in watcher.events))
    watcher.watch(tmp_path, run, [Wish(key=1, view="forward", sample=0)])
    watcher.wait(lambda: len(watcher.shown()) == 1)
    watcher.watch(tmp_path, run, [Wish(key=1, view="forward", sample=7)])
    watcher.wait(lambda: len(watcher.shown()) == 2)
    first, second = watcher.shown()
    assert first.step == second.step == 0
    assert first.rows[0].cells != second.rows[0].cells


def test_nothing_is_drawn_for_nobody(watcher, tmp_path):
    run = watcher.start(iris(epochs=100_000), tmp_path)
    watcher.watch(tmp_path, run, WISHES)
    watcher.wait(watcher.shown)
    watcher.watch(tmp_path, run, [])
    count = len(watcher.shown())
    told = len(watcher.events)
    watcher.wait(lambda: len(watcher.events) > told + 20)
    assert len(watcher.shown()) <= count + len(WISHES), "one look may have been under way"


def test_a_run_that_has_ended_is_shown_by_its_checkpoint(watcher, tmp_path):
    run = watcher.start(iris(epochs=2), tmp_path)
    watcher.finish()
    watcher.wait(lambda: any(isinstance(e, TrainingState) and e.state == "finished" for e in watcher.events))
    watcher.watch(tmp_path, run, [Wish(key=5, view="weights", node="fc2")])
    watcher.wait(watcher.shown)
    (shown, *_) = watcher.shown()
    assert not shown.fault
    assert shown.key == 5
    assert shown.tiles


def test_a_view_that_cannot_be_drawn_says_why_and_leaves_the_others_alone(watcher, tmp_path):
    run = watcher.start(iris(epochs=1), tmp_path)
    watcher.finish()
    watcher.watch(tmp_path, run, [Wish(key=1, view="activations", node="gone"), Wish(key=2, view="forward")])
    watcher.wait(lambda: len(watcher.shown()) >= 2)
    by_key = {event.key: event for event in watcher.shown()}
    assert by_key[1].fault == "gone is no longer in the network: choose another node."
    assert by_key[2].rows


def test_several_may_look_and_one_may_leave(watcher, tmp_path):
    run = watcher.start(iris(epochs=100_000), tmp_path)
    watcher.watch(tmp_path, run, [Wish(key=1, view="forward")])
    watcher.watch(tmp_path, run, [Wish(key=2, view="vitals")], watcher="canvas")
    watcher.wait(lambda: len({e.step for e in watcher.shown() if e.key == 1}) > 2)
    watcher.wait(lambda: len({e.step for e in watcher.shown() if e.key == 2}) > 2)
    watcher.watch(tmp_path, run, [])
    watcher.watch(tmp_path, run, [Wish(key=3, view="vitals")], watcher="canvas")
    watcher.wait(lambda: any(e.key == 3 for e in watcher.shown()))
    watcher.events.clear()
    watcher.wait(lambda: len(watcher.shown()) > 3)
    assert {event.key for event in watcher.shown()} == {3}
