"""Weights to begin with and learning rates to train at, from the command line and the Python API."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import nodeforge as nf
from nodeforge.cli import main
from nodeforge.project import files
from nodeforge.project.runs import RunStore


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = files.copy_example("iris-mlp", tmp_path / "project")
    torch.manual_seed(3)
    save_file({"fc1.weight": torch.randn(16, 4), "other": torch.zeros(1)}, folder / "start.safetensors")
    return folder


def test_weights_says_what_fits_and_keeps_it_if_asked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["weights", str(project), "--from", str(project / "start.safetensors"), "--json"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "1 fit:\n  fc1.weight\n" in out
    assert "1 there, and without use here:\n  other\n" in out
    assert json.loads(out.splitlines()[-1])["matched"] == ["fc1.weight"]
    assert files.load(project).recipe.weights == ()
    assert main([*command, "--keep"]) == 0
    (source,) = files.load(project).recipe.weights
    assert (source.source, source.into) == ("start.safetensors", "")


def test_train_begins_with_weights_that_are_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file({"weight": load_file(project / "start.safetensors")["fc1.weight"]}, project / "one.safetensors")
    train = ["train", str(project), "--set", "epochs=1", "--weights", f"fc1={project / 'one.safetensors'}"]
    assert main(train) == 0
    note = RunStore(project).latest().environment["weights"]
    assert note == "fc1 begins with 1 of its 2 tensors from one.safetensors (1 not found)."
    assert files.load(project).recipe.weights == ()
    capsys.readouterr()
    assert main(["train", str(project), "--weights", "nowhere.pt"]) == 1
    assert "There is no file nowhere.pt" in capsys.readouterr().err


def test_lr_range_shows_a_curve_and_suggests_a_rate(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = project / "rates.csv"
    assert main(["lr-range", str(project), "--steps", "60", "--csv", str(table)]) == 0
    out = capsys.readouterr().out
    assert "The loss falls fastest at" in out
    assert "--set optimizer.lr=" in out
    rows = list(csv.reader(table.read_text("utf-8").splitlines()))
    assert rows[0] == ["learning_rate", "loss", "smoothed_loss"]
    assert 30 < len(rows) <= 61
    assert main(["lr-range", str(project), "--steps", "60", "--json"]) == 0
    tried = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [float(row[1]) for row in rows[1:]] == tried["losses"]
    assert main(["lr-range", str(project), "--low", "0"]) == 2


def test_the_python_api_does_both(project: Path) -> None:
    opened = nf.open(project)
    match = opened.load_weights(project / "start.safetensors")
    assert (match.matched, match.unused) == (["fc1.weight"], ["other"])
    assert [source.source for source in opened.document.recipe.weights] == ["start.safetensors"]
    tried = opened.try_rates(steps=60)
    assert 1e-4 < tried.suggestion < 1
    assert opened.runs() == []
