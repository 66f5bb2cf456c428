"""How small networks decide: neuron by neuron, and over a map of two features."""

from __future__ import annotations

import numpy as np
import torch

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.views import small_dense
from nodeforge.engine.live.pictures import numbers, packed, tile
from nodeforge.engine.live.scene import Scene
from nodeforge.engine.live.showing.memory import Memory
from nodeforge.engine.messages import LiveShown, NeuronLayer, Wish
from nodeforge.torch_backend.deep_check import Samples

MAP_SIDE = 60
_MARGIN = 0.1


def neurons(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """What every neuron of small dense layers gets, adds up and gives."""
    document, report = scene.material.document, _main(scene)
    seen = {look.path: numbers(look.value[0]) for look in scene.look(wish) if look.value.dim() == 2}
    layers = []
    for name in small_dense(report):
        tensors = scene.tensors(name)
        (source, _), *_ = document.main_network.inputs_of(name)["input"]
        if source not in seen or "weight" not in tensors:
            continue
        weights = numbers(tensors["weight"])
        sums = seen[name]
        activation = _activation(scene, name)
        layers.append(
            NeuronLayer(
                name=name,
                function=report.nodes[activation].kind.name if activation else "",  # type: ignore[union-attr]
                inputs=packed(seen[source]),
                weights=packed(weights),
                bias=packed(numbers(tensors["bias"]) if "bias" in tensors else np.zeros_like(sums)),
                sums=packed(sums),
                outputs=packed(seen.get(activation, sums)),
            )
        )
    return LiveShown(run="", key=0, step=0, note=scene.caption(wish), layers=layers)


def _main(scene: Scene) -> NetworkReport:
    return scene.material.report.networks[scene.material.document.main]


def _activation(scene: Scene, name: str) -> str:
    """The activation that alone takes a node's output; "" where there is none."""
    for wire in scene.material.document.main_network.wires_from(name):
        kind = scene.nodes[wire.target].kind
        if kind is not None and kind.category == "Activation":
            return wire.target
    return ""


def boundary(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """What the network answers over its first two features; others stay as in the sample."""
    material = scene.material
    (slot,) = material.source.inputs
    facts = material.dataset.facts.field(slot.field, "input")
    points = numbers(scene.samples(wish.split, 0, 500).inputs[0])
    one = scene.samples(wish.split, wish.sample).inputs[0]
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    margin = (high - low) * _MARGIN
    low, high = low - margin, high + margin
    grid = one.repeat(MAP_SIDE * MAP_SIDE, 1)
    across = torch.linspace(float(low[0]), float(high[0]), MAP_SIDE)
    up = torch.linspace(float(high[1]), float(low[1]), MAP_SIDE)
    grid[:, 0], grid[:, 1] = across.repeat(MAP_SIDE), up.repeat_interleave(MAP_SIDE)
    output = next(iter(scene.outputs(Samples((grid,), ())).values())).reshape(len(grid), -1)
    answers = numbers(output.argmax(dim=1) if output.shape[1] > 1 else output[:, 0])
    names = material.dataset.columns_of(facts.name if facts else "") or ("feature 1", "feature 2")
    others = "" if one.shape[1] == 2 else f"; the other {one.shape[1] - 2} as in {scene.caption(wish)}"
    note = f"{names[0]} across, {names[1]} up{others}"
    if output.shape[1] > 1:
        shares = output.softmax(dim=1).amax(dim=1)
        tiles = [
            tile(answers.reshape(MAP_SIDE, MAP_SIDE), "class", (0.0, float(output.shape[1] - 1))),
            tile(numbers(shares).reshape(MAP_SIDE, MAP_SIDE), "how sure", (0.0, 1.0)),
        ]
    else:
        tiles = [tile(answers.reshape(MAP_SIDE, MAP_SIDE), "answer")]
    return LiveShown(run="", key=0, step=0, note=note, tiles=tiles, total=len(tiles))
