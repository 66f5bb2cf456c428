"""Scrolling: what stays in sight is shifted on the screen, and only what comes into sight is painted.

Qt does so by itself, but not where another widget lies over the view, as the map does in its corner.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QGraphicsView, QWidget

_MOST_PARTS = 16


def shift(canvas: QGraphicsView, dx: int, dy: int) -> None:
    """Move the picture of the view and what lies in it, in pixels."""
    view = canvas.viewport()
    for child in view.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        child.move(child.pos() + QPoint(dx, dy))
    area = view.rect()
    covered = _covered(canvas) & area
    if covered.isEmpty():
        view.scroll(dx, dy, area)
        return
    # The corner from where the map begins is painted anew; beside it and above it the picture is free to move.
    beside = QRect(area.topLeft(), QPoint(covered.left() - 1, area.bottom()))
    above = QRect(QPoint(covered.left(), area.top()), QPoint(area.right(), covered.top() - 1))
    for part in (beside, above):
        if not part.isEmpty():
            view.scroll(dx, dy, part)
    view.update(QRect(covered.topLeft(), area.bottomRight()))


def _covered(canvas: QGraphicsView) -> QRect:
    """What widgets over the view hide of it, in its pixels."""
    hidden = QRect()
    for widget in canvas.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if widget is not canvas.viewport() and widget.isVisible():
            hidden |= widget.geometry()
    return hidden.translated(-canvas.viewport().pos())


def parts(region: QRegion) -> list[QRect]:
    """The rectangles to paint one by one: two strips, not the whole view around them."""
    if region.rectCount() > _MOST_PARTS:
        return [region.boundingRect()]
    return [part for part in region]  # type: ignore[attr-defined]  # noqa: C416 (PySide6's own types deny that it can be walked)
