"""Weights to begin with: named, given to nodes, compared with what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from safetensors.numpy import save_file

from nodeforge.core.document import Column, Component, DataSettings, Document, WeightSource
from nodeforge.core.edits import AddNode, Batch, Connect, SetData, apply
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Node, Wire
from nodeforge.engine.messages import AnyReply, Failed, MatchWeights, WeightsMatched
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.session.starting_weights import weight_source
from nodeforge.session.workspace import Workspace
from nodeforge.training.weights import match_weights
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.weights.button import WeightsButton
from nodeforge.ui.weights.dialog import WeightsDialog


class Engine(QObject):
    """Answers at once, by the code that the engine runs."""

    def request(self, message: MatchWeights, on_reply: Callable[[AnyReply], None]) -> None:
        try:
            found = match_weights(schema.decode(message.document), Path(message.folder))
        except UserError as error:
            on_reply(Failed(message=str(error), user_fault=True))
        else:
            on_reply(WeightsMatched(matches=found))


def _document() -> Document:
    document = Document(title="Two layers")
    nodes = (
        Node(name="x", kind="Input", parameters={"shape": (4,)}),
        Node(name="body", kind="Linear", parameters={"out_features": 5}),
        Node(name="head", kind="Linear", parameters={"out_features": 3}),
        Node(name="y", kind="Output"),
        Node(name="answer", kind="Target", parameters={"shape": (3,), "dtype": "float32"}),
        Node(name="loss", kind="MSELoss"),
    )
    wires = (
        Wire("x", "output", "body", "input"),
        Wire("body", "output", "head", "input"),
        Wire("head", "output", "y", "input"),
        Wire("head", "output", "loss", "input"),
        Wire("answer", "output", "loss", "target"),
    )
    edits = (*(AddNode("main", node) for node in nodes), *(Connect("main", wire) for wire in wires))
    apply(document, Batch(edits))
    return document


@pytest.fixture
def model(tmp_path: Path) -> ProjectModel:
    workspace = Workspace(_document())
    workspace.save(tmp_path / "project")
    table = "a,b,c,d,p,q,r\n" + "\n".join("1,2,3,4,5,6,7" for _ in range(20))
    (tmp_path / "project" / "t.csv").write_text(table)
    model = ProjectModel(workspace)
    roles = dict.fromkeys("pqr", "target")
    columns = tuple(Column(name=name, role=roles.get(name, "feature")) for name in "abcdpqr")
    source = Component(kind="csv", parameters={"path": "t.csv"})
    model.do(SetData(DataSettings(source=source, columns=columns)))
    model.report = workspace.report
    return model


@pytest.fixture
def dialog(qtbot, model) -> WeightsDialog:
    dialog = WeightsDialog(model, Engine())
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "project" / "old.safetensors"
    arrays = {"body.weight": (5, 4), "body.bias": (5,), "head.weight": (9, 5), "extra": (2,)}
    save_file({name: np.zeros(shape, np.float32) for name, shape in arrays.items()}, path)
    return path


def _report(dialog: WeightsDialog) -> dict[str, list[tuple[str, str]]]:
    tree = dialog.tree
    groups = [tree.topLevelItem(index) for index in range(tree.topLevelItemCount())]
    return {
        group.text(0).partition(":")[0]: [
            (group.child(i).text(0), group.child(i).text(1)) for i in range(group.childCount())
        ]
        for group in groups
    }


def test_without_weights_it_says_so(dialog):
    assert "random" in dialog.outcome.text()
    assert not dialog.remove_button.isEnabled()


def test_a_file_is_compared_by_name_and_shape(dialog, model, file):
    dialog.add(str(file))
    assert model.document.recipe.weights == (WeightSource(source="old.safetensors"),)
    assert dialog.outcome.text() == "2 of the 4 tensors of the network are found; the others begin as drawn."
    assert _report(dialog) == {
        "Found": [("body.weight", ""), ("body.bias", "")],
        "Of another shape": [("head.weight", "9×5 there, 3×5 here")],
        "Not found": [("head.bias", "")],
        "Not used": [("extra", "")],
    }
    model.undo()
    assert model.document.recipe.weights == ()
    assert dialog.sources.count() == 0


def test_a_file_that_holds_no_weights_is_refused_in_one_sentence(dialog, model, tmp_path):
    table = tmp_path / "odd.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    dialog.add(str(table))
    assert dialog.outcome.text().startswith("odd.csv holds no weights: choose a file whose name ends in")
    assert model.document.recipe.weights == ()


def test_a_project_that_is_not_saved_yet_refuses_it_too(tmp_path):
    table = tmp_path / "odd.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"odd\.csv holds no weights"):
        weight_source(None, str(table))
    assert weight_source(None, str(tmp_path / "old.pt")).source == (tmp_path / "old.pt").as_posix()


def test_weights_that_come_along_are_offered(dialog, model):
    (action,) = dialog.shipped_menu.actions()
    action.trigger()
    assert model.document.recipe.weights == (WeightSource(source="shipped:digits-0-to-4.safetensors"),)
    assert dialog.sources.item(0).text() == "digits-0-to-4.safetensors"
    assert "it holds conv" in dialog.outcome.text()
    assert WeightsButton(model).text() == "Begins with digits-0-to-4.safetensors"


def test_a_node_and_the_beginning_of_the_names_are_chosen(dialog, model, file):
    dialog.add(str(file))
    assert [dialog.into.itemText(i) for i in range(dialog.into.count())] == [
        "the whole network",
        "body",
        "head",
    ]
    dialog.into.setCurrentIndex(1)
    dialog.into.activated.emit(1)
    QTest.keyClicks(dialog.prefix, "body.")
    assert model.document.recipe.weights == (
        WeightSource(source="old.safetensors", into="body", prefix="body."),
    )
    assert dialog.outcome.text() == "All 2 tensors of body are found."
    model.undo()
    assert model.document.recipe.weights[0].prefix == ""
    assert dialog.prefix.text() == ""


def test_nothing_that_fits_is_told_with_the_remedy(dialog, file):
    dialog.add(str(file), into="head")
    assert "Give the prefix of its names" in dialog.outcome.text()
    assert dialog.outcome.property("role") == "error"


def test_a_run_is_offered_by_its_name_and_removed_again(dialog, model):
    run = RunStore(model.folder).create(schema.encode(model.document), seed=0, environment={})
    dialog.run_menu.aboutToShow.emit()
    dialog.run_menu.actions()[0].trigger()
    assert model.document.recipe.weights == (WeightSource(source=run.id),)
    assert dialog.sources.item(0).text() == run.name
    QTest.mouseClick(dialog.remove_button, Qt.MouseButton.LeftButton)
    assert model.document.recipe.weights == ()


def test_two_sources_of_one_node_replace_each_other(dialog, model, file):
    other = file.with_name("new.safetensors")
    save_file({"weight": np.zeros((3, 5), np.float32)}, other)
    dialog.add(str(file))
    dialog.add(str(other), into="head")
    assert len(model.document.recipe.weights) == 2
    dialog.sources.setCurrentRow(0)
    dialog.into.activated.emit(dialog.into.findData("head"))
    assert model.document.recipe.weights == (WeightSource(source="old.safetensors", into="head"),)


def test_the_button_tells_what_the_training_begins_with(qtbot, model, dialog, file):
    button = WeightsButton(model)
    qtbot.addWidget(button)
    assert button.text() == "Begins with random weights"
    dialog.add(str(file))
    assert button.text() == "Begins with old.safetensors"
