"""Nodes in a hand: what hangs on them is found once, and then only moved."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF

from nodeforge.ui.canvas.geometry.mirror import Mirror


class Carried:
    """Some nodes of a mirror, as long as no wire comes or goes.

    Args:
        mirror: Where they are shown.
        slots: Which they are.
    """

    def __init__(self, mirror: Mirror, slots: np.ndarray) -> None:
        self._mirror = mirror
        self.slots = slots
        wires = mirror.wires_at(slots)
        carried = np.zeros(len(mirror.rects), bool)
        carried[slots] = True
        self._inner = np.asarray(carried[mirror.ends].all(axis=1))
        inner = self._inner[wires]
        self._border = wires[~inner]
        self._area = mirror.extent(slots, wires[inner])

    def move(self, way: np.ndarray) -> None:
        """Show them further on by (2,), with the wires between them, whose course stays the same."""
        mirror = self._mirror
        mirror.rects[self.slots, :2] += way
        self._area.translate(*way.tolist())
        if self._inner.any():
            mirror.courses.shift(self._inner, way)
            mirror.ways.shift(self._inner, way)
        mirror.lead(self._border)

    def extent(self) -> QRectF:
        """The area that they and their wires cover."""
        return self._area.united(self._mirror.extent_of_wires(self._border))
