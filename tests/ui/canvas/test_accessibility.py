"""The canvas as a screen reader finds it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.core.edits import Disconnect, RemoveNode
from nodeforge.core.graph import Wire
from nodeforge.ui.accessibility import canvas as accessibility
from nodeforge.ui.accessibility import speech
from nodeforge.ui.canvas.inline_editor import InlineEditor

Text = QAccessible.Text


@pytest.fixture
def listed(make_canvas, document) -> Iterator[QAccessibleInterface]:
    accessibility.install()
    QAccessible.setActive(True)
    canvas = make_canvas(document)
    found = QAccessible.queryAccessibleInterface(canvas)
    assert found is not None
    yield found
    QAccessible.setActive(False)


def _node(listed: QAccessibleInterface, name: str) -> QAccessibleInterface:
    nodes = [listed.child(index) for index in range(listed.childCount())]
    return next(node for node in nodes if node.text(Text.Name).startswith(f"{name},"))


def test_the_nodes_are_items_of_a_list(listed):
    assert listed.role() == QAccessible.Role.List
    assert listed.text(Text.Name) == "Canvas"
    names = [listed.child(index).text(Text.Name) for index in range(listed.childCount())]
    assert names == ["image, Input", "conv, Conv2d", "relu, ReLU", "output, Output", "dropout, Dropout"]
    conv = listed.child(1)
    assert conv.role() == QAccessible.Role.ListItem
    assert conv.parent() is listed
    assert listed.indexOfChild(conv) == 1
    assert listed.child(99) is None


def test_an_item_tells_shape_wires_and_state(listed):
    canvas = listed.canvas
    canvas.model.select(["conv"])
    conv = _node(listed, "conv")
    assert conv.text(Text.Value) == "output N×8×26×26 float32"
    assert "Fed by image; feeds relu" in conv.text(Text.Description)
    assert conv.state().selected
    assert conv.state().focused
    assert not _node(listed, "relu").state().selected
    assert listed.focusChild() is conv


def test_an_error_is_part_of_the_description(listed, qtbot):
    model = listed.canvas.model
    model.do(Disconnect("main", Wire("conv", "output", "relu", "input")))
    qtbot.waitUntil(lambda: bool(model.report.of_node("main", "relu")))
    finding = model.report.of_node("main", "relu")[0].message
    assert finding in _node(listed, "relu").text(Text.Description)


def test_an_item_lies_where_the_node_is_painted(listed):
    canvas = listed.canvas
    area = _node(listed, "conv").rect()
    assert canvas.viewport().rect().contains(canvas.viewport().mapFromGlobal(area.center()))
    assert listed.childAt(area.center().x(), area.center().y()) is _node(listed, "conv")
    canvas.set_zoom(0.5)
    assert _node(listed, "conv").rect().width() < area.width()


def test_a_node_that_is_gone_is_no_longer_valid(listed):
    relu = _node(listed, "relu")
    listed.canvas.model.do(RemoveNode("main", "relu"))
    assert not relu.isValid()
    assert relu.text(Text.Name) == ""
    assert relu.rect() == QRect()
    assert listed.childCount() == 4


def test_a_reader_can_select_open_and_rename(listed, qtbot):
    canvas = listed.canvas
    actions = _node(listed, "conv").actionInterface()
    assert actions.actionNames() == ["select", "open", "rename"]
    actions.doAction("select")
    assert canvas.model.selection == {"conv"}
    with qtbot.waitSignal(canvas.activated, check_params_cb=lambda name: name == "conv"):
        actions.doAction("open")
    actions.doAction("rename")
    editor = next(e for e in canvas.viewport().findChildren(InlineEditor) if not e.isHidden())
    QTest.keyClick(editor, Qt.Key.Key_Escape)


def test_what_keys_choose_is_announced(listed, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(speech, "QAccessibleAnnouncementEvent", lambda widget, text: said.append(text))
    monkeypatch.setattr(speech.QAccessible, "updateAccessibility", lambda event: None)
    canvas = listed.canvas
    canvas.setFocus()
    canvas.model.select(["image"])
    QTest.keyClick(canvas, Qt.Key.Key_W)
    assert "image.output to" in said[-1]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    canvas.open_search()
    QTest.keyClicks(canvas._search.field, "relu")
    assert said[-1].startswith("ReLU. ")
    QApplication.processEvents()
