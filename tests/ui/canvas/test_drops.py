"""Dropping files, folders, projects and texts on the canvas."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu

from nodeforge.core.document import Document
from nodeforge.core.specs import DataFacts, FieldFacts, TensorSpec
from nodeforge.project import shipped
from nodeforge.session.clipboard import copy_text
from nodeforge.ui.canvas.hint import Hint

COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
FACTS = DataFacts(
    title="flowers",
    fields=(
        FieldFacts(name="features", spec=TensorSpec(("N", 4))),
        FieldFacts(name="species", spec=TensorSpec(("N",), "int64"), role="target", classes=("a", "b")),
    ),
    sizes={"train": 10},
)


class Dragged:
    """Something dragged over a canvas by real events."""

    def __init__(self, canvas, data: QMimeData) -> None:
        self.canvas, self.data = canvas, data

    def enter(self, x: float = 600, y: float = 300) -> bool:
        place = self.canvas.mapFromScene(QPointF(x, y))
        event = QDragEnterEvent(place, COPY, self.data, LEFT, NONE)
        QApplication.sendEvent(self.canvas.viewport(), event)
        return event.isAccepted()

    def drop(self, x: float = 600, y: float = 300, keys=NONE) -> None:
        assert self.enter(x, y)
        place = self.canvas.mapFromScene(QPointF(x, y))
        QApplication.sendEvent(self.canvas.viewport(), QDragMoveEvent(place, COPY, self.data, LEFT, keys))
        QApplication.sendEvent(
            self.canvas.viewport(), QDropEvent(QPointF(place), COPY, self.data, LEFT, keys)
        )

    def leave(self) -> None:
        QApplication.sendEvent(self.canvas.viewport(), QDragLeaveEvent())

    @property
    def hint(self) -> str:
        shown = [hint for hint in self.canvas.findChildren(Hint) if hint.isVisible()]
        return shown[0].text() if shown else ""


@pytest.fixture
def drag(canvas):
    def make(*paths: Path, text: str = "") -> Dragged:
        data = QMimeData()
        if paths:
            data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        else:
            data.setText(text)
        return Dragged(canvas, data)

    return make


@pytest.fixture
def table(tmp_path) -> Path:
    path = tmp_path / "flowers.csv"
    path.write_text("a,b,species\n1,2,x\n3,4,y\n")
    return path


def test_a_table_becomes_the_data_and_an_empty_drawing_gets_its_nodes_in_one_step(make_canvas, drag, table):
    canvas = make_canvas(Document())
    model = canvas.model
    Dragged(canvas, drag(table).data).drop(200, 100)
    assert model.document.data.source.kind == "csv"
    model.set_facts(FACTS)
    QApplication.processEvents()
    nodes = model.graph.nodes
    assert nodes["input"].parameters == {"shape": (4,), "dtype": "float32"}
    assert nodes["target"].parameters == {"shape": (), "dtype": "int64"}
    assert nodes["input"].position == (120, 72)
    assert model.workspace.history.undo_label == "Use flowers.csv"
    model.undo()
    assert model.document.data is None
    assert not len(model.graph)
    model.redo()
    assert len(model.graph) == 2


def test_nodes_that_are_there_are_left_alone(canvas, drag, table):
    drag(table).drop()
    canvas.model.set_facts(FACTS)
    QApplication.processEvents()
    added = set(canvas.model.graph.nodes) - {"image", "conv", "relu", "output", "dropout"}
    assert added == {"target"}


def test_who_takes_the_data_back_gets_no_nodes_later(make_canvas, drag, table):
    canvas = make_canvas(Document())
    Dragged(canvas, drag(table).data).drop()
    canvas.model.undo()
    canvas.model.set_facts(FACTS)
    QApplication.processEvents()
    assert not len(canvas.model.graph)


def test_a_line_says_what_a_drop_would_do_until_the_drag_leaves(canvas, drag, table):
    dragged = drag(table)
    assert dragged.enter()
    assert dragged.hint == "Use flowers.csv as the data of this project"
    dragged.leave()
    assert dragged.hint == ""
    assert not canvas.model.workspace.history.can_undo


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("net.onnx", "cannot read them yet"),
        ("cat.png", "one folder for each class"),
        ("letter.doc", "cannot use letter.doc"),
        ("nothing", "no pictures, sounds or texts"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(canvas, drag, tmp_path, qtbot, name, part):
    path = tmp_path / name
    if path.suffix:
        path.write_bytes(b"")
    else:
        path.mkdir()
    dragged = drag(path)
    assert dragged.enter()
    assert part in dragged.hint
    with qtbot.waitSignal(canvas.model.complained, check_params_cb=lambda sentence: part in sentence):
        dragged.drop()
    assert not canvas.model.workspace.history.can_undo


def test_a_dropped_project_asks_what_to_do(canvas, drag, qtbot):
    folder = shipped.project("mnist-cnn")
    drag(folder / "project.json").drop(600, 300)
    menu = canvas.findChildren(QMenu)[-1]
    open_it, put_it, *_ = menu.actions()
    with qtbot.waitSignal(canvas.project_dropped, check_params_cb=lambda path: path == folder):
        open_it.trigger()
    put_it.trigger()
    menu.close()
    (name,) = canvas.model.selection
    node = canvas.model.graph.nodes[name]
    inner = canvas.model.document.networks[node.kind]
    kinds = {each.kind for each in inner.nodes.values()}
    assert "Conv2d" in kinds
    assert not kinds & {"Target", "CrossEntropyLoss"}
    canvas.model.undo()
    assert list(canvas.model.document.networks) == ["main"]


def test_with_shift_the_network_of_a_project_goes_in_at_once(canvas, drag):
    drag(shipped.project("mnist-cnn")).drop(600, 300, Qt.KeyboardModifier.ShiftModifier)
    assert len(canvas.model.selection) == 1
    assert len(canvas.model.document.networks) == 2


def test_a_project_without_an_output_cannot_be_a_node(canvas, drag, tmp_path, qtbot):
    from nodeforge.session.workspace import Workspace

    Workspace(Document(title="Empty")).save(tmp_path / "empty")
    with qtbot.waitSignal(canvas.model.complained, check_params_cb=lambda s: "no Output node" in s):
        drag(tmp_path / "empty").drop(keys=Qt.KeyboardModifier.ShiftModifier)


@pytest.mark.parametrize(("place", "node"), [((340, 44), "conv"), ((600, 300), "")])
def test_weights_are_offered_to_the_node_they_are_dropped_on(canvas, drag, tmp_path, qtbot, place, node):
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"")
    with qtbot.waitSignal(canvas.weights_dropped) as dropped:
        drag(path).drop(*place)
    assert dropped.args == [path, node]


def test_nodes_in_a_dragged_answer_are_added_where_it_is_dropped(canvas, drag, document):
    text = copy_text(document, "main", ["conv", "relu"])
    drag(text=f"Here you are:\n```json\n{text}\n```").drop(100, 400)
    assert canvas.model.selection == {"conv_2", "relu_2"}
    assert canvas.model.graph.nodes["conv_2"].position == (100, 400)
    canvas.model.undo()
    assert len(canvas.model.graph) == 5


def test_text_without_nodes_is_not_for_the_canvas(drag):
    assert not drag(text="a shopping list").enter()


def test_a_dropped_file_of_nodes_is_added(canvas, drag, document, tmp_path):
    path = tmp_path / "stem.json"
    path.write_text(copy_text(document, "main", ["conv"]))
    drag(path).drop()
    assert canvas.model.selection == {"conv_2"}
