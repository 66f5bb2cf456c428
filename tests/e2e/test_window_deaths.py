"""The engine or the whole app is killed: nothing of the document is lost, and the run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from person import Key, Keys, Person, Start
from PySide6.QtWidgets import QApplication

from nodeforge.core.edits import SetRecipe, apply
from nodeforge.project import schema
from nodeforge.project.runs import RunInfo, RunStore
from nodeforge.ui.recovery import RecoveryDialog

PUPPET = Path(__file__).with_name("puppet.py")


def train_until_a_checkpoint(person: Person) -> str:
    """Start the training, pause it, which writes a checkpoint, and let it go on; returns the run."""
    training = person.window.workbench.training
    person.press(Key.Key_F5)
    person.wait(lambda: person.window.workbench.plots.shown_runs and training.state == "running")
    person.press(Key.Key_F6)
    person.wait(lambda: training.state == "paused")
    person.press(Key.Key_F6)
    person.wait(lambda: training.state == "running")
    return str(training.run)


def finished(person: Person, folder: Path, run: str) -> RunInfo:
    """The run when it is at its end."""
    store = RunStore(folder)
    person.wait(lambda: store.info(run).status == "finished")
    person.wait(lambda: person.window.workbench.training.state == "idle")
    return store.info(run)


def test_a_run_whose_engine_is_killed_goes_on_and_ends_as_if_nothing_had_been(
    start: Start, iris: Path
) -> None:
    person = start(iris)
    person.wait_for_engine()
    run = train_until_a_checkpoint(person)
    before = schema.encode(person.window.model.document)
    os.kill(person.window.engine.pid, signal.SIGKILL)
    banner = person.window.workbench.banner
    person.wait(lambda: banner.isVisible() and "killed" in banner.text.text())
    assert schema.encode(person.window.model.document) == before
    assert RunStore(iris).info(run).status == "interrupted"
    person.click_canvas(person.at(-300, -300))
    person.enter("Title of the project", "Still editable")
    assert person.window.model.document.title == "Still editable"
    person.click("Restart and resume", banner)
    resumed = finished(person, iris, run)

    person.press(Key.Key_F5)
    person.wait(lambda: person.window.workbench.training.run not in ("", run))
    undisturbed = finished(person, iris, str(person.window.workbench.training.run))
    assert resumed.epochs == undisturbed.epochs
    assert resumed.metrics == undisturbed.metrics


@pytest.fixture
def kill_app(start: Start, iris: Path) -> Iterator[Callable[[str], int]]:
    """Lets the real app edit or train the iris project in a process of its own, and kills it with SIGKILL.

    Returns the process id of its engine.
    """
    apps: list[subprocess.Popen[str]] = []

    def kill(act: str) -> int:
        command = [sys.executable, str(PUPPET), str(iris), act]
        app = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        apps.append(app)
        assert app.stdout is not None
        engine = int(app.stdout.readline())
        app.kill()
        app.wait()
        app.stdout.close()
        return engine

    yield kill
    for app in apps:
        app.kill()
        app.wait()


def test_unsaved_edits_of_a_killed_app_are_offered_and_come_back_whole(
    start: Start, kill_app: Callable[[str], int], iris: Path
) -> None:
    saved = (iris / "project.json").read_bytes()
    kill_app("edit")
    person = start()
    person.wait(lambda: isinstance(QApplication.activeWindow(), RecoveryDialog))
    person.press(Key.Key_Return)
    person.wait(lambda: person.window.has_project())
    model = person.window.model
    assert model.folder == iris
    assert model.workspace.dirty
    assert [node.kind for node in model.graph.ordered_nodes()].count("Dropout") == 1
    dropout = next(node.name for node in model.graph.ordered_nodes() if node.kind == "Dropout")
    assert (iris / "project.json").read_bytes() == saved
    person.press(Key.Key_S, Keys.ControlModifier)
    assert f'"{dropout}"' in (iris / "project.json").read_text("utf-8")


def test_a_run_of_a_killed_app_is_offered_and_its_engine_is_gone(
    start: Start, kill_app: Callable[[str], int], iris: Path
) -> None:
    document = schema.decode((iris / "project.json").read_bytes())
    settings = {**document.recipe.stages[0].settings, "epochs": 100_000}
    stages = (replace(document.recipe.stages[0], settings=settings),)
    apply(document, SetRecipe(replace(document.recipe, stages=stages)))
    (iris / "project.json").write_bytes(schema.encode(document))
    engine = kill_app("train")
    (run,) = RunStore(iris).runs()
    person = start(iris)
    person.wait(lambda: not _exists(engine))
    assert RunStore(iris).info(run.id).status == "interrupted"
    banner = person.window.workbench.banner
    person.wait(lambda: run.name in banner.text.text())
    person.wait_for_engine()
    person.click("Resume", banner)
    person.wait(lambda: person.window.workbench.training.state == "running")
    assert person.window.workbench.training.run == run.id
    person.press(Key.Key_F5, Keys.ShiftModifier)
    person.wait(lambda: RunStore(iris).info(run.id).status == "stopped")


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
