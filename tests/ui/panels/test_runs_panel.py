"""The list of runs and what can be done to them, on a real run store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QStyle,
    QStyleOptionViewItem,
)

from nodeforge.core.edits import SetParameter, SetRecipe
from nodeforge.engine.messages import Evaluated, EvaluateRun, Exported, ExportModel, Failed
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.session.workspace import Workspace
from nodeforge.ui.export_dialog import UNTRAINED, ExportDialog
from nodeforge.ui.panels.run_diff import ABSENT, Difference, differences
from nodeforge.ui.panels.runs import RunsPanel
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
def store(model) -> RunStore:
    return RunStore(model.folder)


def add_run(store: RunStore, model: ProjectModel, status: str = "finished", *, weights: bool = True) -> str:
    run = store.create(schema.encode(model.document), seed=3, environment={"torch": "2.13"}).id
    store.update(
        run, status=status, epochs=12, seconds=75.0, metrics={"test": {"loss": 0.2, "accuracy": 0.95}}
    )
    if weights:
        (store.path(run) / "best.safetensors").write_bytes(b"weights")
    return run


@pytest.fixture
def panel(qtbot, model, engine) -> RunsPanel:
    panel = RunsPanel(model, engine)
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def press(panel: RunsPanel, name: str) -> None:
    QTest.mouseClick(panel.buttons[name], LEFT)


def click_row(panel: RunsPanel, row: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    center = panel.table.visualRect(panel.table.runs.index(row, 2)).center()
    QTest.mouseClick(panel.table.viewport(), LEFT, keys, center)


def enabled(panel: RunsPanel) -> set[str]:
    return {name for name, button in panel.buttons.items() if button.isEnabled()}


def test_without_runs_it_says_how_to_get_one(qtbot, panel, engine) -> None:
    assert panel.empty.isVisible()
    assert "Press Train" in panel.empty.text()
    unsaved = RunsPanel(ProjectModel(Workspace.from_example("iris-mlp")), engine)
    qtbot.addWidget(unsaved)
    assert "Save the project" in unsaved.empty.text()


def test_runs_are_listed_newest_first_and_appear_when_they_start(qtbot, panel, model, store, engine) -> None:
    first = add_run(store, model)
    engine.say_state("starting", first)
    qtbot.waitUntil(lambda: panel.table.runs.rowCount() == 1)
    second = add_run(store, model, "failed")
    engine.say_state("failed", second)
    qtbot.waitUntil(lambda: panel.table.runs.rowCount() == 2)
    names = [panel.table.runs.index(row, 0).data() for row in range(2)]
    assert names == ["Run 2", "Run 1"]
    assert [panel.table.runs.index(1, column).data() for column in (1, 2, 4, 5, 7)] == [
        "finished",
        "12",
        "Accuracy 95.0%",
        "3",
        "1 min 15 s",
    ]


def test_epochs_of_a_running_run_are_counted(panel, model, store, engine) -> None:
    run = add_run(store, model)
    panel.reload()
    engine.say_epoch(13, run)
    assert panel.table.runs.index(0, 2).data() == "13"


def test_commands_fit_the_selection(panel, model, store) -> None:
    add_run(store, model, "stopped")
    add_run(store, model)
    panel.reload()
    assert enabled(panel) == set()
    click_row(panel, 0)
    assert enabled(panel) == {"Evaluate", "Export", "Rename", "Folder", "Delete"}
    click_row(panel, 1)
    assert "Resume" in enabled(panel)
    click_row(panel, 0, Qt.KeyboardModifier.ControlModifier)
    assert enabled(panel) == {"Compare", "Delete"}


def test_a_tick_overlays_the_run(panel, model, store) -> None:
    run = add_run(store, model)
    panel.reload()
    index = panel.table.runs.index(0, 0)
    option = QStyleOptionViewItem()
    panel.table.initViewItemOption(option)
    panel.table.itemDelegate().initStyleOption(option, index)
    option.rect = panel.table.visualRect(index)
    box = panel.table.style().subElementRect(
        QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, panel.table
    )
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=box.center())
    assert run in model.overlay
    assert index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=box.center())
    assert run not in model.overlay


def test_a_run_is_renamed_in_place(qtbot, panel, model, store) -> None:
    run = add_run(store, model)
    panel.reload()
    click_row(panel, 0)
    press(panel, "Rename")
    editor = panel.table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "With dropout")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: store.info(run).name == "With dropout")
    assert panel.table.runs.index(0, 0).data() == "With dropout"


@pytest.mark.parametrize(("answer", "left"), [("Cancel", 1), ("Delete", 0)])
def test_deleting_is_asked_about(qtbot, panel, model, store, answer, left) -> None:
    run = add_run(store, model)
    model.overlay_run(run)
    panel.reload()
    click_row(panel, 0)
    press(panel, "Delete")
    box = panel.findChild(QMessageBox)
    assert "Run 1" in box.text()
    QTest.mouseClick(next(button for button in box.buttons() if button.text().strip("&") == answer), LEFT)
    qtbot.waitUntil(lambda: len(store.runs()) == left)
    assert panel.table.runs.rowCount() == left
    assert (run in model.overlay) == bool(left)
    QApplication.processEvents()


def test_a_run_in_training_cannot_be_deleted(panel, model, store) -> None:
    store.create(schema.encode(model.document), seed=0, environment={})
    panel.reload()
    click_row(panel, 0)
    assert "Delete" not in enabled(panel)


def test_resume_names_the_run(qtbot, panel, model, store) -> None:
    run = add_run(store, model, "stopped")
    panel.reload()
    click_row(panel, 0)
    with qtbot.waitSignal(panel.resume_requested) as asked:
        press(panel, "Resume")
    assert asked.args == [run]


def test_evaluation_stands_beside_baselines(qtbot, panel, model, store, engine) -> None:
    run = add_run(store, model)
    panel.reload()
    click_row(panel, 0)
    press(panel, "Evaluate")
    assert engine.last == EvaluateRun(folder=str(model.folder), run=run)
    reply = Evaluated(
        run=run, split="test", metrics={"accuracy": 0.95}, baseline={"majority class": {"accuracy": 1 / 3}}
    )
    with qtbot.waitSignal(panel.evaluated) as told:
        engine.answer(reply)
    assert told.args == [reply]
    text = panel.details.toPlainText()
    assert all(words in text for words in ("majority class", "95.0%", "33.3%"))
    press(panel, "Evaluate")
    engine.answer(Failed(message="The run has no weights.", user_fault=True))
    assert panel.details.toPlainText() == "The run has no weights."


def test_two_runs_are_compared(panel, model, store) -> None:
    add_run(store, model)
    stage = model.document.recipe.stages[0]
    changed = replace(stage, settings={**stage.settings, "batch_size": 5})
    model.do(SetRecipe(replace(model.document.recipe, stages=(changed,))))
    add_run(store, model)
    panel.reload()
    click_row(panel, 0)
    click_row(panel, 1, Qt.KeyboardModifier.ControlModifier)
    press(panel, "Compare")
    text = panel.details.toPlainText()
    assert "batch_size" in text
    assert text.index("16") < text.index("5", text.index("16"))


def test_differences_name_what_was_changed(model) -> None:
    before = model.document.copy()
    assert differences(before, model.document) == []
    node = next(name for name, node in model.graph.nodes.items() if node.kind == "Linear")
    old = str(model.graph.nodes[node].parameters["out_features"])
    model.do(SetParameter("main", node, "out_features", 77))
    model.do(SetParameter("main", node, "bias", False))
    assert differences(before, model.document) == [
        Difference(f"{node}.out_features", old, "77"),
        Difference(f"{node}.bias", ABSENT, "False"),
    ]


def test_the_folder_is_opened(panel, model, store, monkeypatch) -> None:
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    run = add_run(store, model)
    panel.reload()
    click_row(panel, 0)
    press(panel, "Folder")
    assert opened[0].toLocalFile().endswith(run)


# Export ---------------------------------------------------------------------------------------------


def test_export_asks_for_what_was_chosen_and_tells_the_difference(qtbot, model, store, engine) -> None:
    add_run(store, model, weights=False)
    run = add_run(store, model)
    dialog = ExportDialog(model, engine)
    qtbot.addWidget(dialog)
    dialog.show()
    assert [dialog.run_box.itemData(i) for i in range(dialog.run_box.count())] == [run]
    dialog.path.setText(str(model.folder / "net.onnx"))
    QTest.mouseClick(dialog.export_button, LEFT)
    assert engine.last == ExportModel(
        folder=str(model.folder),
        run=run,
        format="onnx",
        output=str(model.folder / "net.onnx"),
        checkpoint="best",
    )
    assert not dialog.export_button.isEnabled()
    engine.answer(
        Exported(
            output=engine.last.output,
            format="onnx",
            opset=20,
            max_abs_difference=3e-7,
            checked_batches=[1, 2, 5],
        )
    )
    assert "opset 20" in dialog.outcome.text()
    assert "3.0e-07" in dialog.outcome.text()
    assert dialog.show_button.isVisible()
    QTest.mouseClick(dialog.export_button, LEFT)
    engine.answer(Failed(message="net.onnx cannot be written: the disk is full.", user_fault=True))
    assert dialog.outcome.text() == "net.onnx cannot be written: the disk is full."
    assert not dialog.show_button.isVisible()


def test_pytorch_code_is_asked_for_of_a_run_or_of_the_drawing(qtbot, model, store, engine) -> None:
    run = add_run(store, model)
    dialog = ExportDialog(model, engine)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "without Python" in shown_text(dialog)
    choose(dialog.format_box, "PyTorch code")
    assert "trains without NodeForge" in shown_text(dialog)
    assert dialog.path.text() == str(model.folder / "iris-flowers-pytorch")
    assert [dialog.run_box.itemData(i) for i in range(dialog.run_box.count())] == [run, ""]
    QTest.mouseClick(dialog.export_button, LEFT)
    asked = (engine.last.format, engine.last.run, engine.last.checkpoint, engine.last.document)
    assert asked == ("pytorch", run, "best", b"")
    assert not dialog.format_box.isEnabled()
    folder = model.folder / "iris-flowers-pytorch"
    folder.mkdir()
    engine.answer(Exported(output=str(folder), format="pytorch", checked_batches=[1, 2, 5]))
    assert "Largest difference from the network here: none" in dialog.outcome.text()
    assert "opset" not in dialog.outcome.text()

    model.do(SetParameter("main", "fc1", "out_features", 7))
    choose(dialog.run_box, UNTRAINED)
    assert not dialog.checkpoint_box.isVisible()
    QTest.mouseClick(dialog.export_button, LEFT)
    assert (engine.last.run, engine.last.document) == ("", schema.encode(model.document))


def shown_text(dialog: ExportDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def choose(box: QComboBox, text: str) -> None:
    """Type the beginning of an entry, as the keyboard chooses it."""
    box.setFocus()
    QTest.keyClicks(box, text[:8])
    assert box.currentText() == text


def test_a_written_folder_is_opened_itself(qtbot, model, store, engine, monkeypatch) -> None:
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    add_run(store, model)
    dialog = ExportDialog(model, engine)
    qtbot.addWidget(dialog)
    dialog.show()
    choose(dialog.format_box, "PyTorch code")
    QTest.mouseClick(dialog.export_button, LEFT)
    folder = model.folder / "code"
    folder.mkdir()
    engine.answer(Exported(output=str(folder), format="pytorch"))
    QTest.mouseClick(dialog.show_button, LEFT)
    assert Path(opened[0].toLocalFile()) == folder


def test_browsing_for_a_folder_keeps_the_name(qtbot, model, engine, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    dialog = ExportDialog(model, engine)
    qtbot.addWidget(dialog)
    dialog.show()
    choose(dialog.format_box, "PyTorch code")
    QTest.mouseClick(dialog.browse, LEFT)
    assert Path(dialog.path.text()) == tmp_path / "iris-flowers-pytorch"
    assert dialog.export_button.isEnabled()  # without any run: the drawing itself


def test_an_answer_to_a_closed_dialog_is_dropped(qtbot, model, store, engine) -> None:
    add_run(store, model)
    dialog = ExportDialog(model, engine)
    dialog.show()
    QTest.mouseClick(dialog.export_button, LEFT)
    dialog.close()
    dialog.deleteLater()
    with qtbot.waitSignal(dialog.destroyed):
        pass
    engine.answer(Failed(message="too late", user_fault=True))


def test_without_a_trained_run_there_is_nothing_to_export(qtbot, model, engine) -> None:
    dialog = ExportDialog(model, engine)
    qtbot.addWidget(dialog)
    assert not dialog.export_button.isEnabled()
    assert "train the project first" in dialog.outcome.text()
