"""The plots follow the engine's events, redraw one at a time, and can be taken away."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QSlider

from nodeforge.core.document import Document, Recipe, Stage
from nodeforge.core.edits import SetRecipe
from nodeforge.engine.messages import Evaluated
from nodeforge.project.run_log import EpochRecord
from nodeforge.project.runs import RunStore
from nodeforge.session.workspace import Workspace
from nodeforge.ui.plots.card import PlotCard
from nodeforge.ui.plots.curve_card import CurveCard, Line, ValueAxis
from nodeforge.ui.plots.panel import PlotsPanel
from nodeforge.ui.plots.pictures import save_run_pictures
from nodeforge.ui.plots.series import Series
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine

CONFUSION = [[8, 2], [0, 10]]


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def model() -> ProjectModel:
    return ProjectModel(Workspace(Document()))


@pytest.fixture
def panel(qtbot, model, engine) -> PlotsPanel:
    panel = PlotsPanel(model, engine)
    qtbot.addWidget(panel)
    panel.resize(1100, 280)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def train(engine: ScriptedEngine, run: str = "r1", epochs: int = 3, **more: object) -> None:
    engine.say_state("starting", run)
    for epoch in range(1, epochs + 1):
        steps = range(10 * epoch - 9, 10 * epoch + 1)
        engine.say_steps(steps, [1 / step for step in steps], run)
        engine.say_progress(epoch, 10, run)
        engine.say_epoch(epoch, run, 0.5 + epoch / 10, **more)


def settle(qtbot, panel: PlotsPanel) -> None:
    qtbot.waitUntil(lambda: not any(card.dirty and card.isVisible() for card in panel.cards), timeout=30_000)


def save_as(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *args: (str(path), "SVG" if "svg" in path.name else "")
    )


def move_to(widget, position: QPoint) -> None:
    QTest.mouseMove(widget, position - QPoint(7, 3))
    QTest.mouseMove(widget, position)


def test_at_first_every_plot_says_what_it_is_for(panel) -> None:
    assert not any(card.has_data for card in panel.cards)
    assert "Press Train" in panel.loss_card._empty.text()


def test_curves_of_a_training_appear(qtbot, panel, engine) -> None:
    train(engine)
    settle(qtbot, panel)
    shown = {card.title for card in panel.cards if card.has_data}
    assert shown == {"Loss", "Accuracy", "Learning rate", "Samples per second"}
    train_line, validation_line = panel.loss_card.lines
    assert train_line.series.x.tolist() == list(range(1, 31))
    assert validation_line.series.x.tolist() == [10, 20, 30]
    drawn_x, drawn_y = panel.loss_card._items[0][0].getData()
    np.testing.assert_allclose(drawn_y, [1 / step for step in drawn_x], rtol=1e-6)


def test_one_plot_is_redrawn_a_tick(qtbot, panel, engine) -> None:
    train(engine)
    panel._timer.stop()
    before = sum(card.dirty and card.isVisible() for card in panel.cards)
    panel.tick()
    assert sum(card.dirty and card.isVisible() for card in panel.cards) == before - 1


def test_ticking_rests_when_nothing_is_new_or_nothing_is_seen(qtbot, panel, engine) -> None:
    train(engine)
    settle(qtbot, panel)
    qtbot.waitUntil(lambda: not panel._timer.isActive())
    engine.say_steps([31], [0.5])
    assert panel._timer.isActive()
    panel.hide()
    assert not panel._timer.isActive()
    engine.say_steps([32], [0.5])
    assert not panel._timer.isActive()
    panel.show()
    settle(qtbot, panel)
    assert panel.loss_card._items[0][0].getData()[0][-1] == 32


def test_a_second_run_lies_over_the_first_in_another_colour(qtbot, panel, model, engine) -> None:
    train(engine, "r1")
    train(engine, "r2")
    assert {line.color for line in panel.loss_card.lines} == {0, 1}
    assert [entry[0] for entry in panel.legend.entries] == ["r1", "r2", "train", "validation"]
    model.overlay_run("r1", False)
    assert {line.label for line in panel.loss_card.lines} == {"train", "validation"}
    model.overlay_run("r1")
    assert model.overlay == {"r2": 1, "r1": 0}


def test_borders_of_stages_are_marked_while_one_run_is_shown(qtbot, panel, model, engine) -> None:
    engine.say_state("starting")
    engine.say_steps([1, 2, 3], [0.9, 0.8, 0.7])
    engine.say_progress(1, 3, stage="first", stages=2)
    assert panel.loss_card.borders == []
    engine.say_steps([11, 12], [0.6, 0.5])
    engine.say_progress(2, 2, stage="second", stage_number=2, stages=2)
    for card in (panel.loss_card, panel.rate_card):
        assert card.borders == [("second", 3)]
    settle(qtbot, panel)
    engine.say_state("finished")
    train(engine, "r2")
    assert panel.loss_card.borders == []
    panel._model.overlay_run("r2", shown=False)
    assert panel.loss_card.borders == [("second", 3)]


def test_a_classifier_shows_what_it_confuses(qtbot, panel, engine) -> None:
    train(engine, classes=["cat", "dog"], confusion=CONFUSION)
    settle(qtbot, panel)
    assert panel.confusion_card.has_data
    assert not panel.truth_card.isVisible()
    cell = panel.confusion_card.matrix.cell(0, 1).center().toPoint()
    move_to(panel.confusion_card.matrix, cell)
    assert "true <b>cat</b>, predicted <b>dog</b>: 2 (20.0%)" in panel.confusion_card.readout.text()
    QApplication.sendEvent(panel.confusion_card.matrix, QEvent(QEvent.Type.Leave))
    assert "epoch 3" in panel.confusion_card.readout.text()


def test_the_diagonal_of_a_confusion_matrix_stands_out(qtbot, panel, engine) -> None:
    train(engine, classes=["cat", "dog"], confusion=CONFUSION)
    settle(qtbot, panel)
    matrix = panel.confusion_card.matrix
    picture = matrix.grab().toImage()
    corners = {
        (row, column): picture.pixelColor(
            (matrix.cell(row, column).topLeft() + QPointF(3, 3)).toPoint()
        ).name()
        for row in (0, 1)
        for column in (0, 1)
    }
    assert len(set(corners.values())) == 4
    assert corners[1, 1] == panel.confusion_card.style_now.accent.name()


def test_a_regression_shows_prediction_against_truth(qtbot, panel, engine) -> None:
    train(engine, truth=[1.0, 2.0, 3.0], prediction=[1.1, 2.2, 2.9])
    settle(qtbot, panel)
    assert panel.truth_card.isVisible()
    assert not panel.confusion_card.isVisible()
    scene_position = panel.truth_card.area.view_box.mapViewToScene(QPointF(2.0, 2.2))
    move_to(panel.truth_card.area.viewport(), panel.truth_card.area.mapFromScene(scene_position))
    assert "truth 2, prediction 2.2" in panel.truth_card.readout.text()


def test_the_value_under_the_pointer_is_read_out(qtbot, panel, engine) -> None:
    train(engine)
    settle(qtbot, panel)
    area = panel.loss_card.area
    position = area.mapFromScene(area.view_box.mapViewToScene(QPointF(20, 0.2)))
    move_to(area.viewport(), position)
    step = round(
        area.view_box.mapSceneToView(area.mapToScene(position)).x()
    )  # a pixel is more than a step wide
    readout = panel.loss_card.readout.text()
    assert f"step {step} " in readout
    assert f"{1 / step:.4g}" in readout
    assert "0.4" in readout


def test_a_logarithmic_axis_draws_the_logarithm(qtbot, panel, engine) -> None:
    train(engine)
    QTest.mouseClick(panel.log_box, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.log_box.height() // 2))
    assert panel.log_box.isChecked()
    settle(qtbot, panel)
    x, y = panel.loss_card._items[0][0].getData()
    np.testing.assert_allclose(y, np.log10(1 / x), rtol=1e-5)


def test_losses_of_several_rules_are_drawn_on_a_logarithmic_axis(panel, model, engine) -> None:
    recipe = Recipe(stages=(Stage(name="centres", rule="k-means"), Stage(name="train")))
    model.do(SetRecipe(recipe))
    engine.say_state("starting")
    engine.say_steps([1, 2], [90.0, 80.0])
    engine.say_progress(stage="centres")
    assert not panel.log_box.isChecked()  # one rule so far
    engine.say_steps([11, 12], [0.5, 0.4])
    engine.say_progress(epoch=2, stage="train", stage_number=2, stages=2)
    assert panel.log_box.isChecked()
    QTest.mouseClick(panel.log_box, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.log_box.height() // 2))
    panel.smoothing.setValue(10)  # the lines are made anew
    assert not panel.log_box.isChecked()  # as the person said


def test_a_logarithmic_axis_cannot_be_dragged_to_where_no_number_is(qtbot, panel, engine) -> None:
    train(engine)
    panel.log_box.setChecked(True)
    settle(qtbot, panel)
    panel.loss_card.area.getViewBox().setYRange(-5e5, 5e5)
    qtbot.wait(20)  # the axis is painted
    assert np.abs(panel.loss_card.area.getViewBox().viewRange()[1]).max() <= 300
    panel.log_box.setChecked(False)
    settle(qtbot, panel)
    panel.loss_card.area.getViewBox().setYRange(-5e5, 5e5)
    assert np.abs(panel.loss_card.area.getViewBox().viewRange()[1]).max() >= 5e5


def test_the_smoothing_slider_changes_the_thick_line(qtbot, panel, engine) -> None:
    train(engine)
    settle(qtbot, panel)
    smooth = panel.loss_card._items[0][1].getData()[1]
    assert smooth[-1] > 1 / 30
    panel.smoothing.setFocus()
    QTest.keyClick(panel.smoothing, Qt.Key.Key_Home)
    assert panel.smoothing.value() == 0
    settle(qtbot, panel)
    assert not panel.loss_card._items[0][1].isVisible()
    assert isinstance(panel.smoothing, QSlider)


def test_dragging_holds_the_range_and_a_double_click_lets_it_follow(qtbot, panel, engine) -> None:
    train(engine)
    settle(qtbot, panel)
    card, viewport = panel.loss_card, panel.loss_card.area.viewport()
    middle = viewport.rect().center()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=middle)
    for offset in (5, 20, 40):
        QTest.mouseMove(viewport, middle + QPoint(offset, 0))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, 0))
    assert not card.following
    held = card.area.view_box.viewRange()[0]
    engine.say_steps(range(31, 200), [0.1] * 169)
    settle(qtbot, panel)
    assert card.area.view_box.viewRange()[0] == held
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=middle)
    settle(qtbot, panel)
    assert card.area.view_box.viewRange()[0][1] > 199


def test_the_plain_wheel_is_left_to_the_panel(qtbot, panel, engine) -> None:
    train(engine)
    settle(qtbot, panel)
    viewport, box = panel.loss_card.area.viewport(), panel.loss_card.area.view_box
    before = box.viewRange()
    for modifiers, zooms in (
        (Qt.KeyboardModifier.NoModifier, False),
        (Qt.KeyboardModifier.ControlModifier, True),
    ):
        middle = QPointF(viewport.rect().center())
        event = QWheelEvent(
            middle,
            viewport.mapToGlobal(middle),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)
        assert (box.viewRange() != before) == zooms


def test_a_plot_alone_takes_all_the_room(qtbot, panel, engine) -> None:
    train(engine)
    panel.loss_card.enlarge_requested.emit()
    assert [card for card in panel.cards if card.isVisible()] == [panel.loss_card]
    assert panel.loss_card.width() == panel.arrangement.width()
    panel.loss_card.enlarge_requested.emit()
    assert panel.metric_card.isVisible()


@pytest.mark.parametrize(("width", "height", "rows"), [(866, 220, 1), (1340, 600, 2), (420, 300, 2)])
def test_no_plot_is_cut_off(qtbot, panel, width, height, rows) -> None:
    panel.resize(width, height)
    panel.arrangement.arrange()
    visible = [card for card in panel.cards if card.isVisible()]
    assert len({card.y() for card in visible if card not in (panel.rate_card, panel.speed_card)}) <= rows
    for card in visible:
        assert panel.arrangement.rect().contains(card.geometry())
        assert card.height() >= card.minimumHeight()
        assert not any(card.geometry().intersects(other.geometry()) for other in visible if other is not card)


def test_numbers_are_saved_as_csv(qtbot, panel, engine, tmp_path, monkeypatch) -> None:
    train(engine)
    settle(qtbot, panel)
    save_as(monkeypatch, tmp_path / "loss")
    panel.loss_card.save_numbers()
    with open(tmp_path / "loss.csv", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header == ["train step", "train", "validation step", "validation"]
    assert len(rows) == 30
    assert float(rows[9][1]) == pytest.approx(0.1)
    assert rows[3] == ["4", "0.25", "", ""]


@pytest.mark.parametrize("name", ["plot.png", "plot.svg"])
def test_a_picture_is_saved(qtbot, panel, engine, tmp_path, monkeypatch, name) -> None:
    train(engine, classes=["cat", "dog"], confusion=CONFUSION)
    settle(qtbot, panel)
    for card in (panel.loss_card, panel.confusion_card):
        save_as(monkeypatch, tmp_path / name)
        card.save_picture()
        if name.endswith("png"):
            image = QImage(str(tmp_path / name))
            assert image.width() == 2 * card.body.width()
            assert (
                len(
                    {
                        image.pixel(x, y)
                        for x in range(0, image.width(), 3)
                        for y in range(0, image.height(), 3)
                    }
                )
                > 3
            )
        else:
            assert "<svg" in (tmp_path / name).read_text("utf-8")


def test_a_place_that_cannot_be_written_is_told(qtbot, panel, model, engine, tmp_path, monkeypatch) -> None:
    train(engine)
    settle(qtbot, panel)
    for name, save in (
        ("x.csv", PlotCard.save_numbers),
        ("x.png", PlotCard.save_picture),
        ("x.svg", PlotCard.save_picture),
    ):
        save_as(monkeypatch, tmp_path / "missing" / name)
        with qtbot.waitSignal(model.complained) as complaint:
            save(panel.loss_card)
        assert "missing" in complaint.args[0]


def stored_run(folder: Path) -> str:
    store = RunStore(folder)
    run = store.create(b"{}", seed=0, environment={}).id
    log = store.log(run)
    steps = np.arange(1, 101, dtype="<i4")
    log.add_steps({"step": steps.tobytes(), "loss": (1 / steps).astype("<f4").tobytes()})
    log.add_epoch(
        EpochRecord(
            stage="train",
            epoch=1,
            step=100,
            learning_rate=0.1,
            samples_per_second=10.0,
            metrics={"validation": {"loss": 0.2, "accuracy": 0.9}},
        )
    )
    log.flush()
    return run


def test_a_run_on_disk_is_overlaid(qtbot, engine, tmp_path) -> None:
    run = stored_run(tmp_path)
    model = ProjectModel(Workspace(Document(), tmp_path))
    panel = PlotsPanel(model, engine)
    qtbot.addWidget(panel)
    model.overlay_run(run)
    qtbot.waitUntil(lambda: bool(panel.shown_runs))
    assert panel.shown_runs[0].name == "Run 1"
    assert len(panel.loss_card.lines[0].series) == 100
    engine.say_state("starting", run)
    engine.say_steps(range(101, 111), [0.5] * 10, run)
    assert len(panel.loss_card.lines[0].series) == 110


def test_an_evaluation_is_shown(qtbot, panel, engine) -> None:
    train(engine, classes=["cat", "dog"], confusion=CONFUSION)
    panel.show_evaluation(
        Evaluated(run="r1", split="test", metrics={}, classes=["cat", "dog"], confusion=[[1, 0], [0, 1]])
    )
    settle(qtbot, panel)
    assert panel.confusion_card.matrix.counts.sum() == 2
    assert "test" in panel.confusion_card.readout.text()


def test_pictures_of_a_run_need_no_window(qapp, tmp_path) -> None:
    run = stored_run(tmp_path)
    written = save_run_pictures(tmp_path, tmp_path / "plots", run)
    assert {path.name for path in written} == {
        "loss.png",
        "accuracy.png",
        "learning_rate.png",
        "samples_per_second.png",
    }
    assert all(QImage(str(path)).width() == 1280 for path in written)


def test_of_several_runs_the_validation_is_read_out(qtbot, panel, engine) -> None:
    panel.resize(1400, 600)
    train(engine, "r1")
    train(engine, "r2")
    settle(qtbot, panel)
    for card in (panel.loss_card, panel.metric_card):
        assert card.readout.text().count("validation") == 2
        assert "train" not in card.readout.text()


def test_the_metric_shown_is_the_main_one_until_another_is_chosen(qtbot, panel, engine) -> None:
    engine.say_state("starting")
    engine.say_steps([1, 2], [1.0, 0.5], gradient_norm=[3.0, 2.0])
    assert panel.metric_card.title == "Gradient norm"
    engine.say_epoch()
    assert panel.metric_card.title == "Accuracy"
    panel.metric_box.setFocus()
    QTest.keyClick(panel.metric_box, Qt.Key.Key_Down)
    assert panel.metric_card.title == "Gradient norm"
    engine.say_epoch(2)
    train(engine, "r2")
    assert panel.metric_card.title == "Gradient norm"


@pytest.mark.parametrize("height", [20.0, 30.0, 120.0, 400.0])
@pytest.mark.parametrize(("low", "high"), [(0.00095, 0.0011), (0.0, 0.001), (7600.0, 8400.0), (-3.0, 2.0)])
def test_labels_of_an_axis_never_overlap(qapp, low, high, height) -> None:
    axis = ValueAxis("left")
    ticks = [value for _, values in axis.tickValues(low, high, height) for value in values]
    assert ticks
    apart = np.diff(sorted(ticks)) / (high - low) * height
    assert (apart >= 18).all()


def test_the_first_epoch_alone_stands_on_an_axis_of_all_steps_up_to_it(qtbot) -> None:
    card = CurveCard("Accuracy", "")
    qtbot.addWidget(card)
    series = Series()
    series.append(np.array([57.0]), np.array([0.6]))
    card.set_lines([Line(label="validation", series=series, color=0, marked=True)])
    card.refresh()
    left, right = card.area.view_box.viewRange()[0]
    assert left == 0
    assert 57 < right < 63
