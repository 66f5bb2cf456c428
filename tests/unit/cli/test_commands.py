"""The commands that need no torch, the parser, exit codes, and what a fault of ours looks like."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from nodeforge.__main__ import main as entry
from nodeforge.cli import inspecting, main
from nodeforge.cli.parser import COMMANDS, command_parser
from nodeforge.core.document import Document
from nodeforge.project import files, schema, shipped
from nodeforge.project.runs import RunStore


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return files.copy_example("mnist-cnn", tmp_path / "project")


def test_examples_lists_every_shipped_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == shipped.project_names()
    assert all(len(line.split()) > 3 for line in lines)


def test_new_makes_a_copy_that_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "mine"), "--from", "iris-mlp"]) == 0
    assert str(tmp_path / "mine") in capsys.readouterr().out
    assert main(["check", str(tmp_path / "mine" / "project.json")]) == 0


def test_check_shows_shapes_and_counts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(project)]) == 0
    out = capsys.readouterr().out
    assert "Network main: 105,866 parameters" in out
    assert "N×32×7×7" in out
    assert out.endswith("No problems.\n")


def test_check_as_json_has_the_documented_form(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(project), "--json"]) == 0
    out = capsys.readouterr().out
    result = json.loads(out.splitlines()[-1])
    assert result["ok"] is True
    assert result["diagnostics"] == []
    network = result["networks"]["main"]
    assert network["parameters"] == 105_866
    accepts = network["accepts"]["image"]
    assert accepts["text"] == "height and width: 28 to 31"
    assert accepts["axes"] == {"height": [28, 29, 30, 31], "width": [28, 29, 30, 31]}
    assert network["nodes"]["conv1"] == {
        "kind": "Conv2d",
        "parameters": 160,
        "macs": 28 * 28 * 16 * 9,
        "activation_bytes": 0,
        "outputs": {"output": {"shape": ["N", 16, 28, 28], "dtype": "float32"}},
    }


def test_check_tells_costs_as_text_json_and_csv(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "costs.csv"
    assert main(["check", str(project), "--json", "--costs", str(path)]) == 0
    answer = json.loads(capsys.readouterr().out)
    main_network = answer["networks"]["main"]
    rows = {row["node"]: row for row in csv.DictReader(path.read_text("utf-8").splitlines())}
    assert rows.keys() == main_network["nodes"].keys()
    for name, node in main_network["nodes"].items():
        assert int(rows[name]["macs"]) == node["macs"]
        assert int(rows[name]["activation_bytes"]) == node["activation_bytes"]
    assert main_network["macs"] == sum(node["macs"] for node in main_network["nodes"].values()) > 0
    memory = answer["memory"]
    assert memory["activations"] == main_network["activation_bytes"]
    assert memory["total"] == sum(memory[p] for p in ("parameters", "gradients", "optimizer", "activations"))
    assert main(["check", str(project)]) == 0
    assert "multiply-accumulates a sample" in capsys.readouterr().out


def test_costs_need_a_folder_that_is_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(project), "--costs", str(project / "no" / "costs.csv")]) == 1
    assert "no folder" in capsys.readouterr().err


def test_check_as_json_tells_what_is_wrong(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads((project / files.PROJECT_FILE).read_bytes())
    content["networks"]["main"]["nodes"][1]["parameters"]["out_channels"] = 0
    (project / files.PROJECT_FILE).write_text(json.dumps(content))
    assert main(["check", str(project), "--json"]) == 1
    captured = capsys.readouterr()
    result = json.loads(captured.out.splitlines()[-1])
    assert result["ok"] is False
    first = result["diagnostics"][0]
    assert set(first) == {"code", "severity", "network", "node", "port", "message", "fixes"}
    assert (first["severity"], first["network"], first["node"]) == ("error", "main", "conv1")
    assert "at least 1, not 0" in first["message"]
    assert first["fixes"]
    assert first["message"] in captured.err


def test_runs_are_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", str(project)]) == 0
    assert "nodeforge train" in capsys.readouterr().out
    info = RunStore(project).create(schema.encode(Document()), seed=4, environment={})
    RunStore(project).update(info.id, status="finished", epochs=3, metrics={"test": {"loss": float("nan")}})
    assert main(["runs", str(project)]) == 0
    assert info.id in capsys.readouterr().out
    assert main(["runs", str(project), "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)["runs"]
    assert (listed["run"], listed["status"], listed["seed"]) == (info.id, "finished", 4)
    assert listed["metrics"] == {"test": {"loss": None}}


@pytest.mark.parametrize(
    "arguments",
    [
        ["train"],
        ["new", "somewhere"],
        ["train", "PROJECT", "--set", "epochs"],
        ["train", "PROJECT", "--set", "epochs=0"],
        ["train", "PROJECT", "--set", "epoch=3"],
        ["train", "PROJECT", "--seed", "many"],
        ["export", "PROJECT", "--to", "word", "--output", "x"],
        ["evaluate", "PROJECT", "--split", "all"],
        ["check", "PROJECT", "--wrong"],
    ],
)
def test_a_wrong_command_line_is_exit_code_2(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main([str(project) if word == "PROJECT" else word for word in arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("nodeforge")
    assert "Traceback" not in error


def test_a_setting_that_does_not_exist_comes_with_near_misses(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(project), "--set", "optimiser.lr=1"]) == 2
    assert "--set optimiser.lr=1: There is no setting 'optimiser.lr'. Did you mean optimizer.lr" in (
        capsys.readouterr().err
    )


def test_a_bug_is_one_line_and_a_log(
    project: Path, own_state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("nobody\nexpected this")

    monkeypatch.setattr(inspecting, "check_project", broken)
    assert main(["check", str(project)]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "ZeroDivisionError: nobody" in error
    assert str(own_state / "nodeforge.log") in error
    assert "Traceback (most recent call last)" in (own_state / "nodeforge.log").read_text()


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n    {command} " in text
        assert main([command, "--help"]) == 0
        assert capsys.readouterr().out.startswith(f"usage: nodeforge {command} ")
    assert command_parser().parse_args(["examples"]).command == "examples"


def test_without_a_display_the_window_says_what_to_do(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert entry([str(project)]) == 1
    error = capsys.readouterr().err
    assert "no display" in error
    assert f"nodeforge train {project}" in error


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["chekc"], 2, "Did you mean check?"),
        (["trian", "somewhere"], 2, "Did you mean train?"),
        (["nothing-like-it", "somewhere"], 2, "lists the commands"),
        (["nothing-like-it"], 1, "There is no project at nothing-like-it"),
        (["--wrong"], 2, "--wrong was not expected"),
    ],
)
def test_what_is_neither_command_nor_project(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(arguments) == code
    assert words in capsys.readouterr().err


HEAVY = ("torch", "PySide6", "pyqtgraph", "pandas", "sklearn", "onnx")


@pytest.mark.parametrize("command", [["examples"], ["--help"], ["check", "PROJECT"], ["runs", "PROJECT"]])
def test_quick_commands_load_nothing_heavy(project: Path, command: list[str]) -> None:
    script = (
        "import sys\n"
        "from nodeforge.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        f"heavy = [name for name in {HEAVY} if name in sys.modules]\n"
        "print(*heavy, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    arguments = [str(project) if word == "PROJECT" else word for word in command]
    answer = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.split() == []


def test_a_reader_that_has_seen_enough_is_no_fault(project: Path) -> None:
    command = f'"{sys.executable}" -m nodeforge check "{project}" | head -c 1'
    if sys.platform == "win32":
        pytest.skip("no head on Windows")
    answer = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert answer.stderr == ""


def test_the_formats_that_can_be_typed_are_those_that_can_be_exported() -> None:
    from nodeforge import export
    from nodeforge.cli import parser

    assert parser.FORMATS == export.FORMATS
