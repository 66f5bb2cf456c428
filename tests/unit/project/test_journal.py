"""The recovery journal: written after edits, gone after a save, offered after a crash."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.project import files, journal, processes, schema
from nodeforge.project.journal import Journal, recoverable

_CRASHES = """
import os, sys
from pathlib import Path
from nodeforge.core.document import Document
from nodeforge.project.journal import Journal
folder = Path(sys.argv[2]) if sys.argv[2] else None
Journal(folder, Path(sys.argv[1])).write(Document(title=sys.argv[3]))
os._exit(1)
"""


def crash(place: Path, folder: Path | None, title: str) -> None:
    subprocess.run([sys.executable, "-c", _CRASHES, str(place), str(folder or ""), title], check=False)


def test_the_work_of_a_dead_process_is_offered_with_title_and_time(tmp_path: Path) -> None:
    crash(tmp_path, tmp_path / "project", "lost work")
    crash(tmp_path, None, "never saved")
    newest, older = recoverable(tmp_path)
    assert (newest.title, newest.folder) == ("never saved", None)
    assert (older.title, older.folder) == ("lost work", tmp_path / "project")
    assert newest.saved_at >= older.saved_at > 1_600_000_000
    assert schema.encode(older.document) == schema.encode(Document(title="lost work"))
    older.discard()
    assert [leftover.title for leftover in recoverable(tmp_path)] == ["never saved"]


def test_the_work_of_a_living_process_is_its_own(tmp_path: Path) -> None:
    Journal(None, tmp_path).write(Document())
    assert recoverable(tmp_path) == []


def test_two_windows_on_one_project_keep_their_work_apart(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    crash(tmp_path / "state", folder, "one")
    crash(tmp_path / "state", folder, "two")
    assert {leftover.title for leftover in recoverable(tmp_path / "state")} == {"one", "two"}


def test_it_is_written_after_edits_only_and_not_too_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(journal.time, "monotonic", lambda: now)
    mine, document = Journal(None, tmp_path), Document()
    assert not mine.tick(document)
    mine.touch()
    assert mine.tick(document)
    mine.flush()
    assert not mine.tick(document)
    mine.touch()
    now += journal.INTERVAL_SECONDS / 2
    assert not mine.tick(document)
    now += journal.INTERVAL_SECONDS
    assert mine.tick(document)


def test_nothing_stays_once_it_is_cleared(tmp_path: Path) -> None:
    mine = Journal(None, tmp_path)
    mine.touch()
    mine.tick(Document())
    mine.flush()
    assert mine.path.exists()
    mine.touch()
    mine.clear()
    assert not mine.tick(Document())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"process": "1@2", "saved_at": 1}'])
def test_an_unreadable_journal_is_passed_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.json").write_bytes(content)
    crash(tmp_path, None, "good")
    assert [leftover.title for leftover in recoverable(tmp_path)] == ["good"]


def test_a_journal_that_cannot_be_written_says_so_and_tries_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    mine = Journal(None, tmp_path / "file")
    mine.touch()
    mine.tick(Document())
    mine.flush()
    with pytest.raises(UserError, match="in the way"):
        mine.tick(Document())
    assert not mine.tick(Document())  # not at every tick
    (tmp_path / "file").unlink()
    monkeypatch.setattr(journal, "INTERVAL_SECONDS", 0.0)
    assert mine.tick(Document())
    mine.flush()
    assert mine.path.exists()


def slow_disk(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """A disk that says when a write has begun, and ends it when it is told to."""
    begun, go, write = threading.Event(), threading.Event(), files.write_atomic

    def write_slowly(path: Path, data: bytes) -> None:
        begun.set()
        assert go.wait(10)
        write(path, data)

    monkeypatch.setattr(files, "write_atomic", write_slowly)
    return begun, go


def test_a_slow_disk_holds_nobody_up_and_gets_the_document_of_that_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "INTERVAL_SECONDS", 0.0)
    begun, go = slow_disk(monkeypatch)
    mine, document = Journal(None, tmp_path), Document(title="then")
    mine.touch()
    assert mine.tick(document)
    assert begun.wait(10)
    document.title = "now"
    mine.touch()
    assert not mine.tick(document)  # one write at a time
    go.set()
    mine.flush()
    monkeypatch.setattr(processes, "is_alive", lambda mark: False)
    assert [leftover.title for leftover in recoverable(tmp_path)] == ["then"]
    assert mine.tick(document)
    mine.flush()
    assert [leftover.title for leftover in recoverable(tmp_path)] == ["now"]


def test_what_is_saved_while_a_slow_disk_writes_leaves_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = slow_disk(monkeypatch)
    mine = Journal(None, tmp_path)
    mine.touch()
    mine.tick(Document())
    assert begun.wait(10)
    mine.clear()
    go.set()
    mine.close()
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_there_is_nothing_to_recover(tmp_path: Path) -> None:
    assert recoverable(tmp_path / "nowhere") == []
