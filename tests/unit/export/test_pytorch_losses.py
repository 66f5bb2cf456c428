"""An exported training gives the app's losses and weights, bit for bit, without NodeForge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nodeforge.export import export_run
from nodeforge.project import files
from nodeforge.training import load_run
from tests.exported_scripts import printed_losses, run_script, told_losses
from tests.training_jobs import run

SHIPPED = ("iris-mlp", "elnino-lstm", "mnist-cnn")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_project_gives_the_same_losses(name, tmp_path):
    folder = files.copy_example(name, tmp_path / name)
    document = files.load(folder)
    (stage,) = document.recipe.stages
    shorter = replace(stage, settings={**stage.settings, "epochs": 2})
    document.recipe = replace(document.recipe, stages=(shorter,))
    summary, recorder = run(document, folder)
    told = told_losses(recorder)
    assert len(told) >= 20 or name == "iris-mlp"
    exported = export_run(folder=folder, run=summary.id, format="pytorch", output=tmp_path / "code")
    assert exported.max_abs_difference == 0.0
    printed = run_script("train.py", tmp_path / "code")
    np.testing.assert_array_equal(printed_losses(printed), told)
    assert_same_weights(folder, summary.id, tmp_path / "code")
    for line in epoch_lines(recorder):
        assert line in printed


def epoch_lines(recorder) -> list[str]:
    from nodeforge.engine.messages import EpochEnded

    return [
        f"training loss {event.metrics['train']['loss']:.6f}, validation loss {event.metrics['validation']['loss']:.6f}"
        for event in recorder.of(EpochEnded)
    ]


def assert_same_weights(folder: Path, run_id: str, code: Path) -> None:
    """The script's weights are the run's best, bit for bit."""
    ours = load_run(folder, run_id).module.state_dict()
    theirs = load_file(code / "weights.safetensors")
    assert set(ours) == set(theirs)
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name
