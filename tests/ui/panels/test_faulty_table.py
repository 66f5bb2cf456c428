"""A table at fault is shown with what is wrong, and mended by the menus of its columns."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.engine.data_replies import describe_data
from nodeforge.session.workspace import Workspace
from nodeforge.ui.panels.data import DataPanel
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine

ROWS = "size,height,kind\n" + "".join(f"{i},{i % 5},{'ab'[i % 2]}\n" for i in range(40))


def test_a_column_that_keeps_the_table_from_loading_can_be_mended_in_place(qtbot, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(ROWS + "tall,3,a\n", "utf-8")
    data = DataSettings(source=Component(kind="csv", parameters={"path": "table.csv"}))
    model = ProjectModel(Workspace(Document(data=data), tmp_path))
    engine = ScriptedEngine()
    panel = DataPanel(model, engine)
    qtbot.addWidget(panel)
    panel.show()
    engine.answer(describe_data(model.document, tmp_path, 100))
    assert "Row 42 of table.csv: column size holds 'tall'" in panel.fault.text()
    assert panel.fault.isVisible()
    assert panel.preview.table.isVisible()
    assert model.workspace.facts is None

    asked = len(engine.asked)
    choices = {action.text(): action for action in panel.preview.table.menu(0).actions()}
    choices["Ignored"].trigger()
    qtbot.waitUntil(lambda: len(engine.asked) > asked)
    engine.answer(describe_data(model.document, tmp_path, 100))
    assert not panel.fault.isVisible()
    assert panel.sizes.isVisible()
    assert model.workspace.facts.sizes["test"] == 9
