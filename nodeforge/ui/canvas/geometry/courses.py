"""The legs of all wires, kept from frame to frame: what was not touched is not reckoned again.

A row for each wire's slot holds the leg of a wire that has just one. The legs of all others stand behind these rows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.geometry.routing import Legs
from nodeforge.ui.canvas.geometry.ways import Ways

Ends = Callable[[np.ndarray], np.ndarray]
"""(k, 4) where wires start and end, from their slots; NaN for those that are not shown."""


class Courses:
    """The legs of the wires of one mirror.

    Args:
        room: How many slots there are.
        down: Whether wires leave downwards.

    Attributes:
        legs: All legs; NaN in the rows of wires that are not shown, or have several.
        chords: (m, 4) float64: from where to where each leg runs.
        boxes: (4, m) float64: left, top, right and bottom of each leg.
    """

    def __init__(self, room: int, down: bool) -> None:
        self._down = down
        self._clear(room)

    def _clear(self, room: int) -> None:
        self.legs = Legs(np.full((room, 8), np.nan), np.arange(room))
        self.chords = np.full((room, 4), np.nan)
        self.boxes = np.full((4, room), np.nan)
        self._manifold = np.zeros(room, bool)
        """Which wires have several legs, or may have some."""

    def follow(self, slots: np.ndarray, ends: Ends, ways: Ways) -> None:
        """Lead wires anew that have moved, were bent, came or went."""
        room = len(ways.counts)
        if room > len(self._manifold):
            self._clear(room)
            slots = np.arange(room)
        here = ends(slots)
        simple = routing.are_simple(here, ways.counts[slots], down=self._down)
        led = np.full((len(slots), 8), np.nan)
        led[simple] = routing.simple(here[simple], down=self._down)
        self._put(slots, led)
        concerned = slots[self._manifold[slots] | ~simple]
        self._manifold[slots] = ~simple
        if len(concerned):
            self._follow_manifold(concerned, ends, ways)

    def _put(self, rows: np.ndarray, controls: np.ndarray) -> None:
        self.legs.controls[rows] = controls
        self.chords[rows] = controls[:, routing.ENDS]
        self.boxes[:, rows] = routing.boxes(controls).T

    def shift(self, chosen: np.ndarray, way: np.ndarray) -> None:
        """Move the wires that a mask names as they are, by (2,)."""
        moved = chosen[self.legs.wires]
        all_move = bool((moved | np.isnan(self.boxes[0])).all())
        rows = slice(None) if all_move else np.flatnonzero(moved)  # a slice is moved in place
        self.legs.controls[rows] += np.tile(way, 4)
        self.chords[rows] += np.tile(way, 2)
        self.boxes[:, rows] += np.tile(way, 2)[:, None]

    def _follow_manifold(self, concerned: np.ndarray, ends: Ends, ways: Ways) -> None:
        """Lead wires of several legs anew, or such as had several: at their rows, if there are as many legs as before."""
        room = len(self._manifold)
        chosen = np.zeros(room, bool)
        chosen[concerned] = True
        behind = chosen[self.legs.wires[room:]]
        chosen &= self._manifold
        slots = np.flatnonzero(chosen)
        bends = ways.points[np.repeat(chosen, ways.counts)]
        found = routing.legs(ends(slots), ways.counts[slots], bends, down=self._down)
        wires = slots[found.wires]
        rows = room + np.flatnonzero(behind)
        if np.array_equal(self.legs.wires[rows], wires):
            self._put(rows, found.controls)
            return
        kept = np.concatenate((np.ones(room, bool), ~behind))
        self.legs = Legs(
            np.concatenate((self.legs.controls[kept], found.controls)),
            np.concatenate((self.legs.wires[kept], wires)),
        )
        self.chords = np.concatenate((self.chords[kept], found.controls[:, routing.ENDS]))
        self.boxes = np.concatenate((self.boxes[:, kept], routing.boxes(found.controls).T), axis=1)

    def within(self, left: float, top: float, right: float, bottom: float) -> np.ndarray:
        """Which legs may be seen in an area."""
        x0, y0, x1, y1 = self.boxes
        return np.flatnonzero((x0 <= right) & (y0 <= bottom) & (x1 >= left) & (y1 >= top))

    def of(self, slots: np.ndarray) -> Legs:
        """The legs of these wires."""
        return self.legs.of(self.rows_of(slots))

    def box(self, slots: np.ndarray) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom of an area that holds these wires; None if none of them is shown."""
        rows = self.rows_of(slots)
        if not len(rows):
            return None
        low, high = self.boxes[:2, rows].min(axis=1).tolist(), self.boxes[2:, rows].max(axis=1).tolist()
        return (low[0], low[1], high[0], high[1])

    def rows_of(self, slots: np.ndarray) -> np.ndarray:
        """Which legs belong to these wires."""
        rows = slots[~self._manifold[slots]]
        if len(rows) < len(slots):
            chosen = np.zeros(len(self._manifold), bool)
            chosen[slots] = True
            behind = chosen[self.legs.wires[len(chosen) :]]
            rows = np.concatenate((rows, len(chosen) + np.flatnonzero(behind)))
        return np.asarray(rows[~np.isnan(self.boxes[0, rows])])
