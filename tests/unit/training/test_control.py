"""Pause, resume, single steps and stop, from another thread."""

from __future__ import annotations

import queue
import threading

import pytest

from nodeforge.engine.messages import Progress, RunFinished, TrainingState
from nodeforge.project.runs import INTERRUPTED, RunStore
from nodeforge.training import Control, TrainingJob, train
from tests.training_jobs import Recorder, iris

WAIT_S = 60.0


class Background:
    """A training on a thread of its own."""

    def __init__(self, folder, control: Control, **settings) -> None:
        self.events: queue.SimpleQueue = queue.SimpleQueue()
        self.recorder = Recorder(self.events.put)
        self.summary = None
        document = iris(**settings)

        def work() -> None:
            self.summary = train(TrainingJob(document=document, folder=folder), control, self.recorder)

        self.thread = threading.Thread(target=work)
        self.thread.start()

    def until(self, wanted):
        """The first event for which `wanted` holds."""
        while True:
            event = self.events.get(timeout=WAIT_S)
            if wanted(event):
                return event


def state(name):
    return lambda event: isinstance(event, TrainingState) and event.state == name


@pytest.fixture
def control():
    control = Control()
    yield control
    control.stop()


def test_pause_holds_until_resume_and_leaves_a_checkpoint(tmp_path, control):
    training = Background(tmp_path, control, epochs=100_000)
    training.until(lambda event: isinstance(event, Progress))
    control.pause()
    run = training.until(state("paused")).run
    assert (tmp_path / "runs" / run / "last.safetensors").exists()
    reached = max(training.recorder.column("loss"))
    control.resume()
    training.until(state("running"))
    assert training.until(lambda event: isinstance(event, Progress)).step > reached
    control.stop()
    training.thread.join(WAIT_S)
    assert training.summary.status == "stopped"
    assert training.recorder.states == ["starting", "running", "paused", "running", "stopped"]
    assert isinstance(training.recorder.events[-1], RunFinished)
    assert training.summary.metrics["test"]["accuracy"] > 0


def test_a_training_that_starts_paused_goes_on_one_step_at_a_time(tmp_path, control):
    control.pause()
    training = Background(tmp_path, control)
    training.until(state("paused"))
    for expected in (1, 2, 3):
        control.step()
        assert training.until(lambda event: isinstance(event, Progress)).step == expected
        training.until(state("paused"))
    control.resume()
    training.thread.join(WAIT_S)
    assert training.summary.status == "finished"
    assert list(training.recorder.column("loss")) == list(range(1, 22))


def test_time_spent_paused_does_not_count(tmp_path, control):
    training = Background(tmp_path, control, epochs=100_000)
    training.until(lambda event: isinstance(event, Progress))
    control.pause()
    training.until(state("paused"))
    before = training.recorder.of(Progress)[-1].seconds
    threading.Event().wait(0.5)
    control.step()
    after = training.until(lambda event: isinstance(event, Progress)).seconds
    assert after - before < 0.4
    control.stop()
    training.thread.join(WAIT_S)


def test_stop_while_paused_ends_at_once(tmp_path, control):
    control.pause()
    training = Background(tmp_path, control)
    training.until(state("paused"))
    control.stop()
    training.thread.join(WAIT_S)
    assert training.summary.status == "stopped"
    assert training.summary.epochs == 0


def test_an_interrupted_training_leaves_a_checkpoint_and_can_be_resumed(tmp_path, control):
    training = Background(tmp_path, control, epochs=100_000)
    training.until(lambda event: isinstance(event, Progress))
    control.interrupt()
    training.thread.join(WAIT_S)
    store = RunStore(tmp_path)
    assert training.recorder.states[-1] == "interrupted"
    assert store.info(training.summary.id) == training.summary
    assert (training.summary.status, training.summary.message) == ("interrupted", INTERRUPTED)
    assert training.summary.resumable
    assert (store.path(training.summary.id) / "last.safetensors").exists()


def test_who_ends_a_training_first_says_why():
    control = Control()
    control.stop()
    control.interrupt()
    assert control.ending == "stopped"


def test_steps_asked_for_in_advance_are_all_taken():
    control = Control()
    control.step()
    control.step()
    assert not control.waiting
    assert control.proceed()
    assert control.proceed()
    assert control.waiting
    control.stop()
    assert not control.proceed()
