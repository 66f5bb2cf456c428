"""The inspector's page of frames, with real keys and clicks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from nodeforge.core.document import Document
from nodeforge.core.drawing import COLORS, Frame
from nodeforge.core.edits import AddNode, SetFrames, apply
from nodeforge.core.graph import Node
from nodeforge.session.workspace import Workspace
from nodeforge.ui.inspector import Inspector
from nodeforge.ui.inspector.frame_page import FramePage
from nodeforge.ui.inspector.other_pages import ProjectPage
from nodeforge.ui.project_model import ProjectModel


@pytest.fixture
def model() -> ProjectModel:
    document = Document()
    apply(document, AddNode("main", Node(name="relu", kind="ReLU")))
    frames = {
        "block": Frame(area=(-30, -30, 220, 120), title="Block", color="blue"),
        "note": Frame(area=(300, 0, 100, 100), text="hello"),
    }
    apply(document, SetFrames("main", frames))
    return ProjectModel(Workspace(document))


@pytest.fixture
def inspector(qtbot: QtBot, model: ProjectModel) -> Inspector:
    inspector = Inspector(model)
    qtbot.addWidget(inspector)
    inspector.resize(320, 600)
    inspector.show()
    qtbot.waitExposed(inspector)
    return inspector


def page(inspector: Inspector) -> FramePage:
    assert isinstance(inspector.page, FramePage)
    return inspector.page


def frame(model: ProjectModel, name: str = "block") -> Frame:
    return model.graph.drawing.frames[name]


def test_it_shows_the_selected_frame_and_goes_with_it(model: ProjectModel, inspector: Inspector) -> None:
    model.select((), ["block"])
    shown = page(inspector)
    assert (shown.heading.text(), shown.title.text(), shown.text.toPlainText()) == ("Frame", "Block", "")
    assert shown.colors.checkedId() == COLORS.index("blue")
    model.select((), ["note"])
    assert (page(inspector).heading.text(), shown.text.toPlainText()) == ("Note", "hello")
    assert not shown.facts.isVisible()
    model.do(SetFrames("main", {}))
    assert isinstance(inspector.page, ProjectPage)


def test_typing_a_title_is_one_step(model: ProjectModel, inspector: Inspector) -> None:
    model.select((), ["block"])
    QTest.keyClicks(page(inspector).title, " one")
    assert frame(model).title == "Block one"
    QTest.keyClick(page(inspector).title, Qt.Key.Key_Return)
    model.undo()
    assert frame(model).title == "Block"
    assert page(inspector).title.text() == "Block"
    assert not model.workspace.history.can_undo


def test_text_and_colour(model: ProjectModel, inspector: Inspector) -> None:
    model.select((), ["note"])
    QTest.keyClicks(page(inspector).text, "I say ")
    assert frame(model, "note").text == "I say hello"
    button = page(inspector).colors.button(COLORS.index("green"))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert frame(model, "note").color == "green"
    assert button.isChecked()


def test_several_frames_share_a_colour(model: ProjectModel, inspector: Inspector) -> None:
    model.select((), ["block", "note"])
    shown = page(inspector)
    assert shown.heading.text() == "2 frames"
    assert not shown.title.isVisible()
    assert not any(button.isChecked() for button in shown.colors.buttons())
    QTest.mouseClick(shown.colors.button(COLORS.index("red")), Qt.MouseButton.LeftButton)
    assert (frame(model).color, frame(model, "note").color) == ("red", "red")
    model.undo()
    assert (frame(model).color, frame(model, "note").color) == ("blue", "grey")
