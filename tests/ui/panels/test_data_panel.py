"""The data panel: settings are edits, descriptions are shown and reach the checker, the latest one wins."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QScrollArea, QToolButton

from nodeforge.core.document import Component, Document
from nodeforge.core.errors import UserError
from nodeforge.core.specs import TensorSpec
from nodeforge.engine.data_replies import describe_data
from nodeforge.engine.messages import DataDescribed, DescribeData, Failed
from nodeforge.project import schema, shipped
from nodeforge.session.workspace import Workspace
from nodeforge.ui.panels.data import DataPanel
from nodeforge.ui.panels.data_files import source_for
from nodeforge.ui.panels.data_sketches import ClassBars
from nodeforge.ui.plots.style import PlotStyle
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine

TABLE = "height,weight,kind\n" + "".join(f"{i},{i * 2},{'ab'[i % 2]}\n" for i in range(40))


class DescribingEngine(ScriptedEngine):
    """Describes data for real, when the test lets it."""

    def describe(self, index: int = -1) -> None:
        request = self.asked[index][0]
        assert isinstance(request, DescribeData)
        self.answer(self.description(request), index)

    def description(self, request: DescribeData) -> DataDescribed:
        return describe_data(schema.decode(request.document), Path(request.folder), request.rows)


@pytest.fixture
def engine() -> DescribingEngine:
    return DescribingEngine()


@pytest.fixture
def model(tmp_path: Path) -> ProjectModel:
    return ProjectModel(Workspace(Document(), tmp_path))


@pytest.fixture
def panel(qtbot, model, engine) -> DataPanel:
    panel = DataPanel(model, engine)
    qtbot.addWidget(panel)
    panel.resize(1000, 420)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE, "utf-8")
    return path


def settled(qtbot, panel: DataPanel, engine: DescribingEngine, asked: int) -> None:
    qtbot.waitUntil(lambda: len(engine.asked) == asked and not panel._settle.isActive())


def choose_source(panel: DataPanel, name: str) -> None:
    box = panel.settings.source.choice
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())


def test_without_data_it_says_what_to_do(panel, engine) -> None:
    assert not engine.asked
    assert "drop a file or a folder" in panel.preview.message.text()
    assert panel.preview.message.isVisible()
    assert not panel.settings.preparation.isVisible()


def test_a_source_is_described_and_checked(qtbot, panel, model, engine) -> None:
    choose_source(panel, "digits")
    settled(qtbot, panel, engine, 1)
    engine.describe()
    assert panel.preview.picture_area.isVisible()
    assert model.workspace.facts.field("", "input").spec == TensorSpec(("N", 1, 8, 8))
    assert len(model.workspace.facts.field("", "target").classes) == 10
    assert "1,797 samples" in panel.sizes.text()
    assert sum(map(sum, panel.bars._counts.values())) == 1797
    model.undo()
    qtbot.waitUntil(lambda: model.workspace.facts is None)
    assert panel.preview.message.isVisible()


@pytest.mark.parametrize("example", shipped.project_names())
def test_examples_are_previewed(qtbot, model, engine, example) -> None:
    model.open(Workspace.from_example(example))
    panel = DataPanel(model, engine)
    qtbot.addWidget(panel)
    engine.describe()
    assert not panel.preview.says_something
    assert panel.grab().toImage().width() > 0


def test_settings_that_change_fast_are_described_once(qtbot, panel, model, engine) -> None:
    for source in ("digits", "iris", "elnino"):
        choose_source(panel, source)
    settled(qtbot, panel, engine, 1)
    engine.describe()
    assert panel.preview.series.isVisible()


def test_an_answer_to_old_settings_is_thrown_away(qtbot, panel, model, engine) -> None:
    choose_source(panel, "digits")
    settled(qtbot, panel, engine, 1)
    choose_source(panel, "iris")
    engine.describe(0)
    assert model.workspace.facts is None
    settled(qtbot, panel, engine, 2)
    engine.describe(0)
    assert model.workspace.facts is None
    engine.describe(1)
    assert model.workspace.facts.title == panel.title.text() == "Iris"


def test_a_fault_is_told_in_place(qtbot, panel, model, engine) -> None:
    choose_source(panel, "csv")
    settled(qtbot, panel, engine, 1)
    engine.answer(Failed(message="table.csv is empty: choose a file with rows.", user_fault=True))
    assert panel.preview.message.isVisible()
    assert panel.preview.message.text() == "table.csv is empty: choose a file with rows."
    assert panel.preview.message.property("role") == "error"
    assert model.workspace.facts is None


def test_a_csv_is_chosen_and_its_columns_get_roles(qtbot, panel, model, engine, table, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(table), ""))
    QTest.mouseClick(panel.settings.open_button, Qt.MouseButton.LeftButton)
    assert model.document.data.source.parameters == {"path": "table.csv"}
    settled(qtbot, panel, engine, 1)
    engine.describe()
    assert panel.preview.table.isVisible()
    assert [column.role for column in panel.preview.table.columns()] == ["feature", "feature", "target"]
    menu = panel.preview.table.menu(1)
    next(action for action in menu.actions() if action.text().startswith("Target:")).trigger()
    menu.deleteLater()
    assert [column.role for column in model.document.data.columns] == ["feature", "target", "feature"]
    settled(qtbot, panel, engine, 2)
    engine.describe()
    assert model.workspace.facts.field("", "target").classes == ()
    assert model.workspace.facts.field("", "input").spec == TensorSpec(("N", 3))
    model.undo()
    assert model.document.data.columns == ()


def test_the_header_opens_a_menu_only_for_tables_of_ones_own(qtbot, panel, engine, table) -> None:
    panel.settings.use_file(table)
    settled(qtbot, panel, engine, 1)
    engine.describe()
    header = panel.preview.table.horizontalHeader()
    assert panel.preview.table.rows.headerData(0, Qt.Orientation.Horizontal) == "height\nfeature · number ▾"
    QTest.mouseClick(
        header.viewport(), Qt.MouseButton.LeftButton, pos=header.viewport().rect().center() * 0.2
    )
    menu = QApplication.activePopupWidget()
    assert any("Ignored" in action.text() for action in menu.actions())
    menu.close()
    choose_source(panel, "iris")
    settled(qtbot, panel, engine, 2)
    engine.describe()
    QTest.mouseClick(
        header.viewport(), Qt.MouseButton.LeftButton, pos=header.viewport().rect().center() * 0.2
    )
    assert QApplication.activePopupWidget() is None


def drop_event(kind, path: Path, mime: QMimeData):
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    where = QPointF(50, 50) if kind is QDropEvent else QPointF(50, 50).toPoint()
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return kind(where, Qt.DropAction.CopyAction, mime, buttons, keys)


@pytest.mark.parametrize(("name", "taken"), [("mine.csv", True), ("mine.tsv", True), ("mine.png", False)])
def test_a_dropped_table_becomes_the_data(panel, model, tmp_path, name, taken) -> None:
    path = tmp_path.parent / name
    mime = QMimeData()
    entering, dropping = (drop_event(kind, path, mime) for kind in (QDragEnterEvent, QDropEvent))
    entering.ignore()
    QApplication.sendEvent(panel, entering)
    assert entering.isAccepted() == taken
    if taken:
        QApplication.sendEvent(panel, dropping)
        assert model.document.data.source.parameters == {"path": str(path)}


def test_preparation_is_edited_and_undone(qtbot, panel, model, engine) -> None:
    choose_source(panel, "iris")
    settled(qtbot, panel, engine, 1)
    engine.describe()
    field = panel.settings.preparation.rows["test_fraction"].field.editor
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.4")
    assert model.document.data.preparation == {"test_fraction": 0.4}
    settled(qtbot, panel, engine, 2)
    engine.describe()
    assert "test 60" in panel.sizes.text()
    panel.settings.preparation.rows["split_seed"].field.editor.setFocus()
    model.undo()
    assert model.document.data.preparation == {}


def test_the_data_are_described_again_when_the_engine_is_back(qtbot, panel, engine) -> None:
    choose_source(panel, "iris")
    settled(qtbot, panel, engine, 1)
    engine.answer(Failed(message="The engine is not running.", user_fault=True))
    engine.state_changed.emit("ready", "The engine is ready.")
    assert len(engine.asked) == 2


def test_texts_sounds_and_statistics_have_pages(qtbot, panel, engine) -> None:
    tabs = panel.preview.tabs
    for asked, (source, page) in enumerate(
        (("rated-texts", "Texts"), ("spoken-prompts", "Sounds"), ("japanese-vowels", "Sequences")), start=1
    ):
        choose_source(panel, source)
        settled(qtbot, panel, engine, asked)
        engine.describe()
        assert [tabs.tabText(place) for place in range(tabs.count())] == [page, "Statistics"]
        image = panel.preview.grab().toImage()
        across, down = range(0, image.width(), 3), range(40, image.height(), 3)
        assert len({image.pixel(x, y) for x in across for y in down}) > 5
    tabs.setCurrentIndex(1)
    assert panel.preview.statistics.isVisible()
    assert panel.preview.statistics.rows.table.columns == ["", "train", "validation", "test"]
    assert panel.preview.statistics.rows.table.rows[0] == ["samples", "243", "27", "370"]
    choose_source(panel, "iris")
    settled(qtbot, panel, engine, 4)
    engine.describe()
    assert panel.preview.statistics.isVisible()  # the page that was chosen stays


def test_a_sound_is_played_as_it_is(qtbot, panel, engine) -> None:
    choose_source(panel, "spoken-prompts")
    settled(qtbot, panel, engine, 1)
    engine.describe()
    played: list[Path] = []
    sounds = panel.preview.sounds
    sounds._play = played.append
    buttons = sounds.findChildren(QToolButton)
    assert len(buttons) == 16
    QTest.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    with wave.open(str(played[0])) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8_000, 1, 8_000)
        assert np.abs(np.frombuffer(file.readframes(8_000), "<i2")).max() > 1_000


def test_augmentations_are_added_set_previewed_and_taken_out(qtbot, panel, model, engine) -> None:
    choose_source(panel, "digits")
    settled(qtbot, panel, engine, 1)
    engine.describe()
    form = panel.settings.augmentation
    next(action for action in form.menu.actions() if action.text() == "Rotation").trigger()
    assert model.document.data.augmentation == (Component(kind="rotation"),)
    editor = form.forms[0].rows["degrees"].field.editor
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, "45")
    assert model.document.data.augmentation[0].parameters == {"degrees": 45}
    settled(qtbot, panel, engine, 2)
    engine.describe()
    assert "Augmented" in [panel.preview.tabs.tabText(place) for place in range(panel.preview.tabs.count())]
    model.undo()
    assert model.document.data.augmentation == (Component(kind="rotation"),)
    QTest.mouseClick(form.findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert model.document.data.augmentation == ()
    assert form.forms == []


def test_an_augmentation_that_cannot_be_done_is_told(qtbot, panel, engine) -> None:
    choose_source(panel, "digits")
    settled(qtbot, panel, engine, 1)
    panel.settings.augmentation.add("sparkle")
    settled(qtbot, panel, engine, 2)
    with pytest.raises(UserError, match="There is no augmentation sparkle"):
        engine.describe(1)


@pytest.mark.parametrize(
    ("files", "source"),
    [
        (["a/1.png", "b/2.jpg"], "image-folder"),
        (["a/1.wav"], "audio-folder"),
        (["a/1.txt", "b/1.txt"], "text-folder"),
        (["1.txt"], "text"),
        (["1.zip"], ""),
    ],
)
def test_folders_are_known_by_what_they_hold(tmp_path, files, source) -> None:
    for name in files:
        (tmp_path / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / name).write_text("x")
    assert source_for(tmp_path / "f") == source


def test_files_are_known_by_their_names_and_texts_by_their_columns(tmp_path) -> None:
    assert source_for(tmp_path / "a.parquet") == "parquet"
    assert source_for(tmp_path / "train-images-idx3-ubyte.gz") == "idx"
    assert source_for(tmp_path / "a.exe") == ""
    (tmp_path / "table.txt").write_text("a;b\n1;2\n3;4\n")
    (tmp_path / "prose.txt").write_text("Once upon a time, there was\na table.\n")
    assert source_for(tmp_path / "table.txt") == "csv"
    assert source_for(tmp_path / "prose.txt") == "text"


def test_a_narrow_panel_scrolls_and_cuts_none_of_its_columns(panel: DataPanel) -> None:
    panel.resize(420, 300)
    QApplication.processEvents()
    form = panel.settings
    assert form.widget().minimumSizeHint().width() <= form.viewport().width()
    areas = [area for area in panel.findChildren(QScrollArea) if area.parent() is panel]
    assert areas[0].horizontalScrollBar().maximum() > 0


def test_names_of_classes_are_written_out_where_there_is_room(qtbot) -> None:
    """The bar begins behind the whole name, though that takes more than half of the width."""
    name = "a striped shirt with sleeves"
    bars = ClassBars()
    qtbot.addWidget(bars)
    bars.set_counts([name], {"train": [500]})
    width = bars.fontMetrics().horizontalAdvance(name)
    bars.resize(width + 140, bars.sizeHint().height())
    image = bars.grab().toImage()
    ground = image.pixelColor(image.width() - 1, 0)
    middle = round(image.height() * 0.75)
    accent = PlotStyle.of(bars.palette()).accent
    colored = [x for x in range(image.width()) if image.pixelColor(x, middle) == accent]
    assert ground != accent
    assert min(colored) >= width
