"""A canvas on a small network, at natural size, whose places are known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hands import NONE
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.session.workspace import Workspace
from nodeforge.ui.canvas import looking
from nodeforge.ui.canvas.view import Canvas
from nodeforge.ui.project_model import ProjectModel


class Hand:
    """A person's hand: real mouse and key events on a canvas, at places in canvas units."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    @property
    def model(self) -> ProjectModel:
        return self.canvas.model

    def at(self, x: float, y: float) -> QPoint:
        return self.canvas.mapFromScene(QPointF(x, y))

    def middle(self, name: str) -> tuple[float, float]:
        x, y = self.model.graph.nodes[name].position
        return x + 100, y + 44

    def port(self, name: str, port: str, *, output: bool) -> tuple[float, float]:
        place = self.canvas.port_place((name, port), output=output)
        return place.x(), place.y()

    def press(self, place: tuple[float, float], button=Qt.MouseButton.LeftButton, keys=NONE) -> None:
        QTest.mouseMove(self.canvas.viewport(), self.at(*place))
        QTest.mousePress(self.canvas.viewport(), button, keys, self.at(*place))

    def drag_to(self, place: tuple[float, float], button=Qt.MouseButton.LeftButton, keys=NONE) -> None:
        viewport = self.canvas.viewport()
        for here in (self.at(*place) - QPoint(7, 7), self.at(*place)):
            kind, globally = QEvent.Type.MouseMove, QPointF(viewport.mapToGlobal(here))
            none = Qt.MouseButton.NoButton  # QTest.mouseMove knows no modifiers
            QApplication.sendEvent(viewport, QMouseEvent(kind, QPointF(here), globally, none, button, keys))

    def release(self, place: tuple[float, float], button=Qt.MouseButton.LeftButton, keys=NONE) -> None:
        QTest.mouseRelease(self.canvas.viewport(), button, keys, self.at(*place))

    def drag(self, start: tuple[float, float], end: tuple[float, float], **held) -> None:
        self.press(start, **held)
        self.drag_to(end, **held)
        self.release(end, **held)

    def click(self, place: tuple[float, float], keys=NONE) -> None:
        QTest.mouseClick(self.canvas.viewport(), Qt.MouseButton.LeftButton, keys, self.at(*place))

    def key(self, key: Qt.Key, keys=NONE) -> None:
        QTest.keyClick(self.canvas, key, keys)


@pytest.fixture(autouse=True)
def nobody_looks(monkeypatch) -> None:
    """Pictures do not change by themselves: whoever tests what is lit lets the canvas look."""
    monkeypatch.setattr(looking, "RESTS_MS", 3_600_000)


@pytest.fixture
def document() -> Document:
    """image -> conv -> relu -> output, and a dropout without wires."""
    made = Document()
    for name, kind, x, y, parameters in (
        ("image", "Input", 0, 0, {"shape": (1, 28, 28)}),
        ("conv", "Conv2d", 240, 0, {"out_channels": 8}),
        ("relu", "ReLU", 480, 0, {}),
        ("output", "Output", 720, 0, {}),
        ("dropout", "Dropout", 240, 200, {}),
    ):
        apply(made, AddNode("main", Node(name=name, kind=kind, parameters=parameters, position=(x, y))))
    for source, target in (("image", "conv"), ("conv", "relu"), ("relu", "output")):
        apply(made, Connect("main", Wire(source, "output", target, "input")))
    return made


@pytest.fixture
def make_canvas(qtbot) -> Callable[[Document], Canvas]:
    def make(document: Document) -> Canvas:
        model = ProjectModel(Workspace(document))
        canvas = Canvas(model)
        model.setParent(canvas)
        qtbot.addWidget(canvas)
        canvas.resize(1200, 700)
        with qtbot.waitExposed(canvas):
            canvas.show()
        canvas.set_zoom(1.0)
        canvas.centerOn(440, 160)
        canvas.setFocus()
        return canvas

    return make


@pytest.fixture
def canvas(make_canvas, document) -> Canvas:
    return make_canvas(document)


@pytest.fixture
def hand(canvas) -> Hand:
    return Hand(canvas)
