"""How gradients fare on their way back: by layer over time, and by node for one step."""

from __future__ import annotations

import math
from array import array
from functools import partial

import numpy as np
import torch
from torch import Tensor

from nodeforge.core.errors import UserError
from nodeforge.engine.live.pictures import series
from nodeforge.engine.live.scene import Scene, Seen
from nodeforge.engine.live.showing.memory import Memory
from nodeforge.engine.messages import LiveShown, Row, Wish

BATCH = 32
VANISHED = 1e-4
"""A layer whose gradient is by this factor smaller than the largest learns next to nothing."""
EXPLODED = 1e3
_LEAST = 1e-12
"""Stands for 0 on a logarithmic axis."""


def over_time(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """The norm of every layer's gradient in each step that was looked at."""
    if scene.gradients:
        memory.add(scene.step, by_node(scene, dict(scene.gradients)))
    if not memory.steps:
        memory.add(0, by_node(scene, _of_samples(scene, wish)))
    names = list(memory.gradients[-1])
    values = np.array([[step.get(name, 0.0) for step in memory.gradients] for name in names], np.float32)
    now = memory.gradients[-1]
    rows = _rows(now)
    what = (
        "gradient of each layer (norm)" if scene.gradients else f"gradient of {BATCH} samples of {wish.split}"
    )
    return LiveShown(
        run="",
        key=0,
        step=0,
        note=f"{what}, step {memory.steps[-1]:,}" if scene.gradients else what,
        warning=warning_of(
            {name: float(np.median(row[-9:])) for name, row in zip(names, values, strict=True)}
        ),
        series=list(series(names, values.clip(_LEAST, None))) if len(memory.steps) > 1 else [],
        steps=array("i", memory.steps).tobytes(),
        logarithmic=True,
        headings=["norm"],
        rows=rows,
    )


def by_node(scene: Scene, norms: dict[str, float]) -> dict[str, float]:
    """Norms of parameters, gathered by the node that they are of."""
    found: dict[str, float] = {}
    for name, norm in norms.items():
        way, _ = scene.subject.way_to_parameter(name)
        path = ".".join(way[-1].path) if way else name
        found[path] = math.hypot(found.get(path, 0.0), norm)
    return found


def _of_samples(scene: Scene, wish: Wish) -> dict[str, float]:
    scene.run(scene.samples(wish.split, 0, BATCH), backward=True)
    found = {
        name: float(parameter.grad.norm())
        for name, parameter in scene.module.named_parameters()
        if parameter.grad is not None
    }
    if not found:
        raise UserError("No gradient reaches a weight of this network.")
    return found


def flow(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """The norm of the gradient that arrives at each node's output, for some samples."""
    norms: dict[str, float] = {}

    def note(path: str, gradient: Tensor) -> None:
        norms[path] = math.hypot(norms.get(path, 0.0), float(torch.linalg.vector_norm(gradient)))

    def put(seen: Seen) -> Tensor:
        if seen.value.requires_grad:
            norms.setdefault(seen.path, 0.0)
            seen.value.register_hook(partial(note, seen.path))  # type: ignore[no-untyped-call]
        return seen.value

    scene.run(scene.samples(wish.split, wish.sample, BATCH), put, backward=True)
    if not norms:
        raise UserError("No gradient flows through this network.")
    return LiveShown(
        run="",
        key=0,
        step=0,
        note=f"of the loss of {BATCH} samples of {wish.split}, at what each node gives; the bars count powers of ten",
        headings=["norm"],
        rows=_rows(norms),
    )


def _rows(norms: dict[str, float]) -> list[Row]:
    """A bar for each node, on a scale of powers of ten below the largest."""
    largest = max(norms.values(), default=0.0)
    return [Row(name=name, cells=[f"{norm:.2e}"], bar=_bar(norm, largest)) for name, norm in norms.items()]


def _bar(norm: float, largest: float) -> float:
    if not norm > 0 or not math.isfinite(largest):
        return 0.0
    return max(0.02, 1 + math.log10(norm / largest) / 8)


def warning_of(norms: dict[str, float]) -> str:
    """What is wrong with gradients, and what helps; "" while they are sound."""
    for name, norm in norms.items():
        if not math.isfinite(norm) or norm > EXPLODED:
            return (
                f"The gradient of {name} explodes ({norm:.2g}): lower the learning rate, set gradient_clip_norm to 1, "
                "or put a normalization before it."
            )
    largest = max(norms.values(), default=0.0)
    weak = [name for name, norm in norms.items() if norm < VANISHED * largest]
    if not weak:
        return ""
    return (
        f"The gradient vanishes before it reaches {weak[0]} ({norms[weak[0]]:.1e}, the largest is {largest:.1e}): use "
        "ReLU or GELU in place of Sigmoid and Tanh, put BatchNorm or LayerNorm between, or lead a wire around with Add."
    )
