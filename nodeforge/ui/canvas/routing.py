"""The course of wires: cubic curves that leave to the right and arrive from the left. Many at once, in numpy."""

from __future__ import annotations

import functools

import numpy as np

from nodeforge.ui.canvas.style import FLAT_BELOW, TEXT_FROM

STRAIGHT = 0.75
"""Wires that rise less than this many canvas units are straight lines."""


def reaches(ends: np.ndarray) -> np.ndarray:
    """How far the control points of each wire lie from its ends; (k,) from ends (k, 4)."""
    run = ends[:, 2] - ends[:, 0]
    rise = np.abs(ends[:, 3] - ends[:, 1])
    onward = np.maximum(run * 0.5, np.minimum(rise * 0.5, 48.0))
    backward = np.minimum(48.0 - run * 0.5, 220.0)
    return np.asarray(np.where(run >= 0, onward, np.maximum(backward, np.minimum(rise * 0.5, 48.0))))


def sags(ends: np.ndarray) -> np.ndarray:
    """How far the control points hang below the ends; (k,). A wire that runs back passes under its nodes."""
    rise = np.abs(ends[:, 3] - ends[:, 1])
    return np.where(ends[:, 2] >= ends[:, 0], 0.0, np.maximum(110.0 - 0.7 * rise, 0.0))


def boxes(ends: np.ndarray) -> np.ndarray:
    """(k, 4): left, top, right, bottom of an area that holds each wire."""
    reach = np.where(ends[:, 2] >= ends[:, 0], 0.0, reaches(ends))
    found = np.empty_like(ends)
    found[:, 0] = np.minimum(ends[:, 0], ends[:, 2] - reach)
    found[:, 2] = np.maximum(ends[:, 2], ends[:, 0] + reach)
    # A curve with a long reach and a short run swings out on both sides even when it runs onward.
    swing = np.maximum(reaches(ends) - (ends[:, 2] - ends[:, 0]), 0.0)
    found[:, 0] -= swing
    found[:, 2] += swing
    found[:, 1] = np.minimum(ends[:, 1], ends[:, 3])
    found[:, 3] = np.maximum(ends[:, 1], ends[:, 3]) + sags(ends)
    return found


@functools.cache
def _weights(steps: int) -> np.ndarray:
    """(steps + 1, 4): Bernstein weights of a cubic's four points."""
    t = np.linspace(0.0, 1.0, steps + 1)
    u = 1.0 - t
    return np.stack((u**3, 3 * u * u * t, 3 * u * t * t, t**3), axis=1)


def points(ends: np.ndarray, steps: int) -> np.ndarray:
    """(k, steps + 1, 2): points along each wire."""
    reach = reaches(ends)
    weights = _weights(steps)
    xs = np.stack((ends[:, 0], ends[:, 0] + reach, ends[:, 2] - reach, ends[:, 2]), axis=1)
    sag = sags(ends)
    ys = np.stack((ends[:, 1], ends[:, 1] + sag, ends[:, 3] + sag, ends[:, 3]), axis=1)
    return np.stack((xs @ weights.T, ys @ weights.T), axis=2)


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
