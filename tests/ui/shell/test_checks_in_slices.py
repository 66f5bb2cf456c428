"""A check of a large drawing leaves the window free: it goes on from turn to turn, whatever is edited meanwhile."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from nodeforge.analysis import Report, check
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, RemoveNode, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.session.workspace import Workspace
from nodeforge.ui import project_model
from nodeforge.ui.project_model import ProjectModel


@pytest.fixture
def long_chain() -> Document:
    document = Document()
    names = [f"act{number}" for number in range(120)]
    for name in names:
        apply(document, AddNode("main", Node(name=name, kind="ReLU")))
    for source, target in pairwise(names):
        apply(document, Connect("main", Wire(source, "output", target, "input")))
    return document


@pytest.fixture
def model(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> ProjectModel:
    monkeypatch.setattr(project_model, "_AT_ONCE_S", 0.0)  # one step a turn
    return ProjectModel(Workspace(Document()))


def test_the_event_loop_turns_while_a_large_drawing_is_checked(
    model: ProjectModel, long_chain: Document, qtbot: QtBot
) -> None:
    turns: list[bool] = []
    heart = QTimer(model, interval=0)
    heart.timeout.connect(lambda: turns.append(bool(model.report.networks)))
    heart.start()
    with qtbot.waitSignal(model.checked):
        model.open(Workspace(long_chain))
    heart.stop()
    assert turns.count(False) > 100
    assert model.report == check(long_chain)


def test_an_edit_in_between_is_taken_in_and_told_of_once(
    model: ProjectModel, long_chain: Document, qtbot: QtBot
) -> None:
    told: list[Report] = []
    model.checked.connect(told.append)
    model.open(Workspace(long_chain))
    QTimer.singleShot(20, model, lambda: model.do(RemoveNode("main", "act60")))
    qtbot.waitUntil(lambda: bool(told) and "act60" not in told[-1].networks["main"].nodes)
    qtbot.wait(20)
    assert told == [check(long_chain)]


def test_who_needs_the_report_at_once_gets_it(
    model: ProjectModel, long_chain: Document, qtbot: QtBot
) -> None:
    model.open(Workspace(long_chain))
    assert not model.workspace.check_for(0.0)
    assert model.workspace.report == check(long_chain)
    with qtbot.waitSignal(model.checked):
        pass
    assert model.report is model.workspace.report
