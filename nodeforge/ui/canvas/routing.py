"""The course of wires, many at once in numpy. All leave to the right and arrive from the left.

A wire that runs onward is one cubic curve. One that runs back turns round, passes between the rows of nodes or
below them, and turns round again: two cubics with a line between.
"""

from __future__ import annotations

import functools

import numpy as np

from nodeforge.ui.canvas.style import FLAT_BELOW, TEXT_FROM

STRAIGHT = 0.75
"""Wires that rise less than this many canvas units are straight lines."""
_ROW = 110.0
"""Ends further apart in height stand in different rows, with room for a wire between."""
_BELOW = 72.0
"""How far under its ends a wire passes that runs back along one row."""


def _passage(ends: np.ndarray) -> np.ndarray:
    """At which height wires run back; (k,) from ends (k, 4)."""
    low, high = np.minimum(ends[:, 1], ends[:, 3]), np.maximum(ends[:, 1], ends[:, 3])
    return np.asarray(np.where(high - low >= _ROW, (low + high) / 2, high + _BELOW))


def reaches(ends: np.ndarray) -> np.ndarray:
    """How far the control points of each wire lie from its ends; (k,)."""
    run = ends[:, 2] - ends[:, 0]
    rise = np.abs(ends[:, 3] - ends[:, 1])
    return np.where(run >= 0, np.maximum(run * 0.5, np.minimum(rise * 0.5, 48.0)), 64.0)


def boxes(ends: np.ndarray) -> np.ndarray:
    """(k, 4): left, top, right, bottom of an area that holds each wire."""
    run = ends[:, 2] - ends[:, 0]
    reach = reaches(ends)
    # Running onward, a curve whose reach is longer than its run swings out on both sides.
    swing = np.where(run >= 0, np.maximum(reach - run, 0.0), reach)
    passage = np.where(run >= 0, ends[:, 1], _passage(ends))
    return np.stack(
        (
            np.minimum(ends[:, 0], ends[:, 2]) - swing,
            np.minimum(np.minimum(ends[:, 1], ends[:, 3]), passage),
            np.maximum(ends[:, 0], ends[:, 2]) + swing,
            np.maximum(np.maximum(ends[:, 1], ends[:, 3]), passage),
        ),
        axis=1,
    )


@functools.cache
def _weights(steps: int) -> np.ndarray:
    """(4, steps + 1): Bernstein weights of a cubic's four points."""
    t = np.linspace(0.0, 1.0, steps + 1)
    u = 1.0 - t
    return np.stack((u**3, 3 * u * u * t, 3 * u * t * t, t**3))


def _cubic(xs: tuple[np.ndarray, ...], ys: tuple[np.ndarray, ...], steps: int) -> np.ndarray:
    """(k, steps + 1, 2): points along cubics with four control points each."""
    weights = _weights(steps)
    return np.stack((np.stack(xs, axis=1) @ weights, np.stack(ys, axis=1) @ weights), axis=2)


def points(ends: np.ndarray, steps: int) -> np.ndarray:
    """(k, steps + 1, 2): points along each wire, for at least three steps."""
    x0, y0, x1, y1 = ends.T
    reach = reaches(ends)
    path = _cubic((x0, x0 + reach, x1 - reach, x1), (y0, y0, y1, y1), steps)
    back = np.flatnonzero(x1 < x0)
    if len(back):
        x0, y0, x1, y1, reach, passage = (a[back] for a in (x0, y0, x1, y1, reach, _passage(ends)))
        half = steps // 2
        out = _cubic((x0, x0 + reach, x0 + reach, x0), (y0, y0, passage, passage), half)
        home = _cubic((x1, x1 - reach, x1 - reach, x1), (passage, passage, y1, y1), steps - half - 1)
        path[back] = np.concatenate((out, home), axis=1)
    return path


def steps_at(zoom: float) -> int:
    """Into how many pieces a curve is cut to look smooth."""
    if zoom < FLAT_BELOW / 2:
        return 1
    if zoom < FLAT_BELOW:
        return 6
    return 14 if zoom < TEXT_FROM else min(64, int(32 * max(1.0, zoom)))


def segments(ends: np.ndarray, steps: int) -> np.ndarray:
    """(m, 4) contiguous float64: the lines that draw these wires."""
    straight = (np.abs(ends[:, 3] - ends[:, 1]) < STRAIGHT) & (ends[:, 2] > ends[:, 0])
    if steps == 1 or straight.all():
        return np.ascontiguousarray(ends)
    path = points(ends[~straight], steps)
    curved = np.concatenate((path[:, :-1], path[:, 1:]), axis=2).reshape(-1, 4)
    return np.concatenate((ends[straight], curved))


def distance(ends: np.ndarray, x: float, y: float) -> np.ndarray:
    """(k,): how far the point is from each wire."""
    path = points(ends, 24)
    start, step = path[:, :-1], np.diff(path, axis=1)
    offset = np.array((x, y)) - start
    length = np.maximum((step * step).sum(axis=2), 1e-12)
    share = np.clip((offset * step).sum(axis=2) / length, 0.0, 1.0)
    gap = offset - step * share[:, :, None]
    return np.asarray(np.sqrt((gap * gap).sum(axis=2)).min(axis=1))
