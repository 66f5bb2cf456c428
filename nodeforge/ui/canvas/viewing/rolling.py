"""Wheel, two fingers and pinches on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_ZOOM_A_DEGREE = 1.012
_DEGREES_A_PIXEL = 0.5
"""A touchpad tells pixels; so much of a wheel's turn is one of them."""


def roll(canvas: Canvas, event: QWheelEvent) -> None:
    """Zoom at the pointer, or move the canvas.

    A wheel zooms, and moves sideways with Shift and up and down with Alt. Two fingers on a touchpad
    (`Canvas.wheel_pans`) move the canvas. With Ctrl both zoom: a pinch comes as that on many systems.
    """
    held, pixels = event.modifiers(), event.pixelDelta()
    way = event.angleDelta() if pixels.isNull() else pixels
    if held & Qt.KeyboardModifier.ControlModifier:
        _zoom(canvas, event)
    elif held & Qt.KeyboardModifier.ShiftModifier:  # some systems turn the axes themselves
        _move(canvas, QPoint(way.x() or way.y(), 0))
    elif held & Qt.KeyboardModifier.AltModifier:
        _move(canvas, QPoint(0, way.y() or way.x()))
    elif canvas.wheel_pans:
        _move(canvas, way)
    else:
        _zoom(canvas, event)
    event.accept()


def _move(canvas: Canvas, way: QPoint) -> None:
    canvas.scroll_to(canvas.scroll_position() - way)


def _zoom(canvas: Canvas, event: QWheelEvent) -> None:
    pixels = event.pixelDelta().y()
    degrees = pixels * _DEGREES_A_PIXEL if pixels else event.angleDelta().y() / 8
    canvas.set_zoom(canvas.zoom * _ZOOM_A_DEGREE**degrees, event.position().toPoint())


def pinch(canvas: Canvas, event: QNativeGestureEvent) -> bool:
    """Follow a gesture that the system has understood; whether it meant anything here."""
    at = event.position().toPoint()
    match event.gestureType():
        case Qt.NativeGestureType.ZoomNativeGesture:
            canvas.set_zoom(canvas.zoom * (1.0 + event.value()), at)
        case Qt.NativeGestureType.SmartZoomNativeGesture:
            if canvas.zoom < 1.0:
                canvas.set_zoom(1.0, at)
            else:
                canvas.fit()
        case Qt.NativeGestureType.PanNativeGesture:
            _move(canvas, event.delta().toPoint())
        case _:
            return False
    return True
