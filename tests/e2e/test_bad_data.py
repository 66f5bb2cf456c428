"""Faulty data are named with file and row, on the command line and in the window, and nothing is dropped in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from person import Person, Start, is_seen
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QTreeWidget, QWidget

from nodeforge.cli.run import run
from nodeforge.project import files
from tests.bad_data import BAD_DATA, BadData

CASES = pytest.mark.parametrize("case", BAD_DATA.values(), ids=BAD_DATA.keys())


@CASES
def test_the_command_line_names_it(case: BadData, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files.save(case.document(tmp_path), tmp_path)
    run(["check", str(tmp_path)])
    assert case.says in capsys.readouterr().out
    run(["check", str(tmp_path), "--json"])
    found = json.loads(capsys.readouterr().out)
    if case.severity == "note":
        assert any(case.says in note for note in found["data"]["notes"])
    else:
        told = [(one["severity"], one["message"]) for one in found["diagnostics"]]
        assert any(severity == case.severity and case.says in message for severity, message in told)
        assert (found["data"] is None) == (case.severity == "error")


def test_the_window_names_it(start: Start, tmp_path: Path) -> None:
    person = start()
    person.wait_for_engine()
    for name, case in BAD_DATA.items():  # one window for all: each start takes seconds
        folder = tmp_path / name.replace(" ", "-")
        files.save(case.document(folder), folder)
        person.window.documents.open(folder)
        see_it(person, case)


def see_it(person: Person, case: BadData) -> None:
    """Wait until the window says what is wrong, where a person looks for it."""
    workspace = person.window.model.workspace
    person.wait(lambda: workspace.facts or workspace.data_fault)
    if case.severity != "warning":
        panel = person.panel("data")
        person.wait(lambda: case.says in " ".join(map(QLabel.text, seen_labels(panel))))
    if case.severity != "note":
        tree = person.panel("problems").tree
        person.wait(lambda: any(case.says in sentence for sentence in sentences(tree)))


def seen_labels(place: QWidget) -> list[QLabel]:
    return [label for label in place.findChildren(QLabel) if is_seen(label)]


def sentences(tree: QTreeWidget) -> list[str]:
    """What a list of problems says."""
    return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]


def test_data_that_were_mended_elsewhere_are_read_again(start: Start, tmp_path: Path) -> None:
    case = BAD_DATA["infinity in a table"]
    files.save(case.document(tmp_path), tmp_path)
    person = start(tmp_path)
    workspace = person.window.model.workspace
    person.wait(lambda: workspace.data_fault)
    table = tmp_path / case.path
    table.write_text(table.read_text().replace("inf", "1.0"))
    QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    person.wait(lambda: workspace.facts and not workspace.data_fault)
    assert "data" not in [finding.code for finding in workspace.report.diagnostics]
