"""Keys, search, clipboard, renaming and menus, with real events."""

from __future__ import annotations

import pytest
from hands import CONTROL, SHIFT, wire
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from nodeforge.catalog import kinds
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNetwork, AddNode, MoveNodes, apply
from nodeforge.core.graph import Graph, Node
from nodeforge.session.workspace import Workspace
from nodeforge.ui.canvas import words
from nodeforge.ui.canvas.geometry.hit import hit
from nodeforge.ui.canvas.inline_editor import InlineEditor
from nodeforge.ui.canvas.searching import search_query

# Search -------------------------------------------------------------------------------------------


def test_tab_searches_and_enter_adds_with_parameters(hand):
    hand.key(Qt.Key.Key_Tab)
    field = hand.canvas._search.field
    QTest.keyClicks(field, "conv 32 5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    (name,) = hand.model.selection
    node = hand.model.graph.nodes[name]
    assert node.kind == "Conv2d"
    assert dict(node.parameters) == {"out_channels": 32, "kernel_size": 5}
    assert hand.canvas._search is None
    hand.model.undo()
    assert name not in hand.model.graph


def test_double_click_on_nothing_adds_there(hand):
    QTest.mouseDClick(
        hand.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, hand.at(600, 300)
    )
    QTest.keyClicks(hand.canvas._search.field, "relu")
    QTest.keyClick(hand.canvas._search.field, Qt.Key.Key_Return)
    assert hand.model.graph.nodes["relu_2"].position == (520, 272)


def test_escape_closes_the_search_and_adds_nothing(hand):
    popup = hand.canvas.open_search()
    QTest.keyClick(popup.field, Qt.Key.Key_Escape)
    assert hand.canvas._search is None
    assert popup.isHidden()
    assert not hand.model.workspace.history.can_undo


def test_values_that_do_not_fit_are_told_and_not_added(hand):
    popup = hand.canvas.open_search()
    QTest.keyClicks(popup.field, "dropout 7")
    assert popup.hint.text().startswith("p must be")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert not popup.isHidden()
    assert not hand.model.workspace.history.can_undo
    QTest.keyClick(popup.field, Qt.Key.Key_Escape)


def test_a_wire_dropped_on_nothing_offers_what_fits_and_wires_it(hand):
    hand.drag(hand.port("conv", "output", output=True), (600, 200))
    popup = hand.canvas._search
    offered = {kind.name for kind in popup._rows.kinds}
    assert "MaxPool2d" in offered
    assert "Embedding" not in offered  # takes whole numbers
    assert "Input" not in offered  # has no input
    QTest.keyClicks(popup.field, "maxpool")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert hand.model.graph.has_wire(wire("conv", "max_pool2d"))
    hand.model.undo()
    assert "max_pool2d" not in hand.model.graph


def test_a_wire_from_an_input_dropped_on_nothing_is_wired_backwards(hand):
    hand.drag(hand.port("dropout", "input", output=False), (100, 330))
    popup = hand.canvas._search
    QTest.keyClicks(popup.field, "input")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert hand.model.graph.has_wire(wire("input", "dropout"))


def test_the_list_follows_the_arrow_keys(hand):
    popup = hand.canvas.open_search()
    QTest.keyClicks(popup.field, "pool")
    second = popup._rows.kinds[1].name
    QTest.keyClick(popup.field, Qt.Key.Key_Down)
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert second in {node.kind for node in hand.model.graph.nodes.values()}


@pytest.mark.parametrize(
    ("typed", "words", "values"),
    [
        ("conv 32 3", "conv", ("32", "3")),
        ("max pool 2", "max pool", ("2",)),
        ("max pool 2d 2", "max pool 2d", ("2",)),
        ("dropout p=0.2", "dropout", ("p=0.2",)),
        ("", "", ()),
        ("2", "2", ()),
    ],
)
def test_words_and_values_are_told_apart(typed, words, values):
    assert search_query.parse(typed) == search_query.Query(words, values)


@pytest.mark.parametrize(
    ("kind", "values", "parameters"),
    [
        ("Conv2d", ["32", "3x5"], {"out_channels": 32, "kernel_size": (3, 5)}),
        ("Input", ["1,28,28"], {"shape": (1, 28, 28)}),
        ("Input", ["4"], {"shape": (4,)}),
        ("Linear", ["bias=false"], {"bias": False}),
        ("Dropout", ["0.25"], {"p": 0.25}),
    ],
)
def test_typed_values_become_parameters(kind, values, parameters):
    assert search_query.parameters(kinds()[kind], values) == parameters


@pytest.mark.parametrize(
    ("values", "part"),
    [(["nonsense=1"], "no parameter"), (["0"], "at least 1"), (["1", "true"] * 9, "at most")],
)
def test_values_that_do_not_fit_are_explained(values, part):
    with pytest.raises(ValueError, match=part):
        search_query.parameters(kinds()["Linear"], values)


# Keys ---------------------------------------------------------------------------------------------


def test_delete_heals_the_chain_and_one_undo_restores_it(hand):
    hand.click(hand.middle("relu"))
    hand.key(Qt.Key.Key_Delete)
    assert hand.model.graph.has_wire(wire("conv", "output"))
    hand.key(Qt.Key.Key_Z, CONTROL)
    assert hand.model.graph.has_wire(wire("conv", "relu"))
    assert hand.model.graph.has_wire(wire("relu", "output"))
    assert not hand.model.graph.has_wire(wire("conv", "output"))


def test_a_selected_wire_is_deleted(hand):
    hand.click((440, 28))
    hand.key(Qt.Key.Key_Backspace)
    assert not hand.model.graph.has_wire(wire("conv", "relu"))
    assert len(hand.model.graph) == 5


def test_arrows_nudge_in_one_step(hand):
    hand.click(hand.middle("conv"))
    for _ in range(3):
        hand.key(Qt.Key.Key_Right)
    hand.key(Qt.Key.Key_Down, SHIFT)
    assert hand.model.graph.nodes["conv"].position == (270, 1)
    hand.model.undo()
    assert hand.model.graph.nodes["conv"].position == (240, 0)


def test_control_arrows_walk_along_wires(hand):
    hand.key(Qt.Key.Key_Right)
    assert hand.model.selection == {"image"}
    for expected in ("conv", "relu", "output", "output"):
        hand.key(Qt.Key.Key_Right, CONTROL)
        assert hand.model.selection == {expected}
    hand.key(Qt.Key.Key_Left, CONTROL)
    hand.key(Qt.Key.Key_Left, CONTROL)
    assert hand.model.selection == {"conv"}
    hand.key(Qt.Key.Key_Down, CONTROL)
    assert hand.model.selection == {"dropout"}


def test_copy_paste_duplicate_cut(hand):
    hand.model.select(["conv", "relu"])
    hand.key(Qt.Key.Key_C, CONTROL)
    hand.key(Qt.Key.Key_V, CONTROL)
    assert hand.model.selection == {"conv_2", "relu_2"}
    assert hand.model.graph.has_wire(wire("conv_2", "relu_2"))
    hand.key(Qt.Key.Key_D, CONTROL)
    assert hand.model.selection == {"conv_3", "relu_3"}
    hand.key(Qt.Key.Key_X, CONTROL)
    assert len(hand.model.graph) == 7
    hand.key(Qt.Key.Key_V, CONTROL)
    assert len(hand.model.graph) == 9
    for _ in range(4):
        hand.model.undo()
    assert len(hand.model.graph) == 5


def test_pasting_what_is_no_network_complains(hand, qtbot):
    QApplication.clipboard().setText("a shopping list")
    with qtbot.waitSignal(hand.model.complained):
        hand.key(Qt.Key.Key_V, CONTROL)
    assert len(hand.model.graph) == 5


def test_select_all_and_escape(hand):
    hand.key(Qt.Key.Key_A, CONTROL)
    assert len(hand.model.selection) == 5
    hand.key(Qt.Key.Key_Escape)
    assert not hand.model.selection


# Renaming -----------------------------------------------------------------------------------------


def _editor(hand) -> QLineEdit:
    return next(e for e in hand.canvas.viewport().findChildren(InlineEditor) if not e.isHidden())


def test_f2_renames(hand):
    hand.click(hand.middle("conv"))
    hand.key(Qt.Key.Key_F2)
    editor = _editor(hand)
    QTest.keyClicks(editor, "stem")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert "stem" in hand.model.graph
    assert hand.model.selection == {"stem"}
    hand.model.undo()
    assert "conv" in hand.model.graph


def test_double_click_on_the_title_renames_and_escape_does_not(hand):
    QTest.mouseDClick(
        hand.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, hand.at(300, 14)
    )
    editor = _editor(hand)
    QTest.keyClicks(editor, "stem")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert "stem" not in hand.model.graph


def test_a_name_that_cannot_be_stays_to_be_mended(hand, qtbot):
    hand.canvas.operations.rename("conv")
    editor = _editor(hand)
    editor.setText("two words")
    with qtbot.waitSignal(hand.model.complained):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert not editor.isHidden()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert "conv" in hand.model.graph


def test_the_menu_of_the_field_does_not_end_the_renaming(hand):
    hand.canvas.operations.rename("conv")
    editor = _editor(hand)
    QApplication.sendEvent(editor, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.PopupFocusReason))
    assert not editor.isHidden()


