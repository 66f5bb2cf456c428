"""Nodes coloured by gradients and activations, as the engine tells them."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QObject, Signal

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNetwork, AddNode, Connect, apply
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.engine.messages import LiveShown, Row, TrainingState, WatchLive
from nodeforge.session.workspace import Workspace
from nodeforge.ui.canvas.overlays import Overlay
from nodeforge.ui.canvas.view import Canvas
from nodeforge.ui.live.overlay import VITALS, VitalColouring, VitalSigns
from nodeforge.ui.project_model import ProjectModel


class StandInEngine(QObject):
    """Notes what is asked, and says what a test has it say."""

    event_received = Signal(object)
    state_changed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[WatchLive] = []

    def request(self, message: WatchLive, answer: object) -> None:
        self.asked.append(message)

    def train(self, run: str) -> None:
        self.event_received.emit(TrainingState(run=run, state="running"))

    def tell(self, run: str, step: int = 7, fault: str = "", **rows: list[float]) -> None:
        told = [Row(name=name.replace("__", "."), cells=[], values=values) for name, values in rows.items()]
        self.event_received.emit(LiveShown(run=run, key=0, step=step, rows=told, fault=fault))


@pytest.fixture
def model():
    document = Document()
    for name, kind in (("image", "Input"), ("fc", "Linear"), ("relu", "ReLU"), ("deep", "block")):
        apply(document, AddNode("main", Node(name=name, kind=kind)))
    apply(document, Connect("main", Wire("image", "output", "fc", "input")))
    inner = Graph("block")
    for name, kind in (("i", "Input"), ("fc", "Linear"), ("o", "Output")):
        inner._add(Node(name=name, kind=kind))
    apply(document, AddNetwork(inner))
    model = ProjectModel(Workspace(document))
    yield model
    model.workspace.close()


@pytest.fixture
def engine(qapp):
    return StandInEngine()


@pytest.fixture
def overlay(model, engine, qtbot):
    canvas = Canvas(model)
    qtbot.addWidget(canvas)
    canvas.resize(800, 500)
    canvas.show()
    signs = VitalSigns(model, engine)
    return Overlay(canvas, [VitalColouring(vital, signs, model) for vital in VITALS])


NAN = math.nan


def heat(overlay):
    return overlay._canvas.heat


@pytest.fixture
def look(overlay, engine, qtbot):
    """Colour by something while run-1 trains."""

    def begin(name):
        overlay.toggle(name)
        engine.train("run-1")
        qtbot.waitUntil(lambda: bool(engine.asked and engine.asked[-1].wishes))

    return begin


def test_nothing_is_asked_until_somebody_looks_and_nothing_after(overlay, engine, qtbot):
    engine.train("run-1")
    qtbot.wait(20)
    assert not engine.asked
    overlay.show(True)
    qtbot.waitUntil(lambda: bool(engine.asked))
    assert [wish.view for wish in engine.asked[-1].wishes] == ["vitals"]
    assert engine.asked[-1].run == "run-1"
    overlay.show(False)
    assert engine.asked[-1].wishes == []
    engine.tell("run-1", fc=[1.0, 0, 1, 0])
    assert not heat(overlay)


def test_gradients_colour_by_powers_of_ten(overlay, engine, look):
    look("gradient")
    engine.tell("run-1", fc=[1e-1, 0, 1, 0], relu=[1e-4, 0, 1, 0], image=[NAN, 0, 1, 0])
    shown = heat(overlay)
    assert set(shown) == {"fc", "relu"}
    assert shown["fc"].share == 1.0
    assert shown["relu"].share == pytest.approx((1 - 3 / 4) ** 2)
    assert shown["relu"].text == "1.0e-04"
    assert overlay.legend.most.text() == "1.0e-01"
    assert "step 7" in overlay.legend.note.text()


def test_silent_units_and_spread_have_scales_of_their_own(overlay, engine, look, qtbot):
    look("silent")
    engine.tell("run-1", fc=[NAN, 0, 0.5, 0.0], relu=[NAN, 0, 2.0, 0.25])
    assert (heat(overlay)["relu"].share, heat(overlay)["relu"].text) == (0.25, "25%")
    overlay.legend.choices.setCurrentIndex(overlay.legend.choices.findData("spread"))
    assert overlay.shows("spread")
    assert heat(overlay)["fc"].share == 0.25
    qtbot.waitUntil(lambda: bool(engine.asked[-1].wishes))


def test_a_network_has_the_gradient_of_all_inside_and_inside_each_has_its_own(overlay, engine, look, model):
    look("gradient")
    engine.tell("run-1", deep__fc=[3.0, 0, 1, 0], deep__o=[4.0, 0, 1, 0], fc=[5.0, 0, 1, 0])
    assert heat(overlay)["deep"].text == "5.0e+00"
    model.enter("deep")
    assert heat(overlay)["fc"].text == "3.0e+00"


def test_what_is_missing_or_wrong_is_said(overlay, engine, look):
    overlay.toggle("gradient")
    assert "Train the network" in overlay.legend.note.text()
    overlay.toggle("gradient")
    look("gradient")
    assert "Waiting" in overlay.legend.note.text()
    engine.tell("run-1", fault="No gradient reaches a weight.")
    assert overlay.legend.note.text() == "No gradient reaches a weight."
    engine.tell("run-1", fc=[math.inf, 0, 1, 0], relu=[1.0, 0, 1, 0])
    assert heat(overlay)["fc"].share == 1.0


def test_another_run_is_followed_and_others_are_not(overlay, engine, look, qtbot):
    look("gradient")
    engine.tell("run-1", fc=[1.0, 0, 1, 0])
    engine.train("run-2")
    assert not heat(overlay)
    engine.tell("run-1", fc=[1.0, 0, 1, 0])
    assert not heat(overlay)
    qtbot.waitUntil(lambda: engine.asked[-1].run == "run-2")


def test_a_fresh_engine_is_asked_again(overlay, engine, qtbot):
    overlay.toggle("gradient")
    engine.train("run-1")
    qtbot.waitUntil(lambda: bool(engine.asked))
    asked = len(engine.asked)
    engine.state_changed.emit("dead", "")
    engine.state_changed.emit("ready", "")
    assert len(engine.asked) == asked + 1
