"""Every gesture with real mouse events: what it does, that Esc takes it back, that one undo takes it back."""

from __future__ import annotations

import numpy as np
import pytest
from hands import ALT, CONTROL, SHIFT, wire
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.ui.canvas.dropping.drops import KIND_MIME


def state(model) -> tuple:
    graph = model.graph
    return ({n: (x.kind, x.position) for n, x in graph.nodes.items()}, sorted(map(str, graph.wires())))


# Selecting ----------------------------------------------------------------------------------------


def test_click_selects_and_a_click_on_nothing_clears(hand):
    hand.click(hand.middle("conv"))
    assert hand.model.selection == {"conv"}
    hand.click(hand.middle("relu"), keys=SHIFT)
    assert hand.model.selection == {"conv", "relu"}
    hand.click(hand.middle("conv"), keys=CONTROL)
    assert hand.model.selection == {"relu"}
    hand.click((440, 300))
    assert hand.model.selection == frozenset()


def test_marquee_selects_what_it_touches_and_escape_restores(hand):
    hand.click(hand.middle("dropout"))
    hand.press((230, -40))
    hand.drag_to((560, 80))
    assert hand.model.selection == {"conv", "relu"}
    hand.key(Qt.Key.Key_Escape)
    assert hand.model.selection == {"dropout"}
    hand.release((560, 80))
    assert hand.model.selection == {"dropout"}
    hand.drag((230, -40), (560, 80), keys=SHIFT)
    assert hand.model.selection == {"conv", "relu", "dropout"}
    assert len(hand.canvas.scene().items()) == 0


# Moving -------------------------------------------------------------------------------------------


def test_a_drag_moves_the_selected_nodes_in_one_undo_step(hand):
    before = state(hand.model)
    hand.model.select(["conv", "relu"])
    x, y = hand.middle("conv")
    hand.drag((x, y), (x + 50, y + 90), keys=ALT)
    assert hand.model.graph.nodes["conv"].position == (290, 90)
    assert hand.model.graph.nodes["relu"].position == (530, 90)
    hand.model.undo()
    assert state(hand.model) == before
    assert not hand.model.workspace.history.can_undo


def test_escape_puts_dragged_nodes_back(hand):
    before = hand.canvas.mirror.rects.copy()
    x, y = hand.middle("conv")
    hand.press((x, y))
    hand.drag_to((x + 70, y + 120))
    assert (hand.canvas.mirror.rects[:, :2] != before[:, :2]).any()
    hand.key(Qt.Key.Key_Escape)
    hand.release((x + 70, y + 120))
    assert np.array_equal(hand.canvas.mirror.rects, before, equal_nan=True)
    assert not hand.model.workspace.history.can_undo
    assert len(hand.canvas.scene().items()) == 0


def test_a_drag_is_caught_by_the_line_of_its_neighbours(hand):
    x, y = hand.middle("dropout")
    hand.drag((x, y), (x + 120, y - 196))  # 4 units below the others
    assert hand.model.graph.nodes["dropout"].position[1] == 0


def test_a_loose_node_dropped_on_a_wire_is_inserted(hand):
    x, y = hand.middle("dropout")
    before = state(hand.model)
    hand.drag((x, y), (440, 28), keys=ALT)
    graph = hand.model.graph
    assert graph.has_wire(wire("conv", "dropout"))
    assert graph.has_wire(wire("dropout", "relu"))
    assert not graph.has_wire(wire("conv", "relu"))
    hand.model.undo()
    assert state(hand.model) == before


# Wiring -------------------------------------------------------------------------------------------


def test_a_wire_is_drawn_from_an_output(hand):
    hand.drag(hand.port("conv", "output", output=True), hand.port("dropout", "input", output=False))
    assert hand.model.graph.has_wire(wire("conv", "dropout"))
    hand.model.undo()
    assert not hand.model.graph.has_wire(wire("conv", "dropout"))


