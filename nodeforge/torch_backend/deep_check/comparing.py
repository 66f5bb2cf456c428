"""Values of one run held against those of another."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nodeforge.torch_backend.deep_check.probe import Place

CLOSE = 1e-6
"""Share of a tensor's largest value by which the same computation may differ. Far below that a real influence gets
lost too, after many layers that each make it smaller."""


class Recording:
    """A watch that keeps a copy of every value, in the order in which they were computed."""

    def __init__(self) -> None:
        self.values: dict[Place, Tensor] = {}

    def __call__(self, place: Place, value: Tensor) -> Tensor:
        self.values[place] = value.detach().clone()
        return value


class Comparison:
    """A watch that holds a run against a recording.

    Attributes:
        gaps: By place, in order, how far apart the values were, where the measure gave more than 0.
    """

    def __init__(
        self,
        recording: Recording,
        measure: Callable[[Place, Tensor, Tensor], float],
        *,
        isolate: bool = False,
    ) -> None:
        """Compare with `measure(place, before, now)`; with `isolate` go on with the recorded value, so that each
        line computes from the same numbers as before and answers for itself alone."""
        self._recording = recording
        self._measure = measure
        self._isolate = isolate
        self.gaps: dict[Place, float] = {}

    def __call__(self, place: Place, value: Tensor) -> Tensor:
        before = self._recording.values.get(place)
        if before is None:
            return value
        gap = self._measure(place, before, value.detach())
        if gap > 0:
            self.gaps[place] = gap
        return before.clone() if self._isolate else value


def distance(before: Tensor, now: Tensor, close: float = CLOSE) -> float:
    """The largest difference beyond rounding; 0 when the two agree, NaN and infinity in the same places included."""
    if before.shape != now.shape:
        return float("inf")
    if before.numel() == 0 or torch.equal(before, now):
        return 0.0
    if before.device.type == "mps":  # which has no double precision
        before, now = before.cpu(), now.cpu()
    if not before.is_floating_point():
        return float((before.double() - now.double()).abs().max())
    same = (before == now) | (before.isnan() & now.isnan())
    gap = torch.where(same, 0.0, (before.double() - now.double()).abs()).nan_to_num(nan=torch.inf)
    finite = before.double().abs()[before.isfinite()]
    scale = float(finite.max()) if finite.numel() else 1.0
    largest = float(gap.max())
    return largest if largest > _tolerance(before, close) * max(scale, 1e-6) else 0.0


def _tolerance(tensor: Tensor, close: float) -> float:
    """Half precision rounds a thousand times more coarsely than float32."""
    return max(close, 8 * torch.finfo(tensor.dtype).eps)


def difference(before: Tensor, now: Tensor) -> float:
    """How many values are not the same bit for bit."""
    if before.shape != now.shape:
        return float("inf")
    same = (before == now) | (before.isnan() & now.isnan()) if before.is_floating_point() else before == now
    return float((~same).sum())
