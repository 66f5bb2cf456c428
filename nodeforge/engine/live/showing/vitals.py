"""How every layer fares, in four numbers: the gradient of its weights, and what its units give for some samples."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from nodeforge.engine.live.scene import Scene
from nodeforge.engine.live.showing.gradients import BATCH, by_node
from nodeforge.engine.live.showing.memory import Memory
from nodeforge.engine.messages import LiveShown, Row, Wish

HEADINGS = ["gradient", "mean", "spread", "silent"]
"""Norm of the gradient of the weights; mean and standard deviation of what is given; share of units that give 0."""


def vitals(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """A row for each node that gives real numbers, in the order in which they are computed."""
    learns = bool(scene.material.source.objectives)
    seen = scene.run(scene.samples(wish.split, 0, BATCH), backward=learns and not scene.gradients)
    gradients = by_node(scene, dict(scene.gradients) or _of(scene))
    given: dict[str, list[float]] = {}
    for path, _, value in seen:
        if value.is_floating_point() and path not in given:
            given[path] = _of_values(value)
    rows = [_row(path, [gradients.get(path, math.nan), *values]) for path, values in given.items()]
    return LiveShown(
        run="",
        key=0,
        step=0,
        note=f"what each node gives for {BATCH} samples of {wish.split}; a unit is silent if it gives 0 for all",
        headings=HEADINGS,
        rows=rows,
    )


def _of(scene: Scene) -> dict[str, float]:
    named: Any = scene.module.named_parameters()
    return {name: float(p.grad.norm()) for name, p in named if p.grad is not None}


def _of_values(value: Tensor) -> list[float]:
    """[mean, spread, share of silent units] of (N, units, …); of what has no units, no share."""
    mean, spread = float(value.mean()), float(value.std(correction=0))
    if value.ndim < 2:
        return [mean, spread, math.nan]
    speaks = torch.any(value != 0, dim=0).reshape(value.shape[1], -1).any(dim=1)
    return [mean, spread, 1.0 - float(speaks.float().mean())]


def _row(path: str, numbers: list[float]) -> Row:
    gradient, mean, spread, silent = numbers
    cells = [
        f"{gradient:.1e}" if math.isfinite(gradient) else "",
        f"{mean:.3g}",
        f"{spread:.3g}",
        f"{silent:.0%}" if math.isfinite(silent) else "",
    ]
    return Row(name=path, cells=cells, values=numbers)
