"""What catches nodes while they are dragged: edges, middles, straight wires and equal gaps. Plain arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nodeforge.ui.canvas.style import GRID

_EXACT = 0.5
"""Boxes align when they do so within this much."""


@dataclass(frozen=True, slots=True)
class Line:
    """A thin line that says why something was caught.

    Attributes:
        ends: x and y of where it begins, then of where it ends.
        length: What is written beside it; nothing when None.
    """

    ends: tuple[float, float, float, float]
    length: float | None = None


@dataclass(frozen=True, slots=True)
class _Catch:
    """A reason to be a little further along one axis.

    Attributes:
        gap: How much further.
        lines: What shows it, once the box is there.
    """

    gap: float
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Field:
    """What a dragged box may be caught by. It asks so at every step, and is seldom near: what is far is told at once.

    Attributes:
        others: (k, 4) left, top, right and bottom of the boxes that it may align with.
        wires: (w, 4) of each wire between the box and another: its end here while the box has not moved, and there.
        down: Whether wires run down, so that they are straight when their ends have one x.
    """

    others: np.ndarray
    wires: np.ndarray
    down: bool = False

    def pull(self, box: np.ndarray, moved: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
        """How much further a box goes that has moved by (2,), and, (2,), on which axes it was caught."""
        way, held = np.zeros(2), np.zeros(2, bool)
        for axis in (0, 1):
            gaps = [catch.gap for family in self._families(box, moved, axis, reach) for catch in family]
            nearest = min(gaps, key=abs, default=np.inf)
            if abs(nearest) <= reach:
                way[axis], held[axis] = nearest, True
        return way, held

    def lines(self, box: np.ndarray, moved: np.ndarray, axes: Iterable[int] = (0, 1)) -> list[Line]:
        """What a box that has moved by (2,) is in line with: of each kind one reason for each of the axes."""
        found: list[Line] = []
        for axis in axes:
            for family in self._families(box, moved, axis, _EXACT):
                exact = next((catch for catch in family if abs(catch.gap) <= _EXACT / 10), None)
                found += exact.lines if exact is not None else ()
        return found

    def _families(
        self, box: np.ndarray, moved: np.ndarray, axis: int, reach: float
    ) -> tuple[Iterator[_Catch], ...]:
        """The reasons by their kinds; of what is further off than the reach, not all are told."""
        here = box + np.tile(moved, 2)
        straight = axis == (0 if self.down else 1)
        wires = self.wires + np.array((*moved, 0.0, 0.0)) if straight else self.wires[:0]
        return (
            _along_wires(wires, axis),
            self._aligned(here, axis, reach),
            _spaced(here, self._rows[axis], axis),
        )

    def _aligned(self, box: np.ndarray, axis: int, reach: float) -> Iterator[_Catch]:
        """Middles with middles and edges with edges, of the nearest of those that are as far off."""
        if not len(self.others):
            return
        low, high = box[axis], box[axis + 2]
        gaps = self._places[axis] - np.array(((low + high) / 2, low, high))[:, None]
        off = np.abs(gaps)
        for which, least in enumerate(off.min(axis=1).tolist()):
            if least <= reach:
                near = np.flatnonzero(off[which] <= least + _EXACT)
                starts = np.minimum(box[3 - axis], self.others[near, 3 - axis])  # across; they may overlap
                ends = np.maximum(box[1 - axis], self.others[near, 1 - axis])
                nearest = int(np.argmin(ends - starts))
                start, end, other = float(starts[nearest]), float(ends[nearest]), near[nearest]
                line = _line(axis, float(self._places[axis][which, other]), start, end, start < end)
                yield _Catch(float(gaps[which, other]), (line,))

    @cached_property
    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        """By axis, (3, k): middles, lower edges and upper edges of the others."""

        def along(axis: int) -> np.ndarray:
            low, high = self.others[:, axis], self.others[:, axis + 2]
            return np.stack(((low + high) / 2, low, high))

        return along(0), along(1)

    @cached_property
    def _rows(self) -> tuple[np.ndarray, np.ndarray]:
        """By axis, (k, 4): the others as they follow each other."""
        return self.others[np.argsort(self.others[:, 0])], self.others[np.argsort(self.others[:, 1])]


def on_grid(place: float) -> float:
    """The nearest line of the grid."""
    return round(place / GRID) * GRID


def _along_wires(wires: np.ndarray, axis: int) -> Iterator[_Catch]:
    for wire in wires.tolist():
        gap = wire[2 + axis] - wire[axis]
        here = [wire[0], wire[1]]
        here[axis] += gap
        yield _Catch(gap, (Line((here[0], here[1], wire[2], wire[3])),))


def _spaced(box: np.ndarray, others: np.ndarray, axis: int) -> Iterator[_Catch]:
    """As far from its neighbours in the row as they are from each other; these follow each other along the axis."""
    across = 1 - axis
    row = others[(others[:, across] < box[across + 2]) & (others[:, across + 2] > box[across])]
    if len(row) < 2:
        return
    before = row[row[:, axis + 2] <= box[axis] + _EXACT]
    behind = row[row[:, axis] >= box[axis + 2] - _EXACT]
    level = float((box[across] + box[across + 2]) / 2)
    size = float(box[axis + 2] - box[axis])
    if len(before) and len(behind):
        left, right = float(before[-1, axis + 2]), float(behind[0, axis])
        start = (left + right - size) / 2
        if start >= left:
            lines = (_line(1 - axis, level, left, start), _line(1 - axis, level, start + size, right))
            yield _Catch(start - float(box[axis]), lines)
    for near in (before[::-1], behind):
        if len(near) < 2:
            continue
        sign = 1 if near is not behind else -1
        first, second = near[0], near[1]
        edge, far = (axis + 2, axis) if sign == 1 else (axis, axis + 2)
        room = float(first[far] - second[edge]) * sign
        if room < 0:
            continue
        start = float(first[edge]) + room if sign == 1 else float(first[edge]) - room - size
        touch = start if sign == 1 else start + size
        lines = (
            _line(1 - axis, level, float(second[edge]), float(first[far])),
            _line(1 - axis, level, float(first[edge]), touch),
        )
        yield _Catch(start - float(box[axis]), lines)


def _line(axis: int, at: float, low: float, high: float, told: bool = True) -> Line:
    """A line along which one coordinate, that of the axis, is the same."""
    low, high = min(low, high), max(low, high)
    ends = (at, low, at, high) if axis == 0 else (low, at, high, at)
    return Line(ends, high - low if told else None)
