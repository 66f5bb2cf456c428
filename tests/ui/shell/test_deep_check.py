"""The deep check's window: what it asks, what it shows, and what its buttons do."""

from __future__ import annotations

import pytest
from drawings import drawing
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from nodeforge.engine.messages import (
    CancelDeepCheck,
    DeepCheck,
    DeepCheckAdvanced,
    DeepChecked,
    DeepFinding,
    DeepVerdict,
    Done,
    Failed,
    Remedy,
)
from nodeforge.project import schema
from nodeforge.session.workspace import Workspace
from nodeforge.ui.deep_check import DeepCheckDialog, summary
from nodeforge.ui.panels.problems import ProblemsPanel
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine

LEFT = Qt.MouseButton.LeftButton
DECODER = """
    tokens = Input(shape=[7], dtype="int64")
    words = Embedding(num_embeddings=11, embedding_dim=8)
    second = MultiheadAttention(num_heads=2)
    scores = Output()
    tokens -> words -> second -> scores
"""
AHEAD = DeepFinding(
    code="looks-ahead",
    severity="error",
    message="second looks into the future.",
    network="main",
    node="second",
    remedies=[Remedy(label="Switch causal on", node="second", parameter="causal", value=True)],
)
VERDICTS = [
    DeepVerdict(
        check="independent", title="Samples are apart", outcome="held", note="4 samples.", seconds=0.012
    ),
    DeepVerdict(check="causal", title="No look ahead", outcome="broken", seconds=1.5, findings=[AHEAD]),
    DeepVerdict(check="gradients", title="Gradients", outcome="skipped", note="No loss."),
]
TITLES = [verdict.title for verdict in VERDICTS]
CHECKED = DeepChecked(verdicts=VERDICTS, seconds=1.6, device="processor")


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def model() -> ProjectModel:
    return ProjectModel(Workspace(drawing(DECODER)))


@pytest.fixture
def dialog(qtbot, model, engine) -> DeepCheckDialog:
    dialog = DeepCheckDialog(model, engine)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def words(dialog: DeepCheckDialog) -> list[str]:
    QApplication.processEvents()  # new rows are shown with the next turn of the event loop
    return [label.text() for label in dialog.findChildren(QLabel) if label.text() and label.isVisible()]


def button(qtbot: QtBot, dialog: DeepCheckDialog, text: str) -> QPushButton:
    """The button of these words, once the layout has given it room."""

    def found() -> list[QPushButton]:
        return [
            button
            for button in dialog.findChildren(QPushButton)
            if button.text() == text and button.isVisible() and button.height() > 9
        ]

    qtbot.waitUntil(lambda: len(found()) == 1)
    return found()[0]


def test_it_begins_with_a_check_of_the_project_as_it_is(dialog, model, engine):
    assert isinstance(engine.last, DeepCheck)
    assert engine.last.document == schema.encode(model.document)
    assert not engine.last.causal
    assert dialog.busy.isVisible()


def test_properties_are_ticked_off_as_they_come(dialog, engine):
    engine.event_received.emit(DeepCheckAdvanced(titles=TITLES, verdicts=VERDICTS[:1]))
    assert {"Samples are apart", "4 samples.", "12 ms", "No look ahead", "Gradients"} <= set(words(dialog))
    assert dialog.outcome.text() == "No look ahead?"
    assert (dialog.busy.value(), dialog.busy.maximum()) == (1, 3)


def test_the_end_is_a_sentence_with_what_held(dialog, engine):
    engine.answer(CHECKED)
    assert dialog.outcome.text() == summary(CHECKED)
    assert summary(CHECKED).startswith("1 of 2 properties hold, 1 had nothing to try. It took 1.6 s")
    assert not dialog.busy.isVisible()
    assert "1.5 s" in words(dialog)


def test_a_fix_mends_the_drawing_and_the_verdict_is_then_out_of_date(qtbot, dialog, model, engine):
    engine.answer(CHECKED)
    QTest.mouseClick(button(qtbot, dialog, "Switch causal on"), LEFT)
    assert model.graph.nodes["second"].parameters["causal"] is True
    assert dialog.outcome.text().startswith("The project has changed since.")
    QTest.mouseClick(button(qtbot, dialog, "Check again"), LEFT)
    assert engine.last.document == schema.encode(model.document)


def test_the_node_to_blame_is_shown_on_the_canvas(qtbot, dialog, model, engine):
    engine.answer(CHECKED)
    QTest.mouseClick(button(qtbot, dialog, "Show second"), LEFT)
    assert model.selection == {"second"}


def test_sequences_are_held_to_be_in_time_when_asked(qtbot, dialog, engine):
    engine.answer(CHECKED)
    dialog.causal.setChecked(True)
    QTest.mouseClick(button(qtbot, dialog, "Check again"), LEFT)
    assert engine.last.causal


def test_cancel_asks_the_engine_and_waits_for_what_it_has(qtbot, dialog, engine):
    QTest.mouseClick(button(qtbot, dialog, "Cancel"), LEFT)
    assert isinstance(engine.last, CancelDeepCheck)
    engine.answer(Done())
    engine.answer(CHECKED, 0)
    assert button(qtbot, dialog, "Check again").isEnabled()


def test_closing_ends_the_check(dialog, engine):
    dialog.close()
    assert isinstance(engine.last, CancelDeepCheck)


def test_a_drawing_with_errors_is_not_run(qtbot, engine):
    broken = DECODER.replace("num_heads=2", "num_heads=3")
    dialog = DeepCheckDialog(ProjectModel(Workspace(drawing(broken))), engine)
    qtbot.addWidget(dialog)
    assert engine.asked == []
    assert dialog.outcome.text() == "The drawing has problems to solve before the network can run."


def test_a_failure_is_told(dialog, engine):
    engine.answer(Failed(message="There is not enough memory.", user_fault=True))
    assert dialog.outcome.text() == "There is not enough memory."


def test_the_problems_panel_asks_for_it(qtbot, model):
    panel = ProblemsPanel(model)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.deep_check_requested):
        QTest.mouseClick(panel.deep_check_button, LEFT)
