"""Networks inside networks with real keys and clicks: grouping, taking apart, going in and out, undoing."""

from __future__ import annotations

import pytest
from hands import CONTROL, SHIFT
from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, RemoveNode, SetParameter, SetVariables, Share
from nodeforge.core.graph import Node, Wire
from nodeforge.project import schema
from nodeforge.ui.breadcrumbs import Breadcrumbs
from nodeforge.ui.canvas.dropping.drops import KIND_MIME
from nodeforge.ui.canvas.inline_editor import InlineEditor
from nodeforge.ui.canvas.view import Canvas

Key = Qt.Key
SHIFTED = CONTROL | SHIFT


@pytest.fixture
def hand(hand, qtbot):
    """The hand, after conv and relu have become the network Pair and its name was given."""
    group(hand, "conv", "relu")
    field = hand.canvas.findChild(InlineEditor)
    field.selectAll()
    qtbot.keyClicks(field, "Pair")
    qtbot.keyClick(field, Key.Key_Return)
    assert set(hand.model.document.networks) == {"main", "Pair"}
    qtbot.waitUntil(lambda: hand.model.node_report("block") is not None)
    return hand


def group(hand, *names: str) -> None:
    hand.model.select(names)
    hand.key(Key.Key_G, CONTROL)


def pair(hand) -> tuple[float, float]:
    """A place on the body of the use."""
    return hand.middle("block")


def test_grouping_undoes_to_the_last_byte(canvas: Canvas, document: Document, qtbot) -> None:
    before = schema.encode(document)
    canvas.model.select(["conv", "relu"])
    QTest.keyClick(canvas, Key.Key_G, CONTROL)
    assert canvas.model.selection == {"block"}
    assert document.main_network.inputs_of("block") == {"input": [("image", "output")]}
    qtbot.keyClick(canvas.findChild(InlineEditor), Key.Key_Escape)
    assert set(document.networks) == {"main", "Block"}, "Escape leaves the name"
    canvas.model.undo()
    assert schema.encode(document) == before
    canvas.model.redo()
    assert set(document.networks) == {"main", "Block"}


def test_what_cannot_be_grouped_is_told(hand, qtbot) -> None:
    with qtbot.waitSignal(hand.model.complained) as told:
        group(hand, "image", "block")
    assert "image is an Input of the whole network" in told.args[0]


def test_taking_apart_gives_the_nodes_back(hand, document: Document) -> None:
    hand.model.select(["block"])
    hand.key(Key.Key_G, SHIFTED)
    assert list(document.networks) == ["main"]
    assert hand.model.selection == {"conv", "relu"}
    assert document.main_network.inputs_of("relu") == {"input": [("conv", "output")]}
    hand.model.undo()
    assert set(document.networks) == {"main", "Pair"}


def test_only_networks_are_taken_apart(hand, qtbot) -> None:
    hand.model.select(["image"])
    with qtbot.waitSignal(hand.model.complained) as told:
        hand.key(Key.Key_G, SHIFTED)
    assert "No selected node is a network" in told.args[0]


