"""An exported training gives the app's losses and weights, bit for bit, without NodeForge."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nodeforge.core.document import Column, Component, DataSettings, Document, Recipe, Stage
from nodeforge.engine.messages import EpochEnded
from nodeforge.export import export_run
from nodeforge.project import files
from nodeforge.project import shipped as shipped_files
from nodeforge.training import load_run
from tests.drawings import drawing
from tests.exported_scripts import printed_losses, run_script, run_scripts, told_losses
from tests.training_jobs import PLAIN_NET, Recorder, iris, run

# Shipped projects ---------------------------------------------------------------------------------


QUICK = ("iris-mlp", "elnino-lstm", "mnist-cnn")
NOT_FOLLOWED = {"dbn", "elm", "esn", "gan", "perceptron", "rbf", "som", "transfer", "transformer-classifier"}
"""Taught by other rules than gradients, in turns, in several stages, or with rates by node: code of them is refused
by name."""
LONG = (pytest.mark.long, pytest.mark.timeout(1800))
OTHERS = [name for name in shipped_files.project_names() if name not in {*QUICK, *NOT_FOLLOWED}]


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=LONG) for name in OTHERS)])
def test_a_shipped_project_gives_the_same_losses(name, tmp_path):
    folder = files.copy_example(name, tmp_path / name)
    document = files.load(folder)
    (stage,) = document.recipe.stages
    shorter = replace(
        stage, settings={**stage.settings, "epochs": 3 if name in ("iris-mlp", "elnino-lstm") else 1}
    )
    document.recipe = replace(document.recipe, stages=(shorter,))
    summary, recorder = run(document, folder)
    told = told_losses(recorder)
    assert len(told) >= 5
    exported = export_run(folder=folder, run=summary.id, format="pytorch", output=tmp_path / "code")
    assert exported.max_abs_difference == 0.0
    printed = run_script("train.py", tmp_path / "code")
    np.testing.assert_array_equal(printed_losses(printed), told)
    assert_same_weights(folder, summary.id, "best", tmp_path / "code")
    assert_same_epochs(recorder, printed)


def assert_same_weights(folder: Path, run_id: str, checkpoint: str, code: Path) -> None:
    """The script's weights are the run's, bit for bit."""
    ours = load_run(folder, run_id, checkpoint).module.state_dict()
    theirs = load_file(code / "weights.safetensors")
    assert set(ours) == set(theirs)
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


def assert_same_epochs(recorder: Recorder, printed: str) -> None:
    """As many epochs as in the app, with its losses and its main metric where there is one."""
    events = recorder.of(EpochEnded)
    lines = [line for line in printed.splitlines() if line.startswith("epoch ")]
    assert len(lines) == len(events)
    for event, line in zip(events, lines, strict=True):
        expected = f"training loss {event.metrics['train']['loss']:.6f}"
        if "validation" in event.metrics:
            metrics = event.metrics["validation"]
            expected += f", validation loss {metrics['loss']:.6f}"
            metric = next((name for name in ("accuracy", "nrmse") if name in metrics), None)
            expected += f", {metric} {metrics[metric]:.4f}" if metric else ""
        assert line.endswith(f": {expected}")


# Recipes, tasks and data --------------------------------------------------------------------------

TABLE_NET = """
    x = Input(shape=[6])
    fc1 = Linear(out_features=12)
    act = GELU()
    fc2 = Linear(out_features={width})
    y = Output()
    t = Target(dtype="float32", shape=[{width}])
    loss = {loss}()
    x -> fc1 -> act -> fc2 -> y
    fc2 -> loss
    t -> loss.target
"""
BRANCHED_NET = """
    a = Input(shape=[1, 8, 8])
    b = Input(shape=[1, 8, 8])
    conv = Conv2d(out_channels=4)
    flat = Flatten()
    fc = Linear(out_features=10)
    back = Linear(out_features=64)
    image = Flatten()
    y = Output()
    z = Output()
    t = Target()
    classes = CrossEntropyLoss()
    pixels = MSELoss()
    a -> conv -> flat -> fc -> y
    b -> image
    flat -> back -> z
    fc -> classes
    t -> classes.target
    back -> pixels
    image -> pixels.target
"""
AUTOENCODER = """
    x = Input(shape=[4])
    fc1 = Linear(out_features=2)
    fc2 = Linear(out_features=4)
    y = Output()
    loss = MSELoss()
    x -> fc1 -> fc2 -> y
    fc2 -> loss
    x -> loss.target
"""


NAMES_NET = """
    x = Input(shape=[16], dtype="int64", field="text")
    m = Input(shape=[16], dtype="bool", field="mask")
    gaps = LogicalNot()
    letters = Embedding(num_embeddings=80, embedding_dim=6)
    flat = Flatten()
    fill = MaskedFill(value=0.0)
    fc = Linear(out_features=16)
    out = Linear(out_features=8)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> letters -> flat -> fc -> fill -> out -> y
    m -> gaps -> fill.mask
    out -> loss
    t -> loss.target
