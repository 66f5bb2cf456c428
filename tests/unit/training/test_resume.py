"""A run that was stopped or killed goes on as if nothing had happened: the same losses, the same bits."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nodeforge.core.document import Component, DataSettings
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import EpochEnded
from nodeforge.project.runs import RunStore
from nodeforge.project.shipped import resources
from nodeforge.training import Control, TrainingJob, keeper, loop, prepare
from tests.training_jobs import PLAIN_NET, Killed, Recorder, fingerprint, iris, run, stop_after, weights

RECIPES = {
    "Adam, one cycle": {
        "optimizer": Component(kind="Adam", parameters={"lr": 0.01}),
        "schedule": Component(kind="OneCycleLR"),
    },
    "SGD with momentum, plateau": {
        "optimizer": Component(kind="SGD", parameters={"lr": 0.1, "momentum": 0.9}),
        "schedule": Component(kind="ReduceLROnPlateau", parameters={"patience": 0}),
    },
    "AdamW, warm-up and cosine": {
        "optimizer": Component(kind="AdamW"),
        "schedule": Component(kind="warmup_cosine", parameters={"warmup_epochs": 2}),
    },
    "RMSprop, clipped": {"optimizer": Component(kind="RMSprop"), "gradient_clip_norm": 0.5},
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
@pytest.mark.parametrize(
    "step", [3, 7, 17], ids=["in the first epoch", "between epochs", "in the third epoch"]
)
def test_a_stopped_run_goes_on_bit_for_bit(tmp_path, recipe, step):
    document = iris(epochs=4, early_stopping_patience=50, **recipe)
    whole, seen = run(document, tmp_path)
    first, before = stop_after(document, tmp_path, step)
    assert list(before.column("loss")) == list(range(1, step + 1))
    summary, after = run(document, tmp_path, resume=first)
    assert summary.status == "finished"
    assert before.column("loss") | after.column("loss") == seen.column("loss")
    assert min(after.column("loss")) == step + 1
    assert fingerprint(weights(tmp_path, first)) == fingerprint(weights(tmp_path, whole.id))
    assert summary.metrics == whole.metrics
    told = [
        (e.epoch, e.metrics, e.learning_rate, e.best) for e in before.of(EpochEnded) + after.of(EpochEnded)
    ]
    assert told == [(e.epoch, e.metrics, e.learning_rate, e.best) for e in seen.of(EpochEnded)]
    store = RunStore(tmp_path)
    assert store.curve(first, "loss") == store.curve(whole.id, "loss")


def test_a_killed_run_goes_on_from_its_last_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "EPOCH_S", 0.0)
    monkeypatch.setattr(keeper, "SHARE", 0)
    document = iris(epochs=6)
    whole, _ = run(document, tmp_path)

    def kill(event):
        if isinstance(event, EpochEnded) and event.epoch == 4:
            raise Killed

    training = prepare(TrainingJob(document=document, folder=tmp_path))
    with pytest.raises(Killed):
        training.train(Control(), Recorder(kill))
    store = RunStore(tmp_path)
    dead = subprocess.run(
        [sys.executable, "-c", "from nodeforge.project.processes import *; print(this_process())"],
        capture_output=True,
        text=True,
        check=True,
    )
    store.update(training.run, process=dead.stdout.strip())
    assert store.info(training.run).status == "interrupted"
    summary, after = run(document, tmp_path, resume=training.run)
    assert min(after.column("loss")) == 22
    assert summary.metrics == whole.metrics
    assert fingerprint(weights(tmp_path, training.run)) == fingerprint(weights(tmp_path, whole.id))
    assert store.curve(training.run, "loss") == store.curve(whole.id, "loss")
    assert [e.epoch for e in store.epochs(training.run)] == [1, 2, 3, 4, 5, 6]


def test_a_resumed_run_keeps_the_document_it_began_with(tmp_path):
    first, _ = stop_after(iris(PLAIN_NET, epochs=2), tmp_path, 3)
    summary, after = run(iris(PLAIN_NET, epochs=9), tmp_path, resume=first)
    assert summary.epochs == 2
    assert max(after.column("loss")) == 14


def test_only_what_can_go_on_is_resumed(tmp_path):
    summary, _ = run(iris(epochs=1), tmp_path)
    with pytest.raises(UserError, match="has finished"):
        run(iris(), tmp_path, resume=summary.id)
    running = prepare(TrainingJob(document=iris(), folder=tmp_path))
    with pytest.raises(UserError, match="training right now"):
        run(iris(), tmp_path, resume=running.run)
    RunStore(tmp_path).update(running.run, status="stopped")
    with pytest.raises(UserError, match="before its first checkpoint"):
        run(iris(), tmp_path, resume=running.run)
    with pytest.raises(UserError, match="There is no run"):
        run(iris(), tmp_path, resume="nothing")


def test_a_run_is_resumed_once_at_a_time(tmp_path):
    first, _ = stop_after(iris(), tmp_path, 3)
    training = prepare(TrainingJob(document=iris(), folder=tmp_path, resume=first))
    with pytest.raises(UserError, match="is training right now"):
        prepare(TrainingJob(document=iris(), folder=tmp_path, resume=first))
    assert training.train(Control(), Recorder()).status == "finished"


@pytest.mark.parametrize("damage", [b"", b"garbage" * 100, None], ids=["empty", "garbage", "cut"])
def test_a_broken_checkpoint_is_one_sentence(tmp_path, damage):
    first, _ = stop_after(iris(), tmp_path, 3)
    path = tmp_path / "runs" / first / "last.safetensors"
    path.write_bytes(path.read_bytes()[:-100] if damage is None else damage)
    with pytest.raises(UserError, match=r"is broken .*: train again"):
        run(iris(), tmp_path, resume=first)


def test_a_run_does_not_go_on_with_other_data(tmp_path):
    content = (resources() / "data" / "iris.csv").read_text("utf-8")
    (tmp_path / "flowers.csv").write_text(content, "utf-8")
    document = iris()
    document.data = DataSettings(source=Component(kind="csv", parameters={"path": "flowers.csv"}))
    first, _ = stop_after(document, tmp_path, 3)
    (tmp_path / "flowers.csv").write_text(content.replace("virginica", "azurea"), "utf-8")
    with pytest.raises(UserError, match="has changed since run"):
        run(document, tmp_path, resume=first)
