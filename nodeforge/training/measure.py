"""Losses and metrics of a network over a whole split."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nodeforge.data import Dataset
from nodeforge.evaluation import TaskKind, confusion_matrix, metrics
from nodeforge.evaluation.maps import map_metrics
from nodeforge.training.batches import Split, ranges
from nodeforge.training.passes import run, total
from nodeforge.training.questions import Question
from nodeforge.training.rules.base import StepResult

MAX_KEPT = 1 << 22
"""Numbers of predictions kept of one pass; of larger passes the first samples are measured by more than loss."""
MAX_EVALUATED = 1 << 23
"""The same where a run is evaluated, once."""
MAX_BATCH_NUMBERS = 1 << 22
MEASURING_BATCH = 256
"""Least batch size where the stage does not say."""
MAX_POINTS = 2_000
MAX_CLASSES = 100
"""With more classes than this there is no confusion matrix to look at."""

Array = NDArray[Any]
Output = Tensor | tuple[Tensor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The outcome of a pass over a split.

    Attributes:
        metrics: "loss" and those of the task; of several objectives also "loss/<node>".
        output, target: Predictions and answers, as many as were kept; of a map, the distances from its prototypes.
    """

    metrics: dict[str, float]
    output: Array | None = None
    target: Array | None = None


@dataclass(slots=True)
class Tally:
    """What the batches of an epoch gave so far. Everything stays on the device until it is asked for.

    Attributes:
        most: Numbers of predictions to keep.
        steady: Whether the network stays as it is meanwhile; else the first samples say nothing of the later ones.
    """

    question: Question
    most: int = MAX_KEPT
    steady: bool = False
    losses: list[Tensor] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    kept: int = 0

    def add(self, result: StepResult, count: int) -> None:
        self.losses.append(result.loss)
        self.counts.append(count)
        if self.question.target < 0 or result.output is None:
            return
        self.keep(chosen(result.output, self.question))

    def keep(self, output: Tensor) -> bool:
        """Keep a prediction if there is room; whether there was."""
        self.kept += output.numel()
        if self.kept <= self.most:
            self.outputs.append(output)
        return self.kept <= self.most

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
        if not self.steady and len(output) < counts.sum():
            return found
        return found | metrics(self.question.task, output, _array(targets[: len(output)]), dataset)


def chosen(output: Output, question: Question) -> Tensor:
    """The output that the question is about."""
    prediction = output if isinstance(output, Tensor) else output[question.output]
    return prediction.movedim(-1, 1) if question.classes_last else prediction


def pass_size(split: Split, batch_size: int) -> int:
    """How many samples to compute at a time where nothing is learned: `batch_size`, or more where they are small."""
    sample = sum(t[:1].numel() for t in split.inputs)
    return max(batch_size, min(1024, MAX_BATCH_NUMBERS // max(sample, 1)))


def measure(
    module: nn.Module,
    split: Split,
    question: Question,
    dataset: Dataset,
    *,
    batch_size: int,
    objectives: Collection[str] = (),
    most: int = MAX_KEPT,
    places: Tensor | None = None,
) -> Measured:
    """Losses and metrics with the network as it is used: no dropout, running statistics.

    Args:
        module, split, question, dataset: What is measured where, by what.
        batch_size: Samples at a time, at least.
        objectives: Those that the loss adds up; empty for all.
        most: Numbers of predictions to keep.
        places: Of the samples to measure; None for all.
    """
    count = len(split) if places is None else len(places)
    was_training = module.training
    module.eval()
    tally, sums, originals = Tally(question, most, steady=True), _Sums(question), list[Tensor]()
    try:
        with torch.inference_mode(), _watched(module, question, tally):
            for batch in split.batches(ranges(count, pass_size(split, batch_size)), places):
                losses, output = run(module, batch)
                size = len((*batch.inputs, *batch.targets)[0])
                if losses:
                    tally.add(StepResult(total(losses, objectives), output), size)
                    sums.add(losses, size)
                if question.compares_inputs and output is not None and tally.keep(chosen(output, question)):
                    originals.append(batch.inputs[question.original])
    finally:
        module.train(was_training)
    return _measured(tally, sums, _answers(split, question, originals, places), dataset, count)


def _answers(
    split: Split, question: Question, originals: list[Tensor], places: Tensor | None
) -> Tensor | None:
    """What the predictions are compared with."""
    if question.target >= 0:
        targets = split.targets[question.target]
        return targets if places is None else targets[places.to(targets.device)]
    return torch.cat(originals) if originals else None


def _measured(tally: Tally, sums: _Sums, targets: Tensor | None, dataset: Dataset, count: int) -> Measured:
    found = sums.bound(count) | (tally.measure(targets, dataset) if tally.losses else {})
    if len(sums.losses) > 1:
        found |= {f"loss/{name}": float(value) / count for name, value in sums.losses.items()}
    if not tally.outputs:
        return Measured(metrics=found)
    output = _array(torch.cat(tally.outputs))
    if tally.question.map:
        found |= map_metrics(output, toroidal=tally.question.toroidal)
    if targets is None:
        return Measured(metrics=found, output=output)
    return Measured(metrics=found, output=output, target=_array(targets[: len(output)]))


@dataclass(slots=True)
class _Sums:
    """Losses of each objective, and the terms of −ELBO, added up over the samples of a pass."""

    question: Question
    losses: dict[str, Tensor] = field(default_factory=dict)
    terms: list[Tensor] = field(default_factory=list)

    def add(self, losses: dict[str, Tensor], count: int) -> None:
        for name, loss in losses.items():
            self.losses[name] = self.losses.get(name, 0.0) + loss.double() * count
        for part in self.question.bound:
            loss = losses[part.objective].double() * part.factor
            self.terms.append(loss if part.summed else loss * count)

    def bound(self, count: int) -> dict[str, float]:
        """−ELBO of a sample, where the objectives add up to it."""
        return {"negative_elbo": float(torch.stack(self.terms).sum()) / count} if self.terms else {}


@contextmanager
def _watched(module: nn.Module, question: Question, tally: Tally) -> Iterator[None]:
    """Keep what a self-organizing map tells of each sample, whatever the network gives out."""
    if not question.map:
        yield
        return
    layer = module.get_submodule(question.map)
    handle = layer.register_forward_hook(lambda _layer, _inputs, outputs: _keep(tally, outputs[2]))
    try:
        yield
    finally:
        handle.remove()


def _keep(tally: Tally, output: Tensor) -> None:
    tally.keep(output)


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
        if task.unit or (task.kind is TaskKind.CLASSIFICATION and output.shape[1] > MAX_CLASSES):
            return Picture()
        counts = confusion_matrix(task, output, target)
        names = list(task.classes) or [str(i) for i in range(len(counts))]
        return Picture(classes=names, confusion=counts.tolist())
    if task.kind is TaskKind.REGRESSION:
        truth = dataset.restore(task.field, target.reshape(len(target), -1))
        prediction = dataset.restore(task.field, output.reshape(len(target), -1))
        places = points(truth.size)
        return Picture(truth=truth.ravel()[places].tolist(), prediction=prediction.ravel()[places].tolist())
    return Picture()


def points(size: int) -> Array:
    """The places of so many values that are drawn: all, or evenly spaced ones."""
    return np.linspace(0, size - 1, min(size, MAX_POINTS)).astype(np.int64)


def _array(tensor: Tensor) -> Array:
    return (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()
