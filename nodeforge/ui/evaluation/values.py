"""How far predicted values lie from the true ones: over the prediction, and along a series."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nodeforge.ui.plots.card import PlotCard, Table
from nodeforge.ui.plots.curve_card import PlotArea
from nodeforge.ui.plots.legend import Legend
from nodeforge.ui.plots.style import PlotStyle, format_number


class ResidualCard(PlotCard):
    """Prediction minus truth over the prediction; a pattern here is something that could still be learnt."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.area = PlotArea()
        self._points = pg.ScatterPlotItem(size=4, pen=None)
        self._zero = pg.InfiniteLine(QPointF(0, 0), angle=0, movable=False)
        self._x = self._y = np.zeros(0)
        super().__init__(
            "Residuals", "For values: how far each prediction lies from the truth.", self.area, parent
        )
        self.area.addItem(self._zero, ignoreBounds=True)
        self.area.addItem(self._points, ignoreBounds=True)
        self.area.setLabel("bottom", "prediction")
        self.area.setLabel("left", "prediction − truth")

    def set_data(self, truth: Sequence[float], prediction: Sequence[float]) -> None:
        """Show these at the next refresh."""
        true, given = np.asarray(truth, float), np.asarray(prediction, float)
        finite = np.isfinite(true) & np.isfinite(given)
        self._x, self._y = given[finite], (given - true)[finite]
        self.dirty = True

    def refresh(self) -> None:
        self.dirty = False
        self.show_body(bool(len(self._x)))
        if not len(self._x):
            return
        color = QColor(self.style_now.accent)
        color.setAlphaF(0.65)
        self._points.setData(self._x, self._y, brush=color)
        far = float(np.abs(self._y).max()) or 1.0
        low, high = float(self._x.min()), float(self._x.max())
        margin = (high - low) * 0.05 or 0.5
        self.area.view_box.setRange(xRange=(low - margin, high + margin), yRange=(-far, far), padding=0.04)
        mean, spread = format_number(float(self._y.mean())), format_number(float(self._y.std()))
        self.readout.setText(f"mean {mean}, spread {spread}")

    def table(self) -> Table:
        return ["prediction", "residual"], zip(self._x.tolist(), self._y.tolist(), strict=True)

    def restyle(self, style: PlotStyle) -> None:
        self.area.restyle(style)
        self._zero.setPen(style.muted)


class ForecastCard(PlotCard):
    """A series and what was predicted of it, moment by moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.area = PlotArea()
        self._curves = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._moments = np.zeros(0)
        self._values = np.zeros(0), np.zeros(0)
        body = QWidget()
        self._legend = Legend()
        self._legend.set_entries([("truth", None, False), ("prediction", 1, False)])
        layout = QVBoxLayout(body)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._legend)
        layout.addWidget(self.area, 1)
        super().__init__(
            "Forecast", "For a series: what was predicted of it, moment by moment.", body, parent
        )
        for curve in self._curves:
            self.area.addItem(curve, ignoreBounds=True)
        self.area.setLabel("bottom", "moment")
        self.area.pointed.connect(self._point_at)
        self.area.left.connect(self.readout.clear)

    def set_data(self, moments: Sequence[int], truth: Sequence[float], prediction: Sequence[float]) -> None:
        """Show these at the next refresh; without moments there is no series."""
        order = np.argsort(np.asarray(moments, float), kind="stable")
        self._moments = np.asarray(moments, float)[order]
        self._values = np.asarray(truth, float)[order], np.asarray(prediction, float)[order]
        self.dirty = True

    def refresh(self) -> None:
        self.dirty = False
        self.show_body(bool(len(self._moments)))
        if not len(self._moments):
            return
        colors = self.style_now.muted, self.style_now.color(1)
        for curve, values, color in zip(self._curves, self._values, colors, strict=True):
            curve.setData(
                self._moments, values, pen=pg.mkPen(color, width=1.4), connect="finite", antialias=True
            )
        both = np.concatenate(self._values)
        both = both[np.isfinite(both)]
        low, high = (float(both.min()), float(both.max())) if len(both) else (0.0, 1.0)
        margin = (high - low) * 0.06 or 0.5
        self.area.view_box.setRange(
            xRange=(float(self._moments[0]), float(self._moments[-1])),
            yRange=(low - margin, high + margin),
            padding=0.01,
        )

    def table(self) -> Table:
        columns = (self._moments.tolist(), *(values.tolist() for values in self._values))
        return ["moment", "truth", "prediction"], zip(*columns, strict=True)

    def restyle(self, style: PlotStyle) -> None:
        self.area.restyle(style)
        self._legend.update()

    def _point_at(self, position: QPointF) -> None:
        if not len(self._moments):
            return
        place = int(np.abs(self._moments - position.x()).argmin())
        truth, prediction = (format_number(float(values[place])) for values in self._values)
        moment = format_number(float(self._moments[place]))
        self.readout.setText(html.escape(f"moment {moment}: truth {truth}, prediction {prediction}"))
