"""The course of wires, many at once in numpy, as legs: cubic curves of four control points each.

Wires leave to the right and arrive from the left; in a network that is drawn downwards they leave below and arrive
from above. A wire that runs onward is one leg. One that runs back turns round, passes between the rows of nodes or
below them, and turns round again: three legs. A wire with bends has a leg to each of them, and goes smoothly through
without swinging past them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

STRAIGHT = 0.75
"""Legs that leave the straight line by less than this many canvas units are lines."""
_ROW = 110.0
"""Ends further apart in height stand in different rows, with room for a wire between."""
_BELOW = 72.0
"""How far under its ends a wire passes that runs back along one row."""
ENDS = [0, 1, 6, 7]
"""Where in a leg its first and its last point stand."""
_TURNED = [1, 0, 3, 2]
_SWAPPED = [1, 0, 3, 2, 5, 4, 7, 6]


@dataclass(frozen=True, slots=True)
class Legs:
    """What wires are drawn of.

    Attributes:
        controls: (m, 8) float64: x and y of the four control points of each leg.
        wires: (m,) intp: which of the given wires a leg belongs to; legs of one follow each other.
    """

    controls: np.ndarray
    wires: np.ndarray

    def of(self, chosen: np.ndarray) -> Legs:
        """Those of the legs that a mask or indices name."""
        return Legs(self.controls[chosen], self.wires[chosen])


def legs(ends: np.ndarray, counts: np.ndarray, bends: np.ndarray, *, down: bool = False) -> Legs:
    """The legs of wires.

    Args:
        ends: (k, 4): where they start and end; a wire with NaN there has no legs.
        counts: (k,): how many bends each has.
        bends: (counts.sum(), 2): those of the first wire, then those of the second...
        down: Whether wires leave downwards.
    """
    plain = counts == 0
    onward = are_simple(ends, counts, down=down)
    parts, owners = [np.empty((0, 8))], [np.empty(0, np.intp)]
    if onward.any():
        parts.append(simple(ends[onward], down=down))
        owners.append(np.flatnonzero(onward))
    if down:
        ends, bends = ends[:, _TURNED], bends[:, ::-1]
    back = np.flatnonzero(plain & ~onward & (ends[:, 2] < ends[:, 0]))
    if len(back):
        parts.append(_turned(_back(ends[back]), down))
        owners.append(np.repeat(back, 3))
    bent = ~plain & ~np.isnan(ends).any(axis=1)
    if bent.any():
        parts.append(_turned(_bent(ends[bent], counts[bent], bends[np.repeat(bent, counts)]), down))
        owners.append(np.repeat(np.flatnonzero(bent), counts[bent] + 1))
    return Legs(np.concatenate(parts), np.concatenate(owners))


def are_simple(ends: np.ndarray, counts: np.ndarray, *, down: bool = False) -> np.ndarray:
    """(k,): which wires run onward without bends, so that they have one leg."""
    start, end = (1, 3) if down else (0, 2)
    return np.asarray((counts == 0) & (ends[:, end] >= ends[:, start]))


def simple(ends: np.ndarray, *, down: bool = False) -> np.ndarray:
    """(k, 8): the legs of wires that have one each."""
    return _turned(_onward(ends[:, _TURNED]), down) if down else _onward(ends)


def _turned(controls: np.ndarray, down: bool) -> np.ndarray:
    return controls[:, _SWAPPED] if down else controls


def _reach(run: np.ndarray, rise: np.ndarray) -> np.ndarray:
    """How far the control points of a leg lie from its ends."""
    return np.where(run >= 0, np.maximum(run * 0.5, np.minimum(np.abs(rise) * 0.5, 48.0)), 64.0)


def _onward(ends: np.ndarray) -> np.ndarray:
    x0, y0, x1, y1 = ends.T
    reach = _reach(x1 - x0, y1 - y0)
    made = np.empty((len(ends), 8))
    for column, values in enumerate((x0, y0, x0 + reach, y0, x1 - reach, y1, x1, y1)):
        made[:, column] = values
    return made


def _back(ends: np.ndarray) -> np.ndarray:
    x0, y0, x1, y1 = ends.T
    low, high = np.minimum(y0, y1), np.maximum(y0, y1)
    passage = np.where(high - low >= _ROW, (low + high) / 2, high + _BELOW)
    reach = _reach(x1 - x0, y1 - y0)
    out = (x0, y0, x0 + reach, y0, x0 + reach, passage, x0, passage)
    across = (x0, passage, x0 + (x1 - x0) / 3, passage, x0 + (x1 - x0) * 2 / 3, passage, x1, passage)
    home = (x1, passage, x1 - reach, passage, x1 - reach, y1, x1, y1)
    return np.stack((*out, *across, *home), axis=1).reshape(-1, 8)


def _bent(ends: np.ndarray, counts: np.ndarray, bends: np.ndarray) -> np.ndarray:
    """Legs through all bends. Where a wire turns round in x or in y, its tangent has nothing of that axis."""
    last = np.cumsum(counts + 2) - 1
    first = last - counts - 1
    points = np.empty((last[-1] + 1, 2))
    inner = np.ones(len(points), bool)
    inner[first] = inner[last] = False
    points[first], points[last], points[inner] = ends[:, :2], ends[:, 2:], bends
    way = np.diff(points, axis=0)
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
    slope = way / length
    tangents = np.zeros_like(points)
    before, after = slope[:-1], slope[1:]
    least = 3.0 * np.minimum(np.abs(before), np.abs(after))
    tangents[1:-1] = np.where(before * after > 0, np.clip((before + after) / 2, -least, least), 0.0)
    begins = np.ones(len(points), bool)
    begins[last] = False
    starts = np.flatnonzero(begins)
    made = np.empty((len(starts), 8))
    made[:, 0:2], made[:, 6:8] = points[starts], points[starts + 1]
    made[:, 2:4] = points[starts] + tangents[starts] * length[starts] / 3
    made[:, 4:6] = points[starts + 1] - tangents[starts + 1] * length[starts] / 3
    closing = np.cumsum(counts + 1) - 1
    opening = closing - counts
    for leg, sign, column in ((opening, 1, 2), (closing, -1, 4)):
        run, rise = way[starts[leg], 0], way[starts[leg], 1]
        edge = made[leg, 0:2] if sign == 1 else made[leg, 6:8]
        made[leg, column] = edge[:, 0] + sign * _reach(run, rise)
        made[leg, column + 1] = edge[:, 1]
    return made


def boxes(controls: np.ndarray) -> np.ndarray:
    """(m, 4): left, top, right, bottom of an area that holds each leg, (m, 8)."""
    made = np.empty((len(controls), 4))
    a, b, c, d = (controls[:, i : i + 2] for i in range(0, 8, 2))
    made[:, :2] = np.minimum(np.minimum(a, b), np.minimum(c, d))
    made[:, 2:] = np.maximum(np.maximum(a, b), np.maximum(c, d))
    return made


@functools.cache
def _weights(steps: int) -> np.ndarray:
    """(4, steps + 1): Bernstein weights of a cubic's four points."""
    t = np.linspace(0.0, 1.0, steps + 1)
    u = 1.0 - t
    return np.stack((u**3, 3 * u * u * t, 3 * u * t * t, t**3))


