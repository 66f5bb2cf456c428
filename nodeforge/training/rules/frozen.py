"""Learning nothing: a pass that only measures."""

from __future__ import annotations

import torch

from nodeforge.training.batches import Batch
from nodeforge.training.passes import run, total
from nodeforge.training.rules.base import LearningRule, StepResult


class FrozenRule(LearningRule):
    """Leaves everything as it is."""

    def step(self, batch: Batch) -> StepResult:
        with torch.no_grad():
            losses, output = run(self.context.module, batch)
            return StepResult(total(losses, self.context.stage.objectives), output)
