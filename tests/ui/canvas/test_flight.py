"""The way of the view: shown where things may move, and always ending in the right place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractAnimation, QPointF, Qt
from PySide6.QtTest import QTest

from nodeforge.core.document import Document
from nodeforge.session.grouping import group
from nodeforge.session.workspace import Workspace
from nodeforge.ui.canvas.viewing.flight import Passage


@pytest.fixture
def moving(hand):
    """A canvas whose node `block` stands for a network, and that shows its ways."""
    model = hand.model
    model.do(group(model.document, model.workspace.report, "main", ["conv", "relu"], "Block"))
    hand.canvas.flight.moves = True
    hand.canvas.fit()
    return hand


def use(hand) -> str:
    return next(name for name, node in hand.model.graph.nodes.items() if node.kind == "Block")


def passage(hand) -> Passage | None:
    return next((each for each in hand.canvas.findChildren(Passage) if each.isVisible()), None)


def test_without_motion_the_view_is_there_at_once(hand) -> None:
    hand.canvas.flight.go(QPointF(700, 300), 1.5)
    assert hand.canvas.zoom == 1.5
    assert (hand.canvas.visible_area().center() - QPointF(700, 300)).manhattanLength() < 3


def test_a_flight_ends_at_its_goal(moving, qtbot) -> None:
    canvas, goal = moving.canvas, QPointF(1200, -300)
    canvas.flight.go(goal, 2.0)
    seen = []
    canvas.zoom_changed.connect(seen.append)
    assert canvas.zoom != 2.0
    qtbot.waitUntil(lambda: canvas.flight._clock.state() == QAbstractAnimation.State.Stopped)
    assert canvas.zoom == pytest.approx(2.0)
    assert (canvas.visible_area().center() - goal).manhattanLength() < 3
    assert seen == sorted(seen), "it comes nearer steadily"


def test_a_hand_on_the_canvas_ends_a_flight(moving) -> None:
    moving.canvas.flight.go(QPointF(1200, -300), 2.0)
    moving.press((0, 300))
    assert moving.canvas.flight._clock.state() == QAbstractAnimation.State.Stopped
    moving.release((0, 300))


def test_the_way_into_a_network_and_out_of_it_is_shown(moving, qtbot) -> None:
    canvas, name = moving.canvas, use(moving)
    x, y = moving.middle(name)
    QTest.mouseDClick(
        canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, moving.at(x - 80, y)
    )
    assert moving.model.network == "Block"
    shown = passage(moving)
    assert shown is not None
    assert shown.geometry() == canvas.viewport().geometry()
    qtbot.waitUntil(lambda: passage(moving) is None)
    fitted = (canvas.zoom, canvas.visible_area())
    moving.key(Qt.Key.Key_Escape)
    assert moving.model.network == "main"
    assert passage(moving) is not None
    moving.model.enter(name)  # before the first one has ended
    assert (canvas.zoom, canvas.visible_area()) == fitted, "the canvas below is in place all the time"
    qtbot.waitUntil(lambda: passage(moving) is None)


def test_there_is_no_way_to_a_network_that_is_shown_by_itself(moving) -> None:
    moving.model.show_network("Block")
    assert passage(moving) is None
    moving.model.leave()
    assert passage(moving) is None


def test_another_project_is_simply_there(moving) -> None:
    moving.model.enter(use(moving))
    assert passage(moving) is not None
    moving.model.open(Workspace(Document()))
    assert passage(moving) is None
