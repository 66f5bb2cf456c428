"""From numbers per step to events at most thirty times a second."""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nodeforge.engine.messages import Event, Progress, StepSamples
from nodeforge.project.runs import RunLog
from nodeforge.training.rules.base import StepResult

PERIOD_S = 1 / 30
_SPEED_WINDOW_S = 1.0

Emit = Callable[[Event], object]


@dataclass(slots=True, kw_only=True)
class Position:
    """Where a training stands; a checkpoint holds it.

    Attributes:
        stage: Index of the stage; stages that take turns count as one.
        epoch: Epochs finished in the stage.
        batch: Batches finished in the epoch.
        step: Steps since the beginning.
        epochs: Epochs finished since the beginning.
        seconds: Time trained, pauses left out.
        samples: Samples seen since the beginning.
    """

    stage: int = 0
    epoch: int = 0
    batch: int = 0
    step: int = 0
    epochs: int = 0
    seconds: float = 0.0
    samples: int = 0


class Telemetry:
    """Collects what steps tell and passes it on in bundles. Belongs to the training thread.

    Losses stay tensors until a bundle is made, so that no step waits for the device.
    """

    def __init__(
        self, run: str, emit: Emit, log: RunLog, position: Position, total_steps: int, stages: int = 1
    ) -> None:
        self._run = run
        self._emit = emit
        self._log = log
        self._position = position
        self._total_steps = total_steps
        self._stages = stages
        self._losses: list[Tensor] = []
        self._norms: list[Tensor] = []
        self._parts: dict[str, list[Tensor]] = {}
        self._rates: list[float] = []
        self._clock = time.perf_counter()
        self._due = self._clock + PERIOD_S
        self._window: list[tuple[float, int]] = [(position.seconds, position.samples)]

    def add(self, result: StepResult, learning_rate: float) -> bool:
        """Take in a step; whether a bundle is due."""
        self._losses.append(result.loss)
        if result.gradient_norm is not None:
            self._norms.append(result.gradient_norm)
        for name, value in result.parts.items():
            self._parts.setdefault(name, []).append(value)
        self._rates.append(learning_rate)
        return time.perf_counter() >= self._due

    def drop(self, steps: int) -> None:
        """Forget the last steps, which did not count."""
        if steps:
            del self._losses[-steps:], self._rates[-steps:]
            for values in (self._norms, *self._parts.values()):
                del values[len(self._losses) :]

    def start_clock(self) -> None:
        """Time counts from here; `stop_clock` ends it (a pause)."""
        self._clock = time.perf_counter()

    def stop_clock(self) -> None:
        """Add the time since the last look to the position."""
        now = time.perf_counter()
        self._position.seconds += now - self._clock
        self._clock = now

    @property
    def samples_per_second(self) -> float:
        """Over the last second or so."""
        (then, before), (now, seen) = self._window[0], self._window[-1]
        return (seen - before) / (now - then) if now > then else 0.0

    def flush(self, *, stage: str, epoch: int, epochs: int, batches: int) -> None:
        """Send and log what was collected, and where the training stands."""
        self.stop_clock()
        position = self._position
        self._window.append((position.seconds, position.samples))
        while len(self._window) > 2 and self._window[1][0] < position.seconds - _SPEED_WINDOW_S:
            del self._window[0]
        self.send_samples()
        self._emit(
            Progress(
                run=self._run,
                stage=stage,
                epoch=epoch,
                epochs=epochs,
                batch=position.batch,
                batches=batches,
                step=position.step,
                seconds=position.seconds,
                seconds_left=self._seconds_left(),
                samples_per_second=self.samples_per_second,
                stage_number=position.stage + 1,
                stages=self._stages,
            )
        )
        self._due = time.perf_counter() + PERIOD_S

    def send_samples(self) -> None:
        """Send and log what steps told since the last bundle."""
        if not self._losses:
            return
        last = self._position.step
        steps = array("i", range(last - len(self._losses) + 1, last + 1))
        columns = {"loss": _packed(self._losses), "learning_rate": _little(array("f", self._rates))}
        if len(self._norms) == len(self._losses):
            columns["gradient_norm"] = _packed(self._norms)
        columns |= {name: _packed(values) for name, values in self._parts.items()}
        packed = _little(steps)
        self._emit(StepSamples(run=self._run, steps=packed, columns=columns))
        self._log.add_steps({"step": packed, **columns})
        self._losses.clear()
        self._norms.clear()
        self._parts.clear()
        self._rates.clear()

    def _seconds_left(self) -> float:
        position = self._position
        if not position.step:
            return -1.0
        return (self._total_steps - position.step) * position.seconds / position.step


def _packed(values: list[Tensor]) -> bytes:
    """Scalars on the device as float32, little-endian, in one transfer."""
    return torch.stack(values).float().cpu().numpy().astype(np.dtype("<f4"), copy=False).tobytes()


def _little(values: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()
