"""The whole window, with an engine that is only pretended."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from nodeforge.core.edits import AddNode, Batch, RemoveNode, SetText
from nodeforge.core.graph import Node
from nodeforge.engine.messages import RunFinished, TrainingState
from nodeforge.project.journal import recoverable
from nodeforge.project.runs import RunStore
from nodeforge.session.workspace import Workspace
from nodeforge.ui import theme
from nodeforge.ui.button_bar import ButtonBar
from nodeforge.ui.command_palette import CommandPalette
from nodeforge.ui.command_table import MENUS, command_table
from nodeforge.ui.icons import icon
from nodeforge.ui.main_window import MainWindow
from nodeforge.ui.palette import KIND_MIME
from nodeforge.ui.panels.trainer import State
from nodeforge.ui.places import PLACES
from nodeforge.ui.shortcuts.dialog import ShortcutsDialog

Open = Callable[..., MainWindow]


def answer(monkeypatch: pytest.MonkeyPatch, button: QMessageBox.StandardButton) -> list[str]:
    """Answer every question with a button; returns what was asked."""
    asked: list[str] = []

    def question(parent: object, title: str, text: str, *args: object) -> QMessageBox.StandardButton:
        asked.append(text)
        return button

    monkeypatch.setattr(QMessageBox, "question", question)
    return asked


def test_it_starts_with_examples_and_recent_projects(open_window: Open, qtbot: QtBot, project: Path) -> None:
    window = open_window(project)
    window.close()
    window = open_window()
    assert not window.has_project()
    qtbot.waitUntil(lambda: len(window.welcome.cards) >= 3)
    recent = [b for b in window.welcome.findChildren(QPushButton) if b.text() == project.name]
    qtbot.mouseClick(recent[0], Qt.MouseButton.LeftButton)
    assert window.model.folder == project


def test_a_click_on_a_card_opens_a_copy_of_the_example(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: len(window.welcome.cards) >= 3)
    card = window.welcome.cards[0]
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert window.has_project()
    assert window.model.folder is None
    assert window.model.document.title == card.text()


def test_the_title_tells_of_unsaved_changes(open_window: Open, project: Path) -> None:
    window = open_window(project)
    assert window.windowTitle() == "Chain[*] – NodeForge"
    assert not window.isWindowModified()
    window.model.do(SetText("title", "Other"))
    assert window.windowTitle() == "Other[*] – NodeForge"
    assert window.isWindowModified()
    assert window.status.saved.text() == "Unsaved changes"
    window.commands["file.save"].trigger()
    assert not window.isWindowModified()
    assert Workspace.open(project).document.title == "Other"


def test_a_project_without_a_folder_asks_for_one(
    open_window: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window()
    window.commands["file.new"].trigger()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(tmp_path / "mine"), ""))
    window.commands["file.save"].trigger()
    assert window.model.folder == tmp_path / "mine"
    assert (tmp_path / "mine" / "project.json").exists()


def test_training_without_a_folder_says_why_it_asks_for_one(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    window.documents.open_example("iris-mlp")
    captions: list[str] = []

    def ask(parent: object, caption: str, *args: object) -> tuple[str, str]:
        captions.append(caption)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    window.workbench.training.start()
    assert captions == ["Choose a folder: the project and its runs are kept there"]


def test_closing_asks_once_and_can_be_called_off(
    open_window: Open, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project)
    window.model.do(SetText("title", "Other"))
    asked = answer(monkeypatch, QMessageBox.StandardButton.Cancel)
    assert not window.close()
    assert asked == ["Save the changes to “Other”?"]
    answer(monkeypatch, QMessageBox.StandardButton.Save)
    assert window.close()
    assert Workspace.open(project).document.title == "Other"


def test_giving_up_changes_leaves_the_file_as_it_was(
    open_window: Open, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project)
    window.model.do(SetText("title", "Other"))
    answer(monkeypatch, QMessageBox.StandardButton.Discard)
    window.commands["file.close"].trigger()
    assert not window.has_project()
    assert Workspace.open(project).document.title == "Chain"


def test_a_broken_file_is_told_of_and_changes_nothing(
    open_window: Open, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = open_window(project)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "project.json").write_text("{", "utf-8")
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda parent, title, text: told.append(text))
    assert not window.documents.open(broken)
    assert "project.json" in told[0]
    assert window.model.document.title == "Chain"


def test_unsaved_work_is_journaled_and_offered(
    open_window: Open, qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project)
    window.model.do(SetText("title", "Nearly lost"))
    journal = window.model.workspace._journal.path
    qtbot.waitUntil(journal.exists, timeout=5000)
    monkeypatch.setattr("nodeforge.project.processes.is_alive", lambda mark: False)
    window.dialogs.recovery()
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    answer(monkeypatch, QMessageBox.StandardButton.Discard)
    qtbot.mouseClick(dialog.recover_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert window.model.document.title == "Nearly lost"
    assert window.model.workspace.dirty


def test_forgetting_unsaved_work_removes_it(
    open_window: Open, qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project)
    window.model.do(SetText("title", "Unwanted"))
    qtbot.waitUntil(window.model.workspace._journal.path.exists, timeout=5000)
    monkeypatch.setattr("nodeforge.project.processes.is_alive", lambda mark: False)
    window.dialogs.recovery()
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    qtbot.mouseClick(dialog.forget_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert recoverable() == []


# Commands ---------------------------------------------------------------------------------------------


def test_the_table_is_consistent(open_window: Open) -> None:
    commands = command_table(open_window())
    ids = [command.id for command in commands]
    assert len(ids) == len(set(ids))
    keys = [key for command in commands for key in command.shortcuts]
    assert len(keys) == len(set(keys)), "two commands share a key"
    in_menus = {title.replace("&", "") for title in MENUS}
    assert {command.menu for command in commands} == in_menus | {"Bookmarks"}, (
        "bookmarks have keys and a list"
    )


def test_mnemonics_of_a_menu_differ(open_window: Open) -> None:
    letters: dict[str, list[str]] = {}
    for command in command_table(open_window()):
        if "&" in command.title and command.menu != "Bookmarks":  # which is a list of keys, not a menu
            letters.setdefault(command.menu, []).append(command.title.partition("&")[2][:1].lower())
    twice = {menu: sorted(found) for menu, found in letters.items() if len(found) > len(set(found))}
    assert not twice


def test_commands_wait_for_a_project(open_window: Open, project: Path) -> None:
    window = open_window()
    assert not window.commands["file.save"].isEnabled()
    assert not window.commands["edit.undo"].isEnabled()
    window.documents.open(project)
    assert window.commands["file.save"].isEnabled()
    assert not window.commands["edit.delete"].isEnabled()
    window.model.select(["fc"])
    assert window.commands["edit.delete"].isEnabled()


def test_undo_names_the_step(open_window: Open, project: Path, qtbot: QtBot) -> None:
    window = open_window(project)
    window.model.do(SetText("title", "Other"), label="Change the title")
    assert window.commands["edit.undo"].text() == "&Undo Change the title"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.model.document.title == "Chain"


def test_the_command_palette_finds_adds_and_goes(open_window: Open, project: Path, qtbot: QtBot) -> None:
    window = open_window(project)

    def choose(text: str) -> None:
        window.commands["edit.commands"].trigger()
        palette = window.findChild(CommandPalette)
        assert palette is not None
        qtbot.keyClicks(palette.search, text)
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: window.findChild(CommandPalette) is None)

    choose("add dropout")
    assert any(node.kind == "Dropout" for node in window.model.graph.nodes.values())
    choose("go to relu")
    assert window.model.selection == {"relu"}
    choose("undo")
    assert not any(node.kind == "Dropout" for node in window.model.graph.nodes.values())
    choose("pool")
    assert any(node.kind == "MaxPool2d" for node in window.model.graph.nodes.values())


def test_the_list_of_layers_adds_the_best_answer(open_window: Open, project: Path, qtbot: QtBot) -> None:
    window = open_window(project)
    window.commands["edit.find_layer"].trigger()
    search = window.workbench.palette_panel.search
    qtbot.keyClicks(search, "dense")
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert [n.kind for n in window.model.graph.ordered_nodes()][-1] == "Linear"


def test_a_layer_is_dragged_onto_the_canvas(open_window: Open, project: Path, qtbot: QtBot) -> None:
    window = open_window(project)
    tree = window.workbench.palette_panel.tree
    window.workbench.palette_panel.search.setText("tanh")
    item = tree.topLevelItem(0)
    assert item is not None
    data = tree.mimeData([item])
    assert data.hasFormat(KIND_MIME)
    event = QDropEvent(
        QPointF(200, 200),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QEvent.Type.Drop,
    )
    window.canvas.dropEvent(event)
    assert any(node.kind == "Tanh" for node in window.model.graph.nodes.values())


# Panels -----------------------------------------------------------------------------------------------


def test_every_panel_is_made_and_can_be_shown(open_window: Open, project: Path) -> None:
    window = open_window(project)
    for place in PLACES:
        window.workbench.show_panel(place.name)
        QApplication.processEvents()
        assert window.workbench.panels[place.name].isVisible(), place.name


def test_panels_are_where_they_were_left(open_window: Open, project: Path) -> None:
    window = open_window(project)
    window.commands["view.palette"].trigger()
    assert window.workbench.docks["palette"].isHidden()
    window.close()
    window = open_window(project)
    assert window.workbench.docks["palette"].isHidden()
    window.commands["view.reset"].trigger()
    assert not window.workbench.docks["palette"].isHidden()


def test_problems_are_counted_shown_and_mended(open_window: Open, project: Path, qtbot: QtBot) -> None:
    window = open_window(project)
    with qtbot.waitSignal(window.model.checked):
        window.model.do(RemoveNode("main", "relu"))
    panel = window.workbench.panels["problems"]
    window.workbench.show_panel("problems")
    tree = panel.tree  # type: ignore[attr-defined]
    title = window.workbench.docks["problems"].windowTitle
    qtbot.waitUntil(lambda: title() == f"Problems ({tree.topLevelItemCount()})")
    assert tree.topLevelItemCount() == len(window.model.report.diagnostics) > 0
    area = tree.visualItemRect(tree.topLevelItem(0))
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=area.topLeft() + QPoint(40, 12))
    assert window.model.selection
    button = next(b for b in tree.findChildren(QPushButton) if b.text().startswith("Connect"))
    with qtbot.waitSignal(window.model.checked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.model.graph.successors("fc") == {"y"}


def test_code_and_selection_follow_each_other(open_window: Open, project: Path, qtbot: QtBot) -> None:
    window = open_window(project)
    window.workbench.show_panel("code")
    panel = window.workbench.panels["code"]
    view = panel.view  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: "nn.Linear(4, 3)" in view.toPlainText())
    window.model.select(["fc"])
    lines = view.toPlainText().splitlines()

    def marked() -> list[str]:
        return [lines[selection.cursor.blockNumber()] for selection in view.extraSelections()]

    qtbot.waitUntil(lambda: any("nn.Linear(4, 3)" in line for line in marked()))
    number = next(n for n, line in enumerate(lines) if "self.relu = " in line)
    block = view.document().findBlockByNumber(number)
    place = view.blockBoundingGeometry(block).translated(view.contentOffset()).center()
    view.verticalScrollBar().setValue(number)
    place = view.blockBoundingGeometry(block).translated(view.contentOffset()).topLeft().toPoint()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(30, 5))
    assert window.model.selection == {"relu"}


def test_help_opens_at_the_kind_of_the_selected_node(open_window: Open, project: Path) -> None:
    window = open_window(project)
    window.model.select(["fc"])
    window.commands["help.layer"].trigger()
    assert window.dialogs.help is not None
    assert "out_features" in window.dialogs.help.browser.toPlainText()
    window.model.select([])
    window.commands["help.layer"].trigger()
    (keys,) = window.findChildren(ShortcutsDialog)
    keys.close()
    palette = window.workbench.palette_panel
    palette.search.setText("LeakyReLU")
    (about,) = palette.tree.actions()
    about.trigger()
    assert "negative_slope" in window.dialogs.help.browser.toPlainText()
    window.dialogs.help.close()


# The engine -------------------------------------------------------------------------------------------


def test_a_dead_engine_is_told_of_and_can_be_started_again(
    open_window: Open, project: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project)
    restarted: list[bool] = []
    monkeypatch.setattr(window.engine, "restart", lambda: restarted.append(True))
    window.engine._set_state("dead", "The engine stopped.")
    banner = window.workbench.banner
    assert banner.isVisible()
    assert banner.text.text() == "The engine stopped."
    assert not window.commands["train.start"].isEnabled()
    button = next(b for b in banner.findChildren(QPushButton) if b.text() == "Restart")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert restarted
    assert not banner.isVisible()


def test_the_end_of_a_training_stands_in_the_status_bar(open_window: Open, project: Path) -> None:
    window = open_window(project)
    run = RunStore(project).create(b"{}", seed=0, environment={})
    trainer = window.workbench.training.trainer
    trainer.run = run.id
    metrics = {"validation": {"accuracy": 0.99}, "test": {"loss": 0.1, "accuracy": 0.965}}
    ended = RunFinished(
        run=run.id, status="finished", epochs=3, seconds=1, samples_per_second=9, metrics=metrics
    )
    window.engine.event_received.emit(ended)
    assert window.status.currentMessage() == "Run 1 finished: test accuracy 96.5%."
    shutil.rmtree(RunStore(project).path(run.id))
    window.status.clearMessage()
    window.engine.event_received.emit(ended)
    assert window.status.currentMessage() == ""


def test_a_failed_training_says_why_and_shows_the_node(open_window: Open, project: Path) -> None:
    window = open_window(project)
    window.engine._set_state("ready", "")
    trainer = window.workbench.training.trainer
    trainer._set(State.RUNNING, "Training.")
    trainer.run = "r1"
    why = "The loss is not a number: fc was the first to give one."
    window.engine.event_received.emit(TrainingState(run="r1", state="failed", message=why, node="fc"))
    assert window.status.currentMessage() == why
    assert window.workbench.banner.text.text() == why
    assert window.model.selection == {"fc"}


# Looks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["light", "dark"])
def test_both_themes_reach_every_part(
    open_window: Open, project: Path, qapp: QApplication, name: str
) -> None:
    theme.prefer(qapp, "light" if name == "dark" else "dark")
    window = open_window(project)
    window.preferences.theme = name
    assert theme.is_dark() == (name == "dark")
    corner = window.canvas.grab().toImage().pixelColor(3, 3).lightness()
    assert (corner < 128) == (name == "dark")


def test_nothing_is_clipped_on_a_small_screen(open_window: Open, project: Path) -> None:
    window = open_window(project)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(960, 520)  # a screen of 1920×1080 at 200 %, less what the system keeps
    QApplication.processEvents()
    assert window.minimumSizeHint().width() <= 900
    assert window.size() == QSize(960, 520)
    window.workbench.training.progress.show()
    for place in PLACES:
        panel = window.workbench.panels[place.name]
        window.workbench.show_panel(place.name)
        QApplication.processEvents()
        assert panel.width() >= panel.minimumSizeHint().width(), place.name


def test_the_problems_are_not_laid_out_anew_while_they_are_painted(
    open_window: Open, project: Path, qtbot: QtBot
) -> None:
    window = open_window(project)
    window.model.do(AddNode("main", Node(name="alone", kind="ReLU")))
    window.workbench.show_panel("problems")
    tree = window.workbench.problems.tree
    qtbot.waitUntil(lambda: tree.isVisible() and tree.topLevelItemCount() > 0)
    QApplication.processEvents()
    laid_out: list[int] = []
    tree.doItemsLayout = lambda: laid_out.append(1)  # type: ignore[method-assign]
    tree.header().sectionResized.emit(
        0, 300, 310
    )  # as painting does, when the header has put its own layout off
    tree.sizeHintForColumn(2)  # lays out what is pending
    assert not laid_out
    QApplication.processEvents()
    tree.sizeHintForColumn(2)
    assert laid_out


def test_a_sentence_of_the_problems_is_never_cut(open_window: Open, project: Path, qtbot: QtBot) -> None:
    window = open_window(project)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.workbench.show_panel("problems")
    tree = window.workbench.panels["problems"].tree  # type: ignore[attr-defined]
    window.model.do(Batch(tuple(RemoveNode("main", name) for name in ("relu", "x"))))
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == len(window.model.report.diagnostics) > 1)
    heights = []
    for width in (960, 1600):
        window.resize(width, 700)
        QApplication.processEvents()
        for row in range(tree.topLevelItemCount()):
            item = tree.topLevelItem(row)
            assert item is not None
            room = QRect(0, 0, tree.columnWidth(0) - tree.iconSize().width() - 22, 10_000)
            needed = tree.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, item.text(0)).height()
            assert tree.visualItemRect(item).height() >= needed
        heights.append(tree.visualItemRect(tree.topLevelItem(0)).height())
        assert tree.isColumnHidden(1) == (width == 960)
    assert heights[0] > heights[1]


def test_buttons_without_room_show_their_signs(qtbot: QtBot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    bar = ButtonBar(panel)
    buttons = [QPushButton(icon(sign), words) for sign, words in (("train", "Resume"), ("delete", "Delete…"))]
    for button in buttons:
        bar.add(button)
    bar.resize(600, 40)
    panel.show()
    assert [button.text() for button in buttons] == ["Resume", "Delete…"]
    bar.resize(bar.minimumSizeHint())
    assert [button.text() for button in buttons] == ["", ""]
    assert [button.accessibleName() for button in buttons] == ["Resume", "Delete…"]
    bar.resize(600, 40)
    assert [button.text() for button in buttons] == ["Resume", "Delete…"]


def test_the_window_is_painted_before_it_is_built(qtbot: QtBot, open_window: Open) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    assert not hasattr(window, "model")
    painted: list[bool] = []
    window.built.connect(lambda: painted.append(window._painted))
    with qtbot.waitSignal(window.ready, timeout=30_000):
        window.show()
    assert painted == [True]
