"""Reads a written folder back as a stranger would, and compares what it computes with the network in memory."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import torch
from safetensors.torch import load_model
from torch import Tensor, nn

from nodeforge.core.errors import UserError
from nodeforge.training import TrainedRun, randomness
from nodeforge.training.batches import load_split

CHECKED_BATCHES = (1, 2, 5)
TOLERANCE = 1e-4
"""Largest difference accepted, absolute or relative to the largest number that the network gives."""


def prove(trained: TrainedRun, folder: Path, *, weights: Path | None) -> float:
    """The largest difference between the written network and the one in memory, over losses and outputs.

    Args:
        trained: The network in memory.
        folder: The written code.
        weights: The written weights; None compares the random weights that the recipe's seed gives.

    Raises:
        UserError: The samples, the weights or what is computed differ.
    """
    compile((folder / "train.py").read_text(encoding="utf-8"), "train.py", "exec")
    with _imported(folder, "model") as model, _imported(folder, "samples") as samples:
        held_out = _same_samples(trained, samples)
        with randomness.undisturbed():
            randomness.seed_all(trained.document.recipe.seed)
            network: nn.Module = getattr(model, trained.source.class_name)()
        if weights is not None:
            load_model(network, str(weights))
        network.eval()
        return max(_difference(trained, network, held_out, count) for count in CHECKED_BATCHES)


@contextmanager
def _imported(folder: Path, name: str) -> Iterator[ModuleType]:
    """A module of the folder under a name of its own, and without leaving compiled files behind."""
    spec = importlib.util.spec_from_file_location(f"nodeforge.exported.{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.dont_write_bytecode = before


def _same_samples(trained: TrainedRun, samples: ModuleType) -> list[Tensor]:
    """The written samples of the split that the network learned least from.

    Raises:
        UserError: Some of any split are not the app's, bit for bit.
    """
    found: list[Tensor] = []
    for split in trained.dataset.splits:
        ours = load_split(trained.dataset, split, trained.source, torch.device("cpu"), channels_last=False)
        found = samples.load_split(split)
        if not all(map(torch.equal, found, (*ours.inputs, *ours.targets))):
            raise UserError(f"The exported {split} samples differ from the project's: no code was written.")
    return found


def _difference(trained: TrainedRun, network: nn.Module, samples: list[Tensor], count: int) -> float:
    places = torch.arange(count) % len(samples[0])
    batch = [tensor[places] for tensor in samples]
    ours, theirs = (
        _computed(module, batch, trained.document.recipe.seed) for module in (trained.module, network)
    )
    largest = 0.0
    for name, expected in ours.items():
        difference = float((expected - theirs[name]).abs().max())
        if not difference <= TOLERANCE * max(1.0, float(expected.abs().max())):
            raise UserError(
                f"The exported network differs from the project's by {difference:.2g} at {name} for a batch of {count}, "
                f"more than {TOLERANCE:g}: no code was written."
            )
        largest = max(largest, difference)
    return largest


def _computed(module: nn.Module, batch: list[Tensor], seed: int) -> dict[str, Tensor]:
    """Losses and outputs by name; the same random numbers for everybody, where a network draws some."""
    with randomness.undisturbed(), torch.inference_mode():
        randomness.seed_all(seed)
        losses, output = module.objectives(*batch)  # type: ignore[operator]
    outputs = output if isinstance(output, tuple) else () if output is None else (output,)
    found = {**losses, **{f"output {place}": tensor for place, tensor in enumerate(outputs, 1)}}
    return {name: tensor.double() for name, tensor in found.items()}
