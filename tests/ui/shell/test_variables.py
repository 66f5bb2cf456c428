"""Variables, expressions, parameters of networks and shared weights in the inspector, with real keys and clicks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from nodeforge.core.edits import AddNode, SetParameter, SetVariables
from nodeforge.core.graph import Node
from nodeforge.project import schema
from nodeforge.session.grouping import group
from nodeforge.ui.inspector import Inspector
from nodeforge.ui.inspector.expression_edit import ExpressionEdit
from nodeforge.ui.inspector.network_page import NetworkPage
from nodeforge.ui.inspector.node_page import NodePage
from nodeforge.ui.inspector.other_pages import ProjectPage
from nodeforge.ui.inspector.variables import VariableTable
from nodeforge.ui.project_model import ProjectModel

Key = Qt.Key


@pytest.fixture
def inspector(qtbot: QtBot, model: ProjectModel) -> Inspector:
    """An inspector of x -> fc -> relu -> y, with the variables width = 8 and hidden = width*2."""
    model.workspace.do(SetVariables("", {"width": 8, "hidden": "=width*2"}))
    inspector = Inspector(model)
    qtbot.addWidget(inspector)
    inspector.resize(320, 700)
    inspector.show()
    qtbot.waitExposed(inspector)
    return inspector


def line(inspector: Inspector, parameter: str = "out_features") -> ExpressionEdit:
    page = inspector.page
    assert isinstance(page, NodePage)
    editor = page.form.rows[parameter].field.editor
    assert isinstance(editor, ExpressionEdit)
    return editor


def error(inspector: Inspector, parameter: str = "out_features") -> str:
    page = inspector.page
    assert isinstance(page, NodePage)
    return page.form.rows[parameter].error.text()


def retype(qtbot: QtBot, edit: QLineEdit, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)


def table(inspector: Inspector) -> VariableTable:
    page = inspector.page
    assert isinstance(page, (ProjectPage, NetworkPage))
    return page.variables if isinstance(page, ProjectPage) else page.parameters


def shape(model: ProjectModel, node: str) -> str:
    """What leaves a node of the shown network, as far as the last report knows."""
    known = model.node_report(node)
    return str(known.outputs.get("output")) if known else ""


def make_block(model: ProjectModel) -> None:
    """fc and relu become the network Block, used as block."""
    model.do(group(model.document, model.workspace.report, "main", ["fc", "relu"], "Block"))


# Expressions -------------------------------------------------------------------------------------------


def test_an_expression_is_shown_with_its_value(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc"])
    before = schema.encode(model.document)
    retype(qtbot, line(inspector), "=width*2")
    assert model.graph.nodes["fc"].parameters["out_features"] == "=width*2"
    assert line(inspector).result.text() == "→ 16"
    qtbot.waitUntil(lambda: shape(model, "fc") == "N×16")
    model.do(SetVariables("", {**model.document.variables, "width": 10}))
    assert line(inspector).result.text() == "→ 20"
    model.undo()
    model.undo()
    assert schema.encode(model.document) == before
    assert line(inspector).result.text() == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("=widht*2", "out_features =widht*2 names widht, and there is no such variable; did you mean width?"),
        ("=width-8", "out_features must be at least 1, not 0."),
        ("=width/0", "out_features =width/0 divides by zero."),
        ("=__import__('os')", "is no arithmetic"),
    ],
)
def test_an_expression_that_comes_to_nothing_is_told_and_goes_nowhere(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector, text: str, sentence: str
) -> None:
    model.select(["fc"])
    retype(qtbot, line(inspector), text)
    assert sentence in error(inspector)
    assert line(inspector).property("invalid")
    assert model.graph.nodes["fc"].parameters["out_features"] != text
    qtbot.keyClick(line(inspector), Key.Key_Escape)
    assert error(inspector) == ""


def test_names_are_offered_while_one_is_typed(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc"])
    edit = line(inspector)
    retype(qtbot, edit, "=2*wi")
    assert edit.is_offering
    assert error(inspector) == "", "half a name is no fault yet"
    qtbot.keyClick(edit._completer.popup(), Key.Key_Return)
    assert edit.text() == "=2*width"
    assert model.graph.nodes["fc"].parameters["out_features"] == "=2*width"
    retype(qtbot, edit, "=hid")
    qtbot.keyClick(edit._completer.popup(), Key.Key_Escape)
    assert not edit.is_offering
    assert edit.text() == "=hid"
    QApplication.sendEvent(edit, QFocusEvent(QEvent.Type.FocusOut))
    assert "there is no such variable" in error(inspector), "left standing, it is one"


def test_the_wheel_steps_numbers_and_leaves_expressions_alone(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["fc"])
    edit = line(inspector)
    edit.setFocus()
    qtbot.keyClick(edit, Key.Key_Up)
    assert model.graph.nodes["fc"].parameters["out_features"] == 4
    retype(qtbot, edit, "=width")
    middle = QPointF(edit.rect().center())
    wheel = QWheelEvent(
        middle,
        QPointF(edit.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(edit, wheel)
    assert model.graph.nodes["fc"].parameters["out_features"] == "=width"


def test_a_shape_may_hold_expressions_among_numbers(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.select(["x"])
    retype(qtbot, line(inspector, "shape"), "=max(width, 4), 3")
    assert model.graph.nodes["x"].parameters["shape"] == ("=max(width, 4)", 3)
    assert line(inspector, "shape").result.text() == "→ 8, 3"


def test_the_seed_is_a_number_of_its_own(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    model.select([])
    page = inspector.page
    assert isinstance(page, ProjectPage)
    retype(qtbot, page.seed.rows["seed"].field.editor, "=width")
    assert model.document.recipe.seed == 0
    assert "whole number" in page.seed.rows["seed"].error.text()


# Variables ---------------------------------------------------------------------------------------------


def test_variables_tell_their_value_and_where_they_are_named(
    model: ProjectModel, inspector: Inspector
) -> None:
    model.do(SetParameter("main", "fc", "out_features", "=width"))
    rows = table(inspector).rows
    assert list(rows) == ["width", "hidden"]
    assert rows["hidden"].edit.result.text() == "→ 16"
    assert (rows["width"].places.text(), rows["hidden"].places.text()) == ("2×", "0×")
    assert rows["width"].places.toolTip() == "Named in variable hidden, fc.out_features"


def test_typing_a_value_is_one_step_that_everything_follows(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    model.do(SetParameter("main", "fc", "out_features", "=hidden"))
    before = schema.encode(model.document)
    row = table(inspector).rows["width"]
    retype(qtbot, row.edit, "125")
    assert table(inspector).rows["width"] is row, "typing does not make the row anew"
    assert model.document.variables["width"] == 125
    assert table(inspector).rows["hidden"].edit.result.text() == "→ 250"
    qtbot.waitUntil(lambda: shape(model, "fc") == "N×250")
    model.undo()
    assert schema.encode(model.document) == before


def test_a_value_that_goes_round_in_a_circle_is_told(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    row = table(inspector).rows["width"]
    retype(qtbot, row.edit, "=hidden+1")
    assert "depends on itself" in row.error.text()
    assert row.edit.property("invalid")
    retype(qtbot, row.edit, "4")
    assert row.error.isHidden()


def test_adding_renaming_and_removing_a_variable(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    before = schema.encode(model.document)
    qtbot.mouseClick(table(inspector).add_button, Qt.MouseButton.LeftButton)
    row = table(inspector).rows["size"]
    assert row.name.selectedText() == "size"
    qtbot.keyClicks(row.name, "depth")
    qtbot.keyClick(row.name, Key.Key_Return)
    assert list(model.document.variables) == ["width", "hidden", "depth"]
    width = table(inspector).rows["width"]
    retype(qtbot, width.name, "breadth")
    qtbot.keyClick(width.name, Key.Key_Return)
    assert model.document.variables["hidden"] == "=breadth * 2"
    qtbot.mouseClick(table(inspector).rows["breadth"].delete, Qt.MouseButton.LeftButton)
    assert model.document.variables == {"hidden": 16, "depth": 16}
    for _ in range(4):
        model.undo()
    assert schema.encode(model.document) == before


@pytest.mark.parametrize(
    ("name", "fault"),
    [("hidden", "There is a hidden already"), ("2x", "letters, digits"), ("sqrt", "meaning of its own")],
)
def test_a_name_that_cannot_be_is_told_and_taken_back(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector, name: str, fault: str
) -> None:
    row = table(inspector).rows["width"]
    retype(qtbot, row.name, name)
    assert fault in row.error.text()
    qtbot.keyClick(row.name, Key.Key_Return)
    assert row.name.text() == "width"
    assert list(model.document.variables) == ["width", "hidden"]


# Networks ----------------------------------------------------------------------------------------------


def test_inside_a_network_its_page_exposes_parameters(
    qtbot: QtBot, model: ProjectModel, inspector: Inspector
) -> None:
    make_block(model)
    model.enter("block")
    page = inspector.page
    assert isinstance(page, NetworkPage)
    qtbot.mouseClick(page.parameters.add_button, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(page.parameters.rows["size"].name, "channels")
    qtbot.keyClick(page.parameters.rows["size"].name, Key.Key_Return)
    assert model.graph.parameters == {"channels": 16}
    model.select(["fc"])
    retype(qtbot, line(inspector), "=channels")
    assert line(inspector).result.text() == "→ 16"
    model.leave()
    assert inspector.page.form.rows.keys() == {"channels", "repeat", "share_repeats"}
    retype(qtbot, line(inspector, "channels"), "=width+1")
    qtbot.waitUntil(lambda: shape(model, "block") == "N×9")
    model.enter("block")
    model.select(["fc"])
    assert line(inspector).result.text() == "→ 9", "inside, a parameter has the value of that use"
    model.show_network("Block")
    model.select(["fc"])
    assert line(inspector).result.text() == "→ 16", "by itself, it has its default"


def test_a_network_is_renamed_and_described(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    make_block(model)
    model.enter("block")
    page = inspector.page
    assert isinstance(page, NetworkPage)
    retype(qtbot, page.name, "ReLU")
    assert "layer already" in page.name.error.text()
    retype(qtbot, page.name, "Pair")
    qtbot.keyClick(page.name, Key.Key_Return)
    assert model.network == "Pair"
    qtbot.keyClicks(page.description, "Two layers. More.")
    assert model.graph.description == "Two layers. More."
    assert model.kinds["Pair"].summary == "Two layers."
    model.undo()
    assert (model.graph.description, page.description.toPlainText()) == ("", "")


def test_a_node_uses_the_weights_of_another(qtbot: QtBot, model: ProjectModel, inspector: Inspector) -> None:
    model.do(AddNode("main", Node(name="twin", kind="Linear", parameters={"out_features": 7})))
    model.select(["twin"])
    page = inspector.page
    assert isinstance(page, NodePage)
    weights = page.weights
    assert [weights.choice.itemText(i) for i in range(weights.choice.count())] == ["its own", "those of fc"]
    weights.choice.setFocus()
    qtbot.keyClick(weights.choice, Key.Key_Down)
    assert model.graph.nodes["twin"].shares == "fc"
    assert not page.form.isEnabled()
    assert line(inspector).text() == "3", "its parameters are those of the owner"
    qtbot.mouseClick(weights.owner, Qt.MouseButton.LeftButton)
    assert model.selection == {"fc"}
    assert page.form.isEnabled()
    assert "twin uses them too" in weights.note.text()
    assert not weights.choice.isEnabled()
    model.undo()
    assert model.graph.nodes["twin"].shares == ""


def test_a_layer_without_weights_has_none_to_share(model: ProjectModel, inspector: Inspector) -> None:
    model.do(AddNode("main", Node(name="again", kind="ReLU")))
    model.select(["again"])
    assert inspector.page.weights is None
    model.select(["fc"])
    assert inspector.page.weights.isHidden(), "there is no other Linear"


# Names for numbers --------------------------------------------------------------------------------


def open_menu(widget: QWidget) -> QMenu:
    """The menu that a right click on a widget opens."""
    place = QPoint(4, 4)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


def test_a_right_click_on_a_number_makes_a_variable_of_it(model: ProjectModel, inspector: Inspector) -> None:
    before = schema.encode(model.document)
    model.select(["fc"])
    menu = open_menu(line(inspector))
    assert any("Paste" in action.text() for action in menu.actions()), "the usual menu stays"
    choose(menu, "Make a variable of this")
    assert model.document.variables["out_features"] == 3
    assert (line(inspector).text(), line(inspector).result.text()) == ("=out_features", "→ 3")
    model.undo()
    assert schema.encode(model.document) == before


def test_a_right_click_on_a_name_inside_lets_each_use_set_it(
    model: ProjectModel, inspector: Inspector
) -> None:
    model.do(group(model.document, model.workspace.report, "main", ["fc", "relu"], "Block"))
    model.show_network("Block")
    model.select(["fc"])
    assert isinstance(inspector.page, NodePage)
    choose(open_menu(inspector.page.form.rows["out_features"].name), "Let each use set this")
    assert model.graph.parameters == {"out_features": 3}
    assert line(inspector).text() == "=out_features"
    model.show_network("main")
    model.select(["block"])
    assert line(inspector).text() == "3", "the use has a field for it"


def test_what_has_no_number_has_no_menu(model: ProjectModel, inspector: Inspector) -> None:
    model.select(["fc"])
    assert isinstance(inspector.page, NodePage)
    name = inspector.page.form.rows["bias"].name
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(4, 4), name.mapToGlobal(QPoint(4, 4)))
    QApplication.sendEvent(name, event)
    assert QApplication.activePopupWidget() is None
