"""Training from the panel: what may be pressed when, what is asked of the engine, what is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit

from nodeforge import catalog
from nodeforge.catalog import recipes
from nodeforge.core.edits import AddNode, RemoveNode
from nodeforge.core.graph import Node
from nodeforge.engine.messages import (
    ControlTraining,
    Done,
    Failed,
    RunFinished,
    StartTraining,
    TrainingStarted,
)
from nodeforge.project import schema, shipped
from nodeforge.session.workspace import Workspace
from nodeforge.ui.panels.training import TrainingPanel
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def model(tmp_path: Path) -> ProjectModel:
    workspace = Workspace.from_example("iris-mlp")
    workspace.save(tmp_path / "iris")
    return ProjectModel(workspace)


@pytest.fixture
def panel(qtbot, model, engine) -> TrainingPanel:
    panel = TrainingPanel(model, engine)
    qtbot.addWidget(panel)
    panel.resize(900, 600)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def press(button) -> None:
    QTest.mouseClick(button, LEFT)


def enabled(panel: TrainingPanel) -> set[str]:
    buttons = (panel.train_button, panel.pause_button, panel.stop_button, panel.step_button)
    return {button.text() for button in buttons if button.isEnabled()}


def begin(panel: TrainingPanel, engine: ScriptedEngine) -> None:
    press(panel.train_button)
    engine.say_state("starting")
    engine.answer(TrainingStarted(run="r1"))
    engine.say_state("running")


def test_train_sends_the_project_as_it_is_drawn(panel, model, engine) -> None:
    press(panel.train_button)
    request = engine.last
    assert isinstance(request, StartTraining)
    assert schema.decode(request.document).networks.keys() == model.document.networks.keys()
    assert request.document == schema.encode(model.document)
    assert Path(request.folder) == model.folder
    assert panel.state == "starting"
    assert enabled(panel) == {"Stop"}


def test_a_stop_while_it_starts_is_not_lost(panel, engine) -> None:
    press(panel.train_button)
    press(panel.stop_button)
    assert (panel.state, engine.actions) == ("stopping", [])
    engine.answer(TrainingStarted(run="r1"))
    assert engine.actions == ["stop"]
    engine.say_state("stopped")
    assert panel.state == "idle"


def test_another_project_hears_nothing_of_the_last_training(panel, model, engine) -> None:
    begin(panel, engine)
    engine.say_state("stopped")
    assert "stopped" in panel.sentence.text()
    model.open(Workspace.from_example("iris-mlp"))
    assert (panel.sentence.text(), panel.run) == ("Ready to train.", "")


def test_buttons_follow_the_training(panel, engine) -> None:
    assert enabled(panel) == {"Train", "Step"}
    begin(panel, engine)
    assert (panel.state, panel.run) == ("running", "r1")
    assert enabled(panel) == {"Pause", "Stop", "Step"}
    press(panel.pause_button)
    engine.say_state("paused")
    assert enabled(panel) == {"Resume", "Stop", "Step"}
    press(panel.pause_button)
    engine.say_state("running")
    press(panel.stop_button)
    assert panel.state == "stopping"
    assert enabled(panel) == set()
    engine.say_state("running")  # said before the stop arrived
    assert panel.state == "stopping"
    engine.say_state("stopped")
    assert enabled(panel) == {"Train", "Step"}
    assert engine.actions == ["pause", "resume", "stop"]


def test_a_step_starts_paused_and_trains_one_batch(panel, engine) -> None:
    press(panel.step_button)
    assert engine.last.paused
    engine.answer(TrainingStarted(run="r1"))
    engine.say_state("paused")
    assert engine.last == ControlTraining(run="r1", action="step")
    engine.say_state("running")
    engine.say_state("paused")
    assert engine.actions == ["step"]
    press(panel.step_button)
    assert engine.actions == ["step", "step"]


def test_a_drawing_with_errors_is_not_trained(qtbot, panel, model, engine) -> None:
    model.do(AddNode("main", Node(name="lost", kind="NoSuchKind")))
    press(panel.train_button)
    assert not engine.asked
    assert "problem" in panel.sentence.text()
    with qtbot.waitSignal(panel.problems_requested):
        press(panel.remedy)
    model.do(RemoveNode("main", "lost"))
    press(panel.train_button)
    assert isinstance(engine.last, StartTraining)


def test_an_unsaved_project_is_saved_first(qtbot, engine, tmp_path) -> None:
    model = ProjectModel(Workspace.from_example("iris-mlp"))
    panel = TrainingPanel(model, engine)
    qtbot.addWidget(panel)
    panel.start()
    assert not engine.asked
    assert "Save the project first" in panel.sentence.text()
    panel.save_requested.connect(lambda: model.workspace.save(tmp_path / "saved"))
    panel.start()
    assert Path(engine.last.folder) == tmp_path / "saved"


def test_what_the_engine_refuses_is_told_in_place(panel, engine) -> None:
    press(panel.train_button)
    engine.answer(Failed(message="There is not enough memory for this.", user_fault=True))
    assert panel.sentence.text() == "There is not enough memory for this."
    assert enabled(panel) == {"Train", "Step"}


def test_a_failure_shows_the_node(qtbot, panel, model, engine) -> None:
    begin(panel, engine)
    node = next(name for name, node in model.graph.nodes.items() if node.kind == "Linear")
    engine.say_state("failed", message=f"{node} gave values that are not finite.", node=node)
    assert panel.sentence.text().startswith(node)
    press(panel.remedy)
    assert model.selection == {node}


def test_a_dead_engine_ends_the_training_and_says_how_to_go_on(panel, engine) -> None:
    begin(panel, engine)
    engine.state_changed.emit("dead", "The engine stopped: killed.")
    assert panel.state == "idle"
    assert "resumed" in panel.sentence.text()
    panel.start("r1")
    assert engine.last.resume == "r1"


def test_a_control_that_came_too_late_changes_nothing(panel, engine) -> None:
    begin(panel, engine)
    press(panel.pause_button)
    engine.say_state("finished")
    engine.answer(Failed(message="Run r1 is not training any more.", user_fault=True))
    assert panel.sentence.text() == "Training finished."
    press(panel.train_button)
    engine.answer(Done(), index=1)
    assert panel.state == "starting"


def test_progress_is_shown(panel, engine) -> None:
    begin(panel, engine)
    engine.say_progress(epoch=3, batch=5)
    assert panel.epoch_text.text() == "Epoch 3 of 4"
    assert panel.batch_bar.value() == 500
    assert panel.epoch_bar.value() == 625
    assert panel.time_text.text() == "12 s, 1 min 5 s left"
    assert panel.speed_text.text() == "5,000 samples/s"
    engine.say_epoch(2, accuracy=0.91, best=True)
    assert "epoch 2" in panel.best_text.text()
    assert "91.0%" in panel.best_text.text()
    engine.say_epoch(3, accuracy=0.5)
    assert "epoch 2" in panel.best_text.text()
    result = RunFinished(
        run="r1",
        status="finished",
        epochs=4,
        seconds=20,
        samples_per_second=10,
        metrics={"test": {"loss": 0.25, "accuracy": 0.875}},
    )
    engine.event_received.emit(result)
    assert panel.result_text.text() == "Test: Accuracy 87.5%, loss 0.25 · 20 s · 10 samples/s"
    assert panel.result_text.isVisibleTo(panel)
    assert not panel.progress.isVisibleTo(panel)  # the recipe has the room
    engine.say_progress(epoch=1, run="another")
    assert panel.epoch_text.text() == "Epoch 3 of 4"


def type_into(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def test_typing_is_one_undoable_edit_of_the_recipe(panel, model) -> None:
    before = model.document.recipe
    type_into(panel.recipe.settings.rows["epochs"].field.editor, "123")
    assert panel.recipe.stage.settings["epochs"] == 123
    panel.recipe.settings.rows["seed"].field.editor.setFocus()
    model.undo()
    assert model.document.recipe == before
    assert panel.recipe.settings.rows["epochs"].field.editor.text() == str(
        before.stages[0].settings["epochs"]
    )


def test_text_that_means_no_value_leaves_the_recipe_alone(panel, model) -> None:
    before = model.document.recipe
    type_into(panel.recipe.settings.rows["batch_size"].field.editor, "-")
    assert model.document.recipe == before
    assert panel.recipe.settings.rows["batch_size"].error.isVisible()


def test_the_seed_is_the_recipes(panel, model) -> None:
    type_into(panel.recipe.settings.rows["seed"].field.editor, "7")
    assert model.document.recipe.seed == 7


def choose(box: QComboBox, name: str) -> None:
    box.setFocus()
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())


def test_another_optimizer_keeps_what_it_shares(panel, model) -> None:
    type_into(panel.recipe.optimizer.form.rows["lr"].field.editor, "0.25")
    choose(panel.recipe.optimizer.choice, "SGD")
    optimizer = model.document.recipe.stages[0].optimizer
    assert (optimizer.kind, optimizer.parameters) == ("SGD", {"lr": 0.25})
    assert "momentum" in panel.recipe.optimizer.form.rows
    model.undo()
    assert model.document.recipe.stages[0].optimizer.kind == "Adam"
    assert "momentum" not in panel.recipe.optimizer.form.rows


@pytest.mark.parametrize("schedule", catalog.schedules())
def test_every_schedule_has_a_form(panel, model, schedule) -> None:
    choose(panel.recipe.schedule.choice, schedule)
    assert panel.recipe.schedule.form.rows.keys() == {
        p.name for p in catalog.schedules()[schedule].parameters
    }
    assert model.document.recipe.stages[0].schedule.kind == schedule


@pytest.mark.parametrize("example", shipped.project_names())
def test_every_example_can_be_shown(panel, model, example) -> None:
    model.open(Workspace.from_example(example))
    stage = model.document.recipe.stages[0]
    assert panel.recipe.optimizer.choice.currentData() == stage.optimizer.kind
    assert panel.recipe.head.rule.choice.currentData() == stage.rule
    epochs = recipes.SETTINGS.complete(stage.settings)["epochs"]
    assert panel.recipe.settings.rows["epochs"].field.editor.text() == str(epochs)
