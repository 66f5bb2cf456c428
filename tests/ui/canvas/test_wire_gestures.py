"""Dots on wires, cutting, and moving ends: what each does, that Esc takes it back, that one undo does."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hands import ALT, CONTROL, NONE, SHIFT, forget_steps, one_step_back, wire
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nodeforge.core.edits import AddNode, Bend, Connect, MoveNodes
from nodeforge.core.graph import Node, Wire
from nodeforge.project import schema
from nodeforge.ui.canvas.changing import editing
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.gestures.cut import crossed

Key = Qt.Key


CONV_RELU = wire("conv", "relu")


@pytest.fixture
def bent(hand):
    """A hand on a drawing in which the wire from conv to relu has two dots below them."""
    hand.model.do(
        MoveNodes("main", {"relu": (640.0, 0.0), "output": (900.0, 0.0), "dropout": (240.0, 300.0)})
    )
    hand.model.do(Bend("main", {CONV_RELU: ((460.0, 120.0), (560.0, 120.0))}))
    forget_steps(hand.model)
    return hand


def bends(hand, of: Wire = CONV_RELU) -> tuple:
    return hand.model.graph.drawing.bends.get(of, ())


def double_click(hand, place) -> None:
    hand.click(place)
    QTest.mouseDClick(hand.canvas.viewport(), Qt.MouseButton.LeftButton, NONE, hand.at(*place))


# Dots ---------------------------------------------------------------------------------------------


def test_a_double_click_on_a_wire_adds_a_dot(hand):
    before = schema.encode(hand.model.document)
    double_click(hand, (440, 28))
    assert bends(hand) == ((440.0, 28.0),)
    assert hand.canvas._search is None
    one_step_back(hand.model, before)


def test_alt_and_a_click_adds_a_dot_between_others(bent):
    before = schema.encode(bent.model.document)
    bent.click((510, 120), keys=ALT)
    assert bends(bent) == ((460.0, 120.0), (510.0, 120.0), (560.0, 120.0))
    one_step_back(bent.model, before)


def test_alt_and_a_drag_adds_a_dot_and_places_it(hand):
    before = schema.encode(hand.model.document)
    hand.drag((440, 28), (450, 150), keys=ALT)
    assert bends(hand) == ((450.0, 150.0),)
    one_step_back(hand.model, before)


def test_a_dot_is_dragged_and_escape_puts_it_back(bent):
    before = schema.encode(bent.model.document)
    bent.press((560, 120))
    bent.drag_to((580, 220))
    assert bent.canvas.mirror.bends_of(CONV_RELU)[1] == (580.0, 220.0)
    bent.key(Key.Key_Escape)
    bent.release((580, 220))
    assert bent.canvas.mirror.bends_of(CONV_RELU) == bends(bent)
    assert schema.encode(bent.model.document) == before
    bent.drag((560, 120), (580, 220))
    assert bends(bent) == ((460.0, 120.0), (580.0, 220.0))
    one_step_back(bent.model, before)


def test_a_dragged_dot_is_caught_by_the_height_of_its_neighbour(bent):
    bent.drag((560, 120), (580, 124))
    assert bends(bent)[1] == (580.0, 120.0)
    bent.drag((580, 120), (600, 124), keys=ALT)
    assert bends(bent)[1] == (600.0, 124.0)


def test_a_dot_is_removed_by_double_click_and_by_delete(bent):
    before = schema.encode(bent.model.document)
    double_click(bent, (560, 120))
    assert bends(bent) == ((460.0, 120.0),)
    one_step_back(bent.model, before)
    bent.click((460, 120))
    assert bent.canvas.selected_wire == CONV_RELU
    bent.key(Key.Key_Delete)
    assert bends(bent) == ()
    assert bent.model.graph.has_wire(CONV_RELU), "the dot alone is deleted"
    bent.key(Key.Key_Delete)
    assert not bent.model.graph.has_wire(CONV_RELU)
    bent.model.undo()
    assert bent.model.graph.has_wire(CONV_RELU)


def test_a_wire_drawn_out_of_a_dot_follows_the_same_way(bent):
    before = schema.encode(bent.model.document)
    bent.drag((560, 120), bent.port("dropout", "input", output=False), keys=SHIFT)
    new = wire("conv", "dropout")
    assert bent.model.graph.has_wire(new)
    assert bends(bent, new) == ((460.0, 120.0), (560.0, 120.0))
    assert bends(bent) == ((460.0, 120.0), (560.0, 120.0))
    one_step_back(bent.model, before)


def test_escape_draws_no_wire_out_of_a_dot(bent):
    before = schema.encode(bent.model.document)
    bent.press((460, 120), keys=SHIFT)
    bent.drag_to(bent.port("dropout", "input", output=False), keys=SHIFT)
    bent.key(Key.Key_Escape)
    bent.release(bent.port("dropout", "input", output=False), keys=SHIFT)
    assert schema.encode(bent.model.document) == before
    assert not bent.canvas.scene().items()


def test_dots_between_dragged_nodes_come_along(bent):
    before = schema.encode(bent.model.document)
    bent.model.select(["conv", "relu"])
    x, y = bent.middle("conv")
    bent.press((x, y), keys=NONE)
    bent.drag_to((x + 30, y + 90), keys=ALT)
    assert bent.canvas.mirror.bends_of(CONV_RELU) == ((490.0, 210.0), (590.0, 210.0))
    bent.release((x + 30, y + 90), keys=ALT)
    assert bends(bent) == ((490.0, 210.0), (590.0, 210.0))
    one_step_back(bent.model, before)
    bent.model.undo()
    bent.model.select(["conv"])
    bent.drag((x, y), (x + 30, y + 90), keys=ALT)
    assert bends(bent) == ((460.0, 120.0), (560.0, 120.0)), "one end stays, and so do the dots"


def test_inserting_a_node_splits_the_dots(bent):
    before = schema.encode(bent.model.document)
    bent.drag(bent.middle("dropout"), (510, 120), keys=ALT)
    assert bends(bent, wire("conv", "dropout")) == ((460.0, 120.0),)
    assert bends(bent, wire("dropout", "relu")) == ((560.0, 120.0),)
    one_step_back(bent.model, before)


def test_the_search_of_a_selected_wire_puts_a_node_on_it(bent):
    bent.click((510, 120))
    bent.key(Key.Key_Tab)
    field = bent.canvas._search.field
    QTest.keyClicks(field, "tanh")
    QTest.keyClick(field, Key.Key_Return)
    assert bends(bent, wire("conv", "tanh")) + bends(bent, wire("tanh", "relu")) == (
        (460.0, 120.0),
        (560.0, 120.0),
    )


def test_a_wire_out_of_a_dot_leads_to_a_new_node(bent):
    before = schema.encode(bent.model.document)
    bent.drag((560, 120), (700, 260), keys=SHIFT)
    field = bent.canvas._search.field
    QTest.keyClicks(field, "tanh")
    QTest.keyClick(field, Key.Key_Return)
    assert bends(bent, wire("conv", "tanh")) == ((460.0, 120.0), (560.0, 120.0))
    one_step_back(bent.model, before)


# Ends ---------------------------------------------------------------------------------------------


def test_a_moved_end_keeps_the_dots_before_it(bent):
    before = schema.encode(bent.model.document)
    bent.model.do(AddNode("main", Node(name="far", kind="ReLU", position=(640, 300))))
    bent.drag(bent.port("relu", "input", output=False), bent.port("far", "input", output=False))
    assert bends(bent, wire("conv", "far")) == ((460.0, 120.0), (560.0, 120.0))
    bent.model.undo()
    bent.model.undo()
    assert schema.encode(bent.model.document) == before


def test_escape_leaves_an_end_where_it_was(bent):
    before = schema.encode(bent.model.document)
    ends = bent.canvas.mirror.wire_ends().copy()
    bent.press(bent.port("relu", "input", output=False))
    bent.drag_to(bent.port("dropout", "input", output=False))
    bent.key(Key.Key_Escape)
    bent.release(bent.port("dropout", "input", output=False))
    assert schema.encode(bent.model.document) == before
    assert (bent.canvas.mirror.wire_ends()[:3] == ends[:3]).all()


@pytest.mark.parametrize(
    ("before", "after", "forward", "kept"),
    [
        ((100, 0), (120, 50), True, [(20, 0), (50, 9), (80, 0)]),
        ((100, 0), (60, 50), True, [(20, 0), (50, 9)]),
        ((100, 0), (-10, 50), True, []),
        ((0, 0), (30, 50), False, [(50, 9), (80, 0)]),
        ((70, 0), (10, 50), True, [(20, 0), (50, 9), (80, 0)]),  # it led past its end before
    ],
)
def test_dots_behind_a_moved_end_go(before, after, forward, kept):
    way = [(20, 0), (50, 9), (80, 0)]
    assert [*editing.kept_bends(way, before, after, forward=forward, down=False)] == kept
    turned = [(y, x) for x, y in way]
    found = editing.kept_bends(turned, before[::-1], after[::-1], forward=forward, down=True)
    assert [(x, y) for y, x in found] == kept


# Ports that were not aimed at -----------------------------------------------------------------------


@pytest.fixture
def labels(hand):
    """A hand on a drawing with class labels and a loss that waits for them."""
    target = Node(
        name="labels", kind="Target", parameters={"shape": (), "dtype": "int64"}, position=(240, 300)
    )
    hand.model.do(AddNode("main", target))
    hand.model.do(AddNode("main", Node(name="loss", kind="NLLLoss", position=(560, 200))))
    QApplication.processEvents()
    return hand


def test_labels_go_to_the_port_that_takes_them(labels):
    labels.drag(labels.port("labels", "output", output=True), labels.middle("loss"))
    assert labels.model.graph.inputs_of("loss") == {"target": [("labels", "output")]}


def test_losses_are_offered_for_labels(labels):
    labels.drag(labels.port("labels", "output", output=True), (560, 380))
    field = labels.canvas._search.field
    QTest.keyClicks(field, "crossentropy")
    QTest.keyClick(field, Key.Key_Return)
    assert labels.model.graph.inputs_of("cross_entropy_loss") == {"target": [("labels", "output")]}


# Cutting ------------------------------------------------------------------------------------------


def test_a_stroke_cuts_all_wires_that_it_crosses(hand):
    before = schema.encode(hand.model.document)
    hand.drag((440, -60), (430, 90), keys=CONTROL | SHIFT)
    assert set(hand.model.graph.wires()) == {wire("image", "conv"), wire("relu", "output")}
    one_step_back(hand.model, before)
    assert not hand.canvas.scene().items()


def test_a_stroke_across_several_wires_is_one_step(bent):
    bent.model.do(Connect("main", wire("conv", "dropout")))
    forget_steps(bent.model)
    before = schema.encode(bent.model.document)
    bent.press((505, 60), keys=CONTROL | SHIFT)
    for place in ((510, 200), (220, 200), (218, -40)):
        bent.drag_to(place, keys=CONTROL | SHIFT)
    bent.release((218, -40), keys=CONTROL | SHIFT)
    assert set(bent.model.graph.wires()) == {wire("relu", "output")}
    one_step_back(bent.model, before)
    assert bent.model.workspace.history.undo_label == "Cut 3 wires"


def test_escape_cuts_nothing(hand):
    before = schema.encode(hand.model.document)
    hand.press((440, -60), keys=CONTROL | SHIFT)
    hand.drag_to((430, 90), keys=CONTROL | SHIFT)
    assert len(hand.canvas.scene().items()) == 2
    hand.key(Key.Key_Escape)
    hand.release((430, 90), keys=CONTROL | SHIFT)
    assert schema.encode(hand.model.document) == before
    assert not hand.canvas.scene().items()


def test_a_stroke_beside_all_wires_is_no_step(hand):
    hand.drag((100, 100), (180, 180), keys=CONTROL | SHIFT)
    assert not hand.model.workspace.history.can_undo


def test_what_a_line_crosses_is_what_qt_says(bent):
    mirror, random = bent.canvas.mirror, Random(3)
    lines = {}
    for of, slot in mirror.wires.index.items():
        pieces = routing.points(mirror.courses.of(np.array([slot])), 16)
        joints = [pairwise(QPointF(x, y) for x, y in piece.tolist()) for piece in pieces]
        lines[of] = [QLineF(a, b) for piece in joints for a, b in piece]
    bounded = QLineF.IntersectionType.BoundedIntersection
    found = 0
    for _ in range(200):
        start, end = ((random.uniform(380, 660), random.uniform(-40, 160)) for _ in range(2))
        stroke = QLineF(QPointF(*start), QPointF(*end))
        expected = {of for of in lines if any(stroke.intersects(line)[0] == bounded for line in lines[of])}
        assert set(crossed(bent.canvas, start, end)) == expected
        found += bool(expected)
    assert 20 < found < 180


# Menus --------------------------------------------------------------------------------------------


def menu_at(hand, place) -> dict:
    where = hand.at(*place)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, where, hand.canvas.viewport().mapToGlobal(where)
    )
    QApplication.sendEvent(hand.canvas.viewport(), event)
    menu = hand.canvas.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1]
    return {action.text().replace("&", ""): action for action in menu.actions()}


def test_the_menu_of_a_dot_removes_it(bent):
    actions = menu_at(bent, (460, 120))
    assert {"Insert a node here…", "Straighten", "Delete wire"} <= actions.keys()
    assert bent.canvas.selected_wire == CONV_RELU
    assert bent.canvas.selected_dot == 0
    actions["Remove this dot"].trigger()
    assert bends(bent) == ((560.0, 120.0),)


def test_the_menu_of_a_dot_draws_a_wire_with_the_next_drag(bent):
    menu_at(bent, (460, 120))["Draw a wire from this dot"].trigger()
    bent.drag((460, 120), bent.port("dropout", "input", output=False))
    assert bends(bent, wire("conv", "dropout")) == ((460.0, 120.0),)


def test_the_menu_of_a_wire_adds_dots_and_straightens(bent):
    menu_at(bent, (510, 120))["Add a dot here"].trigger()
    assert len(bends(bent)) == 3
    menu_at(bent, (485, 120))["Straighten"].trigger()
    assert bends(bent) == ()
    assert not menu_at(bent, (200, 28))["Straighten"].isEnabled()
