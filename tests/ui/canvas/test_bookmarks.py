"""Bookmarks: keys set them and go there, in any network; the list renames and removes."""

from __future__ import annotations

import pytest
from hands import CONTROL
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from nodeforge.core.document import Document
from nodeforge.core.drawing import Bookmark, Frame
from nodeforge.core.edits import AddNetwork, AddNode, SetBookmark, SetFrames, apply
from nodeforge.core.graph import Graph, Node
from nodeforge.ui.canvas.viewing import bookmarks
from nodeforge.ui.canvas.viewing.bookmark_list import BookmarkList


@pytest.fixture
def document(document: Document) -> Document:
    """Beside the main network one with a lone node, which nothing uses."""
    apply(document, AddNetwork(Graph("Other")))
    apply(document, AddNode("Other", Node(name="tanh", kind="Tanh", position=(4000.0, 0.0))))
    return document


def seen(canvas) -> tuple[QPointF, float]:
    return canvas.visible_area().center(), canvas.zoom


def assert_seen(canvas, centre: QPointF, zoom: float) -> None:
    assert canvas.zoom == pytest.approx(zoom)
    assert (canvas.visible_area().center() - centre).manhattanLength() < 3 / zoom


def test_control_and_a_digit_set_it_and_the_digit_goes_there(hand) -> None:
    canvas = hand.canvas
    canvas.look_at(QPointF(600, 100), 1.6)
    place = seen(canvas)
    hand.key(Qt.Key.Key_3, CONTROL)
    assert hand.model.graph.drawing.bookmarks["3"].zoom == pytest.approx(1.6)
    canvas.look_at(QPointF(-300, 40), 0.5)
    hand.key(Qt.Key.Key_3)
    assert_seen(canvas, *place)
    hand.model.undo()
    assert hand.model.graph.drawing.bookmarks == {}


def test_a_bookmark_in_another_network_shows_that_network(hand) -> None:
    hand.model.show_network("Other")
    hand.canvas.look_at(QPointF(4080, 30), 2.0)
    hand.key(Qt.Key.Key_5, CONTROL)
    hand.model.show_network("main")
    hand.key(Qt.Key.Key_5)
    assert hand.model.network == "Other"
    assert_seen(hand.canvas, QPointF(4080, 30), 2.0)


def test_a_digit_is_one_place_in_the_whole_project(hand) -> None:
    hand.key(Qt.Key.Key_1, CONTROL)
    hand.model.show_network("Other")
    hand.key(Qt.Key.Key_1, CONTROL)
    assert [(place.network, place.name) for place in bookmarks.places(hand.model.document)] == [
        ("Other", "1")
    ]
    hand.model.undo()
    assert [place.network for place in bookmarks.places(hand.model.document)] == ["main"]


def test_a_digit_without_a_bookmark_says_how_to_set_it(hand, qtbot) -> None:
    with qtbot.waitSignal(hand.model.complained) as told:
        hand.key(Qt.Key.Key_7)
    assert told.args == ["There is no bookmark 7: Ctrl+7 sets it to what is seen."]


def test_it_is_called_after_the_frame_or_the_node_in_the_middle(hand) -> None:
    hand.canvas.look_at(QPointF(310, 30), 1.0)
    assert bookmarks.set_here(hand.canvas) == "1"
    hand.model.do(SetFrames("main", {"block": Frame(area=(200, -40, 480, 150), title="Block")}))
    assert bookmarks.set_here(hand.canvas) == "2"
    hand.canvas.look_at(QPointF(9000, 9000), 1.0)
    bookmarks.set_here(hand.canvas)
    assert [place.words for place in bookmarks.places(hand.model.document)] == ["conv", "Block", "3"]


@pytest.fixture
def listed(hand, qtbot) -> BookmarkList:
    for name, title, x in (("1", "start", 80.0), ("2", "end", 800.0)):
        hand.model.do(SetBookmark("main", name, Bookmark(centre=(x, 30.0), zoom=1.5, title=title)))
    hand.key(Qt.Key.Key_B, CONTROL)
    found = hand.canvas.findChild(BookmarkList)
    qtbot.waitUntil(found.isVisible)
    return found


def test_the_list_goes_there(hand, listed) -> None:
    listed.rows.setCurrentItem(listed.rows.topLevelItem(1))
    QTest.mouseClick(listed.go_button, Qt.MouseButton.LeftButton)
    assert_seen(hand.canvas, QPointF(800, 30), 1.5)
    assert not listed.isVisible()


def test_the_list_renames_and_removes(hand, listed, qtbot) -> None:
    listed.rename()
    field = listed.rows.findChild(QLineEdit)
    field.setText("the beginning")
    QTest.keyClick(field, Qt.Key.Key_Return)
    kept = hand.model.graph.drawing.bookmarks
    renamed = Bookmark(centre=(80.0, 30.0), zoom=1.5, title="the beginning")
    qtbot.waitUntil(lambda: kept["1"] == renamed)
    assert listed.rows.topLevelItem(0).text(1) == "the beginning"
    QTest.keyClick(listed, Qt.Key.Key_Delete)
    assert list(kept) == ["2"]
    qtbot.waitUntil(lambda: listed.rows.topLevelItemCount() == 1)
    hand.model.undo()
    hand.model.undo()
    assert kept["1"].title == "start"
    listed.close()
