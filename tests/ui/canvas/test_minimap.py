"""The map of the drawing: when it is there, what it shows, what a hand does on it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.core.drawing import Frame
from nodeforge.core.edits import MoveNodes, SetFrames, SetParameter
from nodeforge.ui.canvas.painting.frame_painter import tint
from nodeforge.ui.canvas.viewing.minimap import Minimap

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def minimap(hand, qtbot) -> Minimap:
    """A canvas that shows a part of its drawing."""
    hand.model.do(MoveNodes("main", {"output": (3000.0, 900.0)}))
    qtbot.waitUntil(hand.canvas.minimap.isVisible)
    return hand.canvas.minimap


def middle(canvas) -> QPointF:
    return canvas.visible_area().center()


def near(one: QPointF, other: QPointF, reach: float) -> bool:
    return (one - other).manhattanLength() <= reach


def pixel(minimap: Minimap, point: QPointF):
    return minimap.grab().toImage().pixelColor(minimap.map_place(point).toPoint())


def test_it_is_there_while_only_a_part_is_in_sight(hand, minimap) -> None:
    hand.canvas.fit()
    assert minimap.isHidden()
    hand.canvas.set_zoom(2.0)
    assert minimap.isVisible()
    minimap.wanted = False
    assert minimap.isHidden()
    hand.canvas.set_zoom(1.5)
    assert minimap.isHidden()
    minimap.wanted = True
    assert minimap.isVisible()


def test_it_lies_in_the_corner_whatever_the_size_of_the_canvas(hand, minimap, qtbot) -> None:
    hand.canvas.resize(900, 70)
    assert minimap.isHidden()  # it would hide all
    for width, height in ((900, 500), (1300, 800)):
        hand.canvas.resize(width, height)
        gap = hand.canvas.viewport().rect().bottomRight() - minimap.geometry().bottomRight()
        assert 0 < gap.x() <= 16
        assert 0 < gap.y() <= 16


def test_the_rectangle_is_what_is_seen(hand, minimap) -> None:
    seen = hand.canvas.visible_area()
    area = minimap.window_area()
    assert near(minimap.drawn_place(area.topLeft()), seen.topLeft(), 0.01)
    assert near(minimap.drawn_place(area.bottomRight()), seen.bottomRight(), 0.01)


def test_a_click_goes_there(hand, minimap) -> None:
    goal = QPointF(2900, 850)
    QTest.mouseClick(minimap, LEFT, pos=minimap.map_place(goal).toPoint())
    assert near(middle(hand.canvas), goal, 30)


def test_the_rectangle_is_dragged_and_escape_puts_it_back(hand, minimap) -> None:
    before = middle(hand.canvas)
    start = minimap.window_area().center().toPoint() + QPoint(4, 3)
    QTest.mousePress(minimap, LEFT, pos=start)
    assert near(middle(hand.canvas), before, 1), "taking hold of it moves nothing"
    QTest.mouseMove(minimap, start + QPoint(20, 10))
    way = middle(hand.canvas) - before
    assert way.x() == pytest.approx(20 / minimap._scale, abs=3)
    assert way.y() == pytest.approx(10 / minimap._scale, abs=3)
    hand.key(Qt.Key.Key_Escape)
    assert near(middle(hand.canvas), before, 1)
    QTest.mouseMove(minimap, start + QPoint(40, 10))
    QTest.mouseRelease(minimap, LEFT, pos=start)
    assert near(middle(hand.canvas), before, 1)
    assert hand.canvas.mouse.gesture is None
    QTest.mousePress(minimap, LEFT, pos=start)
    QTest.mouseMove(minimap, start + QPoint(20, 10))
    QTest.mouseRelease(minimap, LEFT, pos=start + QPoint(20, 10))
    assert near(middle(hand.canvas), before + way, 3)
    assert hand.canvas.mouse.gesture is None


def test_the_wheel_zooms_about_the_middle(hand, minimap) -> None:
    before = middle(hand.canvas)
    place = QPointF(minimap.rect().center())
    event = QWheelEvent(
        place, QPointF(minimap.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(minimap, event)
    assert hand.canvas.zoom > 1.1
    assert near(middle(hand.canvas), before, 3)


def test_it_shows_frames_and_rings_errors(hand, minimap, qtbot) -> None:
    hand.canvas.look_at(QPointF(2900, 850))  # the rectangle tints what lies under it
    frame = Frame(area=(1500, 200, 600, 400), color="red")
    hand.model.do(SetFrames("main", {"block": frame}))
    inside = QPointF(1800, 400)
    qtbot.waitUntil(lambda: pixel(minimap, inside).saturation() > 25)
    assert abs(pixel(minimap, inside).hue() - tint("red", dark=False).hue()) < 8
    x, y = hand.model.graph.nodes["conv"].position
    outside = QPointF(x - 2 / minimap._scale, y + 20)
    error = hand.canvas.palette_colors.error
    assert pixel(minimap, outside) != error
    hand.model.do(SetParameter("main", "conv", "kernel_size", (99, 99)))
    qtbot.waitUntil(lambda: pixel(minimap, outside) == error)


def test_moving_the_view_does_not_draw_the_nodes_again(hand, minimap, qtbot) -> None:
    minimap.grab()
    before = minimap.renderings
    for step in range(5):
        hand.canvas.look_at(QPointF(500 + 40 * step, 100), 1.0 + step / 10)
        minimap.grab()
    assert minimap.renderings == before
    hand.model.do(MoveNodes("main", {"conv": (300.0, 80.0)}))
    hand.model.do(MoveNodes("main", {"conv": (340.0, 80.0)}))
    qtbot.waitUntil(lambda: minimap.grab() and minimap.renderings > before)
    assert minimap.renderings == before + 1
