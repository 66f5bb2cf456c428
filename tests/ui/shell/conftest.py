"""A window on an engine in this process that never starts torch, and projects to open in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Batch, Connect, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.session.workspace import Workspace
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.main_window import MainWindow
from nodeforge.ui.project_model import ProjectModel


def chain() -> Document:
    """Input, Linear, ReLU, Output in a row."""
    document = Document(title="Chain")
    nodes = (
        Node(name="x", kind="Input", parameters={"shape": (4,)}, position=(0, 0)),
        Node(name="fc", kind="Linear", parameters={"out_features": 3}, position=(220, 0)),
        Node(name="relu", kind="ReLU", position=(440, 0)),
        Node(name="y", kind="Output", position=(660, 0)),
    )
    wires = (("x", "fc"), ("fc", "relu"), ("relu", "y"))
    edits = (
        *(AddNode("main", node) for node in nodes),
        *(Connect("main", Wire(a, "output", b, "input")) for a, b in wires),
    )
    apply(document, Batch(edits))
    return document


@pytest.fixture
def model(qtbot: QtBot) -> Iterator[ProjectModel]:
    model = ProjectModel(Workspace(chain()))
    yield model
    model.workspace.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A saved project."""
    folder = tmp_path / "chain"
    Workspace(chain()).save(folder)
    return folder


@pytest.fixture
def open_window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Callable[..., MainWindow]:
    """Opens windows; they are closed after the test, giving up what is unsaved."""
    monkeypatch.setattr(
        EngineController, "start", lambda self: None
    )  # no engine is needed to look at a window

    def open_(path: Path | None = None) -> MainWindow:
        window = MainWindow(path)
        qtbot.addWidget(window, before_close_func=give_up)
        window.resize(1366, 768)
        with qtbot.waitSignal(window.ready, timeout=30_000):
            window.show()
        return window

    return open_


def give_up(window: MainWindow) -> None:
    """Let the window close without a question."""
    window.documents.may_leave = lambda: True  # type: ignore[method-assign]
