"""The shipped projects: each opens without a complaint, learns, goes on, and is taken away; the long tests hold figures."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load

import nodeforge as nf
from nodeforge.core.diagnostics import Severity
from nodeforge.project import shipped
from nodeforge.training.weights import read_weights
from tests.benchmarks.projects import SCRIPTS, SEEDS, Result, Results, known_row, mark_of, measure
from tests.pretrained import TAKEN, make

FEW: Mapping[str, object] = {"epochs": 1, "preparation.test_fraction": 0.9}
FEW_AT_RANDOM = {**FEW, "preparation.split": "stratified"}
SHORT: Mapping[str, Mapping[str, object]] = {
    "cnn": FEW_AT_RANDOM,
    "elnino-lstm": {"epochs": 1},
    "gru": {"epochs": 1},
    "lstm": {"epochs": 1},
    "transformer": {"epochs": 1, "data.step": 8_000},
}
"""What makes a training last a moment, where FEW does not do."""
OTHER_RULES = frozenset({"dbn", "elm", "esn", "perceptron", "rbf", "som", "transfer"})
"""Taught by more than gradients, or in several stages, which exported PyTorch code does not follow."""
IMAGINES = frozenset({"gan"})
"""Draws something else each time, so no file can be proven to give the same."""
ALL = shipped.project_names()
OFTEN = frozenset({"autoencoder", "elm", "esn", "gan", "iris-mlp", "perceptron", "rbf", "som"})
"""One of each way to learn, all quick; the others are trained in the long tests."""


def opened(name: str, folder: Path) -> nf.Project:
    """A copy to work on."""
    shutil.copytree(shipped.project(name), folder / name)
    return nf.open(folder / name)


@pytest.mark.parametrize("name", ALL)
def test_every_project_is_drawn_and_told_of(name: str) -> None:
    project = nf.open(shipped.project(name))
    report = project.check()
    assert [found.message for found in report.diagnostics if found.severity is not Severity.HINT] == []
    assert project.document.description.endswith(".")
    page = (shipped.project(name) / "README.md").read_text(encoding="utf-8")
    assert page.startswith("# ")
    for chapter in ("What to watch", "How good it is", "Try", "Where the data comes from"):
        assert f"\n## {chapter}\n" in page
    assert "](drawing.png)" in page
    assert (shipped.project(name) / "drawing.png").stat().st_size > 0
    assert "](training.png)" in page
    assert 0 < (shipped.project(name) / "training.png").stat().st_size <= 150 * 1024


@pytest.mark.parametrize(
    "name", [name if name in OFTEN else pytest.param(name, marks=pytest.mark.long) for name in ALL]
)
def test_every_project_learns_and_is_taken_away(name: str, tmp_path: Path) -> None:
    project = opened(name, tmp_path)
    run = project.train(settings=SHORT.get(name, FEW))
    assert run.status == "finished"
    assert all(math.isfinite(value) for value in run.metrics["test"].values())
    if name in IMAGINES:
        with pytest.raises(nf.UserError):
            run.export("pytorch", tmp_path / "code")
    elif name in OTHER_RULES:
        assert run.export("onnx", tmp_path / "network.onnx").max_abs_difference < 1e-3
    else:
        assert run.export("pytorch", tmp_path / "code").max_abs_difference == 0.0


def test_the_table_goes_on_from_what_was_measured_and_forgets_what_was_changed(tmp_path: Path) -> None:
    def result(seed: int, value: float, mark: str) -> Result:
        return Result(project="mlp", seed=seed, mark=mark, value=value, seconds=3.0, slowness=2.0)

    now = mark_of("mlp")
    results = Results(tmp_path / "results.jsonl")
    for known in (result(0, 0.99, now), result(1, 0.5, "of another drawing"), result(2, 0.95, now)):
        results.add(known)
    again = Results(tmp_path / "results.jsonl")
    assert [again.find("mlp", seed) is not None for seed in SEEDS] == [True, False, True]
    assert " 0.990 · – · 0.950 ✓ " in known_row("mlp", again)
    assert known_row("mlp", again).endswith("| 1.5 | 1.6 |")
    again.add(result(1, 0.94, now))
    assert " 0.990 · 0.940 · 0.950 ✗ " in known_row("mlp", again)


@pytest.mark.parametrize(("stages", "same"), [(1, {"conv1", "conv2"}), (2, {"conv1"})])
def test_what_was_learnt_before_is_kept_and_then_fine_tuned(
    stages: int, same: set[str], tmp_path: Path
) -> None:
    project = opened("transfer", tmp_path)
    recipe = project.document.recipe
    project.document.recipe = replace(recipe, stages=recipe.stages[:stages])
    run = project.train(settings={"epochs": 1})
    given = read_weights("shipped:digits-0-to-4.safetensors", tmp_path)
    found = read_weights(run.id, tmp_path / "transfer")
    unmoved = {name for name, tensor in given.items() if torch.equal(tensor, found[f"features.{name}"])}
    assert unmoved == {name for name in given if name.partition(".")[0] in same}


@pytest.mark.long
@pytest.mark.parametrize("name", TAKEN)
def test_shipped_weights_are_what_their_project_makes(name: str, tmp_path: Path) -> None:
    made = load(make(name, TAKEN[name]))
    shipped_ones = read_weights(f"shipped:{name}.safetensors", tmp_path)
    assert made.keys() == shipped_ones.keys()
    for key, tensor in made.items():  # the last digits differ from machine to machine
        alike = torch.nn.functional.cosine_similarity(tensor.flatten(), shipped_ones[key].flatten(), dim=0)
        assert alike > 0.99, key


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", SCRIPTS)
def test_every_project_reaches_what_a_script_reaches(name: str, tmp_path: Path) -> None:
    for seed in SEEDS:
        result = measure(name, seed, tmp_path)
        assert SCRIPTS[name].reached_by(result.value), result