def test_a_name_that_is_left_for_another_network_is_given_in_its_own(hand):
    hand.model.do(AddNetwork(Graph("Other")))
    hand.model.do(AddNode("Other", Node(name="conv", kind="Conv2d")))
    hand.canvas.operations.rename("conv")
    QTest.keyClicks(_editor(hand), "stem")
    hand.model.show_network("Other")
    assert "conv" in hand.model.graph
    hand.model.show_network("main")
    assert "stem" in hand.model.graph


# Menus --------------------------------------------------------------------------------------------


def _menu(hand, place: tuple[float, float]) -> QMenu:
    where = hand.at(*place)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, where, hand.canvas.viewport().mapToGlobal(where)
    )
    QApplication.sendEvent(hand.canvas.viewport(), event)
    return hand.canvas.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1]


@pytest.mark.parametrize(
    ("place", "action"),
    [((340, 44), "Rename"), ((440, 28), "Delete wire"), ((600, 300), "Add a node…")],
)
def test_each_thing_has_its_menu(hand, place, action):
    menu = _menu(hand, place)
    assert action in [a.text() for a in menu.actions()]
    menu.close()


def test_tips_tell_shapes_and_findings(hand):
    graph, report = hand.model.graph, hand.model.workspace.report
    mirror = hand.canvas.mirror
    assert "N×1×28×28 float32" in words.tip(graph, report, hit(mirror, 200, 28, 1.0))
    assert "conv" in words.tip(graph, report, hit(mirror, 300, 30, 1.0))
    assert "80 parameters" in words.tip(graph, report, hit(mirror, 300, 30, 1.0))
    assert words.tip(graph, report, hit(mirror, 300, 400, 1.0)) == ""
    assert "none selected" in hand.canvas.accessibleDescription()
    hand.model.select(["conv"])
    assert "Fed by image; feeds relu" in hand.canvas.accessibleDescription()


