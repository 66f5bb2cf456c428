"""The list of networks with real keys and clicks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNetwork, AddNode, apply
from nodeforge.core.graph import Graph, Node
from nodeforge.project import schema
from nodeforge.session import blocks
from nodeforge.session.workspace import Workspace
from nodeforge.ui import library
from nodeforge.ui.canvas.dropping.drops import KIND_MIME
from nodeforge.ui.panels.networks import NetworksPanel
from nodeforge.ui.project_model import ProjectModel

Key = Qt.Key


@pytest.fixture
def panel(qtbot: QtBot) -> NetworksPanel:
    """main uses Encoder once; nothing uses Spare."""
    document = Document()
    for name in ("Encoder", "Spare"):
        apply(document, AddNetwork(Graph(name)))
    apply(document, AddNode("Encoder", Node(name="fc", kind="Linear", parameters={"out_features": 2})))
    apply(document, AddNode("main", Node(name="encoder", kind="Encoder")))
    model = ProjectModel(Workspace(document))
    panel = NetworksPanel(model)
    model.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(260, 400)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def rows(panel: NetworksPanel) -> list[tuple[str, str]]:
    items = [panel.list.topLevelItem(row) for row in range(panel.list.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items]


def press(qtbot: QtBot, panel: NetworksPanel, words: str) -> None:
    button = next(b for b in panel.findChildren(QPushButton) if b.accessibleName() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def field(panel: NetworksPanel) -> QLineEdit:
    return panel.list.findChildren(QLineEdit)[-1]


def test_it_tells_which_there_are_and_how_often_each_is_used(panel: NetworksPanel) -> None:
    assert rows(panel) == [("main", "main"), ("Encoder", "1×"), ("Spare", "0×")]
    panel._model.do(AddNode("main", Node(name="again", kind="Encoder")))
    assert rows(panel)[1] == ("Encoder", "2×")
    assert "Used twice: encoder, again." in panel.list.topLevelItem(1).toolTip(0)


def test_enter_shows_a_network_by_itself(qtbot: QtBot, panel: NetworksPanel) -> None:
    panel.choose("Encoder")
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Key.Key_Return)
    assert panel._model.network == "Encoder"
    assert panel._model.path == ()
    assert panel.list.topLevelItem(1).font(0).bold()


def test_a_new_network_is_named_at_once(qtbot: QtBot, panel: NetworksPanel) -> None:
    press(qtbot, panel, "New")
    qtbot.keyClicks(field(panel), "Decoder")
    qtbot.keyClick(field(panel), Key.Key_Return)
    qtbot.waitUntil(lambda: list(panel._model.document.networks)[-1] == "Decoder")
    assert panel._model.network == "Decoder"
    panel._model.undo()
    panel._model.undo()
    assert [name for name, _ in rows(panel)] == ["main", "Encoder", "Spare"]
    assert panel._model.network == "main"


def test_escape_leaves_the_name(qtbot: QtBot, panel: NetworksPanel) -> None:
    panel.choose("Spare")
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Key.Key_F2)
    qtbot.keyClicks(field(panel), "Other")
    qtbot.keyClick(field(panel), Key.Key_Escape)
    assert [name for name, _ in rows(panel)] == ["main", "Encoder", "Spare"]
    assert not panel._model.workspace.history.can_undo


def test_renaming_renames_the_uses(qtbot: QtBot, panel: NetworksPanel) -> None:
    panel.choose("Encoder")
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Key.Key_F2)
    qtbot.keyClicks(field(panel), "Reader")
    qtbot.keyClick(field(panel), Key.Key_Return)
    qtbot.waitUntil(lambda: panel._model.graph.nodes["encoder"].kind == "Reader")
    assert panel.current == "Reader"


def test_a_name_that_is_taken_is_told_and_taken_back(qtbot: QtBot, panel: NetworksPanel) -> None:
    panel.choose("Spare")
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Key.Key_F2)
    qtbot.keyClicks(field(panel), "Encoder")
    with qtbot.waitSignal(panel._model.complained) as told:
        qtbot.keyClick(field(panel), Key.Key_Return)
    assert "already" in told.args[0]
    assert [name for name, _ in rows(panel)] == ["main", "Encoder", "Spare"]


def test_a_copy_is_a_network_of_its_own(qtbot: QtBot, panel: NetworksPanel) -> None:
    panel.choose("Encoder")
    press(qtbot, panel, "Duplicate")
    qtbot.keyClick(field(panel), Key.Key_Escape)
    assert rows(panel)[-1] == ("Encoder_2", "0×")
    assert "fc" in panel._model.document.networks["Encoder_2"]


def test_what_is_used_is_not_deleted(qtbot: QtBot, panel: NetworksPanel) -> None:
    panel.choose("Encoder")
    with qtbot.waitSignal(panel._model.complained) as told:
        press(qtbot, panel, "Delete")
    assert told.args[0] == "Encoder is used once (encoder): delete it or take it apart first."
    panel.choose("Spare")
    panel.list.setFocus()
    before = schema.encode(panel._model.document)
    qtbot.keyClick(panel.list, Key.Key_Delete)
    assert [name for name, _ in rows(panel)] == ["main", "Encoder"]
    panel._model.undo()
    assert schema.encode(panel._model.document) == before


def test_the_main_network_is_never_deleted_and_can_be_another(qtbot: QtBot, panel: NetworksPanel) -> None:
    panel.choose("main")
    assert not panel.actions_["delete"].isEnabled()
    panel.choose("Spare")
    panel.actions_["main"].trigger()
    assert panel._model.document.main == "Spare"
    assert ("Spare", "main") in rows(panel)


def test_a_use_is_dragged_but_never_into_itself(panel: NetworksPanel) -> None:
    encoder = panel.list.topLevelItem(1)
    assert bytes(panel.list.mimeData([encoder]).data(KIND_MIME).data()) == b"Encoder"
    panel._model.show_network("Encoder")
    assert not panel.list.mimeData([panel.list.topLevelItem(1)]).hasFormat(KIND_MIME)


def test_a_network_is_kept_in_the_library(qtbot: QtBot, panel: NetworksPanel) -> None:
    panel.choose("Encoder")
    with qtbot.waitSignal(panel.library_changed):
        panel.actions_["keep"].trigger()
    assert (blocks.own_folder() / "Encoder.json").is_file()
    assert library.block_kinds()["block:Encoder"].title == "Encoder"
    library.reread()
