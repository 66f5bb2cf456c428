"""The best weights so far, and when to give up waiting for better ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from torch import Tensor, nn

from nodeforge.core.parameters import Values
from nodeforge.evaluation import Task
from nodeforge.training import checkpoints


@dataclass(slots=True)
class Best:
    """Follows the monitored value of one stage.

    Attributes:
        value: The best so far; smaller is better.
        epoch, step: When that was.
        stale: Checks since then.
        weights: A copy of the module's tensors of then; empty before the first check.
        written: Whether the file holds these weights.
    """

    value: float = math.inf
    epoch: int = 0
    step: int = 0
    stale: int = 0
    weights: Mapping[str, Tensor] = field(default_factory=dict)
    written: bool = True

    def look(self, value: float, module: nn.Module, settings: Values, *, epoch: int, step: int) -> bool:
        """Take in a check; whether it is the best so far."""
        if not value < self.value - cast(float, settings["early_stopping_min_delta"]):
            self.stale += 1
            return False
        self.value, self.epoch, self.step, self.stale = value, epoch, step, 0
        self.weights = checkpoints.snapshot(module)
        self.written = False
        return True

    def exhausted(self, settings: Values) -> bool:
        """Whether early stopping has waited long enough."""
        patience = cast(int | None, settings["early_stopping_patience"])
        return patience is not None and self.stale >= patience

    def write(self, folder: Path) -> None:
        """Put the weights into the run's folder, if they are not there yet."""
        if self.weights and not self.written:
            checkpoint = checkpoints.Checkpoint(groups={"model": self.weights}, values=self.state())
            checkpoints.write(checkpoints.path_of(folder, checkpoints.BEST), checkpoint)
            self.written = True

    def state(self) -> dict[str, Any]:
        """Plain values; the weights have a file of their own."""
        value = self.value if math.isfinite(self.value) else None
        return {"value": value, "epoch": self.epoch, "step": self.step, "stale": self.stale}

    @classmethod
    def load(cls, state: Mapping[str, Any], folder: Path) -> Best:
        """As it was at a checkpoint."""
        if state["value"] is None:
            return cls(stale=state["stale"])
        weights = checkpoints.read(checkpoints.path_of(folder, checkpoints.BEST)).group("model")
        return cls(**state, weights=weights)


def monitored(metrics: Mapping[str, float], settings: Values, task: Task) -> float:
    """The value that decides what is better, turned so that smaller is better."""
    if settings["early_stopping_monitor"] == "metric" and task.metric in metrics:
        value = metrics[task.metric]
        return -value if task.higher_is_better else value
    return metrics["loss"]
