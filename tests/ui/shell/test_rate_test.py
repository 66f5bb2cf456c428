"""The window of the learning-rate test, and what the inspector lets a person say of how a node learns."""

from __future__ import annotations

from dataclasses import replace

import pyqtgraph as pg
import pytest
from drawings import drawing
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nodeforge.core.edits import SetRecipe
from nodeforge.core.parameters import Value
from nodeforge.engine.messages import Failed, RatesTried, TryRates
from nodeforge.project import schema
from nodeforge.session.workspace import Workspace
from nodeforge.ui.canvas.view import Canvas
from nodeforge.ui.inspector import Inspector
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.rate_test import RateTestDialog
from tests.scripted_engine import ScriptedEngine
from tests.training_jobs import IRIS_NET

LEFT = Qt.MouseButton.LeftButton
TRIED = RatesTried(
    stage="train",
    rates=[1e-4, 1e-3, 1e-2, 1e-1],
    losses=[1.0, 0.9, 0.4, 3.0],
    smoothed=[1.0, 0.95, 0.6, 1.4],
    steepest=5e-3,
    suggestion=1e-3,
    note="The loss falls fastest at 5.0e-03.",
)


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def model() -> ProjectModel:
    return ProjectModel(Workspace(drawing(IRIS_NET)))


@pytest.fixture
def dialog(qtbot: QtBot, model: ProjectModel, engine: ScriptedEngine) -> RateTestDialog:
    dialog = RateTestDialog(model, engine, "train")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def rate(model: ProjectModel) -> Value:
    return model.document.recipe.stages[0].optimizer.parameters.get("lr")


def test_it_asks_as_it_opens_and_sets_what_is_suggested(dialog, model, engine):
    request = engine.last
    assert isinstance(request, TryRates)
    assert request.stage == "train"
    assert schema.decode(request.document).networks.keys() == model.document.networks.keys()
    assert not dialog.use_button.isEnabled()
    engine.answer(TRIED)
    assert dialog.outcome.text() == TRIED.note
    assert dialog.use_button.text() == "Use 0.001"
    curves = dialog.plot.getPlotItem().listDataItems()
    assert [list(curve.yData) for curve in curves] == [TRIED.losses, TRIED.smoothed]
    (line,) = [item for item in dialog.plot.getPlotItem().items if isinstance(item, pg.InfiniteLine)]
    assert line.value() == pytest.approx(-3.0)  # of a logarithmic axis
    QTest.mouseClick(dialog.use_button, LEFT)
    assert rate(model) == 1e-3
    assert not dialog.use_button.isEnabled()
    model.undo()
    assert rate(model) is None


def test_a_failure_is_told_and_can_be_tried_again(dialog, engine):
    engine.answer(Failed(message="The project has no data: choose a data source first.", user_fault=True))
    assert "no data" in dialog.outcome.text()
    assert dialog.outcome.property("role") == "error"
    assert not dialog.use_button.isEnabled()
    QTest.mouseClick(dialog.again_button, LEFT)
    assert len(engine.asked) == 2


def test_a_node_is_frozen_in_the_inspector_and_thawed_by_undo(qtbot: QtBot, model: ProjectModel) -> None:
    inspector = Inspector(model)
    qtbot.addWidget(inspector)
    inspector.resize(360, 900)
    inspector.show()
    model.select({"fc1"})
    learning = inspector.page.learning
    assert learning is not None
    assert not learning.form.isVisible()
    QTest.mouseClick(learning.fold.button, LEFT)
    assert learning.form.isVisible()
    box = learning.form.rows["frozen"].field.editor
    QTest.mouseClick(box, LEFT, pos=QPoint(9, box.height() // 2))
    assert model.document.recipe.stages[0].per_node == {"fc1": {"frozen": True}}
    assert not learning.form.rows["lr_factor"].isVisible()
    model.select({"fc2"})
    assert not inspector.page.learning.form.isVisible()
    model.select({"fc1"})
    assert inspector.page.learning.form.isVisible()
    model.undo()
    assert model.document.recipe.stages[0].per_node == {}
    model.select({"act"})
    assert inspector.page.learning is None


def test_the_canvas_marks_nodes_that_learn_otherwise(qtbot: QtBot, model: ProjectModel) -> None:
    canvas = Canvas(model)
    qtbot.addWidget(canvas)
    recipe = model.document.recipe
    wishes = {"fc1": {"frozen": True}, "fc2": {"lr_factor": 0.1}}
    stages = (replace(recipe.stages[0], per_node=wishes),)
    model.do(SetRecipe(replace(recipe, stages=stages)), label="Freeze")
    qtbot.waitUntil(lambda: canvas.mirror.caption("fc1").count.endswith("frozen"))
    assert canvas.mirror.caption("fc2").count.endswith("lr × 0.1")
    model.undo()
    qtbot.waitUntil(lambda: "frozen" not in canvas.mirror.caption("fc1").count)