@pytest.mark.parametrize("way", ["body", "title", "enter"])
def test_a_network_is_entered_and_left(hand, way: str) -> None:
    x, y = hand.model.graph.nodes["block"].position
    if way == "enter":
        hand.model.select(["block"])
        hand.key(Key.Key_Return)
    else:
        place = hand.at(*((x + 100, y + 44) if way == "body" else (x + 100, y + 14)))
        QTest.mouseDClick(hand.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert hand.model.path == ("block",)
    assert set(hand.canvas.mirror.nodes.index) == {"input", "conv", "relu", "output"}
    hand.model.select(["conv"])
    hand.key(Key.Key_Escape)
    assert (hand.model.path, hand.model.selection) == (("block",), frozenset()), (
        "first lets go of the selection"
    )
    hand.key(Key.Key_Escape)
    assert hand.model.network == "main"
    assert hand.model.selection == {"block"}


def test_backspace_leaves_where_nothing_is_selected(hand) -> None:
    hand.model.enter("block")
    hand.key(Key.Key_Backspace)
    assert hand.model.network == "main"
    hand.model.select([])
    hand.key(Key.Key_Backspace)
    assert "block" in hand.model.graph, "outside of everything it does nothing"


def test_inside_are_the_shapes_of_that_use(hand, document: Document, qtbot) -> None:
    hand.model.do(AddNode("main", Node(name="wide", kind="Input", parameters={"shape": (3, 8, 8)})))
    hand.model.do(AddNode("main", Node(name="other", kind="Pair")))
    hand.model.do(Connect("main", Wire("wide", "output", "other", "input")))
    qtbot.waitUntil(lambda: bool(hand.model.node_report("other") and hand.model.node_report("other").inside))
    shapes = {}
    for use in ("block", "other"):
        hand.model.enter(use)
        shapes[use] = str(hand.model.node_report("conv").outputs["output"])
        assert str(hand.canvas.mirror.spec_of(("conv", "output"))) == shapes[use]
        hand.model.leave()
    assert shapes == {"block": "N×8×26×26", "other": "N×8×6×6"}


def test_each_network_is_shown_as_it_was_left(hand) -> None:
    hand.canvas.set_zoom(1.4)
    hand.canvas.centerOn(300, 50)
    place = hand.canvas.scroll_position()
    hand.model.enter("block")
    hand.canvas.set_zoom(0.5)
    hand.model.leave()
    assert hand.canvas.zoom == pytest.approx(1.4)
    assert (hand.canvas.scroll_position() - place).manhattanLength() <= 2
    hand.model.enter("block")
    assert hand.canvas.zoom == pytest.approx(0.5)


def test_undo_shows_where_it_undid(hand, document: Document) -> None:
    hand.model.enter("block")
    hand.model.do(SetParameter("Pair", "conv", "out_channels", 5))
    hand.model.leave()
    hand.model.undo()
    assert hand.model.path == ("block",)
    assert hand.model.selection == {"conv"}
    assert document.networks["Pair"].nodes["conv"].parameters["out_channels"] == 8
    hand.model.undo()  # the name of the network
    hand.model.undo()  # the network itself
    assert hand.model.network == "main"
    assert set(document.networks) == {"main"}
    assert "conv" in hand.canvas.mirror.nodes.index


def test_removing_the_way_in_leads_out(hand) -> None:
    hand.model.enter("block")
    hand.model.do(RemoveNode("main", "block"))
    assert hand.model.network == "main"
    assert "block" not in hand.canvas.mirror.nodes.index


def test_another_face_of_a_network_is_seen_at_its_uses(hand) -> None:
    assert set(hand.canvas.mirror.anatomy("block").inputs) == {"input"}
    hand.model.do(AddNode("Pair", Node(name="mask", kind="Input")))
    assert set(hand.canvas.mirror.anatomy("block").inputs) == {"input", "mask"}
    hand.model.undo()
    hand.model.leave()
    assert set(hand.canvas.mirror.anatomy("block").inputs) == {"input"}


def test_a_use_tells_how_often_it_runs_and_whose_weights_it_uses(hand, qtbot) -> None:
    hand.model.do(SetVariables("", {"deep": 12}))
    hand.model.do(SetParameter("main", "block", "repeat", "=deep"))
    hand.model.do(AddNode("main", Node(name="twin", kind="Pair", position=(0, 300))))
    hand.model.do(Share("main", "twin", "block"))
    qtbot.waitUntil(lambda: hand.canvas.mirror.caption("block").mark == "×12")
    caption = hand.canvas.mirror.caption("twin")
    assert (caption.count, caption.mark) == ("weights of block", "×12")
    looks = {
        name: hand.canvas.mirror.look_list[hand.canvas.mirror.looks[slot]]
        for name, slot in hand.canvas.mirror.nodes.index.items()
    }
    assert (looks["twin"].network, looks["twin"].shares) == (True, True)
    assert (looks["block"].network, looks["block"].shares) == (True, False)
    assert not looks["image"].network


def drop(canvas: Canvas, kind: str, place: tuple[float, float]) -> bool:
    """Drag a kind onto the canvas; whether it was taken."""
    data = QMimeData()
    data.setData(KIND_MIME, QByteArray(kind.encode()))
    at = QPointF(canvas.mapFromScene(QPointF(*place)))
    held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(at.toPoint(), *held)
    QApplication.sendEvent(canvas.viewport(), enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(canvas.viewport(), QDropEvent(at, *held))
    return True


def test_a_network_and_a_block_are_dropped_onto_the_canvas(hand, document: Document) -> None:
    assert drop(hand.canvas, "Pair", (300, 260))
    assert document.main_network.nodes["pair"].kind == "Pair"
    assert drop(hand.canvas, "block:residual", (600, 320))
    (name,) = hand.model.selection
    added = document.main_network.nodes[name].kind
    assert added in document.networks
    hand.model.undo()
    assert added not in document.networks, "the block goes with its node"


def test_no_gesture_puts_a_network_into_itself(hand, document: Document) -> None:
    hand.model.enter("block")
    assert not drop(hand.canvas, "Pair", (100, 200))
    assert not drop(hand.canvas, "main", (100, 200))
    search = hand.canvas.open_search()
    search.field.setText("Pair")
    assert not any(kind.name == "Pair" for kind in search._rows.kinds)
    search.dismiss()
    hand.model.leave()
    hand.model.select(["block"])
    hand.key(Key.Key_C, CONTROL)
    hand.model.enter("block")
    before = schema.encode(document)
    hand.key(Key.Key_V, CONTROL)
    assert schema.encode(document) == before


def test_a_wire_from_a_network_finds_its_ports(hand, document: Document) -> None:
    hand.drag(hand.port("block", "output", output=True), hand.port("dropout", "input", output=False))
    assert document.main_network.inputs_of("dropout") == {"input": [("block", "output")]}
    hand.drag(hand.port("dropout", "output", output=True), hand.middle("block"))
    assert document.main_network.inputs_of("block") == {"input": [("image", "output")]}, (
        "that would be a loop"
    )


def test_a_wire_into_nothing_offers_networks_too(hand) -> None:
    hand.drag(hand.port("image", "output", output=True), (400, 400))
    search = hand.canvas._search
    assert "Pair" in {kind.name for kind in search._rows.kinds}
    search.dismiss()


def test_breadcrumbs_say_where_one_is_and_lead_out(hand, qtbot) -> None:
    crumbs = Breadcrumbs(hand.model)
    qtbot.addWidget(crumbs)
    assert crumbs.isHidden(), "the main network needs no way out"
    hand.model.enter("block")
    group(hand, "conv")
    hand.model.select([])
    inner = next(name for name, node in hand.model.graph.nodes.items() if node.kind == "Block")
    hand.model.enter(inner)
    assert [step.text() for step in crumbs.steps] == ["main", "block (Pair)", f"{inner} (Block)"]
    qtbot.mouseClick(crumbs.steps[1], Qt.MouseButton.LeftButton)
    assert hand.model.path == ("block",)
    assert hand.model.selection == {inner}
    qtbot.mouseClick(crumbs.up, Qt.MouseButton.LeftButton)
    assert hand.model.network == "main"
    assert crumbs.isHidden()
    hand.model.show_network("Pair")
    assert crumbs.note.text() == "by itself"
