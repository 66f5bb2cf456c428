"""Rules that are not gradients, each against something independent: scikit-learn, MiniSom, numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from minisom import MiniSom
from sklearn.cluster import KMeans
from sklearn.linear_model import Perceptron, Ridge

from nodeforge.core.document import Column, Component, DataSettings, Stage
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import EpochEnded
from nodeforge.torch_backend import build
from nodeforge.training.batches import Batch
from nodeforge.training.loop import stage_settings
from nodeforge.training.material import gather
from nodeforge.training.rules import RULES, Context
from nodeforge.training.rules.k_means import plus_plus
from nodeforge.training.rules.readout import answers_for
from tests.training_jobs import run, stop_after
from tests.unit.training.rule_drawings import (
    BELIEF,
    MAP,
    last,
    network,
    readout,
    result,
    samples,
    taught,
    untrained,
)

BELLS = "h = RadialBasis(units=6, learned=False)"


@pytest.mark.parametrize("epochs", [1, 7])
@pytest.mark.parametrize("batch_size", [1, 16])
def test_the_perceptron_makes_the_updates_of_scikit_learn(tmp_path, epochs, batch_size):
    stage = Stage(
        rule="perceptron",
        rule_settings={"learning_rate": 0.5},
        settings={"epochs": epochs, "batch_size": batch_size, "restore_best": False},
    )
    document = taught(readout(4, 3), stage)
    data = samples(document, tmp_path)
    inputs, labels = (np.asarray(values) for values in data.values())
    theirs = Perceptron(eta0=0.5, max_iter=epochs, tol=None, shuffle=False).fit(inputs, labels)
    ours = result(document, tmp_path)
    assert ours["out.weight"].numpy() == pytest.approx(theirs.coef_, abs=1e-4)
    assert ours["out.bias"].numpy() == pytest.approx(theirs.intercept_, abs=1e-4)


def test_the_perceptron_answers_yes_or_no_and_stops_without_errors(tmp_path):
    stage = Stage(rule="perceptron", settings={"epochs": 60, "restore_best": False})
    net = readout(2, 1, loss="BCEWithLogitsLoss")
    document = taught(
        net.replace("\n    t ->", "\ncast = Cast()\ncolumn = Unsqueeze(dim=1)\nt -> cast -> column ->"), stage
    )
    rows = [f"{place % 7},{place % 5 + 20 * (place % 2)},{('no', 'yes')[place % 2]}" for place in range(60)]
    (tmp_path / "two.csv").write_text("\n".join(["a,b,answer", *rows]), "utf-8")
    document.data = DataSettings(
        source=Component(kind="csv", parameters={"path": "two.csv"}),
        columns=(Column(name="a"), Column(name="b"), Column(name="answer", role="target", type="category")),
    )
    info, seen = run(document, tmp_path)
    errors = seen.column("errors")
    assert errors[1] > 0.0
    assert list(errors.values())[-3:] == [0.0, 0.0, 0.0]
    inputs, answers = (torch.as_tensor(values) for values in samples(document, tmp_path).values())
    weights = last(tmp_path, info.id)
    scores = inputs @ weights["out.weight"][0] + weights["out.bias"]
    assert torch.equal(scores > 0, answers > 0)
    assert info.message == (
        f"Stopped early after epoch {info.epochs}: no sample was answered wrongly any more."
    )


def test_corrections_of_a_batch_add_up(tmp_path):
    told = {"updates": "batch"}
    stage = Stage(
        rule="perceptron", rule_settings=told, settings={"epochs": 1, "batch_size": 40, "restore_best": False}
    )
    document = taught(readout(4, 3), stage)
    inputs, labels = samples(document, tmp_path).values()
    rows = torch.cat([torch.as_tensor(inputs), torch.ones(len(inputs), 1)], dim=1)
    signs = torch.nn.functional.one_hot(torch.as_tensor(labels), 3) * 2.0 - 1.0
    weight = torch.zeros(3, 5)
    for part, sign in zip(rows.split(40), signs.split(40), strict=True):
        wrong = (part @ weight.T) * sign <= 0
        weight = weight + (sign * wrong).T @ part
    ours = result(document, tmp_path)
    assert torch.allclose(ours["out.weight"], weight[:, :4], atol=1e-4)
    assert torch.allclose(ours["out.bias"], weight[:, 4], atol=1e-4)


@pytest.mark.parametrize("penalty", [0.0, 0.3, 20.0])
def test_ridge_is_that_of_scikit_learn(tmp_path, penalty):
    stage = Stage(rule="ridge", rule_settings={"penalty": penalty})
    document = taught(readout(4, 3), stage)
    inputs, labels = (np.asarray(values) for values in samples(document, tmp_path).values())
    theirs = Ridge(alpha=penalty).fit(inputs.astype(np.float64), np.eye(3)[labels])
    ours = result(document, tmp_path)
    assert ours["out.weight"].numpy() == pytest.approx(theirs.coef_, abs=1e-5)
    assert ours["out.bias"].numpy() == pytest.approx(theirs.intercept_, abs=1e-5)


def test_ridge_reads_random_features_that_stay_as_they_are(tmp_path):
    net = readout(4, 3, "h = RandomFeatures(units=40)", "h -> ")
    document = taught(net, Stage(rule="ridge", rule_settings={"penalty": 0.1}))
    inputs, labels = samples(document, tmp_path).values()
    before, after = untrained(document, tmp_path), result(document, tmp_path)
    assert torch.equal(before["h.weight"], after["h.weight"])
    assert torch.equal(before["h.bias"], after["h.bias"])
    hidden = torch.tanh(torch.as_tensor(inputs) @ before["h.weight"].T + before["h.bias"]).double()
    theirs = Ridge(alpha=0.1).fit(hidden.numpy(), np.eye(3)[np.asarray(labels)])
    assert after["out.weight"].numpy() == pytest.approx(theirs.coef_, abs=1e-4)


SERIES = """
    x = Input(shape=[24, 1])
    echo = Reservoir(units=20, washout={washout}, seed=3)
    out = Linear(out_features=1)
    y = Output()
    t = Target(shape=[1], dtype="float32")
    loss = MSELoss()
    x -> echo
    echo.{port} -> out -> y
    out -> loss.input
    t -> loss.target
