"""Cards at badges, and the walk from problem to problem, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from nodeforge.analysis import Report
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, Disconnect, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.ui.canvas import badges
from nodeforge.ui.canvas.geometry.mirror import State
from nodeforge.ui.canvas.painting.wire_painter import Frame
from nodeforge.ui.canvas.style import LIGHT

BADGE = (480 + 154, 4)
"""Where the badge of relu is."""


@pytest.fixture
def torn(hand, qtbot):
    """The hand on a canvas where nothing feeds relu."""
    hand.model.do(Disconnect("main", Wire("conv", "output", "relu", "input")))
    mirror = hand.canvas.mirror
    qtbot.waitUntil(lambda: bool(mirror.states[mirror.nodes.index["relu"]] & State.ERROR))
    return hand


def point_at(hand, place):
    QTest.mouseMove(hand.canvas.viewport(), hand.at(*place) - QPoint(1, 1))
    QTest.mouseMove(hand.canvas.viewport(), hand.at(*place))


def words_of(card):
    return " ".join(label.text() for label in card.findChildren(QLabel))


def test_a_badge_says_what_is_wrong_while_the_pointer_is_on_it(torn, qtbot):
    card = torn.canvas.badges.card
    assert not card.isVisible()
    point_at(torn, BADGE)
    assert card.isVisible()
    assert "relu has nothing to work on" in words_of(card)
    assert not card.holds_focus
    assert torn.canvas.rect().contains(card.geometry())
    point_at(torn, (300, 400))
    qtbot.waitUntil(lambda: not card.isVisible())


def test_the_card_stays_while_the_pointer_goes_over_to_it(torn, qtbot):
    card = torn.canvas.badges.card
    point_at(torn, BADGE)
    torn.canvas.badges._leaving.start()
    QApplication.sendEvent(card, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    assert not torn.canvas.badges._leaving.isActive()
    assert card.isVisible()


def test_a_button_of_the_card_mends_and_undo_brings_the_fault_back(torn, qtbot):
    card = torn.canvas.badges.card
    before = set(torn.model.graph.wires())
    point_at(torn, BADGE)
    button = next(b for b in card.findChildren(QPushButton) if "conv" in b.text())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert Wire("conv", "output", "relu", "input") in set(torn.model.graph.wires())
    qtbot.waitUntil(lambda: not card.isVisible())
    torn.model.undo()
    assert set(torn.model.graph.wires()) == before


def test_a_click_puts_the_keyboard_on_the_card_and_escape_gives_it_back(torn, qtbot):
    card = torn.canvas.badges.card
    torn.click(BADGE)
    assert card.holds_focus
    point_at(torn, (300, 400))
    assert card.isVisible()
    QTest.keyClick(card.focusWidget(), Qt.Key.Key_Escape)
    assert not card.isVisible()
    assert torn.canvas.hasFocus()


def test_a_wire_of_a_loop_tells_of_the_loop(make_canvas, qtbot):
    document = Document()
    for name, x in (("one", 0), ("other", 400)):
        apply(document, AddNode("main", Node(name=name, kind="ReLU", position=(x, 0))))
    for source, target in (("one", "other"), ("other", "one")):
        apply(document, Connect("main", Wire(source, "output", target, "input")))
    canvas = make_canvas(document)
    qtbot.waitUntil(lambda: any(d.code == "cycle" for d in canvas.model.report.diagnostics))
    x0, y0, x1, y1 = canvas.mirror.wire_ends()[0].tolist()
    middle = canvas.mapFromScene((x0 + x1) / 2, (y0 + y1) / 2)
    QTest.mouseMove(canvas.viewport(), middle - QPoint(1, 1))
    QTest.mouseMove(canvas.viewport(), middle)
    assert "loop" in words_of(canvas.badges.card)


def test_problems_are_gone_through_in_their_order_and_back(torn):
    badge = torn.canvas.badges
    wanted = [d for d in torn.model.report.diagnostics if d.node or d.nodes]
    seen = []
    for _ in range(len(wanted) + 1):
        badge.go(1)
        (name,) = torn.model.selection
        seen.append(name)
        assert badge.card.holds_focus
    assert seen == [d.node or d.nodes[0] for d in [*wanted, wanted[0]]]
    badge.go(-1)
    assert torn.model.selection == {wanted[-1].node or wanted[-1].nodes[0]}


def test_without_a_problem_it_says_so(hand, qtbot):
    told = []
    hand.model.complained.connect(told.append)
    hand.model.report = Report(diagnostics=(), networks={})
    hand.canvas.badges.go(1)
    assert told == ["No problems on the canvas."]


@pytest.mark.parametrize("zoom", [0.02, 0.1, 0.3])
def test_errors_are_seen_at_any_zoom(torn, zoom):
    image = QImage(200, 100, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(LIGHT.background)
    with QPainter(image) as painter:
        painter.translate(100 - BADGE[0] * zoom, 50 - BADGE[1] * zoom)
        painter.scale(zoom, zoom)
        area = QRectF(BADGE[0] - 5, BADGE[1] - 5, 10, 10)
        badges.paint_marks(painter, torn.canvas.mirror, Frame([area], zoom), LIGHT)
    red = {image.pixelColor(100 + dx, 50).name() for dx in (-2, 0, 2)}
    assert red == {LIGHT.error.name()}
    assert image.pixelColor(110, 50) == LIGHT.background


def test_far_away_the_whole_node_speaks_for_its_badge(torn):
    torn.canvas.set_zoom(0.2)
    point_at(torn, (560, 30))
    assert torn.canvas.badges.card.isVisible()
