"""Each view against numbers that come from elsewhere: torch itself, or a calculation by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from nodeforge.analysis.views import VIEWS, offered
from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.errors import UserError
from nodeforge.engine.live.pictures import folded, tile
from nodeforge.engine.live.scene import Scene
from nodeforge.engine.live.showing import SHOWING
from nodeforge.engine.live.showing.gradients import warning_of
from nodeforge.engine.live.showing.memory import MOST_STEPS, Memory
from nodeforge.engine.messages import LiveShown, Tile, Wish
from nodeforge.training.material import gather
from tests.drawings import drawing
from tests.training_jobs import PLAIN_NET, iris

ATTENTIVE = """
    x = Input(shape=[1, 8, 8])
    rows = Squeeze(dim=1)
    attention = MultiheadAttention(num_heads=2)
    flat = Flatten()
    fc = Linear(out_features=10)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> rows -> attention -> flat -> fc -> y
    fc -> loss.input
    t -> loss.target
"""
MAPPED = """
    x = Input(shape=[64])
    som = SelfOrganizingMap(rows=3, columns=4)
    y = Output()
    x -> som
    som.distances -> y
"""
ECHOING = """
    x = Input(shape=[1, 8, 8])
    rows = Squeeze(dim=1)
    reservoir = Reservoir(units=5)
    fc = Linear(out_features=10)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> rows -> reservoir
    reservoir.last -> fc -> y
    fc -> loss.input
    t -> loss.target
"""
CODED = """
    x = Input(shape=[64])
    mean = Linear(out_features=2)
    spread = Linear(out_features=2)
    code = Reparameterize()
    draw = Linear(out_features=64)
    y = Output()
    loss = MSELoss()
    x -> mean -> code.mean
    x -> spread -> code.log_variance
    code -> draw -> y
    draw -> loss.input
    x -> loss.target
"""
SPIKING = """
    x = Input(shape=[64])
    time = SpikeEncoder(steps=5, coding="regular")
    cells = LeakyIntegrateAndFire(beta=1.0)
    count = SpikeCount()
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> time -> cells -> count -> y
    count -> loss.input
    t -> loss.target
