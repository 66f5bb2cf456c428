"""Curves of one look: states over time, gradients over steps."""

from __future__ import annotations

import html
import math
import time

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Signal

from nodeforge.engine.messages import LiveShown
from nodeforge.ui.plots.curve_card import PlotArea
from nodeforge.ui.plots.style import PlotStyle, format_number

RANGE_INTERVAL_S = 0.5
MOST_NAMED = 6
MOST_TICKS = 4


class CurveSheet(PlotArea):
    """All curves of a look in one plot; tells every value at the pointer.

    Signals:
        told: What is at the pointer, as rich text; "" for nothing.
    """

    told = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._items: list[pg.PlotCurveItem] = []
        self._names: list[str] = []
        self._x: np.ndarray = np.zeros(0)
        self._values = np.zeros((0, 0))
        self._bounds = QRectF()
        self._set_at = 0.0
        self._style = PlotStyle.of(self.palette())
        self._at: float | None = None
        self._logarithmic = False
        self.pointed.connect(self._point_at)
        self.left.connect(self._leave)

    def set_shown(self, shown: LiveShown) -> None:
        """Draw the curves of a look."""
        self._names = [series.name for series in shown.series]
        self._values = np.stack([np.frombuffer(series.values, "<f4") for series in shown.series])
        count = self._values.shape[1]
        self._x = np.frombuffer(shown.steps, np.int32) if shown.steps else np.arange(count) + shown.start
        self._logarithmic = shown.logarithmic
        self._draw()

    def restyle(self, style: PlotStyle) -> None:
        super().restyle(style)
        self._style = style
        if self._names:
            self._draw()

    def summary(self) -> str:
        """The value of each curve at the pointer, or its last."""
        if not self._names:
            return ""
        place = -1 if self._at is None else int(np.abs(self._x - self._at).argmin())
        parts = [] if self._at is None else [f"at {self._x[place]:,}"]
        for index, name in enumerate(self._names[:MOST_NAMED]):
            colour = self._style.color(index).name()
            value = format_number(float(self._values[index, place]))
            parts.append(f"<span style='color:{colour}'>{html.escape(name)}</span> {value}")
        return " · ".join(parts)

    def _draw(self) -> None:
        while len(self._items) < len(self._names):
            self._items.append(pg.PlotCurveItem())
            self.addItem(self._items[-1], ignoreBounds=True)
        values = np.log10(self._values) if self._logarithmic else self._values
        for index, item in enumerate(self._items):
            item.setVisible(index < len(self._names))
            if index < len(self._names):
                pen = pg.mkPen(self._style.color(index), width=1.4)
                item.setData(self._x, values[index], pen=pen, antialias=True)
        self._fit(values)
        self._tell()

    def _fit(self, values: np.ndarray) -> None:
        low, high = float(values.min()), float(values.max())
        margin = (high - low) * 0.06 or 0.1
        left, right = float(self._x[0]), float(self._x[-1])
        bounds = QRectF(left, low - margin, max(1.0, right - left), high - low + 2 * margin)
        now = time.monotonic()
        if bounds != self._bounds and now - self._set_at > RANGE_INTERVAL_S:
            self._bounds, self._set_at = bounds, now
            self.getAxis("left").setTicks(_powers(low, high) if self._logarithmic else None)
            self.view_box.setRange(bounds, padding=0, disableAutoRange=False)

    def _point_at(self, position: QPointF) -> None:
        self._at = position.x()
        self._tell()

    def _leave(self) -> None:
        self._at = None
        self._tell()

    def _tell(self) -> None:
        self.told.emit(self.summary())


def _powers(low: float, high: float) -> list[list[tuple[float, str]]]:
    """Ticks of a logarithmic axis: some powers of ten, with their halves and fifths where they are few."""
    first, last = math.floor(low), math.ceil(high)
    step = max(1, -(-(last - first) // MOST_TICKS))
    digits = (1, 2, 5) if last - first <= 2 else (1,)
    ticks = [
        (power + math.log10(digit), digit * 10.0**power)
        for power in range(first, last + 1, step)
        for digit in digits
    ]
    return [[(place, f"{value:g}") for place, value in ticks]]
