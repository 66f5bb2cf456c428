"""The Code panel shows what is trained, and finds the way from a line to its node and back, across networks."""

from __future__ import annotations

from drawings import drawing
from pytestqt.qtbot import QtBot

from nodeforge.session.workspace import Workspace
from nodeforge.ui.panels.code import CodePanel
from nodeforge.ui.project_model import ProjectModel

NESTED = """
    image = Input(shape=[8])
    first = block()
    out = Output()
    image -> first -> out
    network block(d_ff=4)
    x = Input(shape=[3])
    up = Linear(out_features="=d_ff")
    down = Linear(out_features=5)
    y = Output()
    x -> up -> down -> y
    network draft()
    x = Input(shape=[3])
    dense = Linear(out_features=2)
    y = Output()
    x -> dense -> y
"""


def shown(qtbot: QtBot) -> tuple[CodePanel, ProjectModel]:
    model = ProjectModel(Workspace(drawing(NESTED)))
    panel = CodePanel(model)
    qtbot.addWidget(panel)
    panel.resize(600, 200)
    panel.show()
    qtbot.waitUntil(lambda: "class Untitled" in panel.view.toPlainText())
    return panel, model


def marked(panel: CodePanel) -> list[str]:
    return [s.cursor.block().text().strip() for s in panel.view.extraSelections()]


def test_inside_a_network_the_code_is_still_what_is_trained(qtbot: QtBot) -> None:
    panel, model = shown(qtbot)
    model.show_network("block")
    model.select(["up"])
    qtbot.waitUntil(lambda: len(marked(panel)) == 2)
    assert "class Untitled" in panel.view.toPlainText()
    assert marked(panel)[0] == "self.up = nn.Linear(8, d_ff)"


def test_a_line_of_a_network_inside_leads_to_its_node(qtbot: QtBot) -> None:
    panel, model = shown(qtbot)
    line = panel.view.toPlainText().splitlines().index("        self.down = nn.Linear(4, 5)") + 1
    panel.view.line_chosen.emit(line)
    assert (model.network, model.selection) == ("block", {"down"})


def test_a_network_that_is_not_in_use_shows_its_own_code(qtbot: QtBot) -> None:
    panel, model = shown(qtbot)
    model.show_network("draft")
    qtbot.waitUntil(lambda: "class Draft" in panel.view.toPlainText())
    assert "Untitled" not in panel.view.toPlainText()
    model.select(["dense"])
    qtbot.waitUntil(lambda: marked(panel)[:1] == ["self.dense = nn.Linear(3, 2)"])
