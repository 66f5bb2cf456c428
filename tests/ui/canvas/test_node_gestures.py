"""Copying, inserting and pulling nodes out by hand, and selecting: with Esc, and one undo step each."""

from __future__ import annotations

import pytest
from hands import ALT, CONTROL, SHIFT, forget_steps, one_step_back, wire
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from nodeforge.core.edits import AddNode, Connect
from nodeforge.core.graph import Node
from nodeforge.project import schema
from nodeforge.ui.canvas.gestures.shake import Shake

Key = Qt.Key


# Selecting ----------------------------------------------------------------------------------------


def test_shift_adds_and_control_toggles(hand):
    hand.click(hand.middle("conv"))
    hand.click(hand.middle("relu"), keys=SHIFT)
    hand.click(hand.middle("relu"), keys=SHIFT)
    assert hand.model.selection == {"conv", "relu"}
    hand.click(hand.middle("relu"), keys=CONTROL)
    hand.click(hand.middle("dropout"), keys=CONTROL)
    assert hand.model.selection == {"conv", "dropout"}


def test_a_marquee_with_control_toggles_and_escape_restores(hand):
    hand.model.select(["conv", "dropout"])
    hand.press((230, -40), keys=CONTROL)
    hand.drag_to((560, 80), keys=CONTROL)
    assert hand.model.selection == {"relu", "dropout"}
    hand.key(Key.Key_Escape)
    hand.release((560, 80), keys=CONTROL)
    assert hand.model.selection == {"conv", "dropout"}
    hand.drag((230, -40), (560, 80), keys=CONTROL)
    assert hand.model.selection == {"relu", "dropout"}


# Copying ------------------------------------------------------------------------------------------


def test_control_and_a_drag_copies_the_selected_nodes(hand):
    before = schema.encode(hand.model.document)
    hand.model.select(["conv", "relu"])
    x, y = hand.middle("conv")
    hand.drag((x, y), (x + 30, y + 250), keys=CONTROL)
    graph = hand.model.graph
    assert hand.model.selection == {"conv_2", "relu_2"}
    assert graph.nodes["conv_2"].position == (270, 250)
    assert graph.nodes["conv"].position == (240, 0)
    assert graph.wires_of("conv_2") == [wire("conv_2", "relu_2")]
    one_step_back(hand.model, before)


def test_with_shift_at_the_end_copies_keep_their_inputs(hand):
    hand.press(hand.middle("conv"), keys=CONTROL)
    x, y = hand.middle("conv")
    hand.drag_to((x, y + 250), keys=CONTROL)
    hand.release((x, y + 250), keys=CONTROL | SHIFT)
    assert hand.model.graph.wires_of("conv_2") == [wire("image", "conv_2")]


def test_an_unselected_node_is_copied_alone(hand):
    hand.model.select(["relu"])
    x, y = hand.middle("dropout")
    hand.drag((x, y), (x + 200, y + 50), keys=CONTROL)
    assert hand.model.selection == {"dropout_2"}


def test_escape_copies_nothing(hand):
    before = schema.encode(hand.model.document)
    x, y = hand.middle("conv")
    hand.press((x, y), keys=CONTROL)
    hand.drag_to((x, y + 200), keys=CONTROL)
    assert len(hand.canvas.scene().items()) == 1
    hand.key(Key.Key_Escape)
    hand.release((x, y + 200), keys=CONTROL)
    assert schema.encode(hand.model.document) == before
    assert not hand.canvas.scene().items()


# Inserting ----------------------------------------------------------------------------------------


def test_a_chain_of_selected_nodes_is_inserted(hand):
    hand.model.do(AddNode("main", Node(name="norm", kind="BatchNorm2d", position=(480, 200))))
    hand.model.do(Connect("main", wire("dropout", "norm")))
    before = forget_steps(hand.model)
    hand.model.select(["dropout", "norm"])
    hand.drag(hand.middle("dropout"), (440, 28), keys=ALT)
    graph = hand.model.graph
    assert set(graph.wires_of("dropout")) == {wire("conv", "dropout"), wire("dropout", "norm")}
    assert graph.has_wire(wire("norm", "relu"))
    assert not graph.has_wire(wire("conv", "relu"))
    one_step_back(hand.model, before)


def test_escape_inserts_nothing(hand):
    before = schema.encode(hand.model.document)
    hand.press(hand.middle("dropout"))
    hand.drag_to((440, 28), keys=ALT)
    hand.key(Key.Key_Escape)
    hand.release((440, 28), keys=ALT)
    assert schema.encode(hand.model.document) == before


def test_nodes_that_hang_on_others_are_only_moved(hand):
    hand.model.select(["relu"])
    x, y = hand.middle("relu")
    hand.drag((x, y), (200, 28), keys=ALT)
    assert hand.model.graph.has_wire(wire("image", "conv"))
    assert hand.model.graph.has_wire(wire("conv", "relu"))


