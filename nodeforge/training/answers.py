"""What a trained run answers for samples from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nodeforge.core.errors import UserError
from nodeforge.engine.messages import Predicted
from nodeforge.evaluation import TaskKind, predicted_classes, probabilities
from nodeforge.training.batches import ranges
from nodeforge.training.measure import MEASURING_BATCH, chosen
from nodeforge.training.restore import TrainedRun, comparable_run

Array = NDArray[Any]


def predict_run(folder: Path, run: str, input: Path) -> Predicted:
    """A run's answers for the samples in a file, one row each.

    Of classes: the class and the probability of each. Of values: in the target's own unit.

    Raises:
        UserError: There is no such run, its data has changed since, or the file does not hold such samples.
    """
    trained = comparable_run(folder, run)
    output = _output(trained, trained.dataset.read(input))
    return Predicted(columns=_columns(trained, output), rows=_rows(trained, output))


def _output(trained: TrainedRun, fields: Mapping[str, Array]) -> Array:
    """The network's prediction for prepared samples."""
    tensors = []
    for slot in trained.source.inputs:
        facts = trained.dataset.facts.field(slot.field, "input")
        if facts is None or facts.name not in fields:
            raise UserError(f"The file gives no values for {slot.node}.")
        tensors.append(torch.tensor(fields[facts.name], dtype=getattr(torch, slot.spec.dtype)))
    with torch.inference_mode():
        parts = [
            chosen(trained.module(*(t[start:stop] for t in tensors)), trained.question)
            for start, stop in ranges(len(tensors[0]), MEASURING_BATCH)
        ]
    return torch.cat(parts).float().numpy()


def _class_names(trained: TrainedRun, output: Array) -> list[str]:
    task = trained.question.task
    count = 2 if task.kind is TaskKind.BINARY else output.shape[1]
    return list(task.classes) if len(task.classes) == count else [str(i) for i in range(count)]


def _probabilities(trained: TrainedRun, output: Array) -> Array:
    """By sample and class, (N, C)."""
    shares = probabilities(trained.question.task, output)
    if trained.question.task.kind is TaskKind.CLASSIFICATION:
        return shares
    yes = shares.reshape(len(output), 1)
    return np.concatenate([1 - yes, yes], axis=1)


def _is_classes(trained: TrainedRun, output: Array) -> bool:
    kind = trained.question.task.kind
    return (kind is TaskKind.CLASSIFICATION and output.ndim == 2) or (
        kind is TaskKind.BINARY and output.size == len(output)
    )


def _columns(trained: TrainedRun, output: Array) -> list[str]:
    field = trained.question.task.field
    named = trained.dataset.columns_of(field)
    if _is_classes(trained, output):
        return [*(named or ["class"]), *(f"P({name})" for name in _class_names(trained, output))]
    width = output[0].size if len(output) else 1
    if len(named) == width:
        return list(named)
    name = field or "output"
    return [name] if width == 1 else [f"{name}_{i}" for i in range(1, width + 1)]


def _rows(trained: TrainedRun, output: Array) -> list[list[str]]:
    if _is_classes(trained, output):
        names = _class_names(trained, output)
        classes = predicted_classes(trained.question.task, output).ravel()
        shares = _probabilities(trained, output)
        return [
            [names[number], *(f"{share:.4f}" for share in row)]
            for number, row in zip(classes, shares, strict=True)
        ]
    values = output.reshape(len(output), -1)
    if trained.question.task.kind is TaskKind.REGRESSION:
        values = trained.dataset.restore(trained.question.task.field, values)
    return [[f"{value:.6g}" for value in row] for row in values]
