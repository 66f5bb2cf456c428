"""Drawings as nobody makes them: the canvas shows them, and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.core.document import Document
from nodeforge.core.drawing import Frame
from nodeforge.core.edits import AddNode, Batch, Connect, Edit, SetFrames, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.project import schema

FAR = 1e6
"""The farthest that a file places anything."""


def _node(name: str, x: float = 0.0, y: float = 0.0, kind: str = "ReLU") -> Edit:
    return AddNode("main", Node(name=name, kind=kind, position=(x, y)))


def _wire(source: str, target: str, port: str = "input") -> Edit:
    return Connect("main", Wire(source, "output", target, port))


def _frames(*frames: Frame) -> Edit:
    return SetFrames("main", {f"frame{number}": frame for number, frame in enumerate(frames)})


def _many(count: int) -> list[Edit]:
    places = [(220.0 * (number % 50), 120.0 * (number // 50)) for number in range(count)]
    nodes = [_node(f"n{number}", *place) for number, place in enumerate(places)]
    return [*nodes, *(_wire(f"n{number}", f"n{number + 1}") for number in range(count - 1))]


_LONG, _RIGHT_TO_LEFT, _EMOJI = "word " * 60, "שלום עולם مرحبا", "🙂👩‍👩‍👧🚀" * 20
DRAWINGS: dict[str, list[Edit]] = {
    "nothing": [],
    "one node": [_node("alone")],
    "two thousand nodes": _many(2000),
    "all in one place": [_node(f"n{number}") for number in range(300)],
    "far from each other": [_node("a", -FAR, -FAR), _node("b", FAR, FAR), _wire("a", "b")],
    "far from the middle": [_node("a", FAR - 300, FAR), _node("b", FAR, FAR), _wire("a", "b")],
    "long names and titles": [
        _node("a" * 64),
        _frames(Frame(area=(-50, -50, 300, 200), title=_LONG), Frame(area=(0, 300, 40, 20), text="y" * 3000)),
    ],
    "other scripts": [
        _node("alone"),
        _frames(
            Frame(area=(0, 200, 300, 90), title=_RIGHT_TO_LEFT, text=f"**{_RIGHT_TO_LEFT}**"),
            Frame(area=(0, 400, 300, 90), title=_EMOJI, text=_EMOJI),
            Frame(area=(0, 600, 300, 90), title="tab\there\nline\u202eback", text="a\u0000b"),
        ),
    ],
    "frames of no size": [
        _node("alone"),
        _frames(Frame(area=(0, 0, 1e-9, 1e-9), title="dot"), Frame(area=(0, 0, 1e-3, 900), text="line")),
    ],
    "a frame around everything": [_frames(Frame(area=(-FAR, -FAR, 2 * FAR, 2 * FAR), title="all"))],
    "five hundred wires into one port": [
        _node("joined", 900, 5000, "Concat"),
        *(_node(f"n{number}", 0, 20.0 * number) for number in range(500)),
        *(_wire(f"n{number}", "joined", "inputs") for number in range(500)),
    ],
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_is_shown_near_and_far_and_goes_through_a_file(name: str, make_canvas: Callable) -> None:
    document = Document()
    apply(document, Batch(tuple(DRAWINGS[name])))
    document = schema.decode(schema.encode(document))
    canvas = make_canvas(document)
    canvas.fit()
    for zoom in (canvas.zoom, 1.0, 4.0, 0.02):
        canvas.set_zoom(zoom)
        canvas.centerOn(canvas.mirror.bounds().center())
        QApplication.processEvents()
        assert not canvas.grab().isNull()
    names = set(document.main_network.nodes)
    if names:
        canvas.fit()
        assert canvas.visible_area().intersects(canvas.mirror.bounds())
    QTest.keyClick(canvas, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert canvas.model.selection == names
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert not canvas.model.graph.nodes
    canvas.model.undo()
    assert set(canvas.model.graph.nodes) == names
