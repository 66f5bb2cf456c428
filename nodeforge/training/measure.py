"""Losses and metrics of a network over a whole split."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nodeforge.data import Dataset
from nodeforge.evaluation import TaskKind, confusion_matrix, metrics
from nodeforge.training.batches import Split, ranges
from nodeforge.training.material import Question
from nodeforge.training.rules.base import StepResult
from nodeforge.training.rules.gradient import total

MAX_KEPT = 1 << 22
"""Numbers of predictions kept of one pass; of larger passes the first samples are measured by more than loss."""
MAX_BATCH_NUMBERS = 1 << 22
MEASURING_BATCH = 256
"""Least batch size where the stage does not say."""
MAX_POINTS = 2_000

Array = NDArray[Any]
Output = Tensor | tuple[Tensor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The outcome of a pass over a split.

    Attributes:
        metrics: "loss" and those of the task; of several objectives also "loss/<node>".
        output, target: Predictions and answers, as many as were kept.
    """

    metrics: dict[str, float]
    output: Array | None = None
    target: Array | None = None


@dataclass(slots=True)
class Tally:
    """What the batches of an epoch gave so far. Everything stays on the device until it is asked for."""

    question: Question
    losses: list[Tensor] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    kept: int = 0

    def add(self, result: StepResult, count: int) -> None:
        self.losses.append(result.loss)
        self.counts.append(count)
        if self.question.target < 0 or result.output is None:
            return
        output = chosen(result.output, self.question)
        self.kept += output.numel()
        if self.kept <= MAX_KEPT:
            self.outputs.append(output)

    def drop(self, batches: int) -> None:
        """Forget the last batches."""
        if batches:
            del self.losses[-batches:], self.counts[-batches:]
            if self.outputs:
                self.outputs = [torch.cat(self.outputs)[: sum(self.counts)]]

    def state(self) -> dict[str, Tensor]:
        """For a checkpoint in the middle of an epoch."""
        if not self.losses:
            return {}
        found = {"losses": torch.stack(self.losses), "counts": torch.tensor(self.counts)}
        return found | ({"outputs": torch.cat(self.outputs)} if self.outputs else {})

    def load(self, state: dict[str, Tensor], device: torch.device) -> None:
        if state:
            self.losses = list(state["losses"].to(device))
            self.counts = state["counts"].tolist()
        if "outputs" in state:
            self.outputs = [state["outputs"].to(device)]
            self.kept = state["outputs"].numel()

    def measure(self, targets: Tensor | None, dataset: Dataset) -> dict[str, float]:
        """Metrics of the epoch; `targets` in the order in which the samples came."""
        losses, counts = _array(torch.stack(self.losses)), np.asarray(self.counts, np.float64)
        found = {"loss": float(losses @ counts / counts.sum())}
        if targets is None or not self.outputs:
            return found
        output = _array(torch.cat(self.outputs))
        return found | metrics(self.question.task, output, _array(targets[: len(output)]), dataset)


def chosen(output: Output, question: Question) -> Tensor:
    """The output that the question is about."""
    return output if isinstance(output, Tensor) else output[question.output]


def pass_size(split: Split, batch_size: int) -> int:
    """How many samples to compute at a time where nothing is learned: `batch_size`, or more where they are small."""
    sample = sum(t[:1].numel() for t in split.inputs)
    return max(batch_size, min(1024, MAX_BATCH_NUMBERS // max(sample, 1)))


def measure(
    module: nn.Module, split: Split, question: Question, dataset: Dataset, *, batch_size: int
) -> Measured:
    """Losses and metrics with the network as it is used: no dropout, running statistics."""
    was_training = module.training
    module.eval()
    sums: dict[str, Tensor] = {}
    tally = Tally(question)
    try:
        with torch.inference_mode():
            for batch in split.batches(ranges(len(split), pass_size(split, batch_size))):
                losses, output = module.objectives(*batch.inputs, *batch.targets)  # type: ignore[operator]
                count = len((*batch.inputs, *batch.targets)[0])
                tally.add(StepResult(total(losses), output), count)
                for name, loss in losses.items():
                    sums[name] = sums.get(name, 0.0) + loss.double() * count
    finally:
        module.train(was_training)
    targets = split.targets[question.target] if question.target >= 0 else None
    found = tally.measure(targets, dataset)
    if len(sums) > 1:
        found |= {f"loss/{name}": float(value) / len(split) for name, value in sums.items()}
    if targets is None or not tally.outputs:
        return Measured(metrics=found)
    output = _array(torch.cat(tally.outputs))
    return Measured(metrics=found, output=output, target=_array(targets[: len(output)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a plot of predictions shows: a confusion matrix, or truth against prediction in the target's unit."""

    classes: list[str] = field(default_factory=list)
    confusion: list[list[int]] = field(default_factory=list)
    truth: list[float] = field(default_factory=list)
    prediction: list[float] = field(default_factory=list)


def picture(measured: Measured, question: Question, dataset: Dataset) -> Picture:
    """The picture of a pass; empty when the question has none."""
    task, output, target = question.task, measured.output, measured.target
    if output is None or target is None:
        return Picture()
    if task.kind in (TaskKind.CLASSIFICATION, TaskKind.BINARY):
        counts = confusion_matrix(task, output, target)
        names = list(task.classes) or [str(i) for i in range(len(counts))]
        return Picture(classes=names, confusion=counts.tolist())
    if task.kind is TaskKind.REGRESSION:
        truth = dataset.restore(task.field, target.reshape(len(target), -1))
        prediction = dataset.restore(task.field, output.reshape(len(target), -1))
        places = np.linspace(0, truth.size - 1, min(truth.size, MAX_POINTS)).astype(np.int64)
        return Picture(truth=truth.ravel()[places].tolist(), prediction=prediction.ravel()[places].tolist())
    return Picture()


def _array(tensor: Tensor) -> Array:
    return (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()
