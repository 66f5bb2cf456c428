"""The search on the canvas, by real events."""

from __future__ import annotations

import pytest
from hands import SHIFT
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from nodeforge.core.document import Document
from nodeforge.core.drawing import Bookmark, Frame
from nodeforge.core.edits import AddNetwork, AddNode, RemoveNode, SetBookmark, SetFrames, apply
from nodeforge.core.graph import Graph, Node


@pytest.fixture
def finder(hand):
    hand.canvas.finder.open()
    return hand.canvas.finder


def press(finder, key, keys=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(finder.bar.field, key, keys)


def type_in(finder, text):
    finder.bar.field.clear()
    QTest.keyClicks(finder.bar.field, text)


def test_hits_are_counted_and_gone_through_in_a_circle(finder, hand):
    assert finder.bar.field.hasFocus()
    type_in(finder, "n×8")
    assert [hit.name for hit in finder.hits] == ["conv", "relu", "output"]
    assert finder.bar.count.text() == "3 found"
    seen = []
    for _ in range(4):
        press(finder, Qt.Key.Key_Return)
        seen.append((finder.bar.count.text(), *hand.model.selection))
    assert seen == [("1 of 3", "conv"), ("2 of 3", "relu"), ("3 of 3", "output"), ("1 of 3", "conv")]
    press(finder, Qt.Key.Key_Return, SHIFT)
    assert hand.model.selection == {"output"}


def test_what_is_not_there_is_said(finder):
    type_in(finder, "transformer")
    assert finder.bar.count.text() == "Nothing found"
    press(finder, Qt.Key.Key_Return)
    assert finder.current == -1


def test_escape_brings_back_what_was_seen(hand):
    canvas, model = hand.canvas, hand.model
    canvas.set_zoom(0.4)
    model.select(["image"])
    zoom, scroll = canvas.zoom, canvas.scroll_position()
    canvas.finder.open()
    type_in(canvas.finder, "dropout")
    press(canvas.finder, Qt.Key.Key_Return)
    assert model.selection == {"dropout"}
    assert canvas.zoom > zoom
    press(canvas.finder, Qt.Key.Key_Escape)
    assert (canvas.zoom, canvas.scroll_position(), model.selection) == (zoom, scroll, {"image"})
    assert canvas.finder.bar.isHidden()
    assert canvas.hasFocus()


def test_the_close_button_stays_where_the_search_led(finder, hand):
    type_in(finder, "relu")
    press(finder, Qt.Key.Key_Return)
    QTest.mouseClick(finder.bar.close_button, Qt.MouseButton.LeftButton)
    assert not finder.is_open
    assert hand.model.selection == {"relu"}


def test_other_networks_are_searched_when_asked_for(make_canvas):
    document = Document()
    apply(document, AddNode("main", Node(name="relu1", kind="ReLU")))
    inner = Graph("block")
    inner._add(Node(name="relu2", kind="ReLU"))
    apply(document, AddNetwork(inner))
    canvas = make_canvas(document)
    canvas.finder.open()
    assert canvas.finder.bar.everywhere.isVisible()
    type_in(canvas.finder, "relu")
    assert canvas.finder.hits == [("main", "relu1", "node")]
    canvas.finder.bar.everywhere.click()
    assert canvas.finder.hits == [("main", "relu1", "node"), ("block", "relu2", "node")]
    press(canvas.finder, Qt.Key.Key_Return)
    press(canvas.finder, Qt.Key.Key_Return)
    assert canvas.model.network == "block"
    assert canvas.finder.bar.count.text() == "2 of 2"
    press(canvas.finder, Qt.Key.Key_Escape)
    assert canvas.model.network == "main"


def test_frames_notes_bookmarks_and_networks_are_found_too(make_canvas):
    document = Document()
    apply(document, AddNode("main", Node(name="relu", kind="ReLU")))
    frames = {
        "one": Frame(area=(900.0, 900.0, 200.0, 100.0), title="Body of it"),
        "two": Frame(area=(0.0, -900.0, 200.0, 100.0), text="The body is long"),
    }
    apply(document, SetFrames("main", frames))
    apply(document, SetBookmark("main", "4", Bookmark(centre=(-5000.0, 40.0), title="antibody")))
    apply(document, AddNetwork(Graph("body_block")))
    canvas = make_canvas(document)
    model, finder = canvas.model, canvas.finder
    finder.open()
    type_in(finder, "note")
    assert finder.hits == [("main", "two", "frame")]
    type_in(finder, "body")
    assert [hit.what for hit in finder.hits] == ["frame", "frame", "bookmark", "network"]
    seen = []
    for _ in finder.hits:
        press(finder, Qt.Key.Key_Return)
        centre = canvas.visible_area().center()
        seen.append((model.network, set(model.frames), canvas.visible_area().contains(900, 900)))
        if len(seen) == 3:
            assert centre.x() == pytest.approx(-5000, abs=2)
    assert [network for network, _, _ in seen] == ["main", "main", "main", "body_block"]
    assert [chosen for _, chosen, _ in seen][:2] == [{"one"}, {"two"}]
    assert [sees for _, _, sees in seen][:2] == [True, False]
    assert finder.bar.count.text() == "4 of 4"
    press(finder, Qt.Key.Key_Escape)
    assert model.network == "main"


def test_a_frame_that_is_found_is_not_dimmed(finder, hand):
    hand.model.do(SetFrames("main", {"one": Frame(area=(10.0, 320.0, 200.0, 100.0), title="Body")}))
    place = hand.at(200, 410)
    usual = hand.canvas.grab().toImage().pixel(place)
    type_in(finder, "body")
    assert hand.canvas.grab().toImage().pixel(place) == usual
    type_in(finder, "relu")
    assert hand.canvas.grab().toImage().pixel(place) != usual


def test_hits_follow_the_drawing(finder, hand, qtbot):
    type_in(finder, "relu")
    press(finder, Qt.Key.Key_Return)
    hand.model.do(RemoveNode("main", "relu"))
    qtbot.waitUntil(lambda: not finder.hits)
    assert finder.bar.count.text() == "Nothing found"
    hand.model.undo()
    qtbot.waitUntil(lambda: finder.hits == [("main", "relu", "node")])


def test_hits_stand_out_and_the_rest_is_dimmed(finder, hand):
    def color_at(name):
        x, y = hand.model.graph.nodes[name].position
        place = hand.at(x + 4, y + 14)
        return QColor(hand.canvas.grab().toImage().pixel(place))

    usual = {name: color_at(name) for name in ("conv", "dropout")}
    type_in(finder, "dropout")
    assert color_at("dropout") == usual["dropout"]
    assert color_at("conv") != usual["conv"]
    finder.close(restore=False)
    assert color_at("conv") == usual["conv"]


def test_escape_on_the_canvas_closes_the_search_first(finder, hand):
    hand.model.select(["conv"])
    hand.canvas.setFocus()
    hand.key(Qt.Key.Key_Escape)
    assert not finder.is_open
    hand.canvas.finder.open()
    hand.canvas.finder.open()
    assert hand.canvas.finder.bar.field.hasFocus()


def test_a_network_that_went_meanwhile_is_not_gone_back_to(hand):
    model = hand.model
    model.do(AddNetwork(Graph("body_block")))
    model.show_network("body_block")
    hand.canvas.finder.open()
    model.undo()
    model.show_network("main")
    press(hand.canvas.finder, Qt.Key.Key_Escape)
    assert model.network == "main"
    assert "conv" in hand.canvas.mirror.nodes.index
