"""The samples that a network gets most wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.evaluation.measuring import in_own_unit, predicted_classes, probabilities
from nodeforge.evaluation.scoring import class_names, column_names
from nodeforge.evaluation.task import Task, TaskKind

if TYPE_CHECKING:
    from nodeforge.data import Dataset

Array = NDArray[Any]

MOST = 24
MOST_CLASSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One sample, and what was made of it.

    Attributes:
        place: In its split.
        truth, prediction: In words.
        scores: What it was taken for, the most probable first, or each value with its error.
    """

    place: int
    truth: str
    prediction: str
    scores: tuple[tuple[str, str], ...] = ()


def worst(
    task: Task, output: Array, target: Array, dataset: Dataset | None = None, count: int = MOST
) -> list[Mistake]:
    """The worst first. Wrong classes by how sure the network was, values by their error; of tasks with a label for
    every step or pixel there are none.
    """
    if not len(target) or not np.isfinite(output).all():
        return []
    match task.kind:
        case TaskKind.CLASSIFICATION | TaskKind.BINARY if target.size == len(target):
            return _classes(task, output, target, count)
        case TaskKind.REGRESSION:
            return _values(task, output, target, dataset, count)
        case TaskKind.RECONSTRUCTION:
            return _reconstructions(output, target, count)
    return []


def _classes(task: Task, output: Array, target: Array, count: int) -> list[Mistake]:
    truth = target.ravel().astype(np.int64)
    prediction = predicted_classes(task, output).ravel()
    shares = probabilities(task, output).reshape(len(truth), -1)
    if task.kind is TaskKind.BINARY:
        shares = np.concatenate([1 - shares, shares], axis=1)
    wrong = np.flatnonzero(prediction != truth)
    surest = wrong[np.argsort(-shares[wrong, prediction[wrong]], kind="stable")][:count]
    names = class_names(task, max(shares.shape[1], int(truth.max()) + 1))
    return [
        Mistake(
            place=int(place),
            truth=names[truth[place]],
            prediction=names[prediction[place]],
            scores=tuple(
                (names[number], f"{shares[place, number]:.1%}")
                for number in np.argsort(-shares[place], kind="stable")[:MOST_CLASSES]
            ),
        )
        for place in surest
    ]


def _values(task: Task, output: Array, target: Array, dataset: Dataset | None, count: int) -> list[Mistake]:
    errors = np.abs(output.reshape(len(target), -1) - target.reshape(len(target), -1)).mean(axis=1)
    truth, prediction = in_own_unit(task, output, target, dataset)
    names = column_names(task, truth.shape[1], dataset)
    return [
        Mistake(
            place=int(place),
            truth=_few(truth[place]),
            prediction=_few(prediction[place]),
            scores=tuple(
                (name, f"{right:.4g}, predicted {given:.4g} ({given - right:+.4g})")
                for name, right, given in zip(names, truth[place], prediction[place], strict=True)
            )[:MOST_CLASSES],
        )
        for place in np.argsort(-errors, kind="stable")[:count]
    ]


def _reconstructions(output: Array, target: Array, count: int) -> list[Mistake]:
    errors = np.square(output.reshape(len(target), -1) - target.reshape(len(target), -1)).mean(axis=1)
    return [
        Mistake(place=int(place), truth="sample", prediction=f"error {errors[place]:.4g}")
        for place in np.argsort(-errors, kind="stable")[:count]
    ]


def _few(values: Array) -> str:
    shown = ", ".join(f"{value:.4g}" for value in values[:3])
    return f"{shown}, …" if len(values) > 3 else shown