"""
TEXT_NET = """
    x = Input(shape=[64], dtype="int64")
    letters = Embedding(num_embeddings=75, embedding_dim=8)
    gru = GRU(hidden_size=8)
    fc = Linear(out_features=75)
    turned = Transpose(dim0=1, dim1=2)
    y = Output()
    t = Target(shape=[64], dtype="int64")
    loss = CrossEntropyLoss()
    x -> letters -> gru -> fc -> turned -> y
    turned -> loss
    t -> loss.target
"""
STEPS_NET = """
    x = Input(shape=[29, 12])
    m = Input(shape=[29], dtype="bool", field="mask")
    gaps = LogicalNot()
    turned = Transpose(dim0=1, dim1=2)
    flat = Flatten()
    fc = Linear(out_features=29)
    fill = MaskedFill(value=0.0)
    out = Linear(out_features=9)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> turned -> flat -> fc -> fill -> out -> y
    m -> gaps -> fill.mask
    out -> loss
    t -> loss.target
"""
NESTED_NET = """
    width = 8
    x = Input(shape=[4])
    fc = Linear(out_features="=width")
    one = block(features="=width")
    two = block(features="=width", shares="one")
    three = block(features="=width")
    out = Linear(out_features=3)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> fc -> one -> two -> three -> out -> y
    out -> loss
    t -> loss.target
    network block(features=4)
    a = Input(shape=["=features"])
    inner = Linear(out_features="=features")
    act = Tanh()
    drop = Dropout(p=0.2)
    b = Output()
    a -> inner -> act -> drop -> b
