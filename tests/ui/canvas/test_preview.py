"""What a fix would change is shown while the pointer is over its button, and the document stays as it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QGraphicsSimpleTextItem

from nodeforge.core.diagnostics import Fix
from nodeforge.core.edits import AddNode, Batch, Connect, Disconnect, RemoveNode, SetParameter
from nodeforge.core.graph import Node, Wire
from nodeforge.project import schema
from nodeforge.ui.inspector.findings import fix_button

OLD = Wire("conv", "output", "relu", "input")
INTO, OUT = Wire("conv", "output", "norm", "input"), Wire("norm", "output", "relu", "input")
INSERT = Batch(
    (
        Disconnect("main", OLD),
        AddNode("main", Node(name="norm", kind="BatchNorm2d", position=(360.0, 120.0))),
        Connect("main", INTO),
        Connect("main", OUT),
        SetParameter("main", "conv", "bias", False),
    ),
    "Insert",
)


@pytest.fixture
def button(hand, qtbot):
    made = fix_button(hand.model, Fix(label="Insert a norm", edit=INSERT))
    qtbot.addWidget(made)
    made.show()
    QApplication.processEvents()
    leave(made)  # it may have come up under the pointer
    return made


def enter(button) -> None:
    QApplication.sendEvent(button, QEnterEvent(QPointF(4, 4), QPointF(4, 4), QPointF(4, 4)))


def leave(button) -> None:
    QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))


def test_what_would_come_go_and_change_is_shown_until_the_pointer_leaves(hand, button) -> None:
    before = schema.encode(hand.model.document)
    enter(button)
    found = hand.canvas.preview.shown
    assert (found.added, found.removed, found.changed) == ({"norm"}, frozenset(), {"conv"})
    assert (found.wired, found.unwired) == ({INTO, OUT}, {OLD})
    names = [item for item in hand.canvas.scene().items() if isinstance(item, QGraphicsSimpleTextItem)]
    assert [item.text() for item in names] == ["norm"]
    assert schema.encode(hand.model.document) == before
    leave(button)
    assert hand.canvas.preview.shown is None
    assert hand.canvas.scene().items() == []


def test_the_place_of_a_node_to_come_is_tinted(hand, button) -> None:
    place = hand.at(440, 150)
    empty = hand.canvas.grab().toImage().pixel(place)
    enter(button)
    assert hand.canvas.grab().toImage().pixel(place) != empty
    leave(button)
    assert hand.canvas.grab().toImage().pixel(place) == empty


def test_once_carried_out_it_is_gone(hand, button) -> None:
    enter(button)
    button.click()
    assert "norm" in hand.model.graph
    assert hand.canvas.scene().items() == []
    hand.model.undo()
    assert "norm" not in hand.model.graph


def test_it_goes_with_the_button(hand, button, monkeypatch) -> None:
    enter(button)
    monkeypatch.setattr(button, "underMouse", lambda: True)
    button.hide()
    assert hand.canvas.scene().items() == []


def test_a_fix_that_fits_no_longer_shows_nothing(hand, button) -> None:
    hand.model.do(RemoveNode("main", "conv"))
    enter(button)
    assert hand.canvas.preview.shown is None


def test_what_would_go_is_shown(hand, qtbot) -> None:
    made = fix_button(hand.model, Fix(label="Remove", edit=RemoveNode("main", "relu")))
    qtbot.addWidget(made)
    made.show()
    enter(made)
    found = hand.canvas.preview.shown
    assert found.removed == {"relu"}
    assert OLD in found.unwired
