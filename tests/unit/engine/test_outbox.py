"""The mailbox between training and the window: nothing that matters is lost, samples may thin out."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from nodeforge.engine import outbox as outbox_module
from nodeforge.engine.messages import LiveShown, Progress, StepSamples, TrainingState
from nodeforge.engine.outbox import Outbox


def progress(step: int, run: str = "1") -> Progress:
    return Progress(
        run=run,
        stage="train",
        epoch=1,
        epochs=2,
        batch=step,
        batches=9,
        step=step,
        seconds=0,
        seconds_left=0,
        samples_per_second=0,
    )


def samples(*steps: int, run: str = "1") -> StepSamples:
    return StepSamples(
        run=run,
        steps=array("i", steps).tobytes(),
        columns={"loss": array("f", [float(s) for s in steps]).tobytes()},
    )


def steps_of(message: StepSamples) -> list[int]:
    return list(array("i", message.steps))


def test_the_newest_progress_replaces_the_older_of_the_same_run():
    box = Outbox()
    for message in (progress(1), progress(1, run="2"), progress(2)):
        box.put(message)
    assert [(m.run, m.step) for m in box.take()] == [("2", 1), ("1", 2)]


def test_the_newest_view_replaces_the_older_of_the_same_key():
    box = Outbox()
    for key, step in ((1, 5), (2, 5), (1, 6)):
        box.put(LiveShown(run="1", key=key, step=step))
    assert [(m.key, m.step) for m in box.take()] == [(2, 5), (1, 6)]


def test_samples_merge_in_order_across_progress_but_not_across_states():
    box = Outbox()
    for message in (
        samples(1, 2),
        progress(2),
        samples(3),
        TrainingState(run="1", state="paused"),
        samples(4),
    ):
        box.put(message)
    first, paused, last = [m for m in box.take() if not isinstance(m, Progress)]
    assert steps_of(first) == [1, 2, 3]
    assert list(array("f", first.columns["loss"])) == [1, 2, 3]
    assert paused.state == "paused"
    assert steps_of(last) == [4]


def test_samples_of_two_runs_stay_apart():
    box = Outbox()
    box.put(samples(1, run="1"))
    box.put(samples(7, run="2"))
    assert [steps_of(m) for m in box.take()] == [[1], [7]]


def test_a_reader_that_never_comes_costs_resolution_not_memory(monkeypatch):
    monkeypatch.setattr(outbox_module, "MAX_SAMPLES", 8)
    box = Outbox()
    for step in range(1000):
        box.put(samples(step))
    (merged,) = box.take()
    kept = steps_of(merged)
    assert len(kept) <= 9
    assert kept[-1] == 999
    assert kept == sorted(kept)


def test_put_tells_whether_the_reader_must_be_woken():
    box = Outbox()
    assert box.put(samples(1))
    assert not box.put(samples(2))
    box.take()
    assert box.put(samples(3))


def test_take_ends_when_the_box_is_closed():
    box = Outbox()
    box.put(progress(1))
    box.close()
    assert len(box.take()) == 1
    assert box.take() == []


@given(st.lists(st.sampled_from(["state", "samples", "progress"]), max_size=60))
def test_states_arrive_all_and_in_order(kinds):
    box = Outbox()
    for number, kind in enumerate(kinds):
        if kind == "state":
            box.put(TrainingState(run="1", state=str(number)))
        elif kind == "samples":
            box.put(samples(number))
        else:
            box.put(progress(number))
    received = box.take(timeout_s=0)
    states = [m.state for m in received if isinstance(m, TrainingState)]
    assert states == [str(n) for n, kind in enumerate(kinds) if kind == "state"]
    steps = [step for m in received if isinstance(m, StepSamples) for step in steps_of(m)]
    assert steps == [n for n, kind in enumerate(kinds) if kind == "samples"]
