"""Trains a project, writes checkpoints at random steps, and is ended by force: `doomed.py FOLDER STEP LAST SEED`.

The blow falls within a few milliseconds after step STEP, wherever the training then is: in a step, in a measurement or while
a checkpoint is written. A training of LAST steps never comes past the last of them.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading

import nodeforge as nf
from nodeforge.training import keeper, loop, runner, telemetry
from nodeforge.training.batches import Batch
from nodeforge.training.rules import StepResult

BLOW = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows SIGTERM ends a process without asking it
WITHIN_S = 0.01


class DoomedLoop(loop.StageLoop):
    """A stage in which the blow falls."""

    moment = last = 0
    delay_s = 0.0

    def _step(self, batch: Batch) -> StepResult:
        result = super()._step(batch)
        step = self._around.position.step + 1
        if step == self.moment:
            threading.Timer(self.delay_s, os.kill, (os.getpid(), BLOW)).start()
        if step == self.last:
            threading.Event().wait()
        return result


class HaphazardKeeper(keeper.Keeper):
    """Writes after every third step or so, and after the first one."""

    chance = random.Random()

    def due(self, interval_s: float) -> bool:
        return not (self.folder / "last.safetensors").exists() or self.chance.random() < 1 / 3


def main() -> None:
    """Train until the blow falls."""
    folder, moment, last, seed = sys.argv[1:]
    chance = random.Random(seed)
    DoomedLoop.moment, DoomedLoop.last = int(moment), int(last)
    DoomedLoop.delay_s = chance.uniform(0, WITHIN_S)
    HaphazardKeeper.chance = chance
    telemetry.PERIOD_S = 0.0
    runner.StageLoop, runner.Keeper = DoomedLoop, HaphazardKeeper
    nf.open(folder).train()


if __name__ == "__main__":
    main()