"""


def write_table(folder: Path) -> None:
    """Numbers, a category and gaps; two values and a yes or no to predict."""
    rng = random.Random(5)
    with open(folder / "table.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["length", "width", "height", "colour", "price", "weight", "sold"])
        for _ in range(90):
            length, width, height = (rng.uniform(-3, 9) for _ in range(3))
            colour = rng.choice(["red", "green", "blue"])
            price = 3 * length - width + (colour == "red")
            cells = [f"{length:.3f}", "" if rng.random() < 0.1 else f"{width:.3f}", f"{height:.3f}", colour]
            writer.writerow([*cells, f"{price:.3f}", f"{height * 7:.2f}", int(price > 5)])


def table(targets: tuple[str, ...], loss: str, *, scaling: str = "auto", **settings: object) -> Document:
    """A network on the table."""
    document = drawing(TABLE_NET.format(width=len(targets), loss=loss))
    names = ("length", "width", "height", "colour", "price", "weight", "sold")
    columns = tuple(
        Column(
            name=name,
            role="target" if name in targets else "ignore" if name in names[4:] else "feature",
            type="category" if name == "colour" else "number",
        )
        for name in names
    )
    document.data = DataSettings(
        source=Component(kind="csv", parameters={"path": "table.csv"}),
        preparation={"missing": "mean", "scaling": scaling, "validation_fraction": 0.2},
        columns=columns,
    )
    stage = Stage(
        settings={"epochs": 4, "batch_size": 16, **settings},  # type: ignore[dict-item]
        optimizer=Component(kind="Adam", parameters={"lr": 0.02}),
    )
    document.recipe = Recipe(stages=(stage,), seed=11)
    return document


def digits(net: str, **settings: object) -> Document:
    """A network on small images."""
    document = drawing(net)
    document.data = DataSettings(source=Component(kind="digits"))
    stage = Stage(settings={"epochs": 1, "batch_size": 128, **settings})  # type: ignore[dict-item]
    document.recipe = Recipe(stages=(stage,), seed=2)
    return document


def shipped(source: str, net: str, **settings: object) -> Document:
    """A network on a shipped data set, one epoch."""
    document = drawing(net)
    document.data = DataSettings(source=Component(kind=source))
    stage = Stage(settings={"epochs": 1, "batch_size": 256, **settings})  # type: ignore[dict-item]
    document.recipe = Recipe(stages=(stage,), seed=4)
    return document


def component(kind: str, **parameters: object) -> Component:
    return Component(kind=kind, parameters=parameters)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """One project; `checkpoint` is what its script ends with."""

    document: Document
    checkpoint: str = "best"


SGD = component("SGD", lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3)
RMSPROP = component("RMSprop", momentum=0.5, centered=True)
AMSGRAD = component("Adam", lr=0.01, amsgrad=True, betas=(0.8, 0.99))
PLATEAU = component("ReduceLROnPlateau", patience=0, factor=0.5)
CASES = {
    "sgd": Case(iris(optimizer=SGD, gradient_clip_norm=0.5, seed=3)),
    "adamw": Case(iris(optimizer=component("AdamW"), schedule=component("warmup_cosine"), drop_last=True)),
    "warmup": Case(
        iris(schedule=component("warmup_cosine", warmup_epochs=2, eta_min=1e-4, start_factor=0.2), epochs=5)
    ),
    "rmsprop": Case(
        iris(optimizer=RMSPROP, schedule=component("StepLR", step_size=2), validate_every=2, epochs=5)
    ),
    "amsgrad": Case(iris(optimizer=AMSGRAD, schedule=component("ExponentialLR"), shuffle=False)),
    "cosine": Case(iris(schedule=component("CosineAnnealingLR", eta_min=1e-5), restore_best=False), "last"),
    "t_max": Case(iris(schedule=component("CosineAnnealingLR", T_max=2), threads=2)),
    "one_cycle": Case(iris(schedule=component("OneCycleLR", max_lr=0.1, anneal_strategy="linear"))),
    "linear": Case(iris(schedule=component("LinearLR", total_iters=2), batch_size=107)),
    "plateau": Case(iris(schedule=PLATEAU, early_stopping_monitor="metric", epochs=8, validate_every=2)),
    "patience": Case(
        iris(
            optimizer=component("Adam", lr=0.1),
            early_stopping_patience=2,
            early_stopping_min_delta=0.05,
            epochs=40,
        )
    ),
    "patience_only": Case(
        iris(
            PLAIN_NET, early_stopping_patience=1, restore_best=False, epochs=40, early_stopping_min_delta=0.1
        ),
        "last",
    ),
    "no_validation": Case(iris(validation=0.0, schedule=PLATEAU), "last"),
    "training_metric": Case(
        iris(validation=0.0, schedule=PLATEAU, early_stopping_monitor="metric", drop_last=True, epochs=6),
        "last",
    ),
    "single_samples": Case(iris(PLAIN_NET, batch_size=1, epochs=1)),
    "no_target": Case(iris(AUTOENCODER)),
    "regression": Case(table(("price",), "MSELoss", scaling="min-max", early_stopping_monitor="metric")),
    "two_values": Case(table(("price", "weight"), "L1Loss", early_stopping_patience=1)),
    "yes_or_no": Case(table(("sold",), "BCEWithLogitsLoss", scaling="none", early_stopping_monitor="metric")),
    "names": Case(shipped("surnames", NAMES_NET)),
    "steps": Case(shipped("japanese-vowels", STEPS_NET, batch_size=64)),
    "text": Case(shipped("novel", TEXT_NET, batch_size=1024)),
    "nested": Case(iris(NESTED_NET, batch_size="=width*2")),
    "branched": Case(digits(BRANCHED_NET)),
    "nchw": Case(digits(BRANCHED_NET, channels_last="off")),
    "nhwc": Case(digits(BRANCHED_NET, channels_last="on")),
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> dict[str, tuple[Path, str, Recorder, str]]:
    """By case: the project's folder, its run, what the app told, and what its exported script printed."""
    place = tmp_path_factory.mktemp("cases")
    runs = {}
    for name, case in CASES.items():
        (place / name).mkdir()
        write_table(place / name)
        summary, recorder = run(case.document, place / name)
        export_run(folder=place / name, run=summary.id, format="pytorch", output=place / name / "code")
        runs[name] = (place / name, summary.id, recorder)
    printed = run_scripts("train.py", [(place / name / "code", ()) for name in CASES], place=place)
    return {name: (*runs[name], text) for name, text in zip(CASES, printed, strict=True)}


@pytest.mark.parametrize("name", CASES)
def test_the_script_gives_the_losses_and_weights_of_the_app(name, trained):
    folder, run_id, recorder, printed = trained[name]
    np.testing.assert_array_equal(printed_losses(printed), told_losses(recorder))
    assert_same_epochs(recorder, printed)
    assert_same_weights(folder, run_id, CASES[name].checkpoint, folder / "code")


def test_early_stopping_was_put_to_the_test(trained):
    for name in ("patience", "patience_only"):
        assert "Stopped early" in trained[name][3]


def test_the_readme_says_what_stands_in_which_column(trained):
    folder, *_ = trained["regression"]
    text = (folder / "code" / "README.md").read_text(encoding="utf-8")
    assert (
        "The columns of features, in order: length, width, height, colour=blue, colour=green, colour=red."
        in text
    )


def test_the_scripts_are_formatted(trained, tmp_path):
    """Comments in line with one another are the one thing in which the generated source differs from ruff's taste."""
    for name, (folder, *_) in trained.items():
        (tmp_path / name).mkdir()
        for script in (folder / "code").glob("*.py"):
            lines = script.read_text(encoding="utf-8").split("\n")
            plain = "\n".join(map(without_alignment, lines))
            (tmp_path / name / script.name).write_text(plain, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--diff",
        "--isolated",
        "--line-length",
        "110",
        tmp_path,
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


def without_alignment(line: str) -> str:
    code, sign, note = line.partition("  # ")
    return f"{code.rstrip()}{sign}{note}"
