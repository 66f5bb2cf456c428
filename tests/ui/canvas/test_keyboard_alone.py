"""The canvas without a mouse: walking, wiring, a whole network."""

from __future__ import annotations

from hands import CONTROL, SHIFT
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsPathItem

from nodeforge.core.document import Document
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas.gestures.key_wiring import KeyWiring
from nodeforge.ui.canvas.viewing.focus_ring import FocusRing

Key = Qt.Key


def _wire(source: str, target: str, port: str = "input") -> Wire:
    return Wire(source, "output", target, port)


def _drawn(canvas) -> list[QGraphicsPathItem]:
    return [item for item in canvas.scene().items() if isinstance(item, QGraphicsPathItem)]


def test_a_wire_is_drawn_from_the_selected_node(hand):
    hand.model.select(["image"])
    hand.key(Key.Key_W)
    assert "image.output to conv.input" not in hand.canvas.mouse.gesture._hint.text()  # that wire is there
    gesture = hand.canvas.mouse.gesture
    while gesture._wish.target != "dropout":
        hand.key(Key.Key_Tab)
    assert "image.output to dropout.input" in gesture._hint.text()
    hand.key(Key.Key_Return)
    assert hand.model.graph.has_wire(_wire("image", "dropout"))
    assert hand.model.selection == {"dropout"}
    assert hand.canvas.mouse.gesture is None
    assert not _drawn(hand.canvas)
    hand.model.undo()
    assert not hand.model.graph.has_wire(_wire("image", "dropout"))


def test_the_hint_stays_where_it_is_when_the_view_scrolls(hand):
    canvas = hand.canvas
    hand.model.select(["image"])
    hand.key(Key.Key_W)
    hint = canvas.mouse.gesture._hint
    place = hint.pos()
    assert canvas.rect().contains(hint.geometry())
    canvas.scroll_to(canvas.scroll_position() + QPoint(60, 40))
    assert hint.pos() == place
    hand.key(Key.Key_Escape)


def test_arrows_choose_by_where_ports_lie(hand):
    hand.model.select(["image"])
    hand.key(Key.Key_W)
    gesture = hand.canvas.mouse.gesture
    first = gesture._wish
    hand.key(Key.Key_Right)
    assert gesture._wish != first
    x = {
        node: hand.canvas.port_place((node, "input"), output=False).x()
        for node in ("relu", "output", "dropout")
    }
    assert x[gesture._wish.target] > x[first.target]
    hand.key(Key.Key_Left)
    assert x[gesture._wish.target] <= x[first.target]
    hand.key(Key.Key_Escape)


def test_escape_a_click_and_losing_the_focus_give_the_wire_up(hand):
    for end in (
        lambda: hand.key(Key.Key_Escape),
        lambda: hand.click((600, 400)),
        lambda: hand.canvas.clearFocus(),
    ):
        hand.canvas.setFocus()
        hand.model.select(["image"])
        hand.key(Key.Key_W)
        assert isinstance(hand.canvas.mouse.gesture, KeyWiring)
        end()
        assert hand.canvas.mouse.gesture is None
        assert not _drawn(hand.canvas)
    assert not hand.model.workspace.history.can_undo


def test_a_node_without_outputs_is_wired_from_behind(hand):
    hand.model.undo()
    hand.canvas.operations.disconnect([_wire("relu", "output")])
    hand.model.select(["output"])
    hand.key(Key.Key_W)
    assert hand.canvas.mouse.gesture._wish.head == ("output", "input")
    hand.key(Key.Key_Return)
    assert hand.model.graph.inputs_of("output")


def test_space_adds_a_node_at_the_end_of_the_wire(hand):
    hand.model.select(["dropout"])
    hand.key(Key.Key_W)
    hand.key(Key.Key_Space)
    QTest.keyClicks(hand.canvas._search.field, "relu")
    QTest.keyClick(hand.canvas._search.field, Key.Key_Return)
    assert hand.model.graph.has_wire(_wire("dropout", "relu_2"))


def test_what_would_be_a_loop_is_not_offered(hand):
    hand.model.select(["relu"])
    hand.key(Key.Key_W)
    offered = {node for node, _ in hand.canvas.mouse.gesture._ends}
    hand.key(Key.Key_Escape)
    assert "conv" not in offered


def test_control_and_shift_with_arrows_select_what_they_pass(hand):
    hand.model.select(["image"])
    for _ in range(2):
        hand.key(Key.Key_Right, CONTROL | SHIFT)
    assert hand.model.selection == {"image", "conv", "relu"}
    hand.key(Key.Key_Right, CONTROL)
    assert hand.model.selection == {"output"}


def test_a_network_is_built_by_keys_alone(make_canvas, hand):
    canvas = make_canvas(Document())
    model = canvas.model

    def press(key: Key, held=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(canvas, key, held)

    def add(text: str, *, held=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClicks(canvas._search.field, text)
        QTest.keyClick(canvas._search.field, Key.Key_Return, held)

    press(Key.Key_Tab)
    add("input 4")
    for text in ("linear 8", "relu", "linear 3"):
        press(Key.Key_W)
        press(Key.Key_Space)
        add(text)
    press(Key.Key_W)
    press(Key.Key_Space)
    add("output")
    press(Key.Key_Tab)
    add("target 3 dtype=float32")
    press(Key.Key_Tab)
    add("mse")
    for source, port in (("target", "target"), ("linear_2", "input")):
        model.select([source])
        press(Key.Key_W)
        for _ in range(len(canvas.mouse.gesture._ends)):
            if canvas.mouse.gesture._wish.head == ("mse_loss", port):
                break
            press(Key.Key_Tab)
        press(Key.Key_Return)
    kinds = {node.kind for node in model.graph.nodes.values()}
    assert kinds == {"Input", "Linear", "ReLU", "Output", "Target", "MSELoss"}
    assert model.workspace.report.ok
    assert model.graph.has_wire(_wire("linear_2", "mse_loss"))
    places = [node.position for node in model.graph.nodes.values()]
    assert len(set(places)) == len(places)


def test_a_ring_shows_that_keys_go_to_the_canvas(canvas, hand):
    ring = canvas.findChild(FocusRing)
    assert not ring.isVisible()
    canvas.clearFocus()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.isVisible()
    assert ring.geometry() == canvas.rect()
    hand.click((600, 400))
    assert not ring.isVisible()
