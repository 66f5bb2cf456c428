"""Undo and redo: one step a gesture, and knowing whether the document is as it was saved."""

from __future__ import annotations

import pytest

from nodeforge.core.document import Document
from nodeforge.core.edits import UNSET, AddNode, Batch, MoveNodes, SetParameter, SetText, apply
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Node
from nodeforge.session.history import History


@pytest.fixture
def document() -> Document:
    document = Document()
    apply(document, AddNode("main", Node(name="a", kind="Linear", parameters={"size": 1, "bias": True})))
    return document


def moved(x: int) -> MoveNodes:
    return MoveNodes("main", {"a": (float(x), 0.0)})


def test_a_drag_is_one_step_however_long(document: Document) -> None:
    history = History(document)
    for x in range(1, 3001):
        history.do(moved(x), label="Move a", merge_key="drag")
    assert history.undo_label == "Move a"
    history.undo()
    assert document.main_network.nodes["a"].position == (0.0, 0.0)
    assert not history.can_undo
    history.redo()
    assert document.main_network.nodes["a"].position == (3000.0, 0.0)
    history.undo()
    assert document.main_network.nodes["a"].position == (0.0, 0.0)


def test_a_sealed_gesture_and_another_key_start_a_step_of_their_own(document: Document) -> None:
    history = History(document)
    history.do(moved(1), merge_key="drag")
    history.seal()
    history.do(moved(2), merge_key="drag")
    history.do(SetText("title", "New"), merge_key="title")
    history.undo()
    history.undo()
    assert document.main_network.nodes["a"].position == (1.0, 0.0)
    assert history.can_undo


def test_what_was_undone_is_not_merged_into(document: Document) -> None:
    history = History(document)
    history.do(moved(1), merge_key="drag")
    history.undo()
    history.redo()
    history.do(moved(2), merge_key="drag")
    history.undo()
    assert document.main_network.nodes["a"].position == (1.0, 0.0)


def test_an_edit_that_changes_nothing_is_no_step(document: Document) -> None:
    history = History(document)
    assert not history.do(moved(0))
    assert not history.do(SetParameter("main", "a", "size", 1))
    assert not history.do(Batch((moved(0), SetText("title", document.title))))
    assert not history.can_undo


def test_one_and_true_are_not_the_same_value(document: Document) -> None:
    assert History(document).do(SetParameter("main", "a", "bias", 1))


def test_a_new_edit_ends_what_could_be_redone(document: Document) -> None:
    history = History(document)
    history.do(moved(1))
    history.undo()
    history.do(moved(2))
    assert not history.can_redo


def test_an_edit_that_does_not_fit_leaves_the_history_alone(document: Document) -> None:
    history = History(document)
    history.do(moved(1))
    history.undo()
    with pytest.raises(EditError):
        history.do(AddNode("main", Node(name="a", kind="ReLU")))
    assert history.can_redo


def test_saved_is_a_place_in_the_history(document: Document) -> None:
    history = History(document)
    assert history.is_saved
    history.do(moved(1), merge_key="drag")
    history.mark_saved()
    history.do(moved(2), merge_key="drag")
    assert not history.is_saved
    history.undo()
    assert history.is_saved, "an edit after saving is not merged into the saved step"
    history.undo()
    assert not history.is_saved
    history.redo()
    assert history.is_saved
    history.undo()
    history.do(moved(9))
    assert not history.is_saved
    history.undo()
    assert not history.is_saved, "the saved state cannot be reached any more"


def test_a_value_comes_back_at_its_place_in_the_file(document: Document) -> None:
    history = History(document)
    history.do(SetParameter("main", "a", "size", UNSET))
    history.undo()
    assert list(document.main_network.nodes["a"].parameters) == ["size", "bias"]
