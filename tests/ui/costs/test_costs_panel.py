"""The costs panel on a real checker: table, selection, forecast, what runs measured, CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nodeforge.analysis.costs import measure
from nodeforge.core.document import Component, Recipe, Stage
from nodeforge.core.edits import SetParameter, SetRecipe
from nodeforge.engine.messages import MemoryMeasured
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.session.workspace import Workspace
from nodeforge.ui.costs.measures import MACS, MEASURES
from nodeforge.ui.costs.panel import CostsPanel
from nodeforge.ui.costs.table import COLUMNS, FIRST_NUMBER, SHARE
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine

LEFT = Qt.MouseButton.LeftButton
DESCENDING = Qt.SortOrder.DescendingOrder


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def model(tmp_path: Path) -> ProjectModel:
    workspace = Workspace.from_example("mnist-cnn")
    workspace.save(tmp_path / "mnist")
    return ProjectModel(workspace)


@pytest.fixture
def make(qtbot: QtBot, model: ProjectModel, engine: ScriptedEngine) -> Callable[[], CostsPanel]:
    def make_() -> CostsPanel:
        panel = CostsPanel(model, engine)
        qtbot.addWidget(panel)
        panel.resize(900, 260)
        return panel

    return make_


@pytest.fixture
def panel(qtbot: QtBot, make: Callable[[], CostsPanel]) -> CostsPanel:
    panel = make()
    with qtbot.waitSignal(panel.source.measured):
        panel.show()
    return panel


def names(panel: CostsPanel) -> list[str]:
    return [row.name for row in panel.table.costs.rows]


def test_it_shows_every_node_with_its_costs(panel: CostsPanel, model: ProjectModel) -> None:
    document = model.document
    costs = measure(document, document.main_network, model.report.networks["main"], 64)
    table = panel.table.costs
    assert set(names(panel)) == set(document.main_network.nodes)
    row = names(panel).index("conv2")
    texts = [table.index(row, column).data() for column in range(len(COLUMNS))]
    assert texts[:3] == ["conv2", "Conv2d", "N×32×14×14"]
    assert texts[FIRST_NUMBER:] == [m.text(m.of(costs.nodes["conv2"])) or "–" for m in MEASURES[:2]] + ["–"]
    share = table.index(row, FIRST_NUMBER + MEASURES.index(MACS)).data(SHARE)
    assert share == pytest.approx(costs.nodes["conv2"].macs / costs.total.macs)
    assert f"{costs.total.parameters:,} parameters" in panel.totals.text()


def test_headings_sort_with_the_largest_first_on_the_second_click(panel: CostsPanel) -> None:
    header = panel.table.horizontalHeader()
    column = FIRST_NUMBER + MEASURES.index(MACS)
    place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    for _ in range(2):
        QTest.mouseClick(header.viewport(), LEFT, pos=place)
    found = [row.costs.macs for row in panel.table.costs.rows]
    assert found in (sorted(found), sorted(found, reverse=True))
    panel.table.sortByColumn(column, DESCENDING)
    assert names(panel)[0] == "conv2"
    assert panel.table.costs.headerData(column, Qt.Orientation.Horizontal) == "MACs ↓"


def test_a_click_selects_the_node_and_the_selection_marks_rows(
    panel: CostsPanel, model: ProjectModel
) -> None:
    table = panel.table
    row = names(panel).index("fc1")
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(table.costs.index(row, 1)).center())
    assert model.selection == {"fc1"}
    model.select(["conv1", "relu1"])
    chosen = {index.row() for index in table.selectionModel().selectedRows()}
    assert {names(panel)[row] for row in chosen} == {"conv1", "relu1"}
    table.doubleClicked.emit(table.costs.index(row, 0))
    assert model.selection == {"fc1"}


def test_an_edit_is_followed_in_the_order_that_was_chosen(
    qtbot: QtBot, panel: CostsPanel, model: ProjectModel
) -> None:
    panel.table.sortByColumn(FIRST_NUMBER, DESCENDING)
    before = panel.totals.text()
    with qtbot.waitSignal(panel.source.measured):
        model.do(SetParameter("main", "fc1", "out_features", 1))
    assert panel.totals.text() != before
    assert names(panel)[0] == "conv2"


def test_nothing_is_worked_out_while_nobody_looks(
    qtbot: QtBot, make: Callable[[], CostsPanel], model: ProjectModel
) -> None:
    panel = make()
    with qtbot.assertNotEmitted(panel.source.measured, wait=100):
        model.do(SetParameter("main", "fc1", "out_features", 5))
    with qtbot.waitSignal(panel.source.measured):
        panel.show()


def test_the_forecast_follows_the_recipe(qtbot: QtBot, panel: CostsPanel, model: ProjectModel) -> None:
    picture = panel.source.picture
    assert picture is not None
    assert picture.use.optimizer == 2 * picture.use.parameters  # Adam
    stage = Stage(settings={"batch_size": 1}, optimizer=Component(kind="SGD"))
    with qtbot.waitSignal(panel.source.measured):
        model.do(SetRecipe(Recipe(stages=(stage,))))
    small = panel.source.picture
    assert small is not None
    assert (small.use.optimizer, small.costs.batch) == (0, 1)
    assert small.use.activations * 64 == picture.use.activations
    assert "Training needs" in panel.memory.total.text()


def test_what_a_run_measured_stands_beside_its_forecast(
    qtbot: QtBot, panel: CostsPanel, model: ProjectModel, engine: ScriptedEngine
) -> None:
    assert not panel.memory.measured.isVisible()
    parts = {"parameters": 10, "gradients": 10, "optimizer": 20, "activations": 960}
    memory = {"forecast": {**parts, "total": 1_000_000}, "measured": {**parts, "total": 1_100_000}}
    store = RunStore(model.folder)
    run = store.create(schema.encode(model.document), seed=0, environment={}).id
    store.update(run, memory=memory)
    engine.event_received.emit(MemoryMeasured(run=run, stage="train", batch=64, **memory))
    qtbot.waitUntil(lambda: panel.memory.measured.isVisible())
    assert panel.memory.measured.text() == "Run 1: forecast 1.00 MB, measured 1.10 MB, +10%."


def test_the_table_goes_to_a_csv_file(panel: CostsPanel, tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    panel.save_csv(path)
    rows = {row["node"]: row for row in csv.DictReader(path.read_text("utf-8").splitlines())}
    assert set(rows) == set(names(panel))
    picture = panel.source.picture
    assert picture is not None
    assert int(rows["fc1"]["macs"]) == picture.costs.nodes["fc1"].macs == 1568 * 64
    assert sum(int(row["activation_bytes"]) for row in rows.values()) == picture.costs.total.kept


def test_a_file_that_cannot_be_written_is_told(qtbot: QtBot, panel: CostsPanel, model: ProjectModel) -> None:
    with qtbot.waitSignal(model.complained) as told:
        panel.save_csv(Path("/nowhere/at/all.csv"))
    assert "/nowhere" in told.args[0]
