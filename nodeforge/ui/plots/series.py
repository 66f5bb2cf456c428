"""Long curves at the cost of short ones: append-only samples with a min/max pyramid over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FACTOR = 8
"""Samples under one entry of the next level of the pyramid."""
LIMIT = 1 << 20
"""Samples kept; a longer series keeps the extremes of every four samples of its past."""
WAITING_LIMIT = 4096
"""Pushed samples that wait at most to be asked for."""

Floats = NDArray[np.float32]


class Series:
    """A curve that grows at its end, with x in ascending order.

    Values are float32 and may be NaN (left out of what is drawn); x is float64, since a float32 counts
    steps exactly only up to 16 million. Each level of the pyramid holds the least and the greatest value
    of `FACTOR` entries below it, so a view of any width costs about as many operations as it has pixels.
    """

    def __init__(self) -> None:
        self._count = 0
        self._x = np.empty(1024, np.float64)
        self._y = np.empty(1024, np.float32)
        self._levels: list[tuple[Floats, Floats]] = []
        self._low = self._low_positive = np.inf
        self._high = -np.inf
        self._cuts = 0
        self._waiting: list[tuple[float, float]] = []  # pushed, and not asked for since

    def __len__(self) -> int:
        self._settle()
        return self._count

    @property
    def x(self) -> NDArray[np.float64]:
        self._settle()
        return self._x[: self._count]

    @property
    def y(self) -> Floats:
        self._settle()
        return self._y[: self._count]

    @property
    def low(self) -> float:
        """Least finite value so far; infinite while there is none."""
        self._settle()
        return self._low

    @property
    def high(self) -> float:
        """Greatest finite value so far; minus infinite while there is none."""
        self._settle()
        return self._high

    @property
    def low_positive(self) -> float:
        """Least value above 0 so far, for a logarithmic axis; infinite while there is none."""
        self._settle()
        return self._low_positive

    @property
    def cuts(self) -> int:
        """How often the end was taken back."""
        self._settle()
        return self._cuts

    def push(self, x: float, y: float) -> None:
        """Add one sample as `append` does, at a hundredth of the cost: what is pushed is taken in together.

        A fast training ends hundreds of epochs a second, each with a sample for a dozen curves.
        """
        if self._waiting and (x <= self._waiting[-1][0] or len(self._waiting) >= WAITING_LIMIT):
            self._settle()
        self._waiting.append((x, y))

    def append(self, x: ArrayLike, y: ArrayLike) -> None:
        """Add samples at the end, in place of any from the first new x on: a resumed run repeats steps."""
        self._settle()
        self._append(x, y)

    def _settle(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._append(*zip(*waiting, strict=True))

    def _append(self, x: ArrayLike, y: ArrayLike) -> None:
        x, y = np.atleast_1d(np.asarray(x, np.float64)), np.atleast_1d(np.asarray(y, np.float32))
        if not len(x):
            return
        if self._count and x[0] <= self._x[self._count - 1]:
            self._cut(float(x[0]))
        if self._count + len(x) > LIMIT:
            self._fold()
        start, end = self._count, self._count + len(x)
        if end > len(self._x):
            size = max(end, 2 * len(self._x))
            self._x, self._y = _grown(self._x, size), _grown(self._y, size)
        self._x[start:end], self._y[start:end] = x, y
        self._count = end
        finite = y[np.isfinite(y)]
        if len(finite):
            self._low, self._high = min(self._low, float(finite.min())), max(self._high, float(finite.max()))
            positive = finite[finite > 0]
            if len(positive):
                self._low_positive = min(self._low_positive, float(positive.min()))
        self._extend_levels(start)

    def view(self, x_from: float, x_to: float, pixels: int) -> tuple[NDArray[np.float64], Floats]:
        """The curve between two x as about two points a pixel at most: peaks kept, non-finite left out."""
        first = max(0, int(np.searchsorted(self.x, x_from, "left")) - 1)
        last = min(self._count, int(np.searchsorted(self.x, x_to, "right")) + 1)
        x, y = self._reduced(first, last, max(2, pixels))
        finite = np.isfinite(y)
        return (x, y) if finite.all() else (x[finite], y[finite])

    def at(self, x: float) -> tuple[float, float]:
        """The sample nearest to an x, as (x, y). The series must not be empty."""
        after = min(int(np.searchsorted(self.x, x)), self._count - 1)
        before = max(after - 1, 0)
        nearest = before if x - self._x[before] < self._x[after] - x else after
        return float(self._x[nearest]), float(self._y[nearest])

    def _reduced(self, first: int, last: int, pixels: int) -> tuple[NDArray[np.float64], Floats]:
        stride = -(-(last - first) // pixels)
        if stride <= 2:
            return self._x[first:last], self._y[first:last]
        level, block = 0, 1
        while block * FACTOR <= stride and level < len(self._levels):
            level, block = level + 1, block * FACTOR
        group = -(-stride // block)
        step = block * group
        start = -(-first // block)
        count = max(0, (last // block - start) // group)
        lows, highs = self._levels[level - 1] if level else (self._y, self._y)
        body = slice(start, start + count * group)
        low = np.fmin.reduce(lows[body].reshape(count, group), axis=1)
        high = np.fmax.reduce(highs[body].reshape(count, group), axis=1)
        x = self._x[start * block : (start + count * group) * block : step]
        head, tail = slice(first, start * block), slice((start + count * group) * block, last)
        ends = [_extremes(self._x[part], self._y[part], step) for part in (head, tail)]
        return (
            np.concatenate((ends[0][0], np.repeat(x, 2), ends[1][0])),
            np.concatenate((ends[0][1], np.column_stack((low, high)).ravel(), ends[1][1])),
        )

    def _extend_levels(self, start: int) -> None:
        """Bring the pyramid up to date with the samples from `start` on; only full blocks have an entry."""
        lows = highs = self._y
        count = self._count
        for level in range(16):
            start, count = start // FACTOR, count // FACTOR
            if not count:
                break
            if level == len(self._levels):
                empty = np.empty(count, np.float32)
                self._levels.append((empty, empty.copy()))
                start = 0
            low, high = self._levels[level]
            if count > len(low):
                size = max(count, 2 * len(low))
                low, high = _grown(low, size), _grown(high, size)
                self._levels[level] = low, high
            body = slice(start * FACTOR, count * FACTOR)
            low[start:count] = np.fmin.reduce(lows[body].reshape(-1, FACTOR), axis=1)
            high[start:count] = np.fmax.reduce(highs[body].reshape(-1, FACTOR), axis=1)
            lows, highs = low, high

    def _cut(self, x: float) -> None:
        self._count = int(np.searchsorted(self.x, x, "left"))
        self._levels = []
        self._extend_levels(0)
        self._cuts += 1

    def _fold(self) -> None:
        """Halve the past: of every four samples keep the least and the greatest."""
        kept = self._count // 4 * 4
        x, y = _extremes(self._x[:kept], self._y[:kept], 4)
        rest_x, rest_y = self._x[kept : self._count], self._y[kept : self._count]
        self._x, self._y = np.concatenate((x, rest_x)), np.concatenate((y, rest_y))
        self._count = len(self._x)
        self._levels = []
        self._extend_levels(0)


class Smoothed:
    """An exponential moving average of another series, kept up with it.

    Args:
        series: What is smoothed.
        weight: Share of the past in each value, from 0 (no smoothing) to just below 1.
    """

    def __init__(self, series: Series, weight: float) -> None:
        self.source = series
        self.weight = weight
        self._restart()

    def _restart(self) -> None:
        self.series = Series()
        self._cuts = self.source.cuts
        self._last_x = -np.inf
        self._last = np.nan

    def update(self) -> None:
        """Take in what the source got since the last call."""
        if self._cuts != self.source.cuts:
            self._restart()
        start = int(np.searchsorted(self.source.x, self._last_x, "right"))
        x, y = self.source.x[start:], self.source.y[start:]
        finite = np.isfinite(y)
        x, y = x[finite], y[finite]
        if len(y):
            if np.isnan(self._last):
                self._last = float(y[0])
            smooth = moving_average(y, self.weight, self._last)
            self._last, self._last_x = float(smooth[-1]), float(x[-1])
            self.series.append(x, smooth)


def moving_average(y: ArrayLike, weight: float, last: float, block: int = 64) -> NDArray[np.float64]:
    """Exponential moving average s[i] = weight·s[i-1] + (1-weight)·y[i], with s[-1] = `last`.

    Blocks are averaged all at once as a matrix product; only their ends are chained in Python.
    """
    y = np.asarray(y, np.float64)
    padded = np.zeros(-(-len(y) // block) * block)
    padded[: len(y)] = y
    power = np.arange(block)
    response = np.tril((1 - weight) * weight ** np.abs(power[:, None] - power))
    averages = padded.reshape(-1, block) @ response.T
    decay = weight ** (power + 1)
    for row in averages:
        row += decay * last
        last = row[-1]
    smooth: NDArray[np.float64] = averages.ravel()[: len(y)]
    return smooth


def _grown(array: NDArray[Any], size: int) -> NDArray[Any]:
    larger = np.empty(size, array.dtype)
    larger[: len(array)] = array
    return larger


def _extremes(x: NDArray[np.float64], y: Floats, step: int) -> tuple[NDArray[np.float64], Floats]:
    """The least and greatest value of every `step` samples, at the x of the first of them."""
    if not len(x):
        return x, y
    starts = np.arange(0, len(x), step)
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    return np.repeat(x[starts], 2), np.column_stack((low, high)).ravel()
