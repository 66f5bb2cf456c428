"""Read from right to left: panels are mirrored, the drawing is not, and gestures go where the hand goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.ui.main_window import MainWindow


@pytest.fixture
def window(qapp: QApplication, open_window: Callable[..., MainWindow], project: Path) -> Iterator[MainWindow]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield open_window(project)
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_panels_are_mirrored_and_the_drawing_is_not(window: MainWindow) -> None:
    bench, canvas = window.workbench, window.canvas
    assert bench.inspector.isRightToLeft()
    assert not canvas.isRightToLeft()
    x, fc = (canvas.mapFromScene(QPointF(*canvas.model.graph.nodes[name].position)) for name in ("x", "fc"))
    assert x.x() < fc.x()


def test_panning_and_moving_follow_the_hand(window: MainWindow) -> None:
    canvas = window.canvas
    viewport = canvas.viewport()
    canvas.set_zoom(1.0)
    canvas.reveal("fc")
    before = canvas.mapFromScene(QPointF(0, 0))
    middle = viewport.rect().center()
    QTest.mousePress(viewport, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, middle)
    QTest.mouseMove(viewport, middle + QPoint(30, 20))
    QTest.mouseMove(viewport, middle + QPoint(60, 40))
    QTest.mouseRelease(
        viewport, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, middle + QPoint(60, 40)
    )
    assert canvas.mapFromScene(QPointF(0, 0)) - before == QPoint(60, 40)
    x, _ = canvas.model.graph.nodes["fc"].position
    canvas.model.select(["fc"])
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.model.graph.nodes["fc"].position[0] > x


def test_the_search_opens_where_it_is_asked_for(window: MainWindow) -> None:
    canvas = window.canvas
    at = canvas.visible_area().center()
    popup = canvas.open_search(at)
    place = canvas.viewport().mapTo(window, canvas.mapFromScene(at))
    assert popup.geometry().adjusted(-400, -400, 400, 400).contains(place)
    assert window.rect().contains(popup.geometry())
    assert popup.field.isRightToLeft()
    popup.dismiss()