def test_a_wire_is_drawn_from_an_input(hand):
    hand.drag(hand.port("dropout", "input", output=False), hand.port("conv", "output", output=True))
    assert hand.model.graph.has_wire(wire("conv", "dropout"))


def test_a_wire_may_be_dropped_on_a_body(hand):
    hand.drag(hand.port("conv", "output", output=True), hand.middle("dropout"))
    assert hand.model.graph.has_wire(wire("conv", "dropout"))


def test_escape_draws_no_wire(hand):
    start, end = hand.port("conv", "output", output=True), hand.port("dropout", "input", output=False)
    hand.press(start)
    hand.drag_to(end)
    assert len(hand.canvas.scene().items()) == 2
    hand.key(Qt.Key.Key_Escape)
    hand.release(end)
    assert len(hand.canvas.scene().items()) == 0
    assert not hand.model.workspace.history.can_undo


def test_an_illegal_wire_says_why_and_changes_nothing(hand, qtbot):
    before = state(hand.model)
    with qtbot.waitSignal(hand.model.complained) as said:
        hand.drag(hand.port("relu", "output", output=True), hand.port("conv", "input", output=False))
    assert "loop" in said.args[0]
    assert state(hand.model) == before


def test_the_end_of_a_wire_can_be_moved(hand):
    hand.drag(hand.port("relu", "input", output=False), hand.port("dropout", "input", output=False))
    graph = hand.model.graph
    assert graph.has_wire(wire("conv", "dropout"))
    assert not graph.has_wire(wire("conv", "relu"))
    hand.model.undo()
    assert graph.has_wire(wire("conv", "relu"))
    assert not graph.has_wire(wire("conv", "dropout"))
    assert not hand.model.workspace.history.can_undo


def test_the_beginning_of_a_wire_can_be_moved(hand):
    x, y = hand.port("relu", "output", output=True)
    hand.drag((x + 16, y), hand.port("image", "output", output=True))
    assert hand.model.graph.has_wire(wire("image", "output"))
    assert not hand.model.graph.has_wire(wire("relu", "output"))


def test_an_end_dropped_where_it_was_changes_nothing(hand):
    before = state(hand.model)
    end = hand.port("relu", "input", output=False)
    hand.press(end)
    hand.drag_to((end[0] - 30, end[1] + 80))
    hand.drag_to(end)
    hand.release(end)
    assert state(hand.model) == before
    assert not hand.model.workspace.history.can_undo
    slot = hand.canvas.mirror.wires.index[wire("conv", "relu")]
    assert hand.canvas.mirror.offsets[slot, 0] == 160


def test_an_end_dropped_on_nothing_disconnects(hand):
    hand.drag(hand.port("relu", "input", output=False), (440, 320))
    assert not hand.model.graph.has_wire(wire("conv", "relu"))
    hand.model.undo()
    assert hand.model.graph.has_wire(wire("conv", "relu"))


def test_a_wire_dropped_on_a_taken_input_takes_its_place(hand):
    hand.drag(hand.port("image", "output", output=True), hand.port("relu", "input", output=False))
    assert [w.source for w in hand.model.graph.wires_into("relu")] == ["image"]
    hand.model.undo()
    assert [w.source for w in hand.model.graph.wires_into("relu")] == ["conv"]


def test_a_click_on_a_port_draws_nothing(hand):
    hand.click(hand.port("conv", "output", output=True))
    assert not hand.model.workspace.history.can_undo
    assert hand.canvas._search is None


# Seeing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton])
def test_middle_button_or_space_pans(hand, button):
    if button == Qt.MouseButton.LeftButton:
        QTest.keyPress(hand.canvas, Qt.Key.Key_Space)
    start, end = hand.at(400, 100), hand.at(460, 150)
    scene = hand.canvas.mapToScene(start)
    hand.press((400, 100), button=button)
    hand.drag_to((460, 150))
    assert hand.canvas.mapToScene(end) == scene
    assert hand.model.selection == frozenset()
    hand.release((460, 150), button=button)


