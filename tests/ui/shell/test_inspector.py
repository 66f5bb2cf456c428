"""The inspector with real keys and clicks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from nodeforge import catalog
from nodeforge.core.edits import AddNode, Batch, RemoveNode, SetKind, SetParameter
from nodeforge.core.graph import Node
from nodeforge.ui.inspector import Inspector
from nodeforge.ui.inspector.form import ParameterForm, Row
from nodeforge.ui.inspector.node_page import NodePage
from nodeforge.ui.inspector.other_pages import ProjectPage, SeveralPage, UnknownPage
from nodeforge.ui.project_model import ProjectModel


@pytest.fixture
def inspector(qtbot: QtBot, model: ProjectModel) -> Inspector:
    inspector = Inspector(model)
    qtbot.addWidget(inspector)
    inspector.resize(320, 600)
    inspector.show()
    qtbot.waitExposed(inspector)
    return inspector


def page(inspector: Inspector) -> NodePage:
    assert isinstance(inspector.page, NodePage)
    return inspector.page


def row(inspector: Inspector, name: str) -> Row:
    return page(inspector).form.rows[name]


def editor(inspector: Inspector, name: str) -> QLineEdit:
    widget = row(inspector, name).field.editor
    assert isinstance(widget, QLineEdit)
    return widget


def value(model: ProjectModel, node: str, parameter: str) -> object:
    return model.graph.nodes[node].parameters.get(parameter)


def retype(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_typing_sets_the_parameter_as_one_step(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc"])
    line = editor(inspector, "out_features")
    assert line.text() == "3"
    retype(qtbot, line, "128")
    assert value(model, "fc", "out_features") == 128
    model.undo()
    assert value(model, "fc", "out_features") == 3
    assert not model.workspace.history.can_undo


def test_leaving_a_field_ends_the_step(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    model.select(["fc"])
    line = editor(inspector, "out_features")
    retype(qtbot, line, "12")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    retype(qtbot, line, "34")
    model.undo()
    assert value(model, "fc", "out_features") == 12


def test_text_that_does_not_fit_is_marked_and_changes_nothing(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc"])
    line = editor(inspector, "out_features")
    retype(qtbot, line, "-")
    shown = row(inspector, "out_features").error
    assert shown.isVisible()
    assert shown.text() == "out_features must be a whole number, not '-'."
    assert line.property("invalid") is True
    assert value(model, "fc", "out_features") == 3
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "3"
    assert not shown.isVisible()


def test_arrow_keys_step_a_number(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    model.select(["fc"])
    line = editor(inspector, "out_features")
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert value(model, "fc", "out_features") == 4


def test_the_wheel_changes_only_the_field_with_the_focus(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc"])
    line = editor(inspector, "out_features")
    inspector.setFocus()
    turn_wheel(line)
    assert value(model, "fc", "out_features") == 3
    line.setFocus()
    turn_wheel(line)
    assert value(model, "fc", "out_features") == 4


def turn_wheel(widget: QWidget) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        widget.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_a_click_on_the_arrow_goes_back_to_the_default(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc"])
    reset = row(inspector, "out_features").reset
    qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert "out_features" not in model.graph.nodes["fc"].parameters
    assert not reset.isVisible()
    kind = catalog.kinds()["Linear"].parameter("out_features")
    assert kind is not None
    assert editor(inspector, "out_features").text() == str(kind.default)


def test_a_switch_is_one_click(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    model.select(["fc"])
    box = row(inspector, "bias").field.editor
    assert isinstance(box, QCheckBox)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert value(model, "fc", "bias") is False


def test_sizes_that_follow_are_shown(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    model.select(["fc"])
    facts = {fact.name: fact.value for fact in page(inspector).derived.facts}
    assert facts == {"in_features": "4"}
    shapes = {fact.name: fact.value for fact in page(inspector).shapes.facts}
    assert shapes["→ output"].startswith("N×3")
    assert shapes["trainable"] == "15 numbers"


def test_an_edit_elsewhere_is_followed(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    model.select(["fc"])
    model.do(SetParameter("main", "fc", "out_features", 77))
    assert editor(inspector, "out_features").text() == "77"
    model.do(SetKind("main", "fc", "Dropout", {}))
    assert "p" in page(inspector).form.rows


def test_a_name_can_be_changed_and_must_be_free(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc"])
    name = page(inspector).name
    retype(qtbot, name, "relu")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert page(inspector).name.error.text() == "There is a node relu already."
    assert "fc" in model.graph
    retype(qtbot, name, "hidden")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    assert "hidden" in model.graph
    assert model.selection == {"hidden"}
    assert page(inspector).name.text() == "hidden"


def test_findings_are_mended_from_the_page(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    with qtbot.waitSignal(model.checked):
        model.do(RemoveNode("main", "x"))
    model.select(["fc"])
    assert page(inspector).findings.isVisible()
    button = page(inspector).findings.findChildren(QPushButton)[0]
    with qtbot.waitSignal(model.checked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert model.workspace.history.undo_label == button.text()


def test_several_nodes_share_an_edit(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    model.do(AddNode("main", Node(name="fc_2", kind="Linear", parameters={"out_features": 9})))
    model.select(["fc", "fc_2"])
    several = inspector.page
    assert isinstance(several, SeveralPage)
    line = several.form.rows["out_features"].field.editor
    assert isinstance(line, QLineEdit)
    assert line.text() == ""
    assert line.placeholderText() == "several"
    retype(qtbot, line, "6")
    assert value(model, "fc", "out_features") == value(model, "fc_2", "out_features") == 6
    model.undo()
    assert value(model, "fc", "out_features") == 3
    assert value(model, "fc_2", "out_features") == 9


def test_the_project_is_shown_when_nothing_is_selected(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    shown = inspector.page
    assert isinstance(shown, ProjectPage)
    retype(qtbot, shown.title, "Mine")
    assert model.document.title == "Mine"
    seed = shown.seed.rows["seed"].field.editor
    assert isinstance(seed, QLineEdit)
    retype(qtbot, seed, "42")
    assert model.document.recipe.seed == 42


def test_an_unknown_kind_is_shown_as_the_file_has_it(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.do(AddNode("main", Node(name="odd", kind="FluxCapacitor", parameters={"power": 1.21})))
    model.select(["odd"])
    assert isinstance(inspector.page, UnknownPage)


@pytest.mark.parametrize("kind", sorted(catalog.kinds()))
def test_every_kind_has_a_page(qtbot: QtBot, model: ProjectModel, inspector: Inspector, kind: str) -> None:
    model.do(AddNode("main", Node(name="probe", kind=kind)))
    model.select(["probe"])
    shown = page(inspector)
    assert set(shown.form.rows) == {parameter.name for parameter in catalog.kinds()[kind].parameters}
    assert shown.grab().width() <= inspector.viewport().width()


def test_pages_of_a_few_kinds_stay_made(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    kinds = sorted(catalog.kinds())[:30]
    for kind in kinds:
        model.do(AddNode("main", Node(name=f"a_{kind}", kind=kind)))
        model.select([f"a_{kind}"])
    last = page(inspector)
    qtbot.waitUntil(lambda: len(inspector.findChildren(NodePage)) < 15)
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, ParameterForm)]
    model.select([f"a_{kinds[-2]}"])
    model.select([f"a_{kinds[-1]}"])
    assert page(inspector) is last


def test_no_page_of_several_nodes_outlives_their_selection(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    for leave in (
        lambda: model.do(Batch((RemoveNode("main", "fc"), RemoveNode("main", "relu")))),
        lambda: model.select(["fc"]),
        lambda: model.select([]),
    ):
        model.select(["fc", "relu"])
        assert isinstance(inspector.page, SeveralPage)
        leave()
        qtbot.waitUntil(lambda: not inspector.findChildren(SeveralPage))
        model.undo()


def test_a_change_that_takes_one_of_several_nodes_away_leaves_the_others(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc", "relu", "y"])
    assert model.do(Batch((RemoveNode("main", "y"), SetParameter("main", "fc", "out_features", 7))))
    assert isinstance(inspector.page, SeveralPage)
    assert model.selection == {"fc", "relu"}


def test_an_input_tells_which_other_sizes_the_network_takes(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    def told() -> list[str]:
        sizes = page(inspector).sizes
        return [fact.value for fact in sizes.facts] if sizes else []

    model.select(["x"])
    qtbot.waitUntil(lambda: told() == ["only 4"])
    model.do(SetKind("main", "fc", "Tanh", {}))
    qtbot.waitUntil(lambda: told() == ["length: any size"])
    model.select(["relu"])
    assert page(inspector).sizes is None
