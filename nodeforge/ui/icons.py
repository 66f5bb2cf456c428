"""Our own icons: SVG drawings in `resources/icons`, in the text colour of whatever theme is shown.

The colour is looked up when an icon is painted, so nothing has to be replaced when the theme changes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtSvg import QSvgRenderer

from nodeforge.project.shipped import resources
from nodeforge.ui import theme

if TYPE_CHECKING:  # the first paint does without the catalog
    from nodeforge.catalog.kind import Kind

Paint = Callable[[QPainter, QRectF, QIcon.Mode], None]


class _Engine(QIconEngine):
    """Paints an icon once for every size and theme: buttons ask for their picture at each repaint."""

    def __init__(self, paint: Paint) -> None:
        super().__init__()
        self._paint = paint
        self._pixmaps: dict[tuple[int, int, QIcon.Mode, bool], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, square, mode)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        key = (size.width(), size.height(), mode, theme.is_dark())
        if key in self._pixmaps:
            return self._pixmaps[key]
        pixmap = self._pixmaps[key] = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._paint)


def icon(name: str, color: str = "text") -> QIcon:
    """The drawing `resources/icons/<name>.svg` in a named colour of the theme."""

    def paint(painter: QPainter, rect: QRectF, mode: QIcon.Mode) -> None:
        ink = theme.color("border" if mode == QIcon.Mode.Disabled else color)
        _renderer(name, ink.name()).render(painter, rect)

    return QIcon(_Engine(paint))


def app_icon() -> QIcon:
    """The program's own icon, the same in both themes."""
    return QIcon(str(resources() / "icons" / "app.svg"))


def kind_icon(kind: Kind) -> QIcon:
    """The glyph of a kind: its curve or the sign of its category, in the category's colour."""

    def paint(painter: QPainter, rect: QRectF, mode: QIcon.Mode) -> None:
        paint_glyph(painter, rect, kind)

    return QIcon(_Engine(paint))


def paint_glyph(painter: QPainter, rect: QRectF, kind: Kind) -> None:
    """Draw the glyph of a kind into a square."""
    tone = theme.category_color(kind.category)
    fill = QColor(tone)
    fill.setAlpha(46)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(rect, rect.width() * 0.22, rect.width() * 0.22)
    inner = rect.adjusted(*(rect.width() * inset for inset in (0.16, 0.16, -0.16, -0.16)))
    paint_sign(painter, inner, kind.category, tone, kind)


def paint_sign(
    painter: QPainter, rect: QRectF, category: str, tone: QColor, kind: Kind | None = None
) -> None:
    """Draw only a sign, in a colour: the curve of a kind that has one, else that of the category."""
    if kind is None or kind.curve is None:
        _renderer(_category_sign(category), tone.name()).render(painter, rect)
        return
    painter.setPen(
        QPen(tone, max(1.2, rect.width() * 0.085), c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([_within(rect, point) for point in _curve_points(kind)]))


def _within(rect: QRectF, point: tuple[float, float]) -> QPointF:
    return QPointF(rect.left() + point[0] * rect.width(), rect.bottom() - point[1] * rect.height())


@lru_cache(maxsize=64)
def _curve_points(kind: Kind) -> tuple[tuple[float, float], ...]:
    """The curve of an activation within -3 ≤ x ≤ 3, scaled to the unit square."""
    assert kind.curve is not None
    values = kind.complete({})
    xs = [6 * step / 24 - 3 for step in range(25)]
    ys = [kind.curve.function(x, values) for x in xs]
    low, high = min(ys), max(ys)
    return tuple(((x + 3) / 6, (y - low) / ((high - low) or 1)) for x, y in zip(xs, ys, strict=True))


@lru_cache(maxsize=64)
def _category_sign(category: str) -> str:
    name = "category-" + category.lower()
    return name if (resources() / "icons" / f"{name}.svg").exists() else "category-other"


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    text = (resources() / "icons" / f"{name}.svg").read_text("utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", color).encode()))
