"""What a stage may say of its steps, each setting against plain torch; and all of them across a resume."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import nn

from nodeforge.core.document import Component, Document, Recipe
from nodeforge.core.errors import UserError
from nodeforge.data import load
from nodeforge.engine.messages import EpochEnded
from nodeforge.torch_backend import build
from nodeforge.training import load_run
from nodeforge.training.balance import balanced_order
from nodeforge.training.batches import ranges
from nodeforge.training.material import gather
from nodeforge.training.randomness import permutation
from tests.training_jobs import IRIS_NET, PLAIN_NET, fingerprint, iris, run, stop_after, weights

SGD = Component(kind="SGD", parameters={"lr": 0.1})


def of_nodes(document: Document, **per_node: dict[str, object]) -> Document:
    """The document with settings for single nodes."""
    stages = tuple(replace(stage, per_node=per_node) for stage in document.recipe.stages)
    document.recipe = replace(document.recipe, stages=stages)
    return document


class ByHand:
    """The network and samples of a document, for loops written out in tests."""

    def __init__(self, document, folder):
        material = gather(document, folder)
        fields = material.dataset.splits["train"]
        names = {f.role: f.name for f in material.dataset.facts.fields}
        self.x, self.t = torch.tensor(fields[names["input"]]), torch.tensor(fields[names["target"]])
        torch.manual_seed(document.recipe.seed)
        self.module = build(material.source)

    def batches(self, epochs, size=16):
        for epoch in range(epochs):
            order = permutation(0, 0, epoch, len(self.x))
            for start, stop in ranges(len(self.x), size):
                yield self.x[order[start:stop]], self.t[order[start:stop]]


def trained(document, folder):
    """The weights that a run of ours ends with."""
    info, _ = run(document, folder)
    return {name.removeprefix("model/"): tensor for name, tensor in weights(folder, info.id).items()}


def assert_same(ours, module, rtol=1e-4, atol=1e-6):
    for name, tensor in module.state_dict().items():
        torch.testing.assert_close(ours[name], tensor, rtol=rtol, atol=atol)


def test_added_up_batches_are_one_large_batch(tmp_path):
    common = {"optimizer": SGD, "restore_best": False, "epochs": 3}
    small = trained(iris(PLAIN_NET, **common, batch_size=8, accumulation_steps=4), tmp_path)
    large = trained(iris(PLAIN_NET, **common, batch_size=32), tmp_path)
    for name in large:
        torch.testing.assert_close(small[name], large[name], rtol=1e-4, atol=1e-6)


def test_a_batch_that_is_left_over_still_counts(tmp_path):
    """105 samples in batches of 10, 4 at a time: the last step of an epoch has the 25 that are left."""
    document = iris(
        PLAIN_NET, optimizer=SGD, restore_best=False, epochs=1, batch_size=10, accumulation_steps=4
    )
    hand = ByHand(document, tmp_path)
    optimizer = torch.optim.SGD(hand.module.parameters(), lr=0.1)
    for x, t in hand.batches(1, 40):
        optimizer.zero_grad()
        nn.functional.cross_entropy(hand.module(x), t).backward()
        optimizer.step()
    assert len(hand.x) % 40
    assert_same(trained(document, tmp_path), hand.module)


@pytest.mark.parametrize(("optimizer", "size"), [("SGD", 16), ("LBFGS", 1000)])
def test_penalties_are_terms_of_the_loss_for_weights_but_not_for_biases(tmp_path, optimizer, size):
    component = Component(kind=optimizer, parameters={"lr": 0.1})
    document = iris(
        PLAIN_NET, optimizer=component, restore_best=False, epochs=2, batch_size=size, l1=0.01, l2=0.02
    )
    of_nodes(document, fc2={"l1": 0.0})
    hand = ByHand(document, tmp_path)
    module = hand.module
    made = getattr(torch.optim, optimizer)(module.parameters(), lr=0.1)
    for x, t in hand.batches(2, size):

        def closure(x=x, t=t):
            made.zero_grad()
            loss = nn.functional.cross_entropy(module(x), t)
            loss = loss + 0.01 * module.fc1.weight.abs().sum()
            loss = loss + 0.02 * (module.fc1.weight.square().sum() + module.fc2.weight.square().sum())
            loss.backward()
            return loss

        made.step(closure)
    # A search for the best step amplifies how sums are rounded.
    loose = {"rtol": 0.01, "atol": 0.001} if optimizer == "LBFGS" else {}
    assert_same(trained(document, tmp_path), module, **loose)


def test_clipping_by_value_cuts_each_number(tmp_path):
    document = iris(PLAIN_NET, optimizer=SGD, restore_best=False, epochs=2, gradient_clip_value=0.01)
    hand = ByHand(document, tmp_path)
    optimizer = torch.optim.SGD(hand.module.parameters(), lr=0.1)
    for x, t in hand.batches(2):
        optimizer.zero_grad()
        nn.functional.cross_entropy(hand.module(x), t).backward()
        nn.utils.clip_grad_value_(hand.module.parameters(), 0.01)
        optimizer.step()
    assert_same(trained(document, tmp_path), hand.module)


def test_warming_up_grows_the_rate_of_any_schedule_step_by_step(tmp_path):
    schedule = Component(kind="StepLR", parameters={"step_size": 1, "gamma": 0.5})
    document = iris(PLAIN_NET, optimizer=SGD, schedule=schedule, epochs=3, warmup_epochs=1.5)
    _, seen = run(document, tmp_path)
    rates = list(seen.column("learning_rate").values())
    steps = len(rates) // 3
    told = [0.1 * 0.5 ** (i // steps) for i in range(len(rates))]
    length = -(-steps * 3 // 2)
    expected = [rate * min(1.0, (i + 2) / length) for i, rate in enumerate(told)]
    inner = [i for i in range(len(rates)) if (i + 1) % steps]  # at the end of an epoch the schedule moves
    assert [rates[i] for i in inner] == pytest.approx([expected[i] for i in inner], rel=1e-5)
    hand = ByHand(document, tmp_path)
    optimizer = torch.optim.SGD(hand.module.parameters(), lr=0.1)
    for step, (x, t) in enumerate(hand.batches(3)):
        optimizer.param_groups[0]["lr"] = 0.1 * 0.5 ** (step // steps) * min(1.0, (step + 1) / length)
        optimizer.zero_grad()
        nn.functional.cross_entropy(hand.module(x), t).backward()
        optimizer.step()
    document.recipe.stages[0].settings["restore_best"] = False
    assert_same(trained(document, tmp_path), hand.module)


def test_averaged_weights_are_torchs_own_and_are_measured_kept_and_exported(tmp_path):
    document = iris(PLAIN_NET, optimizer=SGD, epochs=3, ema_decay=0.9, restore_best=False)
    hand = ByHand(document, tmp_path)
    averaged = torch.optim.swa_utils.AveragedModel(
        hand.module, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)
    )
    optimizer = torch.optim.SGD(hand.module.parameters(), lr=0.1)
    for x, t in hand.batches(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(hand.module(x), t).backward()
        optimizer.step()
        averaged.update_parameters(hand.module)
    info, seen = run(document, tmp_path)
    used = load_run(tmp_path, info.id, "last").module
    assert_same(used.state_dict(), averaged.module)
    assert_same({k.removeprefix("model/"): v for k, v in weights(tmp_path, info.id).items()}, hand.module)
    # The loss on the validation data that was told is that of the averaged weights.
    fields = load(document.data, tmp_path).splits["validation"]
    x, t = (torch.tensor(value) for value in fields.values())
    with torch.no_grad():
        loss = float(nn.functional.cross_entropy(averaged.module(x), t))
    assert seen.of(EpochEnded)[-1].metrics["validation"]["loss"] == pytest.approx(loss, rel=1e-4)
    assert info.metrics["validation"]["loss"] == pytest.approx(loss, rel=1e-4)


def test_a_frozen_node_keeps_its_weights_and_its_statistics(tmp_path):
    free = trained(iris(epochs=1, restore_best=False), tmp_path)
    frozen = of_nodes(iris(epochs=1, restore_best=False), fc1={"frozen": True}, norm={"frozen": True})
    hand = ByHand(frozen, tmp_path)
    before = hand.module.state_dict()
    after = trained(frozen, tmp_path)
    for name in before:
        assert torch.equal(after[name], before[name]) == name.startswith(("fc1", "norm")), name
    assert not torch.equal(free["norm.running_mean"], before["norm.running_mean"])
    of_nodes(frozen, norm={"frozen": True, "frozen_statistics": False})
    after = trained(frozen, tmp_path)
    assert torch.equal(after["norm.weight"], before["norm.weight"])
    assert not torch.equal(after["norm.running_mean"], before["norm.running_mean"])


def test_a_node_learns_at_its_own_rate_and_decays_by_its_own_measure(tmp_path):
    optimizer = Component(kind="AdamW", parameters={"lr": 0.01})
    document = iris(PLAIN_NET, optimizer=optimizer, restore_best=False)
    of_nodes(document, fc1={"lr_factor": 0.1, "weight_decay": 0.5})
    hand = ByHand(document, tmp_path)
    module = hand.module
    made = torch.optim.AdamW(
        [
            {"params": module.fc2.parameters()},
            {"params": module.fc1.parameters(), "lr": 0.001, "weight_decay": 0.5},
        ],
        lr=0.01,
        weight_decay=0.01,
    )
    for x, t in hand.batches(3):
        made.zero_grad()
        nn.functional.cross_entropy(module(x), t).backward()
        made.step()
    info, seen = run(document, tmp_path)
    assert_same({k.removeprefix("model/"): v for k, v in weights(tmp_path, info.id).items()}, module)
    assert set(seen.column("learning_rate").values()) == {np.float32(0.01)}


def test_one_cycle_keeps_the_relation_of_rates(tmp_path):
    document = iris(PLAIN_NET, optimizer=SGD, schedule=Component(kind="OneCycleLR"), restore_best=False)
    of_nodes(document, fc1={"lr_factor": 0.25})
    hand = ByHand(document, tmp_path)
    module, steps = hand.module, len(list(hand.batches(3)))
    made = torch.optim.SGD(
        [{"params": module.fc2.parameters()}, {"params": module.fc1.parameters(), "lr": 0.025}], lr=0.1
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(made, [0.1, 0.025], total_steps=steps)
    for x, t in hand.batches(3):
        made.zero_grad()
        nn.functional.cross_entropy(module(x), t).backward()
        made.step()
        schedule.step()
    assert_same(trained(document, tmp_path), module)


# Classes of unequal size -------------------------------------------------------------------------

_UNEQUAL = "iris_unequal.csv"


@pytest.fixture
def unequal(tmp_path):
    """A table with three classes of very different size."""
    random = np.random.default_rng(0)
    classes = ["a"] * 120 + ["b"] * 40 + ["c"] * 20
    rows = [f"{random.normal():.4f},{random.normal():.4f},{name}" for name in classes]
    (tmp_path / _UNEQUAL).write_text("\n".join(["u,v,class", *rows]), "utf-8")
    net = PLAIN_NET.replace("shape=[4]", "shape=[2]")
    document = iris(net, optimizer=SGD, restore_best=False)
    document.data = replace(
        document.data, source=Component(kind="csv", parameters={"path": _UNEQUAL, "target": "class"})
    )
    return document


def with_settings(document, **settings):
    stage = document.recipe.stages[0]
    document.recipe = Recipe(stages=(replace(stage, settings={**stage.settings, **settings}),))
    return document


def test_class_weights_are_scikit_learns_and_hold_in_training_alone(unequal, tmp_path):
    document = with_settings(unequal, class_weights="balanced")
    hand = ByHand(document, tmp_path)
    labels = hand.t.numpy()
    factors = compute_class_weight("balanced", classes=np.unique(labels), y=labels)
    optimizer = torch.optim.SGD(hand.module.parameters(), lr=0.1)
    for x, t in hand.batches(3):
        optimizer.zero_grad()
        weight = torch.tensor(factors, dtype=torch.float32)
        nn.functional.cross_entropy(hand.module(x), t, weight=weight).backward()
        optimizer.step()
    info, _ = run(document, tmp_path)
    assert_same({k.removeprefix("model/"): v for k, v in weights(tmp_path, info.id).items()}, hand.module)
    fields = load(document.data, tmp_path).splits["test"]
    x, t = (torch.tensor(value) for value in fields.values())
    with torch.no_grad():
        plain = float(nn.functional.cross_entropy(hand.module(x), t))
    assert info.metrics["test"]["loss"] == pytest.approx(plain, rel=1e-4)


def test_balanced_sampling_draws_each_class_equally_often(unequal, tmp_path):
    classes = torch.tensor([0] * 100 + [2] * 20 + [5] * 3)
    order = balanced_order(1, 0, 0, classes)
    assert Counter(classes[order].tolist()) == {0: 41, 2: 41, 5: 41}
    assert set(order[classes[order] == 5].tolist()) == {120, 121, 122}
    assert torch.equal(order, balanced_order(1, 0, 0, classes))
    assert not torch.equal(order, balanced_order(1, 0, 1, classes))
    plain, _ = run(unequal, tmp_path)
    balanced, _ = run(with_settings(unequal, sampling="balanced"), tmp_path)
    assert plain.metrics["test"] != balanced.metrics["test"]


def test_balance_without_classes_is_one_sentence(tmp_path):
    net = PLAIN_NET.replace("loss = CrossEntropyLoss()", "loss = CrossEntropyLoss(weight=[1.0, 2.0, 3.0])")
    with pytest.raises(UserError, match="loss has class weights of its own"):
        run(iris(net, class_weights="balanced"), tmp_path)


# Precision ---------------------------------------------------------------------------------------


def test_bfloat16_computes_as_torchs_autocast(tmp_path):
    document = iris(PLAIN_NET, optimizer=SGD, restore_best=False, precision="bfloat16")
    hand = ByHand(document, tmp_path)
    optimizer = torch.optim.SGD(hand.module.parameters(), lr=0.1)
    for x, t in hand.batches(3):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(hand.module(x), t)
        loss.backward()
        optimizer.step()
    ours = trained(document, tmp_path)
    assert_same(ours, hand.module)
    plain = trained(iris(PLAIN_NET, optimizer=SGD, restore_best=False), tmp_path)
    assert any(not torch.equal(ours[name], plain[name]) for name in plain)


def test_float16_without_a_graphics_card_is_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match=r"float16 needs a graphics card .* set precision to bfloat16"):
        run(iris(precision="float16"), tmp_path)


# What does not go together -----------------------------------------------------------------------


def test_what_does_not_go_together_is_one_sentence(tmp_path):
    lbfgs = Component(kind="LBFGS")
    with pytest.raises(UserError, match="LBFGS cannot be combined with accumulation_steps"):
        run(iris(optimizer=lbfgs, accumulation_steps=2), tmp_path)
    with pytest.raises(UserError, match="which LBFGS cannot follow"):
        run(of_nodes(iris(optimizer=lbfgs), fc1={"lr_factor": 0.5}), tmp_path)
    with pytest.raises(UserError, match="which Rprop cannot follow"):
        run(of_nodes(iris(optimizer=Component(kind="Rprop")), fc1={"weight_decay": 0.5}), tmp_path)
    with pytest.raises(UserError, match="has all its nodes frozen"):
        run(of_nodes(iris(PLAIN_NET), fc1={"frozen": True}, fc2={"frozen": True}), tmp_path)


# Resume ------------------------------------------------------------------------------------------

EVERYTHING = {
    "warmup_epochs": 1.5,
    "gradient_clip_norm": 1.0,
    "gradient_clip_value": 0.5,
    "accumulation_steps": 3,
    "ema_decay": 0.9,
    "l1": 0.001,
    "l2": 0.001,
    "class_weights": "balanced",
    "sampling": "balanced",
    "precision": "bfloat16",
    "early_stopping_patience": 50,
    "early_stopping_min_delta": 0.001,
}
OPTIMIZERS = ["NAdam", "ASGD", "Muon", "Adafactor", "Rprop"]


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("step", [5, 7, 17])
def test_with_everything_on_a_stopped_run_goes_on_bit_for_bit(tmp_path, kind, step):
    schedule = Component(kind="CyclicLR", parameters={"step_size_up": 3})
    document = iris(IRIS_NET, optimizer=Component(kind=kind), schedule=schedule, epochs=4, **EVERYTHING)
    of_nodes(document, fc1={"lr_factor": 0.5}, norm={"frozen": True})
    assert_resumes(document, tmp_path, step)


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_lbfgs_goes_on_bit_for_bit(tmp_path, search):
    component = Component(kind="LBFGS", parameters={"lr": 0.1, "max_iter": 4, "line_search_fn": search})
    document = iris(IRIS_NET, optimizer=component, epochs=4, ema_decay=0.8, l1=0.001, warmup_epochs=0.5)
    assert_resumes(document, tmp_path, 10)


def assert_resumes(document, folder, step):
    whole, seen = run(document, folder)
    first, before = stop_after(document, folder, step)
    summary, after = run(document, folder, resume=first)
    assert before.column("loss") | after.column("loss") == seen.column("loss")
    for checkpoint in ("last", "best"):
        ours, theirs = (fingerprint(weights(folder, each, checkpoint)) for each in (first, whole.id))
        assert ours == theirs
    assert summary.metrics == whole.metrics
