"""Writes what a training needs to go on, often enough and not too often, and brings it back."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from nodeforge.project.runs import RunLog
from nodeforge.training import checkpoints, randomness
from nodeforge.training.best import Best
from nodeforge.training.checkpoints import Checkpoint
from nodeforge.training.measure import Tally
from nodeforge.training.rules import LearningRule, RuleState
from nodeforge.training.telemetry import Position

EPOCH_S = 2.0
"""Least time between two checkpoints at ends of epochs."""
STEP_S = 10.0
"""The same in the middle of an epoch."""
SHARE = 30
"""Checkpoints are further apart than so many times what the last one took to write."""


class Keeper:
    """The checkpoints of one training, in the run's `folder`."""

    def __init__(self, folder: Path, log: RunLog) -> None:
        self.folder = folder
        self._log = log
        self._written = time.monotonic()
        self._cost = 0.0

    def due(self, interval_s: float) -> bool:
        """Whether the last checkpoint is old enough for another."""
        return time.monotonic() - self._written >= max(interval_s, SHARE * self._cost)

    def forget_best(self) -> None:
        """Take away the best weights of an earlier stage: this one has none yet."""
        checkpoints.path_of(self.folder, checkpoints.BEST).unlink(missing_ok=True)

    def save(
        self, position: Position, module: nn.Module, rule: LearningRule | None, tally: Tally, best: Best
    ) -> None:
        """Write all of it. The best weights first, so that `last` never knows of better ones than there are.

        Raises:
            UserError: The disk is full, or the folder cannot be written.
        """
        start = time.monotonic()
        best.write(self.folder)
        state = rule.state() if rule is not None else RuleState()
        checkpoint = Checkpoint(
            groups={
                "model": module.state_dict(),
                "rule": state.tensors,
                "random": randomness.states(),
                "tally": tally.state(),
            },
            values={
                "position": dataclasses.asdict(position),
                "rule": state.values,
                "best": best.state(),
                "log_size": self._log.flush(),
            },
        )
        checkpoints.write(checkpoints.path_of(self.folder, checkpoints.LAST), checkpoint)
        self._written = time.monotonic()
        self._cost = self._written - start


def position_of(checkpoint: Checkpoint) -> Position:
    """Where the training stood."""
    return Position(**checkpoint.values["position"])


def bring_back(
    checkpoint: Checkpoint, folder: Path, module: nn.Module, rule: LearningRule, tally: Tally
) -> Best:
    """Put module, rule, counters and generators back; the best so far is returned."""
    checkpoints.load_weights(module, checkpoint.group("model"), f"run {folder.name}")
    values: Mapping[str, Any] = checkpoint.values
    if values["rule"] or checkpoint.group("rule"):
        rule.load(RuleState(dict(checkpoint.group("rule")), values["rule"]))
    tally.load(dict(checkpoint.group("tally")), rule.context.device)
    best = Best.load(values["best"], folder)
    with randomness.turn:
        randomness.restore(dict(checkpoint.group("random")))
    return best
