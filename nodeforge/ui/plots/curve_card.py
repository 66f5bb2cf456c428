"""Curves over training steps: decimated to pixels, ranges of their own, values under the pointer."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from nodeforge.ui.plots.card import PlotCard, Table
from nodeforge.ui.plots.series import Series, Smoothed
from nodeforge.ui.plots.style import PlotStyle, format_number

RANGE_INTERVAL_S = 0.5
"""A range set more often costs more than the curves: every tick and label is laid out anew."""
DOTS_APART_PX = 7
LABEL_APART_PX = 19
HALF_LABEL_PX = 7
HEIGHT_FOR_LABEL_PX = 200
BORDER_MARGINS_PX = 16
"""Beside the name of what begins at a border."""
WIDTH_FOR_NAMES_PX = 280
"""In a narrower plot the values wear the colours of their lines instead."""

Items = tuple[pg.PlotCurveItem, pg.PlotCurveItem, pg.ScatterPlotItem]
"""What draws a line: the samples as they are, the smooth or per-epoch curve, and its dots."""


@dataclass(slots=True)
class Line:
    """One curve of a plot.

    Attributes:
        label: Its name in the readout and in the CSV file.
        series: Its samples.
        color: Place of its colour.
        marked: Whether each sample is a dot (one an epoch) rather than a point of a dense line.
        smoothed: Its moving average, drawn over it.
        leading: Whether it is read out even where there is no room for all.
    """

    label: str
    series: Series
    color: int
    marked: bool = False
    smoothed: Smoothed | None = None
    leading: bool = False


FARTHEST_POWER = 300
"""A logarithmic axis can be dragged so many powers of ten away: about as far as floating-point numbers reach."""


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """An upright axis with as many ticks as it has room for labels."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        if self.logMode:
            return list(super().tickSpacing(low, high, size))
        least = (high - low) * LABEL_APART_PX / max(LABEL_APART_PX, size)
        if least <= 0:
            return []
        power = 10.0 ** math.floor(math.log10(least))
        return [(next(step * power for step in (1, 2, 5, 10) if step * power >= least * 0.999), 0.0)]


