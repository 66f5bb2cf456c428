"""Colours and numbers of the plots, from the window's own palette."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

# Okabe and Ito's colours, which people with any colour vision tell apart; lightened for a dark ground.
_ON_LIGHT = ("#0072b2", "#d55e00", "#009e73", "#b8508f", "#a87400", "#3d8fc4", "#5a5a5a", "#7a4fbf")
_ON_DARK = ("#56b4e9", "#ff9457", "#2fc79a", "#e793c4", "#e9c046", "#9ad4ff", "#c0c4c9", "#b79cf5")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotStyle:
    """What the plots are drawn with."""

    dark: bool
    background: QColor
    text: QColor
    muted: QColor
    grid: QColor

    @classmethod
    def of(cls, palette: QPalette) -> PlotStyle:
        """The style that goes with a window's palette."""
        background, text = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        return cls(
            dark=background.lightness() < 128,
            background=background,
            text=text,
            muted=mix(text, background, 0.38),
            grid=mix(text, background, 0.86),
        )

    @property
    def colors(self) -> tuple[str, ...]:
        return _ON_DARK if self.dark else _ON_LIGHT

    def color(self, index: int) -> QColor:
        """The colour of the run (or curve) at a place in the list; they come round again after eight."""
        return QColor(self.colors[index % len(self.colors)])

    @property
    def accent(self) -> QColor:
        return self.color(0)


def mix(a: QColor, b: QColor, share: float) -> QColor:
    """A colour between two: `share` of the second."""
    parts = ((a.redF(), b.redF()), (a.greenF(), b.greenF()), (a.blueF(), b.blueF()))
    return QColor.fromRgbF(*(x + (y - x) * share for x, y in parts))


def format_number(value: float) -> str:
    """A value as people read it: four significant digits, thousands set apart, tiny ones as powers of ten."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    size = abs(value)
    if size and (size < 1e-3 or size >= 1e7):
        return f"{value:.2e}"
    if float(value).is_integer() or size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
