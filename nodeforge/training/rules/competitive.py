"""Competitive learning: the prototypes of a self-organizing map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast

import torch
from torch import Generator, Tensor, nn

from nodeforge.training.rules.base import Context
from nodeforge.training.rules.k_means import accurate, at_random
from nodeforge.training.rules.local import LocalRule, Pupil, number

DRAWN = 2000
"""Samples drawn for prototypes to begin with."""
MOST_REMEMBERED = 1000
"""Maps of so many units have the distances between all of them at hand."""


class Map(Protocol):
    """What the rule needs of a layer."""

    rows: int
    columns: int
    prototypes: Tensor

    def grid_distances(self, units: Tensor) -> Tensor:
        """Squared distances on the grid from units (N,) to all."""


class _Prototypes(Pupil):
    """Kohonen's rule: sample by sample (1982), or an epoch at a time (batch map, 1993)."""

    wanted = DRAWN

    def __init__(self, module: nn.Module, context: Context) -> None:
        told = context.rule_settings
        self._map = cast(Map, module)
        self._by_sample = told["updates"] == "sample"
        self._start = str(told["start"])
        self._seed = context.material.document.recipe.seed
        self._taken = 0
        self._steps = context.epochs * context.samples if self._by_sample else context.epochs
        decay = _DECAYS[str(told["decay"])]
        start = told["radius"] or max(self._map.rows, self._map.columns) / 2
        radii = cast(float, start), number(told, "final_radius")
        rates = number(told, "learning_rate"), number(told, "final_learning_rate")
        self._radius: Callable[[float], float] = lambda part: decay(*radii, part)
        self._rate: Callable[[float], float] = lambda part: decay(*rates, part)
        units = torch.arange(len(self._map.prototypes), device=context.device)
        self._distances: Callable[[Tensor], Tensor] = self._map.grid_distances
        if len(units) <= MOST_REMEMBERED:
            table = self._map.grid_distances(units).float()
            self._distances = lambda winners: table[winners]
        dtype = accurate(context.device)
        self._sums = torch.zeros_like(self._map.prototypes, dtype=dtype)
        self._weights = torch.zeros(len(self._sums), dtype=dtype, device=context.device)

    @property
    def rate(self) -> float:  # type: ignore[override]
        """At the present step; a batch map has none."""
        return self._rate(self._taken / self._steps) if self._by_sample else 0.0

    def begin(self, samples: Tensor) -> None:
        prototypes = self._map.prototypes
        if self._start == "samples":
            prototypes.copy_(at_random(samples, len(prototypes), Generator().manual_seed(self._seed)))
        elif self._start == "plane":
            prototypes.copy_(plane(samples, self._map.rows, self._map.columns))

    def learn(self, samples: Tensor) -> Tensor:
        if not self._by_sample:
            return self._add(samples)
        prototypes = self._map.prototypes
        errors = []
        for sample in samples:
            way = sample - prototypes
            error, winner = way.square().sum(dim=1).min(dim=0)
            part = self._taken / self._steps
            pull = self._rate(part) * self._neighbourhood(winner.reshape(1), part)[0]
            prototypes.addcmul_(pull[:, None], way)
            errors.append(error)
            self._taken += 1
        return torch.stack(errors).sqrt().mean()

    def _neighbourhood(self, winners: Tensor, part: float) -> Tensor:
        """How much units are pulled along with the winners, (N, units)."""
        return torch.exp(self._distances(winners) * (-0.5 / self._radius(part) ** 2))

    def _add(self, samples: Tensor) -> Tensor:
        """Add a batch to the sums of a batch map."""
        distances = torch.cdist(samples, self._map.prototypes, compute_mode="donot_use_mm_for_euclid_dist")
        errors, winners = distances.min(dim=1)
        pull = self._neighbourhood(winners, self._taken / self._steps).to(self._sums.dtype)
        self._sums += pull.T @ samples.to(self._sums.dtype)
        self._weights += pull.sum(dim=0)
        return errors.mean()

    def end_pass(self) -> None:
        if self._by_sample:
            return
        pulled = (self._weights > 1e-12)[:, None]
        means = self._sums / self._weights.clamp_min(1e-12)[:, None]
        self._map.prototypes.copy_(torch.where(pulled, means, self._map.prototypes.to(means.dtype)))
        self._sums.zero_()
        self._weights.zero_()
        self._taken += 1

    def tensors(self) -> dict[str, Tensor]:
        return {"sums": self._sums, "weights": self._weights}

    def values(self) -> dict[str, Any]:
        return {"taken": self._taken}

    def load(self, values: dict[str, Any]) -> None:
        self._taken = values["taken"]


class CompetitiveRule(LocalRule):
    """The nearest prototype and its neighbours move towards the sample."""

    pupil = _Prototypes


def plane(samples: Tensor, rows: int, columns: int) -> Tensor:
    """A grid over the plane in which samples (n, features) differ most, two spreads to each side."""
    middle = samples.mean(dim=0)
    centred = (samples - middle).cpu()
    _, values, axes = torch.linalg.svd(centred, full_matrices=False)
    spreads = values / max(len(samples) - 1, 1) ** 0.5
    long, short = (
        torch.linspace(-2.0, 2.0, size) if size > 1 else torch.zeros(1)
        for size in (max(rows, columns), min(rows, columns))
    )
    down, across = (long, short) if rows >= columns else (short, long)
    first = spreads[0] * axes[0]
    second = spreads[1] * axes[1] if len(axes) > 1 else torch.zeros_like(first)
    rows_along, columns_along = (first, second) if rows >= columns else (second, first)
    grid = down[:, None, None] * rows_along + across[None, :, None] * columns_along
    return middle + grid.flatten(0, 1).to(samples)


def _exponential(start: float, end: float, part: float) -> float:
    return float(start * (end / start) ** part)


def _linear(start: float, end: float, part: float) -> float:
    return start + (end - start) * part


def _asymptotic(start: float, end: float, part: float) -> float:
    return start / (1 + 2 * part)


_DECAYS: dict[str, Callable[[float, float, float], float]] = {
    "exponential": _exponential,
    "linear": _linear,
    "asymptotic": _asymptotic,
}
"""(value at the start, at the end, share of the way) -> value."""
