"""The list of recent projects."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.document import Document
from nodeforge.project import files
from nodeforge.project.places import state_folder
from nodeforge.project.recent import LIMIT, RecentProjects


def make(folder: Path) -> Path:
    files.save(Document(), folder)
    return folder


def test_the_last_opened_comes_first_and_only_once(tmp_path: Path) -> None:
    one, two = make(tmp_path / "one"), make(tmp_path / "two")
    recent = RecentProjects()
    for folder in (one, two, one):
        recent.add(folder)
    assert RecentProjects().folders() == [one, two]
    recent.remove(one)
    assert RecentProjects().folders() == [two]
    recent.clear()
    assert RecentProjects().folders() == []


def test_projects_that_are_gone_are_not_offered(tmp_path: Path) -> None:
    folder = make(tmp_path / "one")
    RecentProjects().add(folder)
    (folder / files.PROJECT_FILE).unlink()
    assert RecentProjects().folders() == []


def test_the_list_stays_short(tmp_path: Path) -> None:
    folders = [make(tmp_path / str(number)) for number in range(LIMIT + 3)]
    recent = RecentProjects()
    for folder in folders:
        recent.add(folder)
    assert recent.folders() == folders[:2:-1]


def test_a_broken_or_unwritable_list_bothers_nobody(tmp_path: Path, own_state: Path) -> None:
    assert state_folder() == own_state
    (own_state / "recent.json").write_text("not json")
    assert RecentProjects().folders() == []
    (tmp_path / "file").write_text("in the way")
    recent = RecentProjects(tmp_path / "file" / "recent.json")
    recent.add(make(tmp_path / "one"))
    assert recent.folders() == []
