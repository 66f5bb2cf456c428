"""K-means: the centres and widths of radial basis functions."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Generator, Tensor, nn

from nodeforge.training.rules.base import Context
from nodeforge.training.rules.local import LocalRule, Pupil, number

DRAWN = 50
"""Samples drawn for each centre, for it to begin on one of them."""
LEAST_DRAWN = 1000


def accurate(device: torch.device) -> torch.dtype:
    """In which sums are kept: a graphics card of Apple has no float64."""
    return torch.float32 if device.type == "mps" else torch.float64


class _Centres(Pupil):
    """Lloyd's iteration (1982), from sums over an epoch's batches; or MacQueen's, batch by batch (Sculley, 2010)."""

    def __init__(self, module: nn.Module, context: Context) -> None:
        told = context.rule_settings
        self._centres, self._widths = cast(Tensor, module.centres), cast(Tensor, module.widths)
        self._by_batch = told["updates"] == "batch"
        self._start = str(told["start"])
        self._tolerance = number(told, "tolerance")
        self._neighbours = int(number(told, "neighbours"))
        self._factor = number(told, "width_factor")
        self._seed = context.material.document.recipe.seed
        dtype = accurate(context.device)
        self._sums = torch.zeros_like(self._centres, dtype=dtype)
        self._counts = torch.zeros(len(self._centres), dtype=dtype, device=context.device)
        self._error = torch.zeros((), dtype=dtype, device=context.device)
        self._last = float("inf")
        self.wanted = 0 if self._start == "as drawn" else max(LEAST_DRAWN, DRAWN * len(self._centres))

    def begin(self, samples: Tensor) -> None:
        generator = Generator().manual_seed(self._seed)
        choose = plus_plus if self._start == "k-means++" else at_random
        self._centres.copy_(choose(samples, len(self._centres), generator))

    def learn(self, samples: Tensor) -> Tensor:
        distances = torch.cdist(samples, self._centres, compute_mode="donot_use_mm_for_euclid_dist").square()
        nearest, place = distances.min(dim=1)
        # A product of matrices adds up in the same order each time, on a graphics card too.
        belongs = nn.functional.one_hot(place, len(self._centres)).to(self._sums.dtype)
        counts, sums = belongs.sum(dim=0), belongs.T @ samples.to(self._sums.dtype)
        self._counts += counts
        self._error += nearest.sum()
        if self._by_batch:
            step = (sums - counts[:, None] * self._centres) / self._counts.clamp_min(1)[:, None]
            self._centres += step.to(self._centres.dtype)
        else:
            self._sums += sums
        return nearest.mean()

    def end_pass(self) -> None:
        error = float(self._error)
        if not self._by_batch:
            filled = (self._counts > 0)[:, None]
            means = self._sums / self._counts.clamp_min(1)[:, None]
            self._centres.copy_(torch.where(filled, means, self._centres.to(means.dtype)))
            self._sums.zero_()
            self._counts.zero_()
        self._error.zero_()
        self._set_widths()
        if self._last - error <= self._tolerance * error:
            self.done = "the centres have come to rest"
        self._last = error

    def _set_widths(self) -> None:
        """Moody and Darken (1989): as far as the next centres are."""
        neighbours = min(self._neighbours, len(self._centres) - 1)
        if neighbours:
            distances = torch.cdist(self._centres, self._centres)
            next_ones = distances.topk(neighbours + 1, largest=False).values[:, 1:]
            self._widths.copy_(self._factor * next_ones.square().mean(dim=1).sqrt())

    def tensors(self) -> dict[str, Tensor]:
        return {"sums": self._sums, "counts": self._counts, "error": self._error}

    def values(self) -> dict[str, Any]:
        return {"last": self._last if np.isfinite(self._last) else None}

    def load(self, values: dict[str, Any]) -> None:
        self._last = float("inf") if values["last"] is None else values["last"]


class KMeansRule(LocalRule):
    """Each centre into the middle of what lies nearest to it."""

    pupil = _Centres


def at_random(samples: Tensor, count: int, generator: Generator) -> Tensor:
    """So many of the samples (n, features); some twice where there are too few."""
    order = torch.randperm(len(samples), generator=generator)
    return samples[order[torch.arange(count) % len(samples)].to(samples.device)]


def plus_plus(samples: Tensor, count: int, generator: Generator) -> Tensor:
    """Samples that lie far from each other: each is drawn by its squared distance from those before it.

    Arthur and Vassilvitskii (2007).
    """
    first = int(torch.randint(len(samples), (1,), generator=generator))
    chosen = [samples[first]]
    nearest = (samples - chosen[0]).square().sum(dim=1)
    for _ in range(count - 1):
        shares = nearest.cpu().double().cumsum(dim=0)  # a graphics card adds up in any order
        drawn = torch.rand((), generator=generator, dtype=torch.float64)
        # Where all samples are taken already, any stands in.
        place = int(torch.searchsorted(shares, shares[-1] * drawn))
        chosen.append(samples[min(place, len(samples) - 1)])
        nearest = torch.minimum(nearest, (samples - chosen[-1]).square().sum(dim=1))
    return torch.stack(chosen)