class PlotArea(pg.PlotWidget):  # type: ignore[misc]
    """A PlotWidget with this app's manners: dragging pans, Ctrl+wheel zooms, the plain wheel scrolls."""

    pointed = Signal(QPointF)
    left = Signal()

    def __init__(self) -> None:
        super().__init__(background=None, axisItems={"left": ValueAxis("left")})
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.disableAutoRange()
        item.layout.setContentsMargins(2, HALF_LABEL_PX, 8, 0)
        for name in ("left", "bottom"):
            self.getAxis(name).enableAutoSIPrefix(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setMouseTracking(True)

    @property
    def view_box(self) -> pg.ViewBox:
        return self.getPlotItem().getViewBox()

    def restyle(self, style: PlotStyle) -> None:
        self.setBackground(style.background)
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(style.grid)
            axis.setTextPen(style.muted)
            axis.setStyle(tickLength=0, maxTickLevel=1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        scene_position = self.mapToScene(event.position().toPoint())
        if self.view_box.sceneBoundingRect().contains(scene_position):
            self.pointed.emit(self.view_box.mapSceneToView(scene_position))
        else:
            self.left.emit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()


class CurveCard(PlotCard):
    """Curves of one quantity.

    The range follows the data about twice a second until the person pans or zooms; a double click lets
    it follow again. On a logarithmic axis the items hold log10 of the values.
    """

    def __init__(self, title: str, empty_text: str, parent: QWidget | None = None) -> None:
        self.area = PlotArea()
        self.lines: list[Line] = []
        self.log = False
        self.following = True
        self._range_set_at = -math.inf
        self._fitted: tuple[float, float, float] | None = None
        self._items: list[Items] = []
        self.borders: list[tuple[str, float]] = []
        self._border_lines: list[pg.InfiniteLine] = []
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self._pointed_at: float | None = None
        super().__init__(title, empty_text, self.area, parent)
        self.area.addItem(self._cursor, ignoreBounds=True)
        self.area.setLabel("bottom", "step")
        self.area.pointed.connect(self._point_at)
        self.area.left.connect(self._stop_pointing)
        self.area.view_box.sigRangeChangedManually.connect(self._stop_following)
        self.area.view_box.sigXRangeChanged.connect(self._mark_dirty)
        self.area.view_box.sigResized.connect(self._mark_dirty)
        self.area.mouseDoubleClickEvent = self._follow_again

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these curves from now on."""
        self.lines = list(lines)
        while len(self._items) < len(self.lines):
            self._items.append(self._add_items())
        for items in self._items[len(self.lines) :]:
            for item in items:
                item.hide()
        self._refit()

    def set_borders(self, borders: Sequence[tuple[str, float]]) -> None:
        """Mark where something new begins, by its name and the step before it."""
        if self.borders == list(borders):
            return
        self.borders = list(borders)
        for line in self._border_lines:
            self.area.removeItem(line)
        place = {"position": 0.94, "anchors": [(0.0, 0.5), (0.0, 0.5)]}  # right of the line, near its top
        self._border_lines = [
            pg.InfiniteLine(step, angle=90, movable=False, label=html.escape(name), labelOpts=place)
            for name, step in borders
        ]
        for line in self._border_lines:
            self.area.addItem(line, ignoreBounds=True)
        self._colour_borders()

    def _name_borders(self, x_from: float, x_to: float, pixels: int) -> None:
        """Show the names that have room before the next border."""
        ends = [*(step for _, step in self.borders), x_to][1:]
        for (name, step), line, end in zip(self.borders, self._border_lines, ends, strict=True):
            room = (end - max(step, x_from)) / ((x_to - x_from) or 1.0) * pixels
            line.label.setVisible(room > self.fontMetrics().horizontalAdvance(name) + BORDER_MARGINS_PX)

    def _colour_borders(self) -> None:
        for line in self._border_lines:
            line.setPen(pg.mkPen(self.style_now.muted, width=1, style=Qt.PenStyle.DashLine))
            line.label.setColor(self.style_now.muted)

    def set_log(self, log: bool) -> None:
        """Draw y on a logarithmic axis; values that are not above 0 have no place there."""
        if log != self.log:
            self.log = log
            self.area.getAxis("left").setLogMode(y=log)
            edge = FARTHEST_POWER if log else None
            self.area.getViewBox().setLimits(yMin=edge and -edge, yMax=edge)
            self.follow()

    def follow(self) -> None:
        """Let the range follow the data again."""
        self.following = True
        self._refit()

    def refresh(self) -> None:
        self.dirty = False
        shown = [line for line in self.lines if len(line.series)]
        self.show_body(bool(shown))
        if not shown:
            return
        now = time.monotonic()
        if self.following and now - self._range_set_at >= RANGE_INTERVAL_S:
            self._fit_range(shown, now)
        (x_from, x_to), _ = self.area.view_box.viewRange()
        pixels = max(50, int(self.area.view_box.width()))
        for line, items in zip(self.lines, self._items, strict=False):
            self._draw(line, items, x_from, x_to, pixels)
        self._name_borders(x_from, x_to, pixels)
        self._write_readout()
        # What lies beyond a range that may not be set again yet is drawn on a later tick.
        self.dirty = self.following and max(line.series.x[-1] for line in shown) > x_to

    def table(self) -> Table:
        columns = [column for line in self.lines for column in (line.series.x, line.series.y)]
        header = [text for line in self.lines for text in (f"{line.label} step", line.label)]
        rows = zip_longest(*([f"{value:.9g}" for value in column] for column in columns), fillvalue="")
        return header, rows

    def restyle(self, style: PlotStyle) -> None:
        self.area.restyle(style)
        self._cursor.setPen(style.muted)
        self._colour_borders()
        self.dirty = True

    def extend_menu(self, menu: QMenu) -> None:
        scale = menu.addAction("Logarithmic axis", lambda: self.set_log(not self.log))
        scale.setCheckable(True)
        scale.setChecked(self.log)
        menu.addAction("Show everything", self.follow).setEnabled(not self.following)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.area.getAxis("bottom").showLabel(self.height() >= HEIGHT_FOR_LABEL_PX)

    def _add_items(self) -> Items:
        items = pg.PlotCurveItem(), pg.PlotCurveItem(), pg.ScatterPlotItem(size=5, pen=None)
        for item in items:
            self.area.addItem(item, ignoreBounds=True)
        return items

    def _draw(self, line: Line, items: Items, x_from: float, x_to: float, pixels: int) -> None:
        raw, smooth, dots = items
        color = self.style_now.color(line.color)
        faint = QColor(color)
        faint.setAlphaF(0.35 if line.smoothed else 1.0)
        x, y = self._values(line.series, x_from, x_to, pixels)
        raw.setVisible(not line.marked)
        if not line.marked:
            raw.setData(x, y, pen=pg.mkPen(faint, width=1), skipFiniteCheck=True)
        if line.smoothed:
            line.smoothed.update()
            x, y = self._values(line.smoothed.series, x_from, x_to, pixels)
        smooth.setVisible(line.marked or line.smoothed is not None)
        if smooth.isVisible():
            pen = pg.mkPen(color, width=(1.6 if line.marked else 1) * self.devicePixelRatioF())
            smooth.setData(x, y, pen=pen, antialias=len(x) <= pixels, skipFiniteCheck=True)
        dotted = line.marked and len(x) * DOTS_APART_PX < pixels
        dots.setVisible(dotted)
        if dotted:
            dots.setData(x, y, brush=color)

    def _values(
        self, series: Series, x_from: float, x_to: float, pixels: int
    ) -> tuple[np.ndarray, np.ndarray]:
        x, y = series.view(x_from, x_to, pixels)
        if self.log:
            positive = y > 0
            x, y = x[positive], np.log10(y[positive])
        return x, y

    def _fit_range(self, lines: list[Line], now: float) -> None:
        """Set the range anew if the data have outgrown it; some room at the right puts off the next time."""
        low = min(line.series.low_positive if self.log else line.series.low for line in lines)
        high = max(line.series.high for line in lines)
        if not (math.isfinite(low) and math.isfinite(high)) or (self.log and high <= 0):
            low, high = (1.0, 10.0) if self.log else (0.0, 1.0)
        if self.log:
            low, high = math.log10(low), math.log10(high)
        start = min(float(line.series.x[0]) for line in lines)
        end = max(float(line.series.x[-1]) for line in lines)
        if (low, high, start) == self._fitted and end <= self.area.view_box.viewRange()[0][1]:
            return
        self._fitted, self._range_set_at = (low, high, start), now
        margin = (high - low) * 0.06 or abs(high) * 0.1 or 0.1
        width = end - start or end or 1.0  # of the first sample on its own, all steps up to it
        left, right = width * (0.03 if end > start else 1.0), width * 0.05
        bounds = QRectF(start - left, low - margin, end - start + left + right, high - low + 2 * margin)
        self.area.view_box.setRange(bounds, padding=0, disableAutoRange=False)

    def _write_readout(self) -> None:
        at, parts = self._pointed_at, []
        shown = [line for line in self.lines if len(line.series)]
        if len(shown) > 3:  # several runs: there is room for one value of each
            shown = [line for line in shown if line.leading] or shown
        for line in shown[-4:]:
            if at is None:
                value = (line.smoothed.series if line.smoothed else line.series).y[-1]
            else:
                value = line.series.at(at)[1]
            color, text = self.style_now.color(line.color).name(), format_number(float(value))
            if self.width() < WIDTH_FOR_NAMES_PX or len(self.lines) == 1:
                parts.append(f"<span style='color:{color}'>{text}</span>")
            else:
                parts.append(f"<span style='color:{color}'>{html.escape(line.label)}</span> {text}")
        step = f"step {format_number(round(at))} · " if at is not None else ""
        self.readout.setText(step + " · ".join(parts))

    def _point_at(self, position: QPointF) -> None:
        self._pointed_at = position.x()
        self._cursor.setPos(position.x())
        self._cursor.show()
        self._write_readout()

    def _stop_pointing(self) -> None:
        if self._pointed_at is not None:
            self._pointed_at = None
            self._cursor.hide()
            self._write_readout()

    def _refit(self) -> None:
        self._fitted = None
        self._range_set_at = -math.inf
        self.dirty = True

    def _stop_following(self) -> None:
        self.following = False
        self.dirty = True

    def _follow_again(self, _: QEvent) -> None:
        self.follow()

    def _mark_dirty(self) -> None:
        self.dirty = True
