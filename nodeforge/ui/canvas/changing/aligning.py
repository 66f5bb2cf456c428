"""Bringing the selected nodes into line, and giving them equal gaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from nodeforge.core.edits import MoveNodes

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

LINES = {
    "left": (0, 0.0),
    "centre": (0, 0.5),
    "right": (0, 1.0),
    "top": (1, 0.0),
    "middle": (1, 0.5),
    "bottom": (1, 1.0),
}
"""What may be brought into line: the axis, and which share of the size from the corner."""


def aligned(rects: np.ndarray, line: str) -> np.ndarray:
    """New corners, (k, 2), so that one line of all boxes is that of the area around them.

    Args:
        rects: (k, 4) left, top, width and height.
        line: One of `LINES`.
    """
    axis, share = LINES[line]
    starts, sizes = rects[:, axis], rects[:, axis + 2]
    low, high = starts.min(), (starts + sizes).max()
    corners = rects[:, :2].copy()
    corners[:, axis] = np.round(low + (high - low) * share - sizes * share)
    return corners


def distributed(rects: np.ndarray, axis: int) -> np.ndarray:
    """New corners, (k, 2), so that the gaps along an axis are equal; the first and the last box stay.

    Where there is too little room, gaps are negative: the boxes overlap evenly.
    """
    starts, sizes = rects[:, axis], rects[:, axis + 2]
    order = np.argsort(starts + sizes / 2, kind="stable")
    low, high = starts[order[0]], starts[order[-1]] + sizes[order[-1]]
    gap = (high - low - sizes.sum()) / (len(rects) - 1)
    corners = rects[:, :2].copy()
    before = np.concatenate(([0.0], np.cumsum(sizes[order] + gap)[:-1]))
    corners[order, axis] = np.round(low + before)
    return corners


def align(canvas: Canvas, line: str) -> None:
    """Bring the selected nodes into line."""
    _move(canvas, lambda rects: aligned(rects, line), f"Align {line}")


def distribute(canvas: Canvas, axis: int) -> None:
    """Give the selected nodes equal gaps along an axis: 0 for those side by side, 1 for those below each other."""
    _move(canvas, lambda rects: distributed(rects, axis), "Distribute")


def _move(canvas: Canvas, place: Callable[[np.ndarray], np.ndarray], label: str) -> None:
    model = canvas.model
    names = sorted(model.selection)
    corners = place(canvas.mirror.rects[canvas.mirror.slots_of(names)])
    goals = {name: (x, y) for name, (x, y) in zip(names, corners.tolist(), strict=True)}
    moved = {name: at for name, at in goals.items() if at != model.graph.nodes[name].position}
    if moved:
        model.do(MoveNodes(model.network, moved), label=label)
