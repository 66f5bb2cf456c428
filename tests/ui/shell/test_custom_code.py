"""Layers that a person wrote, in the window: off and locked, read, trusted, edited; and nothing of them runs there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from custom_projects import SWISH, traps, with_swish
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from nodeforge.core.specs import TensorSpec
from nodeforge.engine.messages import CustomShapes, ShapesFound, Spec
from nodeforge.project import files, trust
from nodeforge.session.workspace import Workspace
from nodeforge.ui.banner import Banner
from nodeforge.ui.canvas.geometry.anatomy import look_of
from nodeforge.ui.custom import keeper as keeper_module
from nodeforge.ui.custom.editing import editor_command
from nodeforge.ui.custom.keeper import CodeKeeper
from nodeforge.ui.custom.part import CodePart
from nodeforge.ui.custom.trust_dialog import TrustDialog
from nodeforge.ui.inspector import Inspector
from nodeforge.ui.main_window import MainWindow
from nodeforge.ui.palette import LayerPalette
from nodeforge.ui.project_model import ProjectModel
from tests.scripted_engine import ScriptedEngine

LEFT = Qt.MouseButton.LeftButton
FOUND = ShapesFound(outputs={"output": Spec(shape=["N", 16], dtype="float32")}, parameters=16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.save(with_swish(), tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def custom(qtbot: QtBot, folder: Path) -> ProjectModel:
    return ProjectModel(Workspace.open(folder))


class Around:
    """A keeper with an engine that says what a test tells it to."""

    def __init__(self, model: ProjectModel, qtbot: QtBot) -> None:
        self.engine, self.banner = ScriptedEngine(), Banner()
        qtbot.addWidget(self.banner)
        self.keeper = CodeKeeper(model, self.engine, self.banner, self.banner, lambda: True)  # type: ignore[arg-type]


def open_dialog() -> TrustDialog:
    (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, TrustDialog) and w.isVisible()]
    return dialog


def test_an_untrusted_project_is_told_of_and_reading_it_turns_it_on(
    custom: ProjectModel, qtbot: QtBot
) -> None:
    around = Around(custom, qtbot)
    custom.opened.emit()
    assert "custom/Swish.py" in around.banner.text.text()
    node = custom.graph.nodes["relu1"]
    assert look_of(custom.graph, node, custom.kinds).locked
    around.keeper.review_next()
    dialog = open_dialog()
    assert dialog.code.toPlainText() == SWISH
    QTest.keyClick(dialog, Qt.Key.Key_Return)  # the default is the careful answer
    assert not trust.is_trusted(trust.digest(SWISH))
    around.keeper.review_next()
    QTest.mouseClick(open_dialog().trust, LEFT)
    assert trust.is_trusted(trust.digest(SWISH))
    assert not look_of(custom.graph, node, custom.kinds).locked
    assert around.banner.isHidden()
    qtbot.waitUntil(lambda: bool(around.engine.asked))
    assert isinstance(around.engine.last, CustomShapes)
    around.engine.answer(FOUND)
    qtbot.waitUntil(lambda: custom.report.networks["main"].nodes["fc2"].outputs != {})
    assert custom.report.networks["main"].nodes["relu1"].outputs == {"output": TensorSpec(("N", 16))}
    assert len(around.engine.asked) == 1


def test_what_is_trusted_is_what_was_shown(custom: ProjectModel, folder: Path, qtbot: QtBot) -> None:
    around = Around(custom, qtbot)
    around.keeper.review_next()
    changed = SWISH.replace("1.0", "3.0")
    (folder / "custom" / "Swish.py").write_text(changed)
    custom.workspace.reload_code()
    QTest.mouseClick(open_dialog().trust, LEFT)
    assert trust.is_trusted(trust.digest(SWISH))
    assert not trust.is_trusted(trust.digest(changed))
    open_dialog().reject()  # the changed text is shown next


def test_a_saved_file_is_read_again_by_itself(custom: ProjectModel, folder: Path, qtbot: QtBot) -> None:
    trust.trust(SWISH, "Swish")
    around = Around(custom, qtbot)
    custom.opened.emit()
    for value in ("3.0", "4.0"):  # the second time a new file is in place of the old one
        files.write_atomic(folder / "custom" / "Swish.py", SWISH.replace("1.0", value).encode())
        qtbot.waitUntil(lambda value=value: custom.kinds["Swish"].parameters[0].default == float(value))
        assert "custom/Swish.py" in around.banner.text.text()


def test_the_inspector_shows_file_and_state(custom: ProjectModel, folder: Path, qtbot: QtBot) -> None:
    inspector = Inspector(custom)
    qtbot.addWidget(inspector)
    custom.select(["relu1"])
    (part,) = inspector.page.findChildren(CodePart)
    assert not part.read.isHidden()
    QTest.mouseClick(part.read, LEFT)
    QTest.mouseClick(open_dialog().trust, LEFT)
    (part,) = inspector.page.findChildren(CodePart)
    assert part.read.isHidden()
    (folder / "custom" / "Swish.py").write_text("class Other: pass\n")
    QTest.mouseClick(part.reload, LEFT)
    qtbot.waitUntil(lambda: "it has no class Swish" in custom.report.diagnostics[0].message)
    assert inspector.page.findChildren(CodePart)


def test_the_palette_offers_the_projects_layers_and_a_new_one(custom: ProjectModel, qtbot: QtBot) -> None:
    palette = LayerPalette(custom)
    qtbot.addWidget(palette)
    group = palette.tree.topLevelItem(palette.tree.topLevelItemCount() - 1)
    assert group is not None
    assert [group.child(i).text(0) for i in range(group.childCount())] == ["Swish", "New layer…"]
    with qtbot.waitSignal(palette.new_requested):
        palette.tree.itemActivated.emit(group.child(1), 0)
    palette.search.setText("swish")
    assert palette.tree.topLevelItem(0).text(0) in ("Swish", "SiLU")


def test_a_new_layer_has_a_file_that_is_trusted_and_opens(
    custom: ProjectModel, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(keeper_module, "open_in_editor", opened.append)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Damper", True))
    complaints: list[str] = []
    custom.complained.connect(complaints.append)
    around = Around(custom, qtbot)
    around.keeper.begin()
    assert opened == [folder / "custom" / "Damper.py"]
    kind = custom.kinds["Damper"]
    assert kind.trusted  # type: ignore[attr-defined]
    assert kind.derived[0].name == "in_features"
    around.keeper.begin()
    assert complaints == ["There is a layer Damper already: choose another name."]
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("my layer", True))
    around.keeper.begin()
    assert "'my layer' cannot name a class" in complaints[-1]
    custom.undo()
    assert "Damper" not in custom.kinds


@pytest.mark.parametrize("how", sorted(traps(Path("mark"))))
def test_the_window_runs_nothing_of_it_even_when_it_is_trusted(
    how: str, tmp_path: Path, qtbot: QtBot
) -> None:
    mark = tmp_path / "mark"
    text = traps(mark)[how]
    trust.trust(text, "Swish")
    files.save(with_swish(text), tmp_path / "project")
    model = ProjectModel(Workspace.open(tmp_path / "project"))
    around = Around(model, qtbot)
    inspector, palette = Inspector(model), LayerPalette(model)
    for widget in (inspector, palette):
        qtbot.addWidget(widget)
    model.opened.emit()
    model.select(["relu1"])
    with qtbot.waitSignal(model.checked):
        model.recheck()
    around.keeper.reload()
    assert not mark.exists()


def test_a_whole_window_opens_such_a_project(
    folder: Path, open_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_window(folder)
    assert "custom/Swish.py" in window.workbench.banner.text.text()
    assert window.commands["edit.trust"].isEnabled()
    window.commands["edit.trust"].trigger()
    QTest.mouseClick(open_dialog().trust, LEFT)
    qtbot.waitUntil(lambda: not window.commands["edit.trust"].isEnabled())


@pytest.mark.parametrize(("platform", "first"), [("win32", "notepad.exe"), ("darwin", "open")])
def test_files_of_code_open_as_texts(platform: str, first: str, tmp_path: Path) -> None:
    command = editor_command(tmp_path / "Swish.py", platform)
    assert command[0] == first
    assert command[-1] == str(tmp_path / "Swish.py")
