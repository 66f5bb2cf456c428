"""Training against hand-written loops in plain torch."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.core.document import Component, DataSettings
from nodeforge.core.errors import UserError
from nodeforge.data import load
from nodeforge.engine.messages import EpochEnded, Progress, RunFinished, StepSamples
from nodeforge.project.runs import RunStore
from nodeforge.torch_backend import build
from nodeforge.training import Control, TrainingJob, load_run, train
from nodeforge.training.material import gather
from nodeforge.training.randomness import permutation, undisturbed
from tests.drawings import drawing
from tests.training_jobs import IRIS_NET, PLAIN_NET, fingerprint, iris, run, weights

ADAM = Component(kind="Adam", parameters={"lr": 0.01})


def hand_written(document, folder, make_optimizer, *, epochs, batch, clip=None):
    """(losses, module): the loop that a person would write, over the same order of samples."""
    material = gather(document, folder)
    fields = material.dataset.splits["train"]
    torch.manual_seed(document.recipe.seed)
    module = build(material.source)
    names = {f.role: f.name for f in material.dataset.facts.fields}
    x, t = torch.tensor(fields[names["input"]]), torch.tensor(fields[names["target"]])
    optimizer, losses = make_optimizer(module.parameters()), []
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        order = permutation(document.recipe.seed, 0, epoch, len(x))
        for places in order.split(batch):
            optimizer.zero_grad()
            loss = criterion(module(x[places]), t[places])
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(module.parameters(), clip)
            optimizer.step()
            losses.append(loss.item())
    return losses, module


@pytest.mark.parametrize("net", [PLAIN_NET, IRIS_NET], ids=["plain", "dropout and batch norm"])
def test_losses_and_weights_are_those_of_a_hand_written_loop(tmp_path, net):
    document = iris(net, optimizer=ADAM, restore_best=False, epochs=4)
    summary, seen = run(document, tmp_path)
    expected, module = hand_written(
        document, tmp_path, lambda p: torch.optim.Adam(p, lr=0.01, fused=True), epochs=4, batch=16
    )
    assert list(seen.column("loss").values()) == pytest.approx(expected, rel=1e-6)
    ours = weights(tmp_path, summary.id)
    assert fingerprint(ours) == fingerprint({f"model/{k}": v for k, v in module.state_dict().items()})


def test_clipped_gradients_are_those_of_a_hand_written_loop(tmp_path):
    document = iris(
        PLAIN_NET, optimizer=Component(kind="SGD", parameters={"lr": 0.5}), gradient_clip_norm=0.1
    )
    _, seen = run(document, tmp_path)
    expected, _ = hand_written(
        document, tmp_path, lambda p: torch.optim.SGD(p, lr=0.5), epochs=3, batch=16, clip=0.1
    )
    assert list(seen.column("loss").values()) == pytest.approx(expected, rel=1e-5)
    assert max(seen.column("gradient_norm").values()) > 0.1


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(tmp_path):
    first, again, other = (run(iris(seed=seed), tmp_path)[0] for seed in (5, 5, 6))
    assert first.metrics == again.metrics
    assert fingerprint(weights(tmp_path, first.id)) == fingerprint(weights(tmp_path, again.id))
    assert fingerprint(weights(tmp_path, first.id)) != fingerprint(weights(tmp_path, other.id))


def test_drawing_random_numbers_elsewhere_between_steps_changes_nothing(tmp_path):
    material = gather(iris(), tmp_path)

    def meddle(event):
        with undisturbed():
            build(material.source)
            torch.rand(3)

    quiet, _ = run(iris(), tmp_path)
    disturbed = train(TrainingJob(document=iris(), folder=tmp_path), Control(), meddle)
    assert quiet.metrics == disturbed.metrics


def test_every_step_and_epoch_is_told_once_and_the_end_last(tmp_path):
    summary, seen = run(iris(epochs=5), tmp_path)
    steps = math.ceil(108 / 16) * 5
    assert list(seen.column("loss")) == list(range(1, steps + 1))
    assert [e.epoch for e in seen.of(EpochEnded)] == [1, 2, 3, 4, 5]
    assert seen.states == ["starting", "running", "finished"]
    assert isinstance(seen.events[-1], RunFinished)
    assert seen.events[-1].metrics == summary.metrics
    assert summary.metrics.keys() == {"train", "validation", "test"}
    last = seen.of(Progress)[-1]
    assert (last.step, last.epoch, last.epochs, last.seconds_left) == (steps, 5, 5, 0.0)
    store = RunStore(tmp_path)
    assert list(store.curve(summary.id, "loss")[0]) == list(range(1, steps + 1))
    assert [e.metrics for e in store.epochs(summary.id)] == [e.metrics for e in seen.of(EpochEnded)]
    assert store.info(summary.id).metrics == summary.metrics


def test_samples_come_in_bundles_at_most_thirty_times_a_second(tmp_path):
    summary, seen = run(iris(epochs=60), tmp_path)
    assert len(seen.of(StepSamples)) <= summary.seconds * 30 + 3
    assert len(seen.column("loss")) == 60 * 7


def test_final_metrics_are_those_of_the_restored_network(tmp_path):
    summary, _ = run(iris(epochs=10), tmp_path)
    trained = load_run(tmp_path, summary.id)
    test = trained.dataset.splits["test"]
    names = {f.role: f.name for f in trained.dataset.facts.fields}
    logits = trained.module(torch.tensor(test[names["input"]]))
    t = torch.tensor(test[names["target"]])
    assert not trained.module.training
    assert summary.metrics["test"]["accuracy"] == pytest.approx((logits.argmax(1) == t).float().mean().item())
    assert summary.metrics["test"]["loss"] == pytest.approx(nn.functional.cross_entropy(logits, t).item())


def test_the_best_weights_are_kept_and_used_at_the_end(tmp_path):
    wild = Component(kind="SGD", parameters={"lr": 2.0})
    summary, seen = run(iris(PLAIN_NET, optimizer=wild, epochs=12), tmp_path)
    validation = [e.metrics["validation"]["loss"] for e in seen.of(EpochEnded)]
    assert validation.index(min(validation)) < len(validation) - 1
    assert summary.metrics["validation"]["loss"] == pytest.approx(min(validation))
    assert [e.best for e in seen.of(EpochEnded)] == [
        value < min(validation[:i], default=math.inf) for i, value in enumerate(validation)
    ]
    kept, _ = run(iris(PLAIN_NET, optimizer=wild, epochs=12, restore_best=False), tmp_path)
    assert kept.metrics["validation"]["loss"] == pytest.approx(validation[-1])


def test_early_stopping_waits_as_long_as_it_was_told(tmp_path):
    wild = Component(kind="SGD", parameters={"lr": 2.0})
    summary, seen = run(iris(PLAIN_NET, optimizer=wild, epochs=200, early_stopping_patience=3), tmp_path)
    best = [e.best for e in seen.of(EpochEnded)]
    assert best[-3:] == [False] * 3
    assert best[-4]
    assert "Stopped early" in summary.message
    assert all(any(best[i : i + 3]) for i in range(len(best) - 3))


def test_the_monitored_metric_decides_what_is_best(tmp_path):
    _, seen = run(iris(epochs=8, early_stopping_monitor="metric"), tmp_path)
    accuracy = [e.metrics["validation"]["accuracy"] for e in seen.of(EpochEnded)]
    best = [e.best for e in seen.of(EpochEnded)]
    assert best == [value > max(accuracy[:i], default=-1) for i, value in enumerate(accuracy)]


def test_without_validation_the_last_weights_are_the_best(tmp_path):
    summary, seen = run(iris(validation=0.0), tmp_path)
    assert "validation" not in summary.metrics
    assert all(e.metrics.keys() == {"train"} for e in seen.of(EpochEnded))
    assert fingerprint(weights(tmp_path, summary.id)) == fingerprint(weights(tmp_path, summary.id, "best"))


def test_validation_runs_as_often_as_it_was_told(tmp_path):
    _, seen = run(iris(epochs=5, validate_every=2), tmp_path)
    assert ["validation" in e.metrics for e in seen.of(EpochEnded)] == [False, True, False, True, True]


def test_one_cycle_moves_with_every_batch(tmp_path):
    document = iris(PLAIN_NET, optimizer=ADAM, schedule=Component(kind="OneCycleLR"), epochs=3)
    _, seen = run(document, tmp_path)
    optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=21)
    rates = []
    for _ in range(21):
        optimizer.step()
        schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])
    assert list(seen.column("learning_rate").values()) == pytest.approx(rates, rel=1e-6)


def test_a_plateau_drops_the_rate_once_the_loss_stays(tmp_path):
    stuck = Component(kind="SGD", parameters={"lr": 1e-6})
    plateau = Component(kind="ReduceLROnPlateau", parameters={"patience": 1, "factor": 0.5})
    _, seen = run(iris(PLAIN_NET, optimizer=stuck, schedule=plateau, epochs=6), tmp_path)
    rates = [e.learning_rate / 1e-6 for e in seen.of(EpochEnded)]
    assert rates == pytest.approx([1, 1, 1, 0.5, 0.5, 0.25])


def test_a_batch_left_with_one_sample_does_not_break_batch_normalisation(tmp_path):
    summary, seen = run(iris(IRIS_NET, batch_size=107), tmp_path)
    assert summary.status == "finished"
    assert len(seen.column("loss")) == 3


def test_a_convolutional_net_learns_the_same_in_either_memory_order(tmp_path):
    losses = []
    for order in ("on", "off"):
        document = digits(order)
        _, seen = run(document, tmp_path)
        losses.append(list(seen.column("loss").values()))
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)
    assert losses[0][-1] < losses[0][0]


def digits(channels_last: str):
    document = drawing("""
        x = Input(shape=[1, 8, 8])
        conv = Conv2d(out_channels=8, kernel_size=3)
        act = ReLU()
        conv2 = Conv2d(out_channels=8, kernel_size=3)
        flat = Flatten()
        fc = Linear(out_features=10)
        y = Output()
        t = Target()
        loss = CrossEntropyLoss()
        x -> conv -> act -> conv2 -> flat -> fc -> y
        fc -> loss.input
        t -> loss.target
    """)
    document.data = DataSettings(source=Component(kind="digits"))
    settings = {"epochs": 1, "batch_size": 64, "channels_last": channels_last}
    (stage,) = document.recipe.stages
    document.recipe = replace(document.recipe, stages=(replace(stage, settings=settings),))
    return document


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rule": "alchemy"}, "'alchemy', which NodeForge does not have"),
        ({"optimizer": Component(kind="Magic")}, "is 'Magic'"),
        ({"optimizer": Component(kind="SGD", parameters={"nesterov": True})}, "SGD cannot be used"),
        ({"optimizer": Component(kind="SGD", parameters={"lr": -1})}, "lr must be"),
        ({"settings": {"epochs": 0}}, "epochs must be at least 1"),
    ],
)
def test_a_recipe_at_fault_is_one_sentence(tmp_path, change, sentence):
    document = iris()
    stage = replace(document.recipe.stages[0], **change)
    document.recipe = replace(document.recipe, stages=(stage,))
    with pytest.raises(UserError, match=sentence):
        run(document, tmp_path)


def test_a_network_without_objective_or_data_is_refused(tmp_path):
    document = iris("""
        x = Input(shape=[4])
        fc = Linear()
        y = Output()
        x -> fc -> y
    """)
    with pytest.raises(UserError, match=r"objective|loss"):
        run(document, tmp_path)
    document = iris()
    document.data = None
    with pytest.raises(UserError, match="no data"):
        run(document, tmp_path)
    assert not list(itertools.chain(tmp_path.glob("runs/*")))


def test_the_generated_source_is_what_is_trained(tmp_path):
    document = iris(PLAIN_NET)
    material = gather(document, tmp_path)
    facts = load(document.data, tmp_path).facts
    assert material.source == generate(document, check(document, facts))
