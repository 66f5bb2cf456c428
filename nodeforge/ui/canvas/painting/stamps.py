"""What is painted often, as images: made once for a zoom, a pixel ratio and a theme."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QImage, QPaintDevice, QPainter

_MOST_PIXELS = 6_000_000
_INCH = 0.0254
"""In metres."""


def blank(size: QSizeF, ratio: float, dpi: int) -> QImage:
    """A transparent image.

    Args:
        size: In pixels.
        ratio: Device pixels in a pixel.
        dpi: Pixels in an inch, so that letters are as large as on the screen.
    """
    width, height = math.ceil(size.width() * ratio), math.ceil(size.height() * ratio)
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.setDotsPerMeterX(round(dpi / _INCH))
    image.setDotsPerMeterY(round(dpi / _INCH))
    image.fill(Qt.GlobalColor.transparent)
    return image


class Stamps:
    """Images by what they show; all are forgotten when the scale or the theme changes, and when they take too much
    memory."""

    def __init__(self) -> None:
        self._made: dict[Hashable, QImage] = {}
        self._pixels = 0
        self._circumstances: tuple[Hashable, ...] = ()
        self._ratio, self._dpi = 1.0, 0

    def prepare(self, device: QPaintDevice, *circumstances: Hashable) -> None:
        """Say what they will be painted on, and what all of them depend on."""
        known = (device.devicePixelRatioF(), device.logicalDpiY(), *circumstances)
        if known != self._circumstances:
            self._ratio, self._dpi = device.devicePixelRatioF(), device.logicalDpiY()
            self._circumstances = known
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
        if self._pixels > _MOST_PIXELS:
            self._clear()
        image = blank(size, self._ratio, self._dpi)
        self._pixels += image.width() * image.height()
        with QPainter(image) as painter:  # an exception must not leave a painter on an image that goes
            paint(painter)
        return image

    def _clear(self) -> None:
        self._made.clear()
        self._pixels = 0
