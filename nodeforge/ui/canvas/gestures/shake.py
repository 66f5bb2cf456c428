"""Telling a shake from a drag."""

from __future__ import annotations

import time
from collections.abc import Callable

_TURNS = 4
_WITHIN_S = 0.8
_LEAST_PX = 16.0


class Shake:
    """A hand that turns back several times within a short while.

    Args:
        clock: Seconds that pass.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._axes = (_Axis(), _Axis())

    def follow(self, x: float, y: float) -> bool:
        """Whether the hand, which is now at a point in pixels, has just completed a shake."""
        now = self._clock()
        shaken = False
        for axis, place in zip(self._axes, (x, y), strict=True):
            shaken |= axis.follow(place, now)
        return shaken


class _Axis:
    """Turns to and fro along one axis."""

    def __init__(self) -> None:
        self._furthest: float | None = None
        self._way = 0
        self._turns: list[float] = []

    def follow(self, place: float, now: float) -> bool:
        if self._furthest is None:
            self._furthest = place
        gone = place - self._furthest
        if gone * self._way > 0:
            self._furthest = place
        elif abs(gone) >= _LEAST_PX:
            if self._way:
                self._turns = [*(turn for turn in self._turns if now - turn <= _WITHIN_S), now]
            self._way = 1 if gone > 0 else -1
            self._furthest = place
        if len(self._turns) >= _TURNS:
            self._turns.clear()
            return True
        return False
