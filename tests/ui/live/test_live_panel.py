"""The live panel asks for what is looked at, and for nothing while nobody looks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from nodeforge.engine.messages import LiveShown, NeuronLayer, Row, Series, Tile, WatchLive
from nodeforge.session.workspace import Workspace
from nodeforge.ui.live.panel import LivePanel
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine
from tests.training_jobs import iris


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def model():
    model = ProjectModel(Workspace(iris()))
    yield model
    model.workspace.close()


@pytest.fixture
def panel(qtbot, model, engine) -> LivePanel:
    panel = LivePanel(model, engine)
    qtbot.addWidget(panel)
    panel.resize(1100, 320)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def running(qtbot, panel, engine) -> LivePanel:
    """A panel beside a training."""
    engine.say_state("running")
    qtbot.waitUntil(lambda: bool(asked(engine)))
    return panel


def asked(engine: ScriptedEngine) -> list[WatchLive]:
    return [message for message, _ in engine.asked if isinstance(message, WatchLive)]


def packed(*values: float) -> bytes:
    return np.asarray(values, "<f4").tobytes()


def say(engine: ScriptedEngine, key: int, **shown: object) -> None:
    engine.event_received.emit(LiveShown(run="r1", key=key, step=7, **shown))  # type: ignore[arg-type]


def card_of(panel: LivePanel, view: str):
    (card,) = (card for card in panel.cards if card.view == view)
    return card


def test_before_a_training_it_says_what_to_do(qtbot, panel, engine):
    assert panel._empty.isVisible()
    assert "Press Train" in panel._empty.text()
    assert not asked(engine)


def test_a_training_opens_the_views_that_suit_the_network(running, engine):
    (request,) = asked(engine)
    assert request.run == "r1"
    assert [wish.view for wish in request.wishes] == [card.view for card in running.cards]
    assert "neurons" in [wish.view for wish in request.wishes]


def test_nothing_is_asked_for_while_nobody_looks(qtbot, running, engine):
    running.hide()
    qtbot.waitUntil(lambda: asked(engine)[-1].wishes == [])
    running.show()
    qtbot.waitUntil(lambda: asked(engine)[-1].wishes != [])


def test_hold_keeps_what_is_shown(qtbot, running, engine):
    card = running.cards[0]
    say(engine, card.key, rows=[Row(name="fc1", cells=[])])
    qtbot.mouseClick(running.hold_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: asked(engine)[-1].wishes == [])
    say(engine, card.key, rows=[Row(name="later", cells=[])])
    assert [row.name for row in card.shown.rows] == ["fc1"]


def test_another_sample_is_asked_for(qtbot, running, engine):
    say(engine, running.cards[0].key, samples=108)
    running.sample_box.setFocus()
    QTest.keyClick(running.sample_box, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: {wish.sample for wish in asked(engine)[-1].wishes} == {1})


def test_views_can_be_added_chosen_and_closed(qtbot, running, engine):
    before = len(running.cards)
    qtbot.mouseClick(running.add_button, Qt.MouseButton.LeftButton)
    card = running.cards[-1]
    qtbot.waitUntil(lambda: len(asked(engine)[-1].wishes) == before + 1)
    card.choose("weights", "fc2")
    card.wish_changed.emit()
    qtbot.waitUntil(
        lambda: (asked(engine)[-1].wishes[-1].view, asked(engine)[-1].wishes[-1].node) == ("weights", "fc2")
    )
    qtbot.mouseClick(card.close_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(asked(engine)[-1].wishes) == before)


def test_the_number_under_the_pointer_is_told(qtbot, running, engine):
    card = running.add("weights", "fc1")
    tile = Tile(width=2, height=1, pixels=bytes([0, 255]), low=-3.0, high=3.0, label="weight")
    say(engine, card.key, tiles=[tile], total=1)
    qtbot.waitUntil(lambda: bool(card.tiles.tiles))
    (rect,) = card.tiles.rects()
    spot = QPoint(int(rect.right() - rect.width() / 4), int(rect.center().y()))
    QTest.mouseMove(card.tiles, spot)
    qtbot.waitUntil(lambda: card.readout.text() == "weight, row 0, column 1: 3")


def test_a_neuron_tells_what_it_adds_up(qtbot, running, engine):
    card = card_of(running, "neurons")
    layer = NeuronLayer(
        name="fc1",
        function="ReLU",
        inputs=packed(2.0, 3.0),
        weights=packed(0.5, -1.0),
        bias=packed(1.0),
        sums=packed(-1.0),
        outputs=packed(0.0),
    )
    say(engine, card.key, layers=[layer])
    qtbot.waitUntil(lambda: card.neurons.isVisible())
    QTest.mouseMove(card.neurons, card.neurons.centre(1, 0).toPoint())
    told = "fc1[0]: w·x = 0.5·2 + -1·3 = -2, + b 1 = -1, ReLU gives 0"
    qtbot.waitUntil(lambda: card.readout.text() == told)


def test_curves_warnings_and_faults_are_shown(qtbot, running, engine):
    card = running.add("gradients")
    curves = [Series(name="fc1", values=packed(1.0, 0.1)), Series(name="fc2", values=packed(2.0, 2.0))]
    steps = np.asarray([3, 9], np.int32).tobytes()
    say(engine, card.key, series=curves, steps=steps, logarithmic=True, warning="The gradient vanishes.")
    qtbot.waitUntil(lambda: card.warning.isVisible())
    assert "fc1</span> 0.1" in card.curves.summary()
    say(engine, card.key, fault="fc1 is not computed.")
    qtbot.waitUntil(lambda: card._fault.isVisible())
    assert card._fault.text() == "fc1 is not computed."
    assert not card.warning.isVisible()
