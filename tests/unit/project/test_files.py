"""Opening, saving, copying: what is refused, and that a save is whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.edits import SetData, apply
from nodeforge.core.errors import UserError
from nodeforge.project import files, shipped
from tests.unprivileged import unwritable


def test_a_project_is_named_by_its_folder_or_its_file(tmp_path: Path) -> None:
    file = files.save(Document(title="mine"), tmp_path / "deep" / "mine")
    assert file == tmp_path / "deep" / "mine" / "project.json"
    assert files.project_folder(file) == files.project_folder(file.parent) == file.parent
    assert files.load(file).title == files.load(str(file.parent)).title == "mine"


def test_what_is_no_project_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for path, words in (
        (tmp_path / "nowhere", "no such file or folder"),
        (tmp_path, "holds no project.json"),
        (tmp_path / "notes.txt", "is not a project"),
    ):
        with pytest.raises(UserError, match=words):
            files.load(path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / files.PROJECT_FILE, "wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    with pytest.raises(UserError, match="larger than 100 MB"):
        files.load(tmp_path)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space left on the disk"),
        (errno.EACCES, "have no permission there"),
        (errno.EROFS, "have no permission there"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_a_save_that_fails_keeps_the_old_file_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, where: str
) -> None:
    files.save(Document(title="old"), tmp_path)

    def fail(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, where, fail)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with pytest.raises(UserError, match=words) as caught:
        files.save(Document(title="new"), tmp_path)
    assert "The file there is as it was." in str(caught.value)
    assert files.load(tmp_path).title == "old"
    assert os.listdir(tmp_path) == [files.PROJECT_FILE]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file sizes")
def test_a_disk_that_fills_up_in_the_middle_keeps_the_old_file(tmp_path: Path) -> None:
    files.save(Document(title="old"), tmp_path)
    script = (
        "import resource, sys\n"
        "from nodeforge.core.document import Document\n"
        "from nodeforge.core.errors import UserError\n"
        "from nodeforge.project import files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    files.save(Document(title='n' * 10_000), sys.argv[1])\n"
        "except UserError as error:\n"
        "    print(error)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "no space left" in answer.stdout
    assert files.load(tmp_path).title == "old"
    assert os.listdir(tmp_path) == [files.PROJECT_FILE]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UserError, match="a file of that name is in the way"):
            files.save(Document(), folder)


def test_an_unwritable_folder_is_told(tmp_path: Path) -> None:
    with (
        unwritable(tmp_path / "closed") as folder,
        pytest.raises(UserError, match="have no permission there"),
    ):
        files.save(Document(), folder)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")
def test_permissions_and_links_survive_a_save(tmp_path: Path) -> None:
    real = tmp_path / "real"
    files.save(Document(title="old"), real)
    (real / files.PROJECT_FILE).chmod(0o640)
    link = tmp_path / "link"
    link.mkdir()
    (link / files.PROJECT_FILE).symlink_to(real / files.PROJECT_FILE)
    files.save(Document(title="new"), link)
    assert (link / files.PROJECT_FILE).is_symlink()
    assert files.load(real).title == "new"
    assert (real / files.PROJECT_FILE).stat().st_mode & 0o777 == 0o640


def test_old_leftovers_are_swept_and_fresh_ones_are_not(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".project.json.1.tmp", tmp_path / ".project.json.2.tmp"
    for leftover in (old, fresh):
        leftover.write_text("half")
    long_ago = time.time() - 3600
    os.utime(old, (long_ago, long_ago))
    files.save(Document(), tmp_path)
    assert not old.exists()
    assert fresh.exists()


_SAVES_FOR_EVER = """
import sys
from nodeforge.core.document import Document
from nodeforge.project import files
documents = [Document(title=title, description=title * 200_000) for title in "ab"]
print("ready", flush=True)
while True:
    for document in documents:
        files.save(document, sys.argv[1])
"""


def _kill_while_saving(folder: Path, rounds: int) -> None:
    files.save(Document(title="a"), folder)
    for number in range(rounds):
        saver = subprocess.Popen([sys.executable, "-c", _SAVES_FOR_EVER, str(folder)], stdout=subprocess.PIPE)
        with saver:
            assert saver.stdout is not None
            assert saver.stdout.readline() == b"ready\n"
            time.sleep((number * 0.618 % 1) * 0.03)  # another moment each time, the same ones every run
            saver.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        document = files.load(folder)
        assert document.title in ("a", "b")
        assert document.description in ("", document.title * 200_000)


def test_a_project_whose_save_is_killed_opens_old_or_new(tmp_path: Path) -> None:
    _kill_while_saving(tmp_path, rounds=12)


@pytest.mark.long
def test_a_project_whose_save_is_killed_200_times_opens_every_time(tmp_path: Path) -> None:
    _kill_while_saving(tmp_path, rounds=200)


def test_an_example_is_copied_without_runs(tmp_path: Path) -> None:
    folder = files.copy_example("iris-mlp", tmp_path / "mine")
    assert (folder / "project.json").read_bytes() == (
        shipped.project("iris-mlp") / "project.json"
    ).read_bytes()
    assert not (folder / files.RUNS_FOLDER).exists()


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    write = files.write_atomic

    def fill_up(path: Path, data: bytes) -> None:
        if written:
            raise UserError("there is no space left")
        written.append(path)
        write(path, data)

    monkeypatch.setattr(files, "write_atomic", fill_up)
    with pytest.raises(UserError, match="no space left"):
        files.copy_example("iris-mlp", tmp_path / "mine")
    assert written
    assert not (tmp_path / "mine").exists()


def test_an_example_is_not_copied_over_anything(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        files.copy_example("iris-mlp", tmp_path)
    with pytest.raises(UserError, match=r"There is no example 'iris'; there are: .*iris-mlp"):
        files.copy_example("iris", tmp_path / "new")
    assert os.listdir(tmp_path) == ["precious"]


@pytest.mark.parametrize(
    ("path", "moves"), [("data/flowers.csv", True), ("../flowers.csv", False), ("", False), (3, False)]
)
def test_only_data_in_the_project_s_own_folder_goes_along(
    tmp_path: Path, path: str | int, moves: bool
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "data").mkdir(parents=True)
    (old / "data" / "flowers.csv").write_text("a,b\n")
    (tmp_path / "flowers.csv").write_text("not mine")
    document = Document()
    source = Component(kind="csv", parameters={"path": path})
    apply(document, SetData(DataSettings(source=source)))
    files.copy_own_data(document, old, new)
    assert (new / "data" / "flowers.csv").exists() == moves
    assert [item.name for item in tmp_path.rglob("flowers.csv")].count("flowers.csv") == 2 + moves
