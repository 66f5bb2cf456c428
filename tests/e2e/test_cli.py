"""The whole job on the command line, as a person types it: new, train, stop, resume, evaluate, predict, export."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nodeforge.project import files
from nodeforge.project.runs import RunStore
from tests.exported_scripts import printed_losses, run_script

FLOWERS = (
    "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n5.1,3.5,1.4,0.2\n6.5,3,5.5,2\n"
)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "nodeforge", *map(str, arguments)]


def nodeforge(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, which must be the exit code."""
    answer = subprocess.run(
        command(*arguments), capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert answer.returncode == code, answer.stderr
    assert "Traceback" not in answer.stderr
    return answer


def result(*arguments: str | Path) -> dict[str, Any]:
    """The JSON object that a command prints last."""
    return json.loads(nodeforge(*arguments, "--json").stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A copy of iris-mlp that was trained for a few epochs, and what `train` printed."""
    folder = tmp_path_factory.mktemp("work") / "flowers"
    nodeforge("new", folder, "--from", "iris-mlp")
    return folder, result("train", folder, "--seed", "3", "--set", "epochs=5", "--set", "optimizer.lr=0.02")


def test_train_prints_the_documented_result(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, run = trained
    assert set(run) == {"run", "status", "epochs", "seconds", "samples_per_second", "metrics"}
    assert (run["status"], run["epochs"]) == ("finished", 5)
    assert set(run["metrics"]) == {"train", "validation", "test"}
    assert 0.0 <= run["metrics"]["test"]["accuracy"] <= 1.0
    kept = json.loads((folder / "runs" / run["run"] / "project.json").read_bytes())
    assert kept["recipe"]["seed"] == 3
    assert kept["recipe"]["stages"][0]["settings"]["epochs"] == 5
    assert kept["recipe"]["stages"][0]["optimizer"]["parameters"]["lr"] == 0.02
    assert files.load(folder).recipe.seed == 0  # set for the run only


def test_the_same_seed_gives_the_same_numbers(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, run = trained
    again = result("train", folder, "--seed", "3", "--set", "epochs=5", "--set", "optimizer.lr=0.02")
    assert again["metrics"] == run["metrics"]
    assert [info["run"] for info in result("runs", folder)["runs"]][:2] == [again["run"], run["run"]]


def test_evaluate_agrees_with_the_training(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, run = trained
    measured = result("evaluate", folder, "--run", run["run"])
    assert (measured["run"], measured["split"]) == (run["run"], "test")
    shared = {name: measured["metrics"][name] for name in run["metrics"]["test"]}
    assert shared == pytest.approx(run["metrics"]["test"])
    assert measured["baseline"]["majority class"]["accuracy"] == pytest.approx(1 / 3)
    text = nodeforge("evaluate", folder, "--run", run["run"], "--split", "validation").stdout
    assert "majority class" in text


def test_predict_prints_a_row_per_sample(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, run = trained
    (tmp_path / "new.csv").write_text(FLOWERS)
    lines = nodeforge("predict", folder, "--input", tmp_path / "new.csv").stdout.splitlines()
    assert len(lines) == 3
    predicted = result("predict", folder, "--run", run["run"], "--input", tmp_path / "new.csv")
    assert len(predicted["columns"]) == len(predicted["rows"][0])
    assert len(predicted["rows"]) == 2


def test_export_is_proven_and_failures_leave_no_file(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, run = trained
    output = tmp_path / "model.onnx"
    exported = result("export", folder, "--to", "onnx", "--output", output, "--run", run["run"])
    assert set(exported) == {"output", "format", "opset", "max_abs_difference", "checked_batches"}
    assert exported["checked_batches"] == [1, 2, 5]
    assert exported["max_abs_difference"] < 1e-4
    assert output.stat().st_size > 0
    (tmp_path / "file").write_text("in the way")
    answer = nodeforge("export", folder, "--to", "onnx", "--output", tmp_path / "file" / "m.onnx", code=1)
    assert answer.stderr.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == ["file", "model.onnx"]


def test_exported_code_trains_by_itself_and_prints_the_losses_of_the_run(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, run = trained
    output = tmp_path / "flowers in PyTorch ñ"
    exported = result("export", folder, "--to", "pytorch", "--output", output, "--run", run["run"])
    assert (exported["format"], exported["max_abs_difference"]) == ("pytorch", 0.0)
    steps, losses = RunStore(folder).curve(run["run"], "loss")
    printed = printed_losses(run_script("train.py", output))
    assert len(printed) == len(steps)
    assert printed.tolist() == losses.tolist()
    told = nodeforge("export", folder, "--to", "pytorch", "--output", output).stdout
    assert told.count("\n") == 1
    assert "differs from the network here by at most 0." in told
    answer = nodeforge("export", folder, "--to", "pytorch", "--output", folder, code=1)
    assert "holds other files" in answer.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_disk_that_fills_up_during_the_training_is_told(tmp_path: Path) -> None:
    import resource

    folder = tmp_path / "my flowers ñ"
    assert f'nodeforge train "{folder}"' in nodeforge("new", folder, "--from", "iris-mlp").stdout
    answer = subprocess.run(
        command("train", folder, "--set", "epochs=3"),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000)),
    )
    assert answer.returncode == 1
    assert "last.safetensors could not be saved: there is no space left on the disk" in answer.stderr
    assert answer.stderr.count("\n") == 1
    (run,) = result("runs", folder)["runs"]
    assert (run["status"], run["epochs"]) == ("failed", 3)
    goes_on = nodeforge("train", folder, "--resume", run["run"], code=1)
    assert "before its first checkpoint: train again" in goes_on.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to one process only")
def test_ctrl_c_leaves_a_run_that_goes_on_to_the_same_end(tmp_path: Path) -> None:
    folder = tmp_path / "flowers"
    nodeforge("new", folder, "--from", "iris-mlp")
    settings = ("--set", "epochs=400")
    # Where the tests run in the background, Ctrl-C is ignored, and a new process would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        training = subprocess.Popen(
            command("train", folder, *settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert training.stdout is not None
    assert any(line.startswith("epoch") for line in training.stdout)
    training.send_signal(signal.SIGINT)
    out, error = training.communicate(timeout=60)
    assert (training.returncode, error) == (0, "")
    (run,) = result("runs", folder)["runs"]
    assert run["status"] == "stopped"
    assert run["epochs"] < 400
    assert f"--resume {run['run']}" in out
    refused = nodeforge("train", folder, "--resume", run["run"], "--seed", "1", code=2)
    assert "keeps its settings" in refused.stderr
    resumed = result("train", folder, "--resume", run["run"])
    assert (resumed["run"], resumed["status"], resumed["epochs"]) == (run["run"], "finished", 400)
    assert resumed["metrics"] == result("train", folder, *settings)["metrics"]


def test_a_training_that_diverges_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "sea"
    nodeforge("new", folder, "--from", "elnino-lstm")
    settings = ("optimizer=SGD", "optimizer.lr=100", "schedule=constant", "gradient_clip_norm=none")
    answer = nodeforge("train", folder, "--json", *(f"--set={setting}" for setting in settings), code=1)
    assert json.loads(answer.stdout.splitlines()[-1])["status"] == "failed"
    assert "Training halted" in answer.stderr.splitlines()[-1]
