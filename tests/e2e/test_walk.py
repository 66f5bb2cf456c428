"""A person goes through every shipped project: opens it, trains, watches, stops, goes on and evaluates."""

from __future__ import annotations

from pathlib import Path

import pytest
from person import Key, Keys, Left, Person, Start
from PySide6.QtTest import QTest

from nodeforge.core.diagnostics import Severity
from nodeforge.project import shipped
from nodeforge.project.runs import RunStore
from tests.kills import shortened

OFTEN = frozenset({"gan", "rbf"})
"""Two that go through many kinds of stages and views; the others are walked through by the long tests."""

SHORTENED = frozenset({"class-count"})
"""What is found in a project because little of its data is left."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "name",
    [
        name if name in OFTEN else pytest.param(name, marks=pytest.mark.long)
        for name in shipped.project_names()
    ],
)
def test_every_project_is_trained_watched_and_evaluated(start: Start, tmp_path: Path, name: str) -> None:
    folder = project_of(name, tmp_path)
    person = start(folder)
    complaints: list[str] = []
    person.window.model.complained.connect(complaints.append)
    nothing_is_wrong(person)
    stop_after_a_batch(person)
    go_on_to_the_end(person)
    evaluate(person)
    nothing_is_wrong(person)
    assert complaints == []
    assert [info.status for info in RunStore(folder).runs()] == ["finished"]
    person.press(Key.Key_Q, Keys.ControlModifier)
    assert not person.window.isVisible()


def project_of(name: str, folder: Path) -> Path:
    """A copy that trains for seconds."""
    saved = shortened(name, folder).folder
    assert saved is not None
    return saved


def nothing_is_wrong(person: Person) -> None:
    """Neither the drawing nor the data give cause to complain.

    Too few steps are the shortening's fault, and so are letters that the part of a text which is left does not have.
    """
    model = person.window.model
    person.wait(lambda: model.workspace.facts)
    told = [
        finding.message
        for finding in model.report.diagnostics
        if finding.severity is not Severity.HINT and not finding.stage and finding.code not in SHORTENED
    ]
    assert told == []


def stop_after_a_batch(person: Person) -> None:
    """One batch, a look at the live views, and stop."""
    person.wait_for_engine()
    training = person.window.workbench.training
    person.panel("live")
    person.press(Key.Key_F7)
    person.wait(lambda: training.state == "paused")
    every_view_shows_something(person)
    person.press(Key.Key_F5, Keys.ShiftModifier)
    person.wait(lambda: training.state == "idle")
    assert not training.trainer.fault


def every_view_shows_something(person: Person) -> None:
    live = person.window.workbench.live
    person.panel("live")
    person.wait(lambda: live.cards and all(card.has_data for card in live.cards))
    assert [card.shown.fault for card in live.cards if card.shown.fault] == []


def go_on_to_the_end(person: Person) -> None:
    """Resume the run from the list of runs, and watch it to its end."""
    bench = person.window.workbench
    panel = person.panel("runs")
    table = bench.runs.table
    person.wait(lambda: table.runs.rowCount() == 1)
    QTest.mouseClick(
        table.viewport(), Left, Keys.NoModifier, table.visualRect(table.runs.index(0, 0)).center()
    )
    person.click("Resume", panel)
    person.wait(lambda: bench.training.state != "idle")
    every_view_shows_something(person)
    person.wait(lambda: bench.training.state == "idle")
    assert not bench.training.trainer.fault
    person.panel("plots")
    person.wait(lambda: bench.plots.loss_card.has_data)
    person.panel("training")
    assert "finished" in bench.training.sentence.text()


def evaluate(person: Person) -> None:
    panel = person.panel("evaluation")
    person.click("Evaluate the newest run", panel)
    person.wait(lambda: panel._found is not None)
    assert panel._found.metrics
    assert panel.scores.rowCount() > 0
