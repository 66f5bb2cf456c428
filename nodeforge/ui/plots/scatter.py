"""Prediction against truth, with the line on which a perfect model would lie."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from nodeforge.ui.plots.card import PlotCard, Table
from nodeforge.ui.plots.curve_card import PlotArea
from nodeforge.ui.plots.style import PlotStyle, format_number


class TruthCard(PlotCard):
    """Points of the last validated epoch of a regression."""

    def __init__(self, empty_text: str, parent: QWidget | None = None) -> None:
        self.area = PlotArea()
        self._points = pg.ScatterPlotItem(size=4, pen=None)
        self._identity = pg.InfiniteLine(QPointF(0, 0), angle=45, movable=False)
        self._truth = np.zeros(0)
        self._prediction = np.zeros(0)
        self._caption = ""
        super().__init__("Prediction", empty_text, self.area, parent)
        self.area.addItem(self._identity, ignoreBounds=True)
        self.area.addItem(self._points, ignoreBounds=True)
        self.area.setLabel("bottom", "truth")
        self.area.setLabel("left", "prediction")
        self.area.pointed.connect(self._point_at)
        self.area.left.connect(self._write_caption)

    def set_data(self, truth: Sequence[float], prediction: Sequence[float], caption: str) -> None:
        """Show these points at the next refresh; the caption says whose they are."""
        self._truth, self._prediction = np.asarray(truth, float), np.asarray(prediction, float)
        self._caption = caption
        self.dirty = True

    def refresh(self) -> None:
        self.dirty = False
        finite = np.isfinite(self._truth) & np.isfinite(self._prediction)
        self.show_body(bool(finite.any()))
        if not finite.any():
            return
        x, y = self._truth[finite], self._prediction[finite]
        color = QColor(self.style_now.accent)
        color.setAlphaF(0.65)
        self._points.setData(x, y, brush=color)
        low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
        margin = (high - low) * 0.05 or 0.5
        bounds = (low - margin, high + margin)
        self.area.view_box.setRange(xRange=bounds, yRange=bounds, padding=0)
        self._write_caption()

    def table(self) -> Table:
        return ["truth", "prediction"], zip(self._truth.tolist(), self._prediction.tolist(), strict=True)

    def restyle(self, style: PlotStyle) -> None:
        self.area.restyle(style)
        self._identity.setPen(style.muted)

    def _point_at(self, position: QPointF) -> None:
        (left, right), (bottom, top) = self.area.view_box.viewRange()
        distance = np.hypot(
            (self._truth - position.x()) / (right - left), (self._prediction - position.y()) / (top - bottom)
        )
        if len(distance) and np.nanmin(distance) < 0.03:
            nearest = int(np.nanargmin(distance))
            truth, prediction = self._truth[nearest], self._prediction[nearest]
            self.readout.setText(f"truth {format_number(truth)}, prediction {format_number(prediction)}")
        else:
            self._write_caption()

    def _write_caption(self) -> None:
        self.readout.setText(html.escape(self._caption))
