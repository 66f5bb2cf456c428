"""Every bad input through the command line: one clear sentence, exit code 1, the file untouched."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodeforge.cli import main
from nodeforge.project import files
from tests.unprivileged import unwritable

Damage = Callable[[dict[str, Any]], None]

FLOWERS = "length,width,species\n" + "".join(
    f"{4 + n % 7}.{n % 10},{1 + n % 3}.5,{('rosa', 'viola')[n % 2]}\n" for n in range(40)
)


def graph(project: dict[str, Any]) -> dict[str, Any]:
    return project["networks"]["main"]


def node(project: dict[str, Any], name: str) -> dict[str, Any]:
    return next(node for node in graph(project)["nodes"] if node["name"] == name)


def rename(project: dict[str, Any], old: str, new: str) -> None:
    text = json.dumps(graph(project)).replace(f'"{old}', f'"{new}').replace(f"> {old}.", f"> {new}.")
    project["networks"]["main"] = json.loads(text)


def unwire(project: dict[str, Any]) -> None:
    graph(project)["wires"] = []


def empty(project: dict[str, Any]) -> None:
    project["networks"]["main"] = {}


BAD_PROJECTS: dict[str, tuple[Damage, str]] = {
    "newer version": (lambda p: p.__setitem__("schema_version", 99), "made by a newer NodeForge"),
    "unknown kind": (lambda p: node(p, "fc1").__setitem__("kind", "Liner"), "Liner"),
    "duplicate id": (lambda p: graph(p)["nodes"].append({"name": "fc1", "kind": "ReLU"}), "already has a node fc1"),
    "wire to nowhere": (lambda p: graph(p)["wires"].append("fc1.output -> gone.input"), "no such node"),
    "out of bounds": (lambda p: node(p, "fc1")["parameters"].__setitem__("out_features", 0), "at least 1, not 0"),
    "wrong type": (lambda p: node(p, "fc1")["parameters"].__setitem__("out_features", "x"), "whole number"),
    "wrong type in the JSON": (lambda p: node(p, "fc1").__setitem__("kind", 7), "must be text"),
    "no identifier": (lambda p: rename(p, "fc1", "fc 1"), "fc 1"),
    "keyword": (lambda p: rename(p, "fc1", "lambda"), "lambda"),
    "cycle": (lambda p: graph(p)["wires"].append("relu2.output -> fc1.input"), "fc1"),
    "nothing wired": (unwire, "wire"),
    "empty": (empty, "empty"),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return files.copy_example("iris-mlp", tmp_path / "project")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run a command that must fail as the user's fault; its one sentence."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    error = capsys.readouterr().err
    assert code == 1, error
    assert error.startswith("nodeforge: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


def refused_everywhere(capsys: pytest.CaptureFixture[str], folder: Path, words: str) -> None:
    """`check` and `train` refuse with these words and leave everything as it was."""
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for command in ("check", "train"):
        assert words in refused(capsys, command, folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("case", BAD_PROJECTS)
def test_a_bad_project(project: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    damage, words = BAD_PROJECTS[case]
    file = project / files.PROJECT_FILE
    content = json.loads(file.read_bytes())
    damage(content)
    file.write_text(json.dumps(content, ensure_ascii=False))
    refused_everywhere(capsys, project, words)


def test_a_truncated_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / files.PROJECT_FILE
    file.write_bytes(file.read_bytes()[:700])
    refused_everywhere(capsys, project, "ends too early")


def test_a_folder_without_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no project.json" in refused(capsys, "check", tmp_path)
    assert "no such file or folder" in refused(capsys, "train", tmp_path / "nowhere")


BAD_TABLES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "flowers.csv"),
    "header only": (b"length,width,species\n", "rows"),
    "ragged": (FLOWERS.encode() + b"1,2\n", "Row 42"),
    "not text": (bytes(range(256)) * 20, "flowers.csv"),
    "without the target": (FLOWERS.replace("species", "sort").encode(), "species"),
    "text in a number column": (FLOWERS.replace("4.0,", "tall,").encode(), "tall"),
    "one class": (FLOWERS.replace("viola", "rosa").encode(), "rosa"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_a_bad_table(project: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    table, words = BAD_TABLES[case]
    use_table(project, table)
    refused_everywhere(capsys, project, words)


def test_a_missing_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use_table(project, b"")
    (project / "flowers.csv").unlink()
    refused_everywhere(capsys, project, "flowers.csv")


def test_a_good_table_is_not_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use_table(project, FLOWERS.encode())
    assert main(["check", str(project)]) == 0, capsys.readouterr()


def use_table(project: Path, table: bytes) -> None:
    """Make the project train on a table of two measures and a species."""
    (project / "flowers.csv").write_bytes(table)
    file = project / files.PROJECT_FILE
    content = json.loads(file.read_bytes())
    content["data"] = {
        "source": {"kind": "csv", "parameters": {"path": "flowers.csv"}},
        "columns": [
            {"name": "length"},
            {"name": "width"},
            {"name": "species", "role": "target", "type": "category"},
        ],
    }
    node(content, "measures")["parameters"]["shape"] = [2]
    node(content, "fc3")["parameters"]["out_features"] = 2
    file.write_text(json.dumps(content))


def test_an_unwritable_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "fine"), "--from", "iris-mlp"]) == 0  # imports all that it needs
    with unwritable(tmp_path / "closed") as folder:
        assert "have no permission there" in refused(capsys, "new", folder / "mine", "--from", "iris-mlp")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file sizes")
@pytest.mark.parametrize("command", [["new", "NEW", "--from", "iris-mlp"], ["train", "PROJECT"]])
def test_a_full_disk(tmp_path: Path, project: Path, command: list[str]) -> None:
    script = (
        "import resource, sys\n"
        "from nodeforge.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    places = {"NEW": str(tmp_path / "new"), "PROJECT": str(project)}
    arguments = [places.get(word, word) for word in command]
    before = (project / files.PROJECT_FILE).read_bytes()
    answer = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert "there is no space left on the disk" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "new").exists()
    assert (project / files.PROJECT_FILE).read_bytes() == before


def test_a_folder_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    assert "in the way" in refused(capsys, "new", tmp_path / "file", "--from", "iris-mlp")
    assert "in the way" in refused(capsys, "new", tmp_path / "file" / "below", "--from", "iris-mlp")


def test_a_run_that_is_not_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "train it first" in refused(capsys, "evaluate", project)
    assert "nothing" in refused(capsys, "evaluate", project, "--run", "nothing")
    assert "nothing" in refused(capsys, "train", project, "--resume", "nothing")
