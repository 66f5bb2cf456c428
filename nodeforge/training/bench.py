"""What a training works with: the module on its device, threads set, samples in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from nodeforge.core.parameters import Values
from nodeforge.torch_backend import build
from nodeforge.training import device, randomness
from nodeforge.training.activations import save_work
from nodeforge.training.batches import Split, load_split
from nodeforge.training.image_order import keep_channels_last
from nodeforge.training.material import Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Module, device and samples of a training.

    Attributes:
        splits: By name; those that the data keeps no samples for are absent.
        environment: What a run notes of the machine.
    """

    module: nn.Module
    device: torch.device
    splits: dict[str, Split]
    environment: dict[str, str]

    @property
    def train(self) -> Split:
        return self.splits["train"]


def set_up(material: Material, settings: Values, seed: int) -> Bench:
    """Seed everything, build the module, move it and the samples to the device. On the training thread.

    Args:
        material: What to train.
        settings: Of the first stage: device, threads and channels_last hold for the whole run.
        seed: Seed of everything random.
    """
    place = device.choose(str(settings["device"]))
    device.make_deterministic(place)
    with randomness.turn:
        randomness.seed_all(seed)
        module = save_work(build(material.source), material.source).to(place)
    threads = device.choose_threads(cast(int | None, settings["threads"]), module)
    torch.set_num_threads(threads)
    channels_last = device.wants_channels_last(str(settings["channels_last"]), module, place)
    if channels_last:
        module = keep_channels_last(module)
    return Bench(
        module=module,
        device=place,
        splits={
            name: load_split(material.dataset, name, material.source, place, channels_last=channels_last)
            for name in material.dataset.splits
        },
        environment=device.environment(place, threads),
    )
