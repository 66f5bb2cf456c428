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
    """

    def __init__(self, room: int, down: bool) -> None:
        self._down = down
        self._clear(room)

    def _clear(self, room: int) -> None:
        self.legs = Legs(np.full((room, 8), np.nan), np.arange(room))
        self.chords = np.full((room, 4), np.nan)
        self._boxes = np.full((4, room), np.nan)
        """Left, top, right and bottom of each leg."""
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
        lines = slots[simple]
        self.legs.controls[slots] = np.nan
        self._boxes[:, slots] = np.nan
        self.legs.controls[lines] = routing.simple(here[simple], down=self._down)
        self.chords[slots] = self.legs.controls[slots][:, routing.ENDS]
        self._boxes[:, lines] = routing.boxes(self.legs.controls[lines]).T
        were = self._manifold[slots]
        self._manifold[slots] = ~simple
        as_before = bool((were == ~simple).all())
        if not (as_before and self._move_manifold(slots[were], ends, ways)):
            self._follow_manifold(ends, ways)

    def shift(self, chosen: np.ndarray, way: np.ndarray) -> None:
        """Move the wires that a mask names as they are, by (2,)."""
        rows = np.flatnonzero(chosen[self.legs.wires])
        self.legs.controls[rows] += np.tile(way, 4)
        self.chords[rows] += np.tile(way, 2)
        self._boxes[:, rows] += np.tile(way, 2)[:, None]

    def _move_manifold(self, slots: np.ndarray, ends: Ends, ways: Ways) -> bool:
        """Lead wires of several legs anew at their rows; False if some have more legs now, or fewer."""
        if not len(slots):
            return True
        room = len(self._manifold)
        chosen = np.zeros(room, bool)
        chosen[slots] = True
        slots = np.flatnonzero(chosen)
        found = self._reckoned(slots, chosen, ends, ways)
        rows = room + np.flatnonzero(chosen[self.legs.wires[room:]])
        if not np.array_equal(self.legs.wires[rows], found.wires):
            return False
        self.legs.controls[rows] = found.controls
        self.chords[rows] = found.controls[:, routing.ENDS]
        self._boxes[:, rows] = routing.boxes(found.controls).T
        return True

    def _follow_manifold(self, ends: Ends, ways: Ways) -> None:
        room = len(self._manifold)
        found = self._reckoned(np.flatnonzero(self._manifold), self._manifold, ends, ways)
        self.legs = Legs(
            np.concatenate((self.legs.controls[:room], found.controls)),
            np.concatenate((self.legs.wires[:room], found.wires)),
        )
        self.chords = np.concatenate((self.chords[:room], found.controls[:, routing.ENDS]))
        self._boxes = np.concatenate((self._boxes[:, :room], routing.boxes(found.controls).T), axis=1)

    def _reckoned(self, slots: np.ndarray, chosen: np.ndarray, ends: Ends, ways: Ways) -> Legs:
        """The legs of wires, whose slots a mask names as well."""
        bends = ways.points[np.repeat(chosen, ways.counts)]
        found = routing.legs(ends(slots), ways.counts[slots], bends, down=self._down)
        return Legs(found.controls, slots[found.wires])

    def within(self, left: float, top: float, right: float, bottom: float) -> np.ndarray:
        """Which legs may be seen in an area."""
        x0, y0, x1, y1 = self._boxes
        return np.flatnonzero((x0 <= right) & (y0 <= bottom) & (x1 >= left) & (y1 >= top))

    def of(self, slots: np.ndarray) -> Legs:
        """The legs of these wires."""
        return self.legs.of(self.rows_of(slots))

    def box(self, slots: np.ndarray) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom of an area that holds these wires; None if none of them is shown."""
        rows = self.rows_of(slots)
        if not len(rows):
            return None
        low, high = self._boxes[:2, rows].min(axis=1).tolist(), self._boxes[2:, rows].max(axis=1).tolist()
        return (low[0], low[1], high[0], high[1])

    def rows_of(self, slots: np.ndarray) -> np.ndarray:
        """Which legs belong to these wires."""
        rows = slots[~self._manifold[slots]]
        if len(rows) < len(slots):
            chosen = np.zeros(len(self._manifold), bool)
            chosen[slots] = True
            behind = chosen[self.legs.wires[len(chosen) :]]
            rows = np.concatenate((rows, len(chosen) + np.flatnonzero(behind)))
        return np.asarray(rows[~np.isnan(self._boxes[0, rows])])
