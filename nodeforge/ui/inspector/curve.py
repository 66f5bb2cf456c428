"""The drawing of an activation and its derivative."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from nodeforge.catalog.kind import Curve
from nodeforge.core.parameters import Value
from nodeforge.ui import theme

SAMPLES = 161
_MARGIN = 10.0


def sample(curve: Curve, values: Mapping[str, Value]) -> tuple[list[float], list[float], list[float]]:
    """x, f(x) and f'(x) over the curve's domain; the derivative by central differences."""
    low, high = curve.domain
    width = high - low
    xs = [low + width * step / (SAMPLES - 1) for step in range(SAMPLES)]
    ys = [curve.function(x, values) for x in xs]
    delta = width * 1e-4
    slopes = [
        (curve.function(x + delta, values) - curve.function(x - delta, values)) / (2 * delta) for x in xs
    ]
    return xs, ys, slopes


class CurveView(QWidget):
    """Draws f(x) as a line and f'(x) dashed, with the axes through zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Curve of the activation and its derivative")
        self._lines: tuple[list[float], list[float], list[float]] = ([], [], [])

    def sizeHint(self) -> QSize:
        return QSize(220, 150)

    def show_curve(self, curve: Curve, values: Mapping[str, Value]) -> None:
        """Draw the curve for these parameters; nothing while they make no curve."""
        try:
            self._lines = sample(curve, values)
        except (TypeError, ValueError, ArithmeticError):  # a parameter out of its bounds
            self._lines = ([], [], [])
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.color("border"))
        painter.setBrush(theme.color("base"))
        painter.drawRoundedRect(frame, 6, 6)
        xs, ys, slopes = self._lines
        finite = [y for y in (*ys, *slopes) if math.isfinite(y)]
        if not finite:
            return
        area = frame.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN - 16)
        low, high = min(*finite, 0.0), max(*finite, 0.0)
        across, up = area.width() / (xs[-1] - xs[0]), area.height() / ((high - low) or 1.0)
        left, bottom = area.left() - across * xs[0], area.bottom() + up * low

        def place(x: float, y: float) -> QPointF:
            return QPointF(left + across * x, bottom - up * y)

        painter.setPen(QPen(theme.color("border"), 1))
        painter.drawLine(place(xs[0], 0), place(xs[-1], 0))
        if xs[0] <= 0 <= xs[-1]:
            painter.drawLine(place(0, low), place(0, high))
        for values, color, style in (
            (slopes, "derivative", Qt.PenStyle.DashLine),
            (ys, "curve", Qt.PenStyle.SolidLine),
        ):
            painter.setPen(QPen(theme.color(color), 1.8, style))
            points = [place(x, y) for x, y in zip(xs, values, strict=True) if math.isfinite(y)]
            painter.drawPolyline(QPolygonF(points))
        self._paint_legend(painter, frame, xs, low, high)

    def _paint_legend(
        self, painter: QPainter, frame: QRectF, xs: list[float], low: float, high: float
    ) -> None:
        bottom = QRectF(frame.left() + _MARGIN, frame.bottom() - 20, frame.width() - 2 * _MARGIN, 16)
        painter.setPen(theme.color("curve"))
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft, "f(x)")
        painter.setPen(theme.color("derivative"))
        painter.drawText(bottom.translated(38, 0), Qt.AlignmentFlag.AlignLeft, "f′(x)")
        painter.setPen(theme.color("muted"))
        ranges = f"x {xs[0]:g} … {xs[-1]:g}   y {low:.3g} … {high:.3g}"
        painter.drawText(bottom, Qt.AlignmentFlag.AlignRight, ranges)
