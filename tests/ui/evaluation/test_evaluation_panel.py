"""The Evaluation panel shows what there is and nothing else, and measures on the split that is chosen."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from nodeforge.core.document import Document
from nodeforge.engine.messages import (
    Evaluated,
    EvaluateRun,
    Failed,
    Mistake,
    PartScore,
    Picture,
    RunFinished,
    ScoreCurve,
    SplitScores,
)
from nodeforge.project.runs import RunStore
from nodeforge.session.workspace import Workspace
from nodeforge.ui.evaluation.panel import EvaluationPanel
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine

PICTURE = Picture(width=2, height=2, channels=1, pixels=bytes([0, 80, 160, 255]))


def classes(split: str = "test", *, beaten: bool = False) -> Evaluated:
    scores = SplitScores(
        metrics={"loss": 0.2, "accuracy": 0.9}, baseline={"majority class": {"accuracy": 0.5}}
    )
    curves = [
        ScoreCurve(label="cat", x=[0.0, 0.0, 1.0], y=[0.0, 1.0, 1.0], area=1.0),
        ScoreCurve(label="dog", x=[0.0, 0.5, 1.0], y=[0.0, 0.5, 1.0], area=0.5),
    ]
    return Evaluated(
        run="r1",
        split=split,
        metrics={"loss": 0.2, "accuracy": 0.9, "roc_auc": 0.75},
        baseline=scores.baseline,
        classes=["cat", "dog"],
        confusion=[[9, 1], [1, 9]],
        task="classification",
        headline="accuracy",
        verdict="It is beaten." if beaten else "It does better.",
        beaten=beaten,
        splits={"train": scores, "test": scores},
        parts=[
            PartScore(name="cat", count=10, values={"recall": 0.9}),
            PartScore(name="dog", count=10, values={}),
        ],
        roc=curves,
        precision_recall=curves,
        mistakes=[
            Mistake(place=6, truth="cat", prediction="dog", scores=[("dog", "81.0%")], picture=PICTURE),
            Mistake(place=2, truth="dog", prediction="cat", picture=PICTURE),
        ],
    )


def values(**more: object) -> Evaluated:
    return Evaluated(
        run="r1",
        split="test",
        metrics={"loss": 0.2, "rmse": 1.5},
        truth=[1.0, 2.0, 4.0],
        prediction=[1.5, 2.0, 3.0],
        moments=[12, 10, 11],
        headline="nrmse",
        splits={"test": SplitScores(metrics={"loss": 0.2, "rmse": 1.5})},
        notes=["Something was left out."],
        **more,
    )


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def model(tmp_path: Path) -> ProjectModel:
    workspace = Workspace(Document())
    workspace.save(tmp_path / "project")
    return ProjectModel(workspace)


@pytest.fixture
def panel(qtbot, model, engine) -> EvaluationPanel:
    panel = EvaluationPanel(model, engine)
    qtbot.addWidget(panel)
    panel.resize(1100, 330)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def tabs(panel: EvaluationPanel) -> list[str]:
    return [panel.tabs.tabText(index) for index in range(panel.tabs.count())]


def turn_to(panel: EvaluationPanel, name: str) -> None:
    rect = panel.tabs.tabRect(tabs(panel).index(name))
    QTest.mouseClick(panel.tabs, Qt.MouseButton.LeftButton, pos=rect.center())
    assert panel.stack.currentWidget() is panel.pages[name]


def texts(table) -> list[list[str]]:
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_at_first_it_says_how_to_get_there(panel) -> None:
    assert panel.message.isVisible()
    assert "any run under Runs" in panel.message.text()
    assert not panel.evaluate_button.isVisible()  # there is no run yet


def test_the_newest_run_is_evaluated_from_here(panel, engine, model) -> None:
    store = RunStore(model.folder)
    run = store.create(b"{}", seed=0, environment={})
    (store.path(run.id) / "last.safetensors").touch()
    engine.event_received.emit(
        RunFinished(run=run.id, status="finished", epochs=1, seconds=1, samples_per_second=1, metrics={})
    )
    assert panel.evaluate_button.isVisible()
    panel.evaluate_button.click()
    assert not panel.evaluate_button.isVisible()
    assert engine.last == EvaluateRun(folder=str(model.folder), run="", split="test")
    engine.answer(Failed(message="It cannot.", user_fault=True))
    assert panel.message.text() == "It cannot."
    assert panel.evaluate_button.isVisible()


def test_only_what_makes_sense_has_a_tab(panel) -> None:
    panel.show_evaluation(classes())
    assert tabs(panel) == ["Confusion", "Mistakes", "Classes", "ROC", "PR curve"]
    panel.show_evaluation(values())
    assert tabs(panel) == ["Forecast", "Prediction", "Residuals"]
    panel.show_evaluation(Evaluated(run="r1", split="test", metrics={"loss": 1.0}))
    assert tabs(panel) == []
    assert not panel.stack.isVisible()


def test_every_split_stands_beside_simple_methods(panel) -> None:
    panel.show_evaluation(classes())
    header = [panel.scores.horizontalHeaderItem(column).text() for column in range(4)]
    assert header == ["", "train", "test", "majority class"]
    assert texts(panel.scores) == [
        ["Accuracy", "90.0%", "90.0%", "50.0%"],
        ["ROC AUC", "", "", ""],
        ["Loss", "0.2", "0.2", ""],
    ]
    assert panel.scores.item(0, 1).font().bold()  # what is compared
    assert not panel.scores.item(2, 1).font().bold()


def test_a_network_that_is_beaten_is_said_to_be(panel) -> None:
    panel.show_evaluation(classes())
    assert (panel.verdict.text(), panel.verdict.property("role")) == ("It does better.", "")
    panel.show_evaluation(classes(beaten=True))
    assert (panel.verdict.text(), panel.verdict.property("role")) == ("It is beaten.", "error")
    panel.show_evaluation(values())
    assert not panel.verdict.isVisible()
    assert panel.notes.text() == "Something was left out."


def test_a_tab_is_filled_when_it_is_looked_at(panel) -> None:
    panel.show_evaluation(classes())
    assert panel.parts.rowCount() == 0
    turn_to(panel, "Classes")
    assert texts(panel.parts) == [["cat", "10", "0.900"], ["dog", "10", ""]]
    panel.show_evaluation(classes("train"))
    assert panel.tabs.tabText(panel.tabs.currentIndex()) == "Classes"  # the tab stays


def test_another_split_is_measured_when_it_is_chosen(panel, engine, model) -> None:
    panel.show_evaluation(classes())
    assert panel.split_box.currentText() == "test data"
    panel.split_box.setCurrentIndex(0)
    panel.split_box.activated.emit(0)
    assert engine.last == EvaluateRun(folder=str(model.folder), run="r1", split="train")
    assert panel.message.isVisible()
    engine.answer(classes("train"))
    assert panel.split_box.currentText() == "train data"
    assert not panel.message.isVisible()


def test_an_answer_that_is_no_longer_wanted_is_left(panel, engine) -> None:
    panel.show_evaluation(classes())
    panel.split_box.setCurrentIndex(0)
    panel.split_box.activated.emit(0)
    panel.show_evaluation(values())  # another run was evaluated meanwhile
    engine.answer(classes("train"))
    assert tabs(panel) == ["Forecast", "Prediction", "Residuals"]


def test_a_fault_is_told(panel, engine) -> None:
    panel.show_evaluation(classes())
    panel.split_box.setCurrentIndex(0)
    panel.split_box.activated.emit(0)
    engine.answer(Failed(message="The data has changed.", user_fault=True))
    assert panel.message.text() == "The data has changed."


def test_the_chosen_mistake_is_told_in_full(panel) -> None:
    panel.show_evaluation(classes())
    turn_to(panel, "Mistakes")
    view = panel.mistakes
    assert "Sample 7 of the test data" in view._words.text()
    assert "81.0%" in view._words.text()
    assert not view._large.pixmap().isNull()
    rect = view.samples.visualItemRect(view.samples.item(1))
    QTest.mouseClick(view.samples.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert "truth <b>dog</b>, prediction <b>cat</b>" in view._words.text()
    QTest.keyClick(view.samples, Qt.Key.Key_Left)
    assert "Sample 7" in view._words.text()


def test_samples_without_a_picture_are_told_in_words(panel) -> None:
    text = Mistake(place=0, truth="good", prediction="bad", text="<b>not bad at all</b>")
    row = Mistake(place=1, truth="1", prediction="2", values=[("height", "3.5")])
    curve = Mistake(place=2, truth="1", prediction="2", curves=[[1.0, 2.0, 1.5]])
    panel.show_evaluation(values(mistakes=[text, row]))
    turn_to(panel, "Mistakes")
    assert panel.mistakes.samples.item(0).text() == "good → bad:  <b>not bad at all</b>"
    assert panel.mistakes.samples.item(1).text() == "1 → 2:  height 3.5"
    assert "&lt;b&gt;" in panel.mistakes._words.text()
    panel.show_evaluation(values(mistakes=[curve]))
    assert not panel.mistakes._large.pixmap().isNull()


def test_the_curve_under_the_pointer_is_read(panel) -> None:
    panel.show_evaluation(classes())
    turn_to(panel, "ROC")
    assert panel.roc.readout.text() == "mean area 0.75"
    panel.roc.area.pointed.emit(QPointF(0.51, 0.5))
    assert panel.roc.readout.text() == "<b>dog</b>: area 0.5"
    panel.roc.area.pointed.emit(QPointF(0.2, 0.6))
    assert panel.roc.readout.text() == "mean area 0.75"


def test_residuals_and_forecasts_are_in_order(panel, monkeypatch, tmp_path) -> None:
    panel.show_evaluation(values())
    turn_to(panel, "Residuals")
    np.testing.assert_allclose([row[1] for row in panel.residuals.table()[1]], [0.5, 0.0, -1.0])
    turn_to(panel, "Forecast")
    path = tmp_path / "forecast.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(path), ""))
    panel.forecast.save_numbers()
    rows = list(csv.reader(path.read_text().splitlines()))
    assert [row[0] for row in rows[1:]] == ["10.0", "11.0", "12.0"]
    panel.forecast.area.pointed.emit(QPointF(11.2, 0.0))
    assert panel.forecast.readout.text() == "moment 11: truth 4, prediction 3"


def test_numbers_that_are_not_finite_are_drawn_around(panel) -> None:
    broken = values()
    panel.show_evaluation(
        Evaluated(
            run="r1",
            split="test",
            metrics={"loss": float("nan")},
            truth=broken.truth,
            prediction=[float("nan"), 1.0, float("inf")],
            moments=broken.moments,
        )
    )
    for name in tabs(panel):
        turn_to(panel, name)
        panel.grab()


def test_one_plot_can_have_all_the_room(panel) -> None:
    panel.show_evaluation(classes())
    panel.confusion.enlarge_requested.emit()
    assert not panel.scores.isVisible()
    panel.confusion.enlarge_requested.emit()
    assert panel.scores.isVisible()


def test_another_project_has_another_evaluation(panel, model) -> None:
    panel.show_evaluation(classes())
    model.opened.emit()
    assert panel.message.isVisible()
