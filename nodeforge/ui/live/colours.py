"""How numbers become colours, for each view what suits it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtGui import QColor, QImage, qRgb

from nodeforge.engine.messages import Tile
from nodeforge.ui.plots.style import PlotStyle, mix

_GREY = frozenset({"reconstruction", "latent", "samples", "map"})
"""Views of pictures, which are shown as they are."""
_VIRIDIS = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
_NEGATIVE, _POSITIVE = QColor("#2f7fd6"), QColor("#e2603a")

Table = list[int]


def image_of(tile: Tile, view: str, style: PlotStyle) -> QImage:
    """A tile as an image of its own size."""
    if tile.channels == 3:
        return QImage(
            tile.pixels, tile.width, tile.height, tile.width * 3, QImage.Format.Format_RGB888
        ).copy()
    image = QImage(tile.pixels, tile.width, tile.height, tile.width, QImage.Format.Format_Indexed8).copy()
    image.setColorTable(colours_of(tile, view, style))
    return image


def colours_of(tile: Tile, view: str, style: PlotStyle) -> Table:
    """256 colours from the least to the greatest value."""
    if view == "boundary" and tile.label == "class":
        return _classes(round(tile.high) + 1, style.dark)
    if tile.low < 0 and tile.low == -tile.high:
        return _signed(style.dark)
    if view in _GREY:
        return _grey()
    return _ink(style.dark) if view in ("spikes", "attention") else _viridis()


def signed_colour(share: float, style: PlotStyle) -> QColor:
    """The colour of a number between −1 and 1."""
    end = _POSITIVE if share > 0 else _NEGATIVE
    return mix(style.background, end, min(1.0, abs(share)))


def _table(colour: Callable[[float], QColor]) -> Table:
    return [qRgb(c.red(), c.green(), c.blue()) for c in (colour(place / 255) for place in range(256))]


@lru_cache
def _grey() -> Table:
    return [qRgb(place, place, place) for place in range(256)]


@lru_cache
def _viridis() -> Table:
    stops = [QColor(name) for name in _VIRIDIS]

    def colour(share: float) -> QColor:
        place = min(len(stops) - 2, int(share * (len(stops) - 1)))
        return mix(stops[place], stops[place + 1], share * (len(stops) - 1) - place)

    return _table(colour)


@lru_cache
def _signed(dark: bool) -> Table:
    middle = QColor("#22262b" if dark else "#f7f7f7")

    def colour(share: float) -> QColor:
        end = _POSITIVE if share > 0.5 else _NEGATIVE
        return mix(middle, end, abs(share - 0.5) * 2)

    return _table(colour)


@lru_cache
def _ink(dark: bool) -> Table:
    paper, ink = QColor("#1b1f24" if dark else "#f4f6f8"), QColor("#6fc3ff" if dark else "#0b5394")
    return _table(lambda share: mix(paper, ink, share))


@lru_cache
def _classes(count: int, dark: bool) -> Table:
    """Classes lie evenly between 0 and 255."""
    hues = [QColor.fromHslF(index / count, 0.55, 0.42 if dark else 0.66) for index in range(count)]
    return _table(lambda share: hues[min(count - 1, round(share * (count - 1)))])
