"""The open project: saved or not, recovered, and never losing an edit silently."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.edits import AddNode, RemoveNode, SetData, SetText
from nodeforge.core.errors import EditError, UserError
from nodeforge.core.graph import Node
from nodeforge.project import files, journal
from nodeforge.project.journal import Journal, Leftover
from nodeforge.session.workspace import Workspace

RELU = AddNode("main", Node(name="relu", kind="ReLU"))


def journals() -> list[Path]:
    return sorted(journal.journal_folder().glob("*"))


def test_open_edit_save_open(tmp_path: Path) -> None:
    files.save(Document(title="mine"), tmp_path)
    workspace = Workspace.open(tmp_path / "project.json")
    assert not workspace.dirty
    workspace.do(RELU)
    assert workspace.dirty
    workspace.save()
    assert not workspace.dirty
    again = Workspace.open(tmp_path)
    assert "relu" in again.document.main_network
    assert not again.dirty


def test_undo_back_to_what_is_saved_is_not_dirty(tmp_path: Path) -> None:
    workspace = Workspace(Document(), tmp_path)
    workspace.save()
    workspace.do(RELU)
    workspace.undo()
    assert not workspace.dirty
    workspace.undo()
    workspace.redo()
    assert workspace.dirty


def test_a_project_without_a_folder_asks_for_one(tmp_path: Path) -> None:
    workspace = Workspace.from_example("iris-mlp")
    assert not workspace.dirty
    with pytest.raises(UserError, match="choose one to save it in"):
        workspace.save()
    workspace.save(tmp_path / "mine")
    assert workspace.folder == tmp_path / "mine"
    workspace.do(SetText("title", "other"))
    workspace.save()
    assert files.load(tmp_path / "mine").title == "other"


def test_saving_elsewhere_takes_the_data_along_and_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    workspace = Workspace(Document(title="old"), old)
    workspace.do(SetData(DataSettings(source=Component(kind="csv", parameters={"path": "t.csv"}))))
    workspace.save()
    (old / "t.csv").write_text("a,b\n1,2\n")
    workspace.do(SetText("title", "new"))
    workspace.save(new)
    assert (files.load(old).title, files.load(new).title) == ("old", "new")
    assert (new / "t.csv").read_text() == "a,b\n1,2\n"
    assert workspace.folder == new


def test_a_save_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(Document(title="old"), tmp_path / "first")
    workspace.save()
    workspace.do(SetText("title", "new"))
    workspace.tick()
    workspace._journal.flush()

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    for folder in (None, tmp_path / "second"):
        with pytest.raises(UserError, match="no space left"):
            workspace.save(folder)
    assert workspace.dirty
    assert workspace.folder == tmp_path / "first"
    assert files.load(tmp_path / "first").title == "old"
    assert len(journals()) == 1


def test_unsaved_edits_are_journaled_until_they_are_saved(tmp_path: Path) -> None:
    workspace = Workspace(Document(), tmp_path)
    workspace.save()
    assert not workspace.tick()
    workspace.do(RELU)
    assert workspace.tick()
    workspace._journal.flush()
    assert len(journals()) == 1
    workspace.save()
    assert journals() == []


def test_an_undo_back_to_the_saved_state_needs_no_journal(tmp_path: Path) -> None:
    workspace = Workspace(Document(), tmp_path)
    workspace.do(RELU)
    workspace.tick()
    workspace._journal.flush()
    workspace.undo()
    assert journals() == []


def test_closing_leaves_nothing_to_recover() -> None:
    workspace = Workspace(Document())
    workspace.do(RELU)
    workspace.tick()
    workspace._journal.flush()
    workspace.close()
    assert journals() == []


def test_recovered_work_is_unsaved_and_journaled_anew(tmp_path: Path) -> None:
    lost = Journal(tmp_path)
    lost.write(Document(title="lost"))
    leftover = Leftover(
        title="lost", folder=tmp_path, saved_at=0.0, document=Document(title="lost"), path=lost.path
    )
    workspace = Workspace.recover(leftover)
    assert workspace.dirty
    assert workspace.folder == tmp_path
    assert len(journals()) == 1
    assert journals() != [lost.path]
    workspace.save()
    assert files.load(tmp_path).title == "lost"
    assert journals() == []


def test_listeners_hear_of_changes_and_of_nothing_else() -> None:
    workspace, heard = Workspace(Document()), []
    workspace.listen(heard.append)
    workspace.undo()
    with pytest.raises(EditError):
        workspace.do(RemoveNode("main", "ghost"))
    assert heard == []
    workspace.do(RELU)
    workspace.undo()
    assert [change.networks["main"].added or change.networks["main"].removed for change in heard] == [
        {"relu"},
        {"relu"},
    ]


def test_the_report_follows_the_document() -> None:
    workspace = Workspace(Document())
    before = workspace.report
    assert workspace.report is before
    workspace.do(SetText("title", "renamed"))
    assert workspace.report is before
    workspace.do(RELU)
    assert "relu" in workspace.report.networks["main"].nodes


def test_what_another_window_saved_is_not_replaced_without_a_word(tmp_path: Path) -> None:
    files.save(Document(title="mine"), tmp_path)
    here, there = Workspace.open(tmp_path), Workspace.open(tmp_path)
    there.do(SetText("title", "theirs"))
    there.save()
    there.do(SetText("title", "theirs again"))
    there.save()
    here.do(RELU)
    with pytest.raises(
        UserError, match=r"project\.json was changed by another program .*: save again to replace"
    ):
        here.save()
    assert here.dirty
    assert files.load(tmp_path).title == "theirs again"
    here.save()
    assert (files.load(tmp_path).title, here.dirty) == ("mine", False)


def test_a_project_file_that_is_gone_is_written_anew(tmp_path: Path) -> None:
    files.save(Document(title="mine"), tmp_path)
    workspace = Workspace.open(tmp_path)
    (tmp_path / "project.json").unlink()
    workspace.save()
    assert files.load(tmp_path).title == "mine"
