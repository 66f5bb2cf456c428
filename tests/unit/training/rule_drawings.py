"""Drawings that rules without gradients teach, and the samples as they are trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from nodeforge.core.document import Component, DataSettings, Document, Recipe, Stage
from nodeforge.torch_backend import build
from nodeforge.training.checkpoints import Checkpoint, load_weights, read
from nodeforge.training.material import gather
from tests.drawings import drawing
from tests.training_jobs import run

READOUT = """
    x = Input(shape=[{features}])
    {hidden}
    out = Linear(out_features={outputs})
    y = Output()
    t = Target({target})
    loss = {loss}()
    x -> {chain}out -> y
    out -> loss.input
    t -> loss.target
"""
CLASSES = {"target": "", "loss": "CrossEntropyLoss"}


def readout(features: int, outputs: int, hidden: str = "", chain: str = "", **kind: str) -> str:
    """A Linear layer, behind others or alone, and a loss that sets it against classes unless told else."""
    return READOUT.format(
        features=features, outputs=outputs, hidden=hidden, chain=chain, **{**CLASSES, **kind}
    )


MAP = """
    x = Input(shape=[4])
    som = SelfOrganizingMap(rows={rows}, columns={columns})
    y = Output()
    x -> som -> y
"""
BELIEF = """
    x = Input(shape=[1, 8, 8])
    flat = Flatten()
    low = RestrictedBoltzmannMachine(hidden=20)
    high = RestrictedBoltzmannMachine(hidden=12)
    out = Linear(out_features=10)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> flat -> low -> high -> out -> y
    out -> loss.input
    t -> loss.target
"""


def taught(net: str, *stages: Stage, source: str = "iris", seed: int = 0) -> Document:
    """A drawing with a recipe; samples come in order unless a stage says else."""
    document = drawing(net)
    document.data = DataSettings(source=Component(kind=source), preparation={"validation_fraction": 0.1})
    plain = {"shuffle": False, "batch_size": 16, "epochs": 3}
    stages = tuple(replace(stage, settings={**plain, **stage.settings}) for stage in stages)
    document.recipe = Recipe(stages=stages, seed=seed)
    return document


def samples(document: Document, folder: Path) -> dict[str, Tensor]:
    """The training samples by field."""
    return gather(document, folder).dataset.split("train")


def result(document: Document, folder: Path) -> dict[str, Tensor]:
    """The tensors of the network after a training, its last weights."""
    info, _ = run(document, folder)
    assert info.status == "finished", info.message
    return last(folder, info.id)


def last(folder: Path, run_id: str) -> dict[str, Tensor]:
    """The tensors of the last checkpoint."""
    checkpoint: Checkpoint = read(folder / "runs" / run_id / "last.safetensors")
    return dict(checkpoint.group("model"))


def untrained(document: Document, folder: Path) -> dict[str, Tensor]:
    """The tensors with which a training begins."""
    torch.manual_seed(document.recipe.seed)
    return dict(build(gather(document, folder).source).state_dict())


def network(document: Document, folder: Path, tensors: dict[str, Tensor]):
    """The network with these tensors, ready to be used."""
    module = build(gather(document, folder).source)
    load_weights(module, tensors, "a test")
    return module.eval()