# Pulling out --------------------------------------------------------------------------------------


def shake(hand, name: str, end: tuple[float, float]) -> None:
    """Press on a node, swing to and fro, and go to a place without letting go."""
    x, y = hand.middle(name)
    hand.press((x, y))
    for swing in (60, -60, 60, -60, 60, -60):
        hand.drag_to((x + swing, y + 4))
    hand.drag_to(end, keys=ALT)


def test_a_shaken_node_comes_off_its_wires_which_heal(hand):
    before = schema.encode(hand.model.document)
    shake(hand, "relu", (600, 300))
    hand.release((600, 300), keys=ALT)
    graph = hand.model.graph
    assert graph.has_wire(wire("conv", "output"))
    assert graph.wires_of("relu") == []
    assert graph.nodes["relu"].position[1] > 200
    one_step_back(hand.model, before)
    assert not hand.canvas.scene().items()


def test_escape_gives_a_shaken_node_its_wires_back(hand):
    before = schema.encode(hand.model.document)
    ends = hand.canvas.mirror.wire_ends().copy()
    shake(hand, "relu", (600, 300))
    hand.key(Key.Key_Escape)
    hand.release((600, 300), keys=ALT)
    assert schema.encode(hand.model.document) == before
    assert (hand.canvas.mirror.wire_ends()[:3] == ends[:3]).all()
    assert not hand.canvas.scene().items()


def test_a_shaken_node_can_be_dropped_on_another_wire(hand):
    before = schema.encode(hand.model.document)
    shake(hand, "relu", (200, 28))
    hand.release((200, 28), keys=ALT)
    graph = hand.model.graph
    assert {str(w) for w in graph.wires()} == {
        str(wire(*pair)) for pair in (("image", "relu"), ("relu", "conv"), ("conv", "output"))
    }
    one_step_back(hand.model, before)


def test_with_alt_no_guide_is_left_over(hand):
    x, y = hand.middle("dropout")
    hand.press((x, y))
    hand.drag_to((x + 120, y - 196))
    caught = len(hand.canvas.scene().items())
    hand.drag_to((x + 120, y - 196), keys=ALT)
    assert len(hand.canvas.scene().items()) == 0 < caught
    hand.release((x + 120, y - 196), keys=ALT)


def test_a_plain_drag_keeps_the_wires(hand):
    hand.drag(hand.middle("relu"), (600, 300), keys=ALT)
    assert hand.model.graph.has_wire(wire("conv", "relu"))


@pytest.mark.parametrize(
    ("places", "seconds", "shaken"),
    [
        ((0, 40, 0, 40, 0, 40), 0.1, True),
        ((0, 40, 0, 40, 0), 0.1, False),  # three turns
        ((0, 40, 0, 40, 0, 40), 0.5, False),  # too slow
        ((0, 9, 0, 9, 0, 9, 0, 9), 0.1, False),  # a tremble
        ((0, 40, 80, 120, 160, 200), 0.1, False),
    ],
)
def test_what_is_a_shake(places, seconds, shaken):
    passed = iter(range(100))
    found = Shake(clock=lambda: next(passed) * seconds)
    assert any(found.follow(place, 0.0) for place in places) is shaken
    passed = iter(range(100))
    found = Shake(clock=lambda: next(passed) * seconds)
    assert any(found.follow(0.0, place) for place in places) is shaken


# Menus --------------------------------------------------------------------------------------------


def menu_of(hand, name: str) -> dict:
    where = hand.at(*hand.middle(name))
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, where, hand.canvas.viewport().mapToGlobal(where)
    )
    QApplication.sendEvent(hand.canvas.viewport(), event)
    menu = hand.canvas.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1]
    return {action.text().replace("&", ""): action for action in menu.actions()}


def test_the_menu_of_a_node_shows_its_keys_and_states(hand):
    actions = menu_of(hand, "conv")
    assert {text: actions[text].shortcut().toString() for text in ("Replace with…", "Mute", "Bypass")} == {
        "Replace with…": "R",
        "Mute": "M",
        "Bypass": "B",
    }
    assert not actions["Connect selected"].isEnabled()
    actions["Mute"].trigger()
    assert hand.model.graph.nodes["conv"].mode == "muted"
    assert menu_of(hand, "conv")["Mute"].isChecked()
    hand.model.select(["conv", "dropout"])
    menu_of(hand, "conv")["Connect selected"].trigger()
    assert hand.model.graph.has_wire(wire("conv", "dropout")), "they stand in one column, dropout below"


def test_the_menu_selects_along_the_wires(hand):
    inner = menu_of(hand, "conv")["Select"].menu()
    {action.text().replace("&", ""): action for action in inner.actions()}["Select what feeds them"].trigger()
    assert hand.model.selection == {"image", "conv"}
