"""Wheel, two fingers and pinches."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication

Keys = Qt.KeyboardModifier
NONE, CONTROL, SHIFT, ALT = Keys.NoModifier, Keys.ControlModifier, Keys.ShiftModifier, Keys.AltModifier


def _roll(canvas, turn=(0, 0), pixels=(0, 0), held=NONE, at=(300, 200)) -> None:
    place = QPoint(*at)
    event = QWheelEvent(
        QPointF(place),
        QPointF(canvas.viewport().mapToGlobal(place)),
        QPoint(*pixels),
        QPoint(*turn),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)
    assert event.isAccepted()


def _gesture(canvas, kind, value=0.0, delta=(0, 0), at=(300, 200)) -> None:
    place = QPointF(*at)
    device = QPointingDevice.primaryPointingDevice()
    QApplication.sendEvent(
        canvas.viewport(),
        QNativeGestureEvent(kind, device, 2, place, place, place, value, QPointF(*delta)),
    )


@pytest.mark.parametrize(
    ("touchpad", "held", "turn", "moved"),
    [
        (False, SHIFT, (0, 120), (-120, 0)),
        (False, SHIFT, (120, 0), (-120, 0)),
        (False, ALT, (120, 0), (0, -120)),
        (True, NONE, (40, 120), (-40, -120)),
        (True, SHIFT, (0, 120), (-120, 0)),
    ],
)
def test_what_moves_the_canvas(canvas, touchpad, held, turn, moved):
    canvas.wheel_pans = touchpad
    before, zoom = canvas.scroll_position(), canvas.zoom
    _roll(canvas, turn=turn, held=held)
    assert canvas.scroll_position() - before == QPoint(*moved)
    assert canvas.zoom == zoom


@pytest.mark.parametrize(("touchpad", "held"), [(False, NONE), (False, CONTROL), (True, CONTROL)])
def test_what_zooms_does_so_at_the_pointer(canvas, touchpad, held):
    canvas.wheel_pans = touchpad
    fixed = canvas.mapToScene(QPoint(300, 200))
    _roll(canvas, turn=(0, 120), held=held)
    assert canvas.zoom > 1.0
    now = canvas.mapToScene(QPoint(300, 200))
    assert abs(now.x() - fixed.x()) < 1.5
    assert abs(now.y() - fixed.y()) < 1.5


def test_a_touchpad_is_followed_pixel_by_pixel(canvas):
    canvas.wheel_pans = True
    before = canvas.scroll_position()
    _roll(canvas, turn=(0, 8), pixels=(3, -7))
    assert canvas.scroll_position() - before == QPoint(-3, 7)


def test_a_pinch_zooms_as_far_as_the_fingers_go(canvas):
    _gesture(canvas, Qt.NativeGestureType.ZoomNativeGesture, value=0.25)
    assert canvas.zoom == pytest.approx(1.25)
    _gesture(canvas, Qt.NativeGestureType.ZoomNativeGesture, value=-0.2)
    assert canvas.zoom == pytest.approx(1.0)


def test_a_double_tap_of_two_fingers_goes_near_and_back_to_everything(canvas):
    canvas.set_zoom(0.4)
    _gesture(canvas, Qt.NativeGestureType.SmartZoomNativeGesture)
    assert canvas.zoom == 1.0
    _gesture(canvas, Qt.NativeGestureType.SmartZoomNativeGesture)
    assert canvas.visible_area().contains(canvas.mirror.bounds())
