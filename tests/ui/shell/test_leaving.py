"""Leaving while something runs: asked once, stopped with a checkpoint, nothing left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from nodeforge.core.edits import SetText
from nodeforge.engine.messages import (
    ControlTraining,
    Done,
    Request,
    StartTraining,
    TrainingStarted,
    TrainingState,
)
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.session.workspace import Workspace
from nodeforge.ui.main_window import MainWindow
from nodeforge.ui.panels.trainer import State

Open = Callable[..., MainWindow]


class Training:
    """An engine in which a training goes on until it is stopped; tells what it was asked."""

    def __init__(self, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self._engine = window.engine
        self._engine._set_state("ready", "")
        monkeypatch.setattr(self._engine, "request", self._request)
        window.workbench.training.trainer._set(State.IDLE, "")
        window.model.report = window.model.workspace.report
        trainer = window.workbench.training.trainer
        trainer._on_started(TrainingStarted(run="r1"))
        trainer._set(State.STARTING, "")
        self._say("running")

    def _request(self, message: Request, on_reply: Callable[[object], None]) -> None:
        if isinstance(message, ControlTraining):
            self.asked.append(message.action)
            on_reply(Done())
            QTimer.singleShot(30, self._engine, lambda: self._say("stopped"))
        elif isinstance(message, StartTraining):
            self.asked.append(f"start {message.resume}".strip())

    def _say(self, state: str) -> None:
        self._engine.event_received.emit(TrainingState(run="r1", state=state))


def press_in_question(text: str) -> list[str]:
    """Press a button of the question that comes; returns what is asked."""
    asked: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        next(button for button in box.buttons() if button.text() == text).click()

    QTimer.singleShot(0, press)
    return asked


def test_closing_keeps_training_if_the_person_wants_it(
    open_window: Open, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project)
    training = Training(window, monkeypatch)
    asked = press_in_question("Keep training")
    assert not window.close()
    assert asked == ["“Chain” is being trained. To leave it, stop the training."]
    assert window.isVisible()
    assert (training.asked, window.is_training()) == ([], True)


def test_closing_stops_the_training_and_waits_for_its_checkpoint(
    open_window: Open, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(project)
    training = Training(window, monkeypatch)
    press_in_question("Stop training")
    assert window.close()
    assert (training.asked, window.workbench.training.state) == (["stop"], "idle")


def test_opening_another_project_stops_the_training_after_both_questions(
    open_window: Open, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    Workspace.open(project).save(other)
    window = open_window(project)
    training = Training(window, monkeypatch)
    window.model.do(SetText("title", "Edited"))
    edits: list[str] = []
    answers = iter((QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Discard))

    def question(*arguments: object) -> QMessageBox.StandardButton:
        edits.append(str(arguments[2]))
        assert window.is_training()  # the person may still change their mind
        return next(answers)

    monkeypatch.setattr(QMessageBox, "question", question)
    press_in_question("Stop training")
    assert not window.documents.open(other)
    assert window.is_training()
    press_in_question("Stop training")
    assert window.documents.open(other)
    assert (training.asked, window.is_training()) == (["stop"], False)
    assert len(edits) == 2


def test_without_a_training_nothing_is_asked(open_window: Open, project: Path) -> None:
    window = open_window(project)
    assert window.close()


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_what_a_dead_engine_took_along_is_taken_up_again(
    open_window: Open, qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch, has_checkpoint: bool
) -> None:
    window = open_window(project)
    Training(window, monkeypatch)
    run = RunStore(project).create(schema.encode(window.model.document), seed=0, environment={}).id
    window.workbench.training.trainer.run = run
    window.workbench.training.trainer._set(State.RUNNING, "")
    if has_checkpoint:
        (RunStore(project).path(run) / "last.safetensors").touch()
    started: list[str] = []
    monkeypatch.setattr(window.workbench.training, "start", started.append)
    monkeypatch.setattr(window.engine, "restart", lambda: window.engine._set_state("starting", ""))
    window.engine._set_state("dead", "The engine stopped.")
    banner = window.workbench.banner
    title = "Restart and resume" if has_checkpoint else "Restart and train again"
    assert ("from the beginning" in banner.text.text()) is not has_checkpoint
    button = next(b for b in banner.findChildren(QPushButton) if b.text() == title)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    window.engine._set_state("ready", "")
    assert started == [run if has_checkpoint else ""]
    window.engine._set_state("ready", "")
    assert len(started) == 1


@pytest.mark.parametrize(("status", "is_offered"), [("interrupted", True), ("stopped", False)])
def test_a_run_is_offered_when_it_was_cut_off_and_not_when_a_person_stopped_it(
    open_window: Open, project: Path, status: str, is_offered: bool
) -> None:
    window = open_window(project)
    store = RunStore(project)
    run = store.create(schema.encode(window.model.document), seed=0, environment={})
    (store.path(run.id) / "last.safetensors").touch()
    store.update(run.id, status=status)
    window.engine._set_state("ready", "")
    assert (run.name in window.workbench.banner.text.text()) is is_offered


def test_ctrl_q_in_the_help_window_ends_the_program(open_window: Open, qtbot: QtBot, project: Path) -> None:
    window = open_window(project)
    window.commands["help.start"].trigger()
    assert window.dialogs.help is not None
    qtbot.waitActive(window.dialogs.help)
    qtbot.keyClick(window.dialogs.help.browser, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not window.dialogs.help.isVisible()
