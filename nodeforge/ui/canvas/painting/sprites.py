"""Node bodies as pixmaps, one per look and state, at the zoom and pixel ratio of the moment."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from nodeforge.ui.canvas.geometry.anatomy import Look
from nodeforge.ui.canvas.painting.body import BLEED, paint_body
from nodeforge.ui.canvas.style import CanvasPalette


class Sprites:
    """A cache of bodies; forgets all when scale or theme change."""

    def __init__(self) -> None:
        self._made: dict[tuple[Look, int], QPixmap] = {}
        self._scale = 0.0
        self._ratio = 1.0
        self._palette: CanvasPalette | None = None

    def prepare(self, zoom: float, ratio: float, palette: CanvasPalette) -> None:
        """Say for which zoom and device pixel ratio the next sprites are wanted."""
        wanted = (zoom * ratio, ratio)
        if wanted != (self._scale, self._ratio) or palette is not self._palette:
            self._made.clear()
            (self._scale, self._ratio), self._palette = wanted, palette

    def get(self, look: Look, state: int) -> QPixmap:
        """The body with `BLEED` around it, in device pixels."""
        sprite = self._made.get((look, state))
        if sprite is None:
            sprite = self._made[look, state] = self._make(look, state)
        return sprite

    def _make(self, look: Look, state: int) -> QPixmap:
        assert self._palette is not None
        width = math.ceil((look.anatomy.width + 2 * BLEED) * self._scale)
        height = math.ceil((look.anatomy.height + 2 * BLEED) * self._scale)
        pixmap = QPixmap(width, height)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:  # an exception must not leave a painter on a pixmap that goes
            painter.scale(self._scale, self._scale)
            painter.translate(BLEED, BLEED)
            paint_body(painter, look, state, self._palette)
        pixmap.setDevicePixelRatio(self._ratio)
        return pixmap