def points(found: Legs, steps: int) -> np.ndarray:
    """(m, steps + 1, 2): points along each leg."""
    weights = _weights(steps)
    return np.stack((found.controls[:, 0::2] @ weights, found.controls[:, 1::2] @ weights), axis=2)


def course(
    start: tuple[float, float],
    end: tuple[float, float],
    bends: np.ndarray | None = None,
    *,
    down: bool = False,
    steps: int = 32,
) -> np.ndarray:
    """(n, 2): points along one wire, of which the graph may know nothing yet."""
    bends = np.empty((0, 2)) if bends is None else bends
    found = legs(np.array([(*start, *end)], np.float64), np.array([len(bends)]), bends, down=down)
    path = points(found, steps)
    return np.concatenate((path[0], *path[1:, 1:]))


_STEPS = np.array((1, 4, 8, 16, 32, 64, 128))
"""Into how many pieces a curve may be cut."""
_TOLERANCE = 0.15
"""How far a piece may be off its curve, in pixels."""


def segments(found: Legs, zoom: float) -> tuple[np.ndarray, np.ndarray]:
    """The lines that draw legs, so many for each that it looks smooth at a zoom.

    Returns:
        (m, 4) contiguous float64, and, (m,), of which leg each is a part.
    """
    places = found.controls.view(np.complex128)  # x + iy: one step of arithmetic for both
    steps = _steps(places, zoom)
    parts, owners = [np.empty((0, 2), np.complex128)], [np.empty(0, np.intp)]
    for count in sorted({*steps.tolist()}):
        alike = np.flatnonzero(steps == count)
        path = places[alike] @ _weights(count) if count > 1 else places[alike][:, ::3]
        parts.append(np.stack((path[:, :-1], path[:, 1:]), axis=2).reshape(-1, 2))
        owners.append(np.repeat(alike, count))
    return np.concatenate(parts).view(np.float64), np.concatenate(owners)


def _steps(places: np.ndarray, zoom: float) -> np.ndarray:
    """(m,): into how many pieces curves are cut whose control points are (m, 4) complex.

    One piece where the inner points lie on the line between the ends, else by the bound of Wang, Shen and Liu for
    cubics.
    """
    chord = places[:, 3] - places[:, 0]
    # The inner points as far along the chord, and i times as far aside from it, both times its length.
    inner = chord.conj()[:, None] * (places[:, 1:3] - places[:, :1])
    squared = (chord * chord.conj()).real[:, None]
    on_line = (np.abs(inner.imag) < STRAIGHT * np.sqrt(squared)) & (inner.real >= 0) & (inner.real <= squared)
    bulge = np.abs(places[:, :2] - 2 * places[:, 1:3] + places[:, 2:]).max(axis=1)
    needed = np.sqrt(0.75 * zoom / _TOLERANCE * bulge)
    needed[on_line.all(axis=1)] = 1
    return np.asarray(_STEPS[np.minimum(np.searchsorted(_STEPS, needed), len(_STEPS) - 1)])


def distance(found: Legs, x: float, y: float) -> np.ndarray:
    """(m,): how far the point is from each leg."""
    path = points(found, 24)
    start, step = path[:, :-1], np.diff(path, axis=1)
    offset = np.array((x, y)) - start
    length = np.maximum((step * step).sum(axis=2), 1e-12)
    share = np.clip((offset * step).sum(axis=2) / length, 0.0, 1.0)
    gap = offset - step * share[:, :, None]
    return np.asarray(np.sqrt((gap * gap).sum(axis=2)).min(axis=1))
