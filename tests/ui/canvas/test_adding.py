"""Adding by search: opening it, what it offers and tells, adding one after the other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hands import SHIFT
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from nodeforge.core.graph import Wire
from nodeforge.project.habits import AddedKinds
from nodeforge.ui.canvas import mouse


def _type(popup, text: str, *keys: Qt.Key, held=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClicks(popup.field, text)
    for key in keys:
        QTest.keyClick(popup.field, key, held)


def _wire(source: str, target: str) -> Wire:
    return Wire(source, "output", target, "input")


def test_a_tap_of_space_opens_the_search_with_the_cursor_in_it(hand):
    hand.key(Qt.Key.Key_Space)
    assert hand.canvas._search.field.hasFocus()
    _type(hand.canvas._search, "relu", Qt.Key.Key_Escape)
    assert hand.canvas._search is None
    assert not hand.model.workspace.history.can_undo


def test_space_that_was_held_or_panned_with_opens_nothing(hand, monkeypatch):
    QTest.keyPress(hand.canvas, Qt.Key.Key_Space)
    before = hand.canvas.scroll_position()
    hand.drag((600, 400), (500, 400))
    QTest.keyRelease(hand.canvas, Qt.Key.Key_Space)
    assert hand.canvas.scroll_position() == before + QPoint(100, 0)
    assert hand.canvas._search is None
    monkeypatch.setattr(mouse, "_TAP_S", 0.0)
    hand.key(Qt.Key.Key_Space)
    assert hand.canvas._search is None


def test_shift_enter_adds_and_goes_on_along_the_wire(hand):
    hand.drag(hand.port("dropout", "output", output=True), (600, 300))
    popup = hand.canvas._search
    _type(popup, "flatten", Qt.Key.Key_Return, held=SHIFT)
    assert not popup.isHidden()
    assert popup.field.text() == ""
    _type(popup, "linear 10", Qt.Key.Key_Return)
    graph = hand.model.graph
    assert graph.has_wire(_wire("dropout", "flatten"))
    assert graph.has_wire(_wire("flatten", "linear"))
    assert graph.nodes["linear"].position[0] > graph.nodes["flatten"].position[0]
    hand.model.undo()
    assert "linear" not in graph
    assert "flatten" in graph


def test_shift_enter_on_a_wire_puts_one_behind_the_other(hand):
    popup = hand.canvas.open_search(wire=_wire("conv", "relu"))
    _type(popup, "batchnorm2d", Qt.Key.Key_Return, held=SHIFT)
    _type(popup, "dropout2d", Qt.Key.Key_Return)
    chain = ("conv", "batch_norm2d", "dropout2d", "relu")
    assert all(hand.model.graph.has_wire(_wire(a, b)) for a, b in pairwise(chain))


def test_shift_enter_without_a_wire_finds_free_places(hand):
    popup = hand.canvas.open_search()
    for _ in range(3):
        _type(popup, "relu", Qt.Key.Key_Return, held=SHIFT)
    _type(popup, "", Qt.Key.Key_Escape)
    places = [node.position for node in hand.model.graph.nodes.values()]
    assert len(places) == len(set(places)) == 8


def test_what_was_added_lately_stands_first_in_any_project(hand):
    AddedKinds().add("GELU")
    AddedKinds().add("LSTM")
    popup = hand.canvas.open_search()
    assert [kind.name for kind in popup._rows.kinds[:2]] == ["LSTM", "GELU"]
    assert "used lately" in popup.list.model().index(0, 0).data()
    _type(popup, "relu", Qt.Key.Key_Return)
    assert AddedKinds().latest(1) == ["ReLU"]
    assert AddedKinds().counts()["GELU"] == 1


def test_kinds_added_often_come_first_among_equals(hand):
    for _ in range(4):
        AddedKinds().add("Conv1d")
    popup = hand.canvas.open_search()
    QTest.keyClicks(popup.field, "conv")
    assert popup.current.name == "Conv1d"


def test_a_file_of_habits_that_cannot_be_read_is_no_obstacle(hand):
    AddedKinds().add("GELU")
    AddedKinds().path.write_text("{broken")
    popup = hand.canvas.open_search()
    _type(popup, "relu", Qt.Key.Key_Return)
    assert AddedKinds().latest(3) == ["ReLU"]


def test_the_hint_tells_what_enter_would_add(hand):
    hand.drag(hand.port("conv", "output", output=True), (600, 200))
    popup = hand.canvas._search
    _type(popup, "conv 32 3")
    hint = popup.hint.text()
    assert "out_channels = 32, kernel_size = 3" in hint
    assert "→ N×32×24×24, 2,336 parameters" in hint
    popup.field.setText("maxpool2d 99")
    assert popup.hint.text().count("does not fit") == 1


def test_without_a_wire_what_fits_the_selected_node_comes_first(hand):
    hand.model.select(["conv"])
    popup = hand.canvas.open_search()
    QTest.keyClicks(popup.field, "batchnorm")
    assert popup.current.name == "BatchNorm2d"
    names = [kind.name for kind in hand.canvas.open_search()._rows.kinds]
    assert names.index("MaxPool2d") < names.index("Embedding")


def test_by_keyboard_alone_nodes_do_not_lie_on_each_other(hand):
    hand.canvas.mouse.place = mouse.OUTSIDE
    for _ in range(2):
        hand.model.select(["conv"])
        hand.key(Qt.Key.Key_Tab)
        _type(hand.canvas._search, "relu", Qt.Key.Key_Return)
    first, second = (hand.model.graph.nodes[name].position for name in ("relu_2", "relu_3"))
    assert first != second
    assert first[0] > hand.model.graph.nodes["conv"].position[0]


@pytest.mark.parametrize("typed", ["linear 10", "dropout .3", "conv 32 3"])
def test_values_may_be_written_as_people_write_them(hand, typed):
    popup = hand.canvas.open_search()
    _type(popup, typed, Qt.Key.Key_Return)
    (name,) = hand.model.selection
    last = float(typed.split()[-1])
    assert last in hand.model.graph.nodes[name].parameters.values()