"""


def test_ridge_reads_the_last_state_of_a_reservoir_that_never_moves(tmp_path):
    document = taught(
        SERIES.format(washout=0, port="last"),
        Stage(rule="ridge", rule_settings={"penalty": 0.01}),
        source="elnino",
    )
    before, after = untrained(document, tmp_path), result(document, tmp_path)
    for name in ("weight", "input_weight", "bias"):
        assert torch.equal(before[f"echo.{name}"], after[f"echo.{name}"])
    inputs, target = (torch.as_tensor(v) for v in samples(document, tmp_path).values())
    state = torch.zeros(len(inputs), 20)
    for t in range(24):
        state = torch.tanh(inputs[:, t] @ before["echo.input_weight"].T + state @ before["echo.weight"].T)
    theirs = Ridge(alpha=0.01).fit(state.double().numpy(), target.double().numpy())
    assert after["out.weight"].numpy() == pytest.approx(theirs.coef_.reshape(1, -1), abs=1e-3)


def test_answers_to_steps_that_are_washed_out_are_left_out():
    target = torch.arange(24.0).reshape(2, 12, 1)
    assert torch.equal(answers_for(target, (2, 9, 1), "out"), target[:, 3:].reshape(18, 1))
    classes = torch.arange(24).reshape(2, 12) % 3
    assert torch.equal(answers_for(classes, (2, 9, 3), "out").argmax(1), classes[:, 3:].reshape(-1))
    with pytest.raises(UserError, match="The answers for out are 2×12×1, and it gives 2×3×4"):
        answers_for(target, (2, 3, 4), "out")


def test_lloyd_puts_centres_where_scikit_learn_does(tmp_path):
    centres = Stage(name="centres", rule="k-means", rule_settings={"tolerance": 0.0}, settings={"epochs": 50})
    document = taught(readout(4, 3, BELLS, "h -> "), centres)
    inputs = next(iter(samples(document, tmp_path).values()))
    first, _ = run(document, tmp_path)
    ours = last(tmp_path, first.id)
    stopped, _ = stop_after(document, tmp_path, 1)  # within the first epoch: centres are where they began
    start = last(tmp_path, stopped)["h.centres"].numpy()
    theirs = KMeans(n_clusters=6, init=start, n_init=1, max_iter=50, tol=0, algorithm="lloyd").fit(inputs)
    assert ours["h.centres"].numpy() == pytest.approx(theirs.cluster_centers_, abs=1e-4)
    apart = torch.cdist(ours["h.centres"], ours["h.centres"]).sort(dim=1).values[:, 1:3]
    assert torch.allclose(ours["h.widths"], apart.square().mean(dim=1).sqrt(), atol=1e-5)
    assert "the centres have come to rest" in first.message


def test_the_first_centres_lie_far_apart():
    generator = torch.Generator().manual_seed(0)
    corners = torch.tensor([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]])
    points = corners.repeat_interleave(50, dim=0) + torch.rand(150, 2, generator=generator)
    for _ in range(10):
        chosen = plus_plus(points, 3, generator)
        assert sorted((chosen / 100).round().tolist()) == [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    assert torch.equal(plus_plus(torch.ones(4, 2), 3, generator), torch.ones(3, 2))


def test_mini_batches_move_centres_as_running_means(tmp_path):
    told = {"updates": "batch", "start": "as drawn", "neighbours": 0}
    document = taught(
        readout(4, 3, BELLS, "h -> "), Stage(rule="k-means", rule_settings=told, settings={"epochs": 1})
    )
    inputs = np.asarray(next(iter(samples(document, tmp_path).values())), np.float64)
    before = untrained(document, tmp_path)
    centres, seen = before["h.centres"].double().numpy().copy(), np.zeros(6)
    for start, stop in [(i, min(i + 16, 108)) for i in range(0, 108, 16)]:
        part = inputs[start:stop]
        nearest = ((part[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        for sample, place in zip(part, nearest, strict=True):  # Sculley (2010), algorithm 1
            seen[place] += 1
            centres[place] += (sample - centres[place]) / seen[place]
    after = result(document, tmp_path)
    assert after["h.centres"].numpy() == pytest.approx(centres, abs=1e-5)
    assert torch.equal(before["h.widths"], after["h.widths"])


def test_a_map_learns_as_minisom_does(tmp_path):
    told = {"start": "as drawn", "decay": "asymptotic", "radius": 1.5, "learning_rate": 0.4}
    document = taught(MAP.format(rows=5, columns=4), Stage(rule="competitive", rule_settings=told))
    inputs = np.asarray(next(iter(samples(document, tmp_path).values())), np.float64)
    theirs = MiniSom(5, 4, 4, sigma=1.5, learning_rate=0.4, decay_function="asymptotic_decay")
    theirs._weights = untrained(document, tmp_path)["som.prototypes"].double().reshape(5, 4, 4).numpy().copy()
    theirs.train(inputs, 3 * len(inputs))
    ours = result(document, tmp_path)["som.prototypes"].reshape(5, 4, 4).numpy()
    assert ours == pytest.approx(theirs.get_weights(), abs=1e-3)


@pytest.mark.parametrize("decay", ["exponential", "linear"])
def test_a_batch_map_puts_prototypes_into_weighted_means(tmp_path, decay):
    told = {"start": "as drawn", "updates": "epoch", "radius": 2.0, "final_radius": 0.5, "decay": decay}
    document = taught(MAP.format(rows=3, columns=4), Stage(rule="competitive", rule_settings=told))
    inputs = np.asarray(next(iter(samples(document, tmp_path).values())), np.float64)
    prototypes = untrained(document, tmp_path)["som.prototypes"].double().numpy().copy()
    places = np.array([[row, column] for row in range(3) for column in range(4)])
    for epoch in range(3):
        part = epoch / 3
        radius = 2.0 * 0.25**part if decay == "exponential" else 2.0 - 1.5 * part
        winners = ((inputs[:, None] - prototypes) ** 2).sum(axis=2).argmin(axis=1)
        pull = np.exp(-((places[winners][:, None] - places) ** 2).sum(axis=2) / (2 * radius**2))
        prototypes = (pull.T @ inputs) / pull.sum(axis=0)[:, None]
    assert result(document, tmp_path)["som.prototypes"].numpy() == pytest.approx(prototypes, abs=1e-4)


@pytest.mark.parametrize("k", [1, 3])
def test_contrastive_divergence_makes_the_update_of_the_formula(tmp_path, k):
    told = {"k": k, "learning_rate": 0.3, "momentum": 0.6, "weight_decay": 0.01}
    stage = Stage(rule="contrastive-divergence", learns=("low",), rule_settings=told, settings={"epochs": 1})
    document = taught(BELIEF, stage, source="digits")
    torch.manual_seed(0)
    module = network(document, tmp_path, untrained(document, tmp_path))
    before = {name: tensor.numpy().astype(np.float64) for name, tensor in module.state_dict().items()}
    w, c, b = (before[f"low.{name}"] for name in ("weight", "hidden_bias", "visible_bias"))
    speed_w, speed_c, speed_b = np.zeros_like(w), np.zeros_like(c), np.zeros_like(b)
    inputs = np.asarray(next(iter(samples(document, tmp_path).values()))).reshape(-1, 64).astype(np.float64)

    def sigmoid(values):
        return 1 / (1 + np.exp(-values))

    untrained(document, tmp_path)  # the generator is now where a training's is when it begins
    parts = np.split(inputs, range(16, len(inputs), 16))
    if len(parts[-1]) == 1:
        parts[-2:] = [np.concatenate(parts[-2:])]
    for v in parts:
        on = hidden = sigmoid(v @ w.T + c)
        for _ in range(k):
            drawn = torch.bernoulli(torch.tensor(hidden, dtype=torch.float32)).numpy()
            dreamed = sigmoid(drawn @ w + b)
            hidden = sigmoid(dreamed @ w.T + c)
        speed_w = 0.6 * speed_w + 0.3 * ((on.T @ v - hidden.T @ dreamed) / len(v) - 0.01 * w)
        speed_c = 0.6 * speed_c + 0.3 * (on - hidden).mean(axis=0)
        speed_b = 0.6 * speed_b + 0.3 * (v - dreamed).mean(axis=0)
        w, c, b = w + speed_w, c + speed_c, b + speed_b
    after = result(document, tmp_path)
    assert after["low.weight"].numpy() == pytest.approx(w, abs=2e-3)
    assert after["low.hidden_bias"].numpy() == pytest.approx(c, abs=2e-3)
    assert after["low.visible_bias"].numpy() == pytest.approx(b, abs=2e-3)


def test_a_deep_belief_network_learns_layer_by_layer_and_is_then_tuned(tmp_path):
    lower, upper = (
        Stage(name=name, rule="contrastive-divergence", learns=(name,)) for name in ("low", "high")
    )
    document = taught(BELIEF, lower, upper, Stage(name="tune"), source="digits")
    seen: dict[str, dict[str, torch.Tensor]] = {}
    info, events = run(document, tmp_path)
    assert [e.stage for e in events.of(EpochEnded)] == ["low"] * 3 + ["high"] * 3 + ["tune"] * 3
    for count in (1, 2):
        copy = taught(BELIEF, *(lower, upper)[:count], source="digits")
        seen[str(count)] = result(copy, tmp_path)
    start, one, two, end = untrained(document, tmp_path), seen["1"], seen["2"], last(tmp_path, info.id)
    assert not torch.equal(start["low.weight"], one["low.weight"])
    assert torch.equal(start["high.weight"], one["high.weight"])
    assert torch.equal(one["low.weight"], two["low.weight"])
    assert not torch.equal(one["high.weight"], two["high.weight"])
    assert torch.equal(start["out.weight"], two["out.weight"])
    assert all(
        not torch.equal(two[f"{name}.weight"], end[f"{name}.weight"]) for name in ("low", "high", "out")
    )
    assert torch.equal(two["low.visible_bias"], end["low.visible_bias"])
    errors = [e.metrics["train"]["loss"] for e in events.of(EpochEnded)]
    assert errors[2] < errors[0]
    assert errors[8] < errors[6]


@pytest.mark.parametrize(
    ("net", "rule"),
    [
        (readout(4, 3, BELLS, "h -> "), "k-means"),
        (MAP.format(rows=2, columns=2), "competitive"),
        (readout(4, 3), "ridge"),
        (readout(4, 3), "perceptron"),
    ],
)
def test_a_bad_number_is_refused_and_changes_nothing(tmp_path, net, rule):
    document = taught(net, Stage(rule=rule))
    material = gather(document, tmp_path)
    stage = material.document.recipe.stages[0]
    context = Context(
        module=build(material.source),
        material=material,
        stage=stage,
        settings=stage_settings(stage),
        device=torch.device("cpu"),
        epochs=1,
        batches=1,
        samples=2,
    )
    made = RULES[rule](context)
    values = torch.ones(2, 4)
    values[1, 2] = torch.inf
    batch = Batch((values,), tuple(torch.zeros(2, dtype=torch.int64) for _ in material.source.targets))
    before = {name: t.clone() for name, t in context.module.state_dict().items()}
    states = {name: t.clone() for name, t in made.state().tensors.items()}
    made.step(batch)
    assert made.refused()
    assert all(torch.equal(t, before[name]) for name, t in context.module.state_dict().items())
    assert all(torch.equal(t, states[name]) for name, t in made.state().tensors.items())


def test_measuring_changes_nothing(tmp_path):
    document = taught(readout(4, 3), Stage(rule="frozen"))
    before, after = untrained(document, tmp_path), result(document, tmp_path)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_stage_with_nobody_to_teach_says_so(tmp_path):
    document = taught(readout(4, 3, "act = ReLU()", "act -> "), Stage(learns=("act",)))
    with pytest.raises(UserError, match="nobody to teach: no node that it names learns by Gradient descent"):
        run(document, tmp_path)
