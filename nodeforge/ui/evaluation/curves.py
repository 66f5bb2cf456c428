"""ROC and precision-recall curves, one for each class."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nodeforge.engine.messages import ScoreCurve
from nodeforge.ui.plots.card import PlotCard, Table
from nodeforge.ui.plots.curve_card import PlotArea
from nodeforge.ui.plots.legend import Legend
from nodeforge.ui.plots.style import PlotStyle, format_number

MOST_SMOOTH = 4
"""More curves than this are drawn without smooth edges: those take most of a frame."""
NEAR = 0.06
"""How near to a curve, as a share of the plot, the pointer must be to read it."""


class RankingCard(PlotCard):
    """Curves from 0 to 1 both ways; the one under the pointer stands out and is read."""

    def __init__(
        self, title: str, x: str, y: str, area: str, *, guess: bool = False, parent: QWidget | None = None
    ) -> None:
        """
        Args:
            title: Its title.
            x, y: What the axes say.
            area: What the number beside a class is called.
            guess: Whether the diagonal is where guessing leads.
        """
        self.area = PlotArea()
        self._legend = Legend()
        self._names = x, y, area
        self._curves: list[ScoreCurve] = []
        self._items: list[pg.PlotCurveItem] = []
        self._near = -1
        self._guess = pg.InfiniteLine(QPointF(0, 0), angle=45, movable=False) if guess else None
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._legend)
        layout.addWidget(self.area, 1)
        super().__init__(
            title, "For classes, and only where some samples are of a class and others are not.", body, parent
        )
        if self._guess is not None:
            self.area.addItem(self._guess, ignoreBounds=True)
        self.area.setLabel("bottom", x)
        self.area.setLabel("left", y)
        self.area.view_box.setRange(xRange=(0, 1), yRange=(0, 1), padding=0.02)
        self.area.pointed.connect(self._point_at)
        self.area.left.connect(lambda: self._highlight(-1))

    def set_curves(self, curves: Sequence[ScoreCurve]) -> None:
        """Show these at the next refresh."""
        self._curves, self._near = list(curves), -1
        self.dirty = True

    def refresh(self) -> None:
        self.dirty = False
        self.show_body(bool(self._curves))
        for item in self._items:
            self.area.removeItem(item)
        self._items = [
            pg.PlotCurveItem(curve.x, curve.y, antialias=len(self._curves) <= MOST_SMOOTH)
            for curve in self._curves
        ]
        for item in self._items:
            self.area.addItem(item, ignoreBounds=True)
        self._legend.set_entries([(curve.label, place, False) for place, curve in enumerate(self._curves)])
        self._legend.setVisible(len(self._curves) > 1)
        self._draw()

    def table(self) -> Table:
        x, y, _ = self._names
        rows = ((curve.label, a, b) for curve in self._curves for a, b in zip(curve.x, curve.y, strict=True))
        return ["class", x, y], rows

    def restyle(self, style: PlotStyle) -> None:
        self.area.restyle(style)
        if self._guess is not None:
            self._guess.setPen(style.muted)
        self._legend.update()

    def _draw(self) -> None:
        for place, item in enumerate(self._items):
            color = self.style_now.color(place)
            color.setAlphaF(1.0 if self._near in (-1, place) else 0.25)
            item.setPen(pg.mkPen(color, width=2.4 if place == self._near else 1.4))
        self._write_readout()

    def _point_at(self, position: QPointF) -> None:
        distances = [
            float(np.hypot(np.asarray(curve.x) - position.x(), np.asarray(curve.y) - position.y()).min())
            for curve in self._curves
        ]
        near = int(np.argmin(distances)) if distances else -1
        self._highlight(near if near >= 0 and distances[near] < NEAR else -1)

    def _highlight(self, place: int) -> None:
        if place != self._near:
            self._near = place
            self._draw()

    def _write_readout(self) -> None:
        area = self._names[2]
        if self._near >= 0:
            curve = self._curves[self._near]
            self.readout.setText(f"<b>{html.escape(curve.label)}</b>: {area} {format_number(curve.area)}")
        elif self._curves:
            mean = sum(curve.area for curve in self._curves) / len(self._curves)
            words = f"mean {area}" if len(self._curves) > 1 else area
            self.readout.setText(f"{words} {format_number(mean)}")
