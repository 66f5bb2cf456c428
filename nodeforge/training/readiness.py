"""What lets the first training start at once, though it is loaded late."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from nodeforge.catalog import kinds
from nodeforge.core.document import Component
from nodeforge.data import sources
from nodeforge.training.device import choose
from nodeforge.training.optimizers import build_optimizer
from nodeforge.training.randomness import undisturbed


def get_ready() -> Iterator[None]:
    """Load what the first training needs, in steps of a tenth of a second or so, for moments without other work."""
    kinds()
    yield
    sources()
    yield
    with undisturbed():
        _take_a_step(choose("auto"))


def _take_a_step(device: torch.device) -> None:
    layers = nn.Sequential(nn.Conv2d(1, 1, 2), nn.Flatten(), nn.Linear(1, 1)).to(device)
    optimizer = build_optimizer(Component(kind="Adam"), list(layers.parameters()), device)
    layers(torch.zeros(1, 1, 2, 2, device=device)).sum().backward()
    optimizer.step()
