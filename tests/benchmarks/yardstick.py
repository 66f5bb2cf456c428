"""How slow this machine is at the moment, beside the one on which the hand-written scripts were timed."""

from __future__ import annotations

import torch
from torch import nn

from tests.benchmarks.turns import cpu_seconds

STEPS = 300
SCRIPT_SECONDS = 1.6 / 2_700
"""Of processor time, for a step of the script's multilayer perceptron: 60 epochs of 45 batches took 1.6 seconds."""


def slowness() -> float:
    """How many times as long as there the same steps take here: 1 on an idle machine of that kind, more on a busy one."""
    net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    features, target = torch.rand(32, 64), torch.randint(10, (32,))

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(features), target).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    step()  # what is loaded once is nobody's time
    return cpu_seconds(step, STEPS) / SCRIPT_SECONDS