def test_escape_brings_back_what_was_seen_before_panning(hand):
    seen = hand.canvas.visible_area()
    hand.press((400, 100), button=Qt.MouseButton.MiddleButton)
    hand.drag_to((460, 150))
    assert hand.canvas.visible_area() != seen
    hand.key(Qt.Key.Key_Escape)
    hand.drag_to((480, 190))
    hand.release((480, 190), button=Qt.MouseButton.MiddleButton)
    assert hand.canvas.visible_area() == seen


def test_the_wheel_zooms_at_the_cursor(hand, qtbot):
    canvas = hand.canvas
    place = hand.at(300, 60)
    before = canvas.mapToScene(place)
    for turn, larger in ((120, True), (-120, False)):
        zoom = canvas.zoom
        _wheel(canvas, place, turn)
        assert (canvas.zoom > zoom) is larger
        after = canvas.mapToScene(place)
        assert abs(after.x() - before.x()) <= 2
        assert abs(after.y() - before.y()) <= 2
    for _ in range(60):
        _wheel(canvas, place, 120)
    assert canvas.zoom == 4.0


def _wheel(canvas, place, turn) -> None:
    event = QWheelEvent(
        QPointF(place),
        QPointF(canvas.viewport().mapToGlobal(place)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_fit_shows_everything(hand):
    hand.canvas.set_zoom(3.0)
    hand.canvas.centerOn(5000, 5000)
    hand.key(Qt.Key.Key_F)
    assert hand.canvas.visible_area().contains(hand.canvas.mirror.bounds())


# Dropping from the palette ------------------------------------------------------------------------


def _drop(hand, kind: str, place: tuple[float, float]) -> None:
    data = QMimeData()
    data.setData(KIND_MIME, kind.encode())
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    where, keys = hand.at(*place), Qt.KeyboardModifier.NoModifier
    viewport = hand.canvas.viewport()
    for event in (
        QDragEnterEvent(where, copy, data, left, keys),
        QDragMoveEvent(where, copy, data, left, keys),
        QDropEvent(QPointF(where), copy, data, left, keys),
    ):
        QApplication.sendEvent(viewport, event)


def test_a_kind_dropped_on_the_canvas_is_added_there(hand):
    _drop(hand, "Linear", (500, 300))
    node = hand.model.graph.nodes["linear"]
    assert node.position == (420, 272)
    assert hand.model.selection == {"linear"}
    hand.model.undo()
    assert "linear" not in hand.model.graph


def test_a_kind_dropped_on_a_wire_is_inserted(hand):
    _drop(hand, "Tanh", (440, 28))
    graph = hand.model.graph
    assert graph.has_wire(wire("conv", "tanh"))
    assert graph.has_wire(wire("tanh", "relu"))
    hand.model.undo()
    assert graph.has_wire(wire("conv", "relu"))


def test_a_kind_that_is_dragged_away_again_leaves_no_trace(hand):
    before, viewport = state(hand.model), hand.canvas.viewport()
    data = QMimeData()
    data.setData(KIND_MIME, b"Tanh")
    held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(viewport, QDragEnterEvent(hand.at(440, 28), *held))
    QApplication.sendEvent(viewport, QDragMoveEvent(hand.at(440, 28), *held))
    assert hand.canvas._painter.hovered_wire == hand.canvas.mirror.wires.index[wire("conv", "relu")]
    QApplication.sendEvent(viewport, QDragLeaveEvent())
    assert hand.canvas._painter.hovered_wire == -1
    assert state(hand.model) == before
    assert not hand.model.workspace.history.can_undo


def test_a_kind_that_does_not_exist_is_not_dropped(hand):
    before = state(hand.model)
    _drop(hand, "Nothing", (500, 300))
    assert state(hand.model) == before