def test_an_empty_network_says_how_to_begin(hand):
    assert hand.canvas._empty.isHidden()
    hand.key(Qt.Key.Key_A, CONTROL)
    hand.key(Qt.Key.Key_Delete)
    assert not hand.canvas._empty.isHidden()
    hand.model.undo()
    assert hand.canvas._empty.isHidden()


def test_a_new_node_finds_a_free_place(hand):
    hand.model.select(["conv"])
    hand.canvas.add_node("Linear")
    taken = hand.canvas.mirror.rects[hand.canvas.mirror.nodes.index["linear"]]
    assert tuple(taken[:2]) == (480, 100)
    assert hand.canvas.add_node("Linear", QPointF(0, 400)) == "linear_2"


def test_laying_out_is_one_undo_step_and_shows_everything(hand, qtbot):
    hand.model.do(MoveNodes("main", {"conv": (900.0, 900.0), "relu": (-500.0, 70.0)}))
    before = {name: node.position for name, node in hand.model.graph.nodes.items()}
    hand.canvas.operations.arrange()
    qtbot.waitUntil(lambda: not hand.canvas.arranging.busy)
    graph = hand.model.graph
    across = [graph.nodes[name].position[0] for name in ("image", "conv", "relu", "output")]
    assert across == sorted(across)
    assert hand.canvas.visible_area().contains(hand.canvas.mirror.bounds())
    hand.model.undo()
    assert {name: node.position for name, node in graph.nodes.items()} == before


def test_revealing_a_node_brings_it_into_view_and_selects_it(hand):
    hand.canvas.set_zoom(0.1)
    hand.model.reveal("main", "output")
    slot = hand.canvas.mirror.nodes.index["output"]
    x, y, width, height = hand.canvas.mirror.rects[slot].tolist()
    assert hand.canvas.visible_area().contains(QRectF(x, y, width, height))
    assert hand.canvas.zoom >= 0.62
    assert hand.model.selection == {"output"}


def test_opening_another_project_shows_it(hand):
    other = Document()
    apply(other, AddNode("main", Node(name="only", kind="ReLU", position=(5000, 5000))))
    hand.model.select(["conv"])
    hand.model.open(Workspace(other))
    assert set(hand.canvas.mirror.nodes.index) == {"only"}
    assert hand.canvas.visible_area().contains(5010, 5010)
    assert hand.model.selection == frozenset()
