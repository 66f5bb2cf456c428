"""What the window asks and what it refuses: leaving with unsaved changes or a training, and files that are broken."""

from __future__ import annotations

import json
from pathlib import Path

from person import Key, Keys, Person, Start
from PySide6.QtWidgets import QDialog, QMessageBox

from nodeforge.project import schema
from nodeforge.project.runs import RunStore


def retitle(person: Person, title: str) -> None:
    person.click_canvas(person.at(-300, -300))
    person.enter("Title of the project", title)


def test_unsaved_changes_are_asked_about_once_and_cancel_keeps_everything(start: Start, iris: Path) -> None:
    person = start(iris)
    retitle(person, "Changed")
    asked: list[str] = []

    def cancel(dialog: QDialog) -> None:
        assert isinstance(dialog, QMessageBox)
        asked.append(dialog.text())
        person.press(Key.Key_Escape)

    person.when_asked(cancel)
    person.press(Key.Key_Q, Keys.ControlModifier)
    assert asked == ["Save the changes to “Changed”?"]
    assert person.window.isVisible()
    assert person.window.model.workspace.dirty
    person.when_asked(lambda _: person.press(Key.Key_Return))
    person.press(Key.Key_Q, Keys.ControlModifier)
    assert not person.window.isVisible()
    assert schema.decode((iris / "project.json").read_bytes()).title == "Changed"


def test_a_training_is_asked_about_and_leaves_a_checkpoint(start: Start, iris: Path) -> None:
    person = start(iris)
    person.enter("epochs", "100000", person.panel("training"))
    person.press(Key.Key_S, Keys.ControlModifier)
    person.press(Key.Key_F5)
    person.wait(lambda: person.window.workbench.training.state == "running")
    run = person.window.workbench.training.run
    person.when_asked(lambda _: person.press(Key.Key_Escape))
    person.press(Key.Key_Q, Keys.ControlModifier)
    assert person.window.isVisible()
    assert person.window.workbench.training.state == "running"
    person.when_asked(lambda dialog: person.click("Stop training", dialog))
    person.press(Key.Key_Q, Keys.ControlModifier)
    assert not person.window.isVisible()
    assert RunStore(iris).info(run).status == "stopped"
    assert (RunStore(iris).path(run) / "last.safetensors").is_file()


BROKEN_PROJECTS = {
    "truncated": (lambda text: text[: len(text) // 2], "ends too early"),
    "newer": (lambda text: text.replace('"schema_version": 1', '"schema_version": 999'), "newer"),
    "duplicate": (lambda text: text.replace('"name": "fc2"', '"name": "fc1"'), "fc1"),
    "dangling": (lambda text: text.replace("fc1.output", "nowhere.output"), "nowhere"),
    "misnamed": (
        lambda text: text.replace('"fc1"', '"import os"').replace("fc1.", "import os."),
        "import os",
    ),
}


def test_broken_projects_are_refused_in_one_sentence(start: Start, iris: Path, tmp_path: Path) -> None:
    person = start(iris)
    good = (iris / "project.json").read_text("utf-8")
    before = schema.encode(person.window.model.document)
    for name, (damage, word) in BROKEN_PROJECTS.items():
        file = tmp_path / name / "project.json"
        file.parent.mkdir()
        file.write_text(damage(good), "utf-8")
        told: list[str] = []

        def read(dialog: QDialog, told: list[str] = told) -> None:
            assert isinstance(dialog, QMessageBox)
            told.append(dialog.text())
            person.press(Key.Key_Return)

        person.name_file_when_asked(file)
        person.when_asked(read, QMessageBox)
        person.press(Key.Key_O, Keys.ControlModifier)
        assert word in " ".join(told), name
        assert "Traceback" not in told[0]
        assert schema.encode(person.window.model.document) == before
        assert person.window.model.folder == iris


def test_an_unknown_kind_opens_and_is_shown_as_a_problem(start: Start, iris: Path) -> None:
    project = json.loads((iris / "project.json").read_bytes())
    project["networks"]["main"]["nodes"][1]["kind"] = "Quantum"
    (iris / "project.json").write_text(json.dumps(project), "utf-8")
    person = start(iris)
    assert any("Quantum" in finding.message for finding in person.window.model.workspace.report.diagnostics)
    assert person.window.model.graph.nodes["fc1"].kind == "Quantum"


BAD_TABLES = {
    "empty.csv": (b"", "empty"),
    "ragged.csv": (b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n", "Row 3"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\x00", "text"),
}


def test_bad_tables_are_told_of_in_the_data_panel(start: Start, iris: Path, tmp_path: Path) -> None:
    person = start(iris)
    panel = person.window.workbench.panels["data"]
    person.wait_for_engine()
    person.panel("data")
    for name, (content, word) in BAD_TABLES.items():
        (tmp_path / name).write_bytes(content)
        person.name_file_when_asked(tmp_path / name)
        person.click("Open file", panel)
        said = [panel.fault, panel.preview.message]
        person.wait(lambda name=name, said=said: any(name in label.text() for label in said))
        sentence = next(label.text() for label in said if name in label.text())
        assert word in sentence
        assert "Traceback" not in sentence
        assert len(person.window.model.graph) == 9