"""


def digits(net: str, layout: str = "flat") -> Document:
    document = drawing(net)
    document.data = DataSettings(source=Component(kind="digits", parameters={"layout": layout}))
    return document


def scene_of(document: Document) -> Scene:
    torch.manual_seed(3)
    return Scene(gather(document, Path()))


def show(scene: Scene, view: str, node: str = "", memory: Memory | None = None, **wish: object) -> LiveShown:
    asked = Wish(key=1, view=view, node=node, **wish)  # type: ignore[arg-type]
    return SHOWING[view](scene, asked, memory or Memory())


def values(shown: Tile) -> np.ndarray:
    levels = np.frombuffer(shown.pixels, np.uint8).reshape(shown.height, shown.width)
    return shown.low + levels / 255 * (shown.high - shown.low)


def module(scene: Scene, name: str) -> nn.Module:
    return scene.module.get_submodule(name)


def test_every_view_that_is_offered_can_be_drawn():
    assert SHOWING.keys() == VIEWS.keys()


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (iris(PLAIN_NET), {"neurons", "boundary", "gradients"}),
        (digits(ATTENTIVE, "image"), {"attention", "gradients"}),
        (digits(MAPPED), {"map"}),
        (digits(CODED), {"latent", "reconstruction"}),
        (digits(SPIKING), {"spikes"}),
    ],
)
def test_what_is_offered_follows_from_the_kinds_and_all_of_it_is_drawn(document, expected):
    scene = scene_of(document)
    offers = offered(scene.material.document, scene.material.report)
    special = {"attention", "map", "latent", "reconstruction", "spikes", "neurons", "boundary", "text"}
    assert expected <= offers.keys()
    assert not (special - expected) & offers.keys()
    for view, nodes in offers.items():
        for node in nodes:
            shown = show(scene, view, node)
            assert shown.tiles or shown.rows or shown.series or shown.layers, (view, node)


def test_attention_maps_are_those_of_torch():
    scene = scene_of(digits(ATTENTIVE, "image"))
    rows = scene.samples("train", 5).inputs[0].squeeze(1)
    layer = module(scene, "attention")
    _, expected = layer(rows, rows, rows, average_attn_weights=False)
    shown = show(scene, "attention", "attention", sample=5)
    assert len(shown.tiles) == 2
    for head, found in zip(expected[0], shown.tiles, strict=True):
        np.testing.assert_allclose(values(found), head.detach().numpy(), atol=1 / 255)


def test_activations_are_those_of_the_layer():
    scene = scene_of(iris(PLAIN_NET))
    x = scene.samples("validation", 2).inputs[0]
    expected = torch.tanh(module(scene, "fc1")(x))[0].detach().numpy()
    (found,) = show(scene, "activations", "act", split="validation", sample=2).tiles
    np.testing.assert_allclose(values(found).ravel(), expected, atol=1 / 100)


def test_a_neuron_is_told_with_its_own_numbers():
    scene = scene_of(iris(PLAIN_NET))
    layer = show(scene, "neurons", sample=4).layers[0]
    x, sums = (np.frombuffer(data, "<f4") for data in (layer.inputs, layer.sums))
    weights = np.frombuffer(layer.weights, "<f4").reshape(16, 4)
    np.testing.assert_allclose(weights @ x + np.frombuffer(layer.bias, "<f4"), sums, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.tanh(sums), np.frombuffer(layer.outputs, "<f4"), rtol=1e-5, atol=1e-6)
    assert layer.function == "Tanh"


def test_states_are_seen_though_only_the_last_one_is_used():
    scene = scene_of(digits(ECHOING, layout="image"))
    rows = scene.samples("test", 3).inputs[0][:, 0]
    states, _ = module(scene, "reservoir")(rows)
    shown = show(scene, "states", "reservoir", split="test", sample=3)
    told = [np.frombuffer(one.values, "<f4") for one in shown.series]
    np.testing.assert_allclose(told, states[0].detach().numpy().T, rtol=1e-5, atol=1e-6)
    assert "activations" in offered(scene.material.document, scene.material.report)
    assert show(scene, "activations", "reservoir", split="test", sample=3).tiles


def test_the_map_counts_who_wins():
    scene = scene_of(digits(MAPPED))
    shown = show(scene, "map", "som")
    samples = scene.samples("train", 0, 1000).inputs[0]
    nearest = torch.cdist(samples, module(scene, "som").prototypes).argmin(dim=1)
    assert [int(tile.label) for tile in shown.tiles] == torch.bincount(nearest, minlength=12).tolist()
    assert shown.across == 4


def test_the_latent_grid_is_what_the_decoder_makes_of_the_codes():
    scene = scene_of(digits(CODED))
    shown = show(scene, "latent", "code")
    assert len(shown.tiles) == 100
    corner = module(scene, "draw")(torch.tensor([[-2.5, 2.5]]))[0].detach().numpy().reshape(8, 8)
    span = shown.tiles[0].high - shown.tiles[0].low
    np.testing.assert_allclose(values(shown.tiles[0]), corner, atol=span / 255)


def test_reconstructions_stand_below_their_samples():
    scene = scene_of(digits(CODED))
    shown = show(scene, "reconstruction", sample=3)
    assert (len(shown.tiles), shown.across) == (16, 8)
    original = scene.samples("train", 3).inputs[0][0].numpy().reshape(8, 8)
    span = shown.tiles[0].high - shown.tiles[0].low
    np.testing.assert_allclose(values(shown.tiles[0]), original, atol=span / 255)


def test_spikes_are_counted_as_the_network_counts_them():
    scene = scene_of(digits(SPIKING))
    (raster,) = show(scene, "spikes", "cells").tiles
    counts = next(seen.value for seen in scene.run(scene.samples("train", 0)) if seen.path == "count")
    assert values(raster).sum(axis=1).tolist() == counts[0].tolist()


def test_gradients_of_samples_are_those_of_torch():
    scene = scene_of(iris(PLAIN_NET))
    batch = scene.samples("train", 0, 32)
    shown = {row.name: float(row.cells[0]) for row in show(scene, "gradients").rows}
    loss = nn.functional.cross_entropy(scene.module(batch.inputs[0]), batch.targets[0])
    parameters = list(module(scene, "fc1").parameters())
    norm = torch.cat([g.ravel() for g in torch.autograd.grad(loss, parameters)]).norm()
    assert shown["fc1"] == pytest.approx(float(norm), rel=0.01)


def test_gradients_that_vanish_or_explode_are_told_with_a_remedy():
    assert warning_of({"fc1": 0.1, "fc2": 1.0}) == ""
    assert "vanishes before it reaches fc1" in warning_of({"fc1": 1e-9, "fc2": 1.0})
    assert "ReLU" in warning_of({"fc1": 1e-9, "fc2": 1.0})
    assert "gradient_clip_norm" in warning_of({"fc1": 5e3, "fc2": 1.0})
    assert "explodes" in warning_of({"fc1": float("nan")})


def test_a_long_history_of_gradients_is_thinned_and_keeps_the_newest():
    memory = Memory()
    for step in range(5000):
        memory.add(step, {})
    assert len(memory.steps) <= MOST_STEPS
    assert memory.steps[-1] == 4999
    assert memory.steps == sorted(memory.steps)


def test_looking_leaves_weights_and_random_numbers_as_they_are():
    scene = scene_of(digits(ATTENTIVE, "image"))
    before = {name: tensor.clone() for name, tensor in scene.module.state_dict().items()}
    state = torch.get_rng_state()
    for view, nodes in offered(scene.material.document, scene.material.report).items():
        show(scene, view, nodes[0])
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in scene.module.state_dict().items())


def test_a_node_that_is_gone_is_named():
    with pytest.raises(UserError, match="gone is no longer in the network"):
        show(scene_of(iris(PLAIN_NET)), "activations", "gone")


def test_large_tables_are_averaged_and_long_rows_folded():
    table = np.arange(200 * 300, dtype=np.float32).reshape(200, 300)
    shown = tile(table)
    assert max(shown.width, shown.height) <= 96
    assert abs(values(shown).mean() - table.mean()) < 0.02 * table.max()
    assert folded(np.zeros(784, np.float32)).shape == (28, 28)
    assert folded(np.zeros(10, np.float32)).shape == (1, 10)


def test_vitals_are_what_a_hand_reckons():
    scene = scene_of(iris(PLAIN_NET))
    shown = show(scene, "vitals")
    rows = {row.name: row.values for row in shown.rows}
    samples = scene.samples("train", 0, 32)
    losses, _ = scene.module.objectives(*samples.inputs, *samples.targets)
    scene.module.zero_grad()
    sum(losses.values()).backward()
    by_node = {}
    for name, parameter in scene.module.named_parameters():
        by_node.setdefault(name.partition(".")[0], []).append(parameter.grad.norm())
    assert by_node
    for name, norms in by_node.items():
        assert rows[name][0] == pytest.approx(float(torch.stack(norms).norm()), rel=1e-5)
    (first,) = samples.inputs
    node = scene.material.source.inputs[0].node
    assert np.isnan(rows[node][0])
    assert rows[node][1:3] == pytest.approx([float(first.mean()), float(first.std(correction=0))])


def test_silent_units_are_those_that_give_zero_for_every_sample():
    scene = scene_of(iris(PLAIN_NET.replace("Tanh", "ReLU")))
    with torch.no_grad():
        layer = module(scene, "fc1")
        layer.bias[:4] = -1e6
        layer.bias[4:] = 1e6
    rows = {row.name: row.values for row in show(scene, "vitals").rows}
    assert rows["act"][3] == pytest.approx(4 / 16)
    assert rows["fc1"][3] == 0
