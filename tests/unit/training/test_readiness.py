"""What a first training loads, and what it must not."""

from __future__ import annotations

import subprocess
import sys

import torch

from nodeforge.training.readiness import get_ready

SCRIPT = """
import sys
from pathlib import Path
from nodeforge.catalog import optimizers, schedules
from nodeforge.core.document import Component
from nodeforge.training.readiness import get_ready
from tests.training_jobs import iris, run

*_, = get_ready()
# torch's own Muon loads torch._dynamo, whoever asks for it.
pairs = [(name, "constant") for name in optimizers() if name != "Muon"] + [("Adam", name) for name in schedules()]
for optimizer, schedule in pairs:
    clip = None if optimizer == "LBFGS" else 1.0  # it looks along a line, where clipping makes no sense
    parts = {"optimizer": Component(kind=optimizer), "schedule": Component(kind=schedule)}
    run(iris(epochs=2, gradient_clip_norm=clip, **parts), Path(sys.argv[1]))
print(*{"torch._dynamo", "sympy", "sklearn", "torchmetrics", "onnx"} & sys.modules.keys())
"""


def test_no_training_imports_what_takes_longer_than_torch(tmp_path):
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    seen = subprocess.run(command, capture_output=True, text=True, check=True)
    assert seen.stdout.split() == []


def test_getting_ready_leaves_the_random_numbers_alone():
    before = torch.get_rng_state()
    for _ in get_ready():
        pass
    assert torch.equal(torch.get_rng_state(), before)
