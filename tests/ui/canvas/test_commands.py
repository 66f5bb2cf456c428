"""What keys do with the selected nodes: each is one undo step."""

from __future__ import annotations

import pytest
from hands import CONTROL, NONE, SHIFT, forget_steps, one_step_back, wire
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nodeforge.core.edits import AddNode, Connect
from nodeforge.core.graph import Node, Wire
from nodeforge.project import schema
from nodeforge.ui.canvas.commands import COMMANDS

Key = Qt.Key


@pytest.fixture
def press(hand):
    """Press a key with nodes selected; the step it makes is checked to be one, and to be undone whole."""

    def do(names, key, keys=NONE) -> None:
        model = hand.model
        before = schema.encode(model.document)
        model.select(names)
        hand.key(key, keys)
        selection = model.selection
        one_step_back(model, before)
        model.select(selection)

    return do


@pytest.mark.parametrize(("key", "mode"), [(Key.Key_M, "muted"), (Key.Key_B, "bypassed")])
def test_nodes_are_muted_and_bypassed_and_work_again(hand, press, key, mode):
    press(["conv", "relu"], key)
    nodes = hand.model.graph.nodes
    assert [nodes[name].mode for name in ("image", "conv", "relu")] == ["active", mode, mode]
    hand.key(key)
    assert {node.mode for node in nodes.values()} == {"active"}
    hand.model.select(["conv"])
    hand.key(key)
    hand.model.select(["conv", "relu"])
    hand.key(key)
    assert nodes["conv"].mode == nodes["relu"].mode == mode, "one that works does as the others"


def test_nodes_are_drawn_small_and_large_again(hand, press):
    press(["conv"], Key.Key_H)
    assert hand.model.graph.drawing.collapsed == {"conv"}
    hand.model.select(["conv", "relu"])
    hand.key(Key.Key_H)
    assert hand.model.graph.drawing.collapsed == {"conv", "relu"}
    hand.key(Key.Key_H)
    assert not hand.model.graph.drawing.collapsed


def test_a_node_is_deleted_without_healing(hand, press):
    press(["relu"], Key.Key_Delete, SHIFT)
    assert {str(w) for w in hand.model.graph.wires()} == {str(wire("image", "conv"))}


def test_a_node_is_pulled_out_of_its_wires(hand, press):
    press(["relu"], Key.Key_X, CONTROL | SHIFT)
    assert set(hand.model.graph.wires()) == {wire("image", "conv"), wire("conv", "output")}
    assert "relu" in hand.model.graph


def test_copies_keep_what_feeds_them(hand, press):
    press(["conv", "relu"], Key.Key_D, CONTROL | SHIFT)
    graph = hand.model.graph
    assert hand.model.selection == {"conv_2", "relu_2"}
    assert graph.has_wire(wire("image", "conv_2"))
    assert graph.has_wire(wire("conv_2", "relu_2"))
    assert graph.nodes["conv_2"].position[1] > 56


def test_selected_nodes_are_wired_in_their_order(hand, press):
    hand.model.do(AddNode("main", Node(name="tanh", kind="Tanh", position=(0, 200))))
    forget_steps(hand.model)
    press(["dropout", "tanh"], Key.Key_L)
    assert hand.model.graph.has_wire(wire("tanh", "dropout"))


def test_what_cannot_be_wired_is_told(hand, qtbot):
    hand.model.select(["conv", "output", "dropout"])
    with qtbot.waitSignal(hand.model.complained) as said:
        hand.key(Key.Key_L)
    assert "output" in said.args[0]


# Another kind -------------------------------------------------------------------------------------


def test_a_node_gets_another_kind_by_search(hand, press, qtbot):
    hand.model.select(["relu"])
    hand.key(Key.Key_R)
    popup = hand.canvas._search
    assert popup.current.category == "Activation"
    QTest.keyClicks(popup.field, "leakyrelu .2")
    QTest.keyClick(popup.field, Key.Key_Return)
    graph = hand.model.graph
    assert hand.model.selection == {"leaky_relu"}
    assert dict(graph.nodes["leaky_relu"].parameters) == {"negative_slope": 0.2}
    assert set(graph.wires_of("leaky_relu")) == {wire("conv", "leaky_relu"), wire("leaky_relu", "output")}
    assert hand.canvas._search is None
    hand.model.undo()
    assert "relu" in graph
    assert not hand.model.workspace.history.can_undo


def test_escape_keeps_the_kind(hand):
    hand.model.select(["relu"])
    hand.key(Key.Key_R)
    QTest.keyClick(hand.canvas._search.field, Key.Key_Escape)
    assert hand.canvas._search is None
    assert hand.model.graph.nodes["relu"].kind == "ReLU"
    assert not hand.model.workspace.history.can_undo


def test_wires_without_a_port_are_told(hand, qtbot):
    hand.model.do(AddNode("main", Node(name="sum", kind="Add", position=(480, 300))))
    for source in ("conv", "image"):
        hand.model.do(Connect("main", Wire(source, "output", "sum", "inputs")))
    hand.model.select(["sum"])
    hand.key(Key.Key_R)
    QTest.keyClicks(hand.canvas._search.field, "tanh")
    with qtbot.waitSignal(hand.model.complained) as said:
        QTest.keyClick(hand.canvas._search.field, Key.Key_Return)
    assert said.args[0] == "Tanh has fewer ports: one wire was taken out (image to sum)."
    assert hand.model.graph.predecessors("sum") == {"conv"}


# Selecting ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "keys", "names"),
    [
        (Key.Key_U, NONE, {"image", "conv"}),
        (Key.Key_D, NONE, {"conv", "relu", "output"}),
        (Key.Key_L, SHIFT, {"image", "conv", "relu", "output"}),
        (Key.Key_I, CONTROL, {"image", "relu", "output", "dropout"}),
        (Key.Key_A, CONTROL, {"image", "conv", "relu", "output", "dropout"}),
    ],
)
def test_keys_select_along_the_wires(hand, key, keys, names):
    hand.model.select(["conv"])
    hand.key(key, keys)
    assert hand.model.selection == names
    assert not hand.model.workspace.history.can_undo


def test_keys_without_a_selection_do_nothing(hand):
    before = schema.encode(hand.model.document)
    for key in (Key.Key_M, Key.Key_B, Key.Key_H, Key.Key_R, Key.Key_L, Key.Key_U, Key.Key_D):
        hand.key(key)
    hand.key(Key.Key_Delete, SHIFT)
    assert schema.encode(hand.model.document) == before
    assert hand.canvas._search is None


def test_no_two_commands_share_a_key():
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))
