"""What is known of a run for its plots: curves by name, and the last comparison with the truth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from nodeforge.engine.messages import EpochEnded, Event, Progress, RunFinished, StepSamples, TrainingState
from nodeforge.ui.plots.series import Series

TRAIN, VALIDATION = "train", "validation"
LEARNING_RATE, SPEED = "learning_rate", "samples_per_second"


@dataclass(slots=True)
class RunCurves:
    """The curves of one run, fed by its events.

    Attributes:
        run: The run's id.
        name: What people call it.
        series: By (quantity, split); x is the step. The split is "" where there is none (learning rate).
            A training quantity that is measured per step is not kept per epoch too.
        classes, confusion: Of the last validated epoch of a classifier.
        truth, prediction: Of the last validated epoch of a regression.
        epoch: The last epoch that ended.
        per_step: Quantities that are measured per step.
        stages: The stages that were seen, in order, each with the last step before it.
        step: The last step that was told of with its stage.
    """

    run: str
    name: str = ""
    series: dict[tuple[str, str], Series] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    confusion: list[list[int]] = field(default_factory=list)
    truth: list[float] = field(default_factory=list)
    prediction: list[float] = field(default_factory=list)
    epoch: int = 0
    per_step: set[str] = field(default_factory=set)
    stages: list[tuple[str, int]] = field(default_factory=list)
    step: int = 0

    def feed(self, event: Event) -> None:
        """Take in an event of this run."""
        if isinstance(event, (Progress, EpochEnded)):
            self._follow_stage(event.stage, event.step)
        match event:
            case StepSamples():
                steps = np.frombuffer(event.steps, "<i4")
                for name, packed in event.columns.items():
                    split = "" if name == LEARNING_RATE else TRAIN
                    self.per_step.add(name)
                    self.add(name, split, steps, np.frombuffer(packed, "<f4"))
            case Progress() if event.samples_per_second > 0:
                self.push(SPEED, "", event.step, event.samples_per_second)
            case EpochEnded():
                self._end_epoch(event)

    def add(self, name: str, split: str, x: Iterable[float], y: Iterable[float]) -> None:
        """Add samples to a curve, which is made when it is new."""
        self._series(name, split).append(np.asarray(x), np.asarray(y))

    def push(self, name: str, split: str, x: float, y: float) -> None:
        """Add one sample to a curve, which is made when it is new."""
        self._series(name, split).push(x, y)

    def _series(self, name: str, split: str) -> Series:
        found = self.series.get((name, split))
        if found is None:
            found = self.series[name, split] = Series()
        return found

    def metrics(self) -> list[str]:
        """Names of the quantities measured per epoch other than the loss, in the order they came."""
        names = (
            name for name, split in self.series if split and name != "loss" and name not in self.per_step
        )
        return list(dict.fromkeys(names))

    def _follow_stage(self, stage: str, step: int) -> None:
        if not self.stages or self.stages[-1][0] != stage:
            self.stages.append((stage, self.step))
        self.step = step

    def _end_epoch(self, event: EpochEnded) -> None:
        for split, metrics in event.metrics.items():
            for name, value in metrics.items():
                if split != TRAIN or name not in self.per_step:
                    self.push(name, split, event.step, value)
        if LEARNING_RATE not in self.per_step:
            self.push(LEARNING_RATE, "", event.step, event.learning_rate)
        self.epoch = event.epoch
        if event.confusion:
            self.classes, self.confusion = list(event.classes), [list(row) for row in event.confusion]
        if event.truth:
            self.truth, self.prediction = list(event.truth), list(event.prediction)


def run_of(event: Event) -> str:
    """The run an event speaks of, or ""."""
    match event:
        case StepSamples() | Progress() | EpochEnded() | TrainingState() | RunFinished():
            return event.run
    return ""
