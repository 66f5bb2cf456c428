"""The bends of all wires in one array."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nodeforge.ui.canvas.geometry.slots import grown

NO_BENDS = np.empty((0, 2))


class Ways:
    """Bends by the slots of wires.

    Attributes:
        points: (n, 2) float64: those of the wire with the lowest slot first, each from its source on.
        counts: (capacity,) int32: how many bends a wire has.
    """

    def __init__(self, room: int) -> None:
        self.points = NO_BENDS
        self.counts = np.zeros(room, np.int32)

    def grow(self) -> None:
        """Room for as many wires again."""
        self.counts = grown(self.counts, 0)

    def of(self, slot: int) -> np.ndarray:
        """(k, 2): the bends of one wire."""
        start = int(self.counts[:slot].sum())
        return self.points[start : start + self.counts[slot]]

    def owners(self) -> np.ndarray:
        """(n,): the slot of the wire that each point belongs to."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def shift(self, chosen: np.ndarray, way: np.ndarray) -> None:
        """Move the bends of the wires that a mask names, by (2,)."""
        self.points[np.repeat(chosen, self.counts)] += way

    def put(self, ways: Mapping[int, np.ndarray]) -> None:
        """Give wires other bends; all else stays."""
        if not any(len(points) or self.counts[slot] for slot, points in ways.items()):
            return
        bent = np.flatnonzero(self.counts)
        pieces = dict(zip(bent.tolist(), np.split(self.points, np.cumsum(self.counts[bent])), strict=False))
        pieces.update(ways)
        for slot, points in ways.items():
            self.counts[slot] = len(points)
        self.points = np.concatenate([NO_BENDS, *(pieces[slot] for slot in sorted(pieces))])
