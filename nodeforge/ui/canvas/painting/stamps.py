"""What is painted often, as images: made once for a zoom, a pixel ratio and a theme."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QImage, QPaintDevice, QPainter

_MOST_PIXELS = 6_000_000
_INCH = 0.0254
"""In metres."""


class Stamps:
    """Images by what they show; all are forgotten when the scale or the theme changes, and when they take too much
    memory."""

    def __init__(self) -> None:
        self._made: dict[Hashable, QImage] = {}
        self._pixels = 0
        self._circumstances: tuple[Hashable, ...] = ()
        self._ratio = 1.0
        self._dots_per_metre = 0

    def prepare(self, device: QPaintDevice, *circumstances: Hashable) -> None:
        """Say what they will be painted on, and what all of them depend on."""
        ratio, dots_per_metre = device.devicePixelRatioF(), round(device.logicalDpiY() / _INCH)
        if (ratio, dots_per_metre, circumstances) != (self._ratio, self._dots_per_metre, self._circumstances):
            self._ratio, self._dots_per_metre, self._circumstances = ratio, dots_per_metre, circumstances
            self._clear()

    def get(self, key: Hashable, size: QSizeF, paint: Callable[[QPainter], None]) -> QImage:
        """The image of a thing, painted now unless it is known: its painter has its origin in the upper left corner.

        Args:
            key: Whatever tells it from others.
            size: In pixels.
            paint: Paints it.
        """
        image = self._made.get(key)
        if image is None:
            image = self._made[key] = self._make(size, paint)
        return image

    def _make(self, size: QSizeF, paint: Callable[[QPainter], None]) -> QImage:
        width, height = math.ceil(size.width() * self._ratio), math.ceil(size.height() * self._ratio)
        if self._pixels > _MOST_PIXELS:
            self._clear()
        self._pixels += width * height
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(self._ratio)
        image.setDotsPerMeterX(self._dots_per_metre)  # letters are as large as on the screen
        image.setDotsPerMeterY(self._dots_per_metre)
        image.fill(Qt.GlobalColor.transparent)
        with QPainter(image) as painter:  # an exception must not leave a painter on an image that goes
            paint(painter)
        return image

    def _clear(self) -> None:
        self._made.clear()
        self._pixels = 0
