"""Metrics of predictions on one split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.evaluation.task import Task, TaskKind

if TYPE_CHECKING:
    from nodeforge.data import Dataset

Array = NDArray[Any]


def metrics(task: Task, output: Array, target: Array, dataset: Dataset | None = None) -> dict[str, float]:
    """All metrics of the task.

    Classification: accuracy, and precision, recall and F1 averaged over the classes with equal weight (of a
    binary task: those of the second class). Regression: mse, mae, rmse, r2 and nrmse (RMSE divided by the
    standard deviation of the true values) in the target's own unit; r2 and nrmse of several outputs are
    averaged.

    Args:
        task: What was asked.
        output: What the network gave back: scores (N, C, …), raw scores or probabilities (N, …), values (N, …).
        target: The prepared answers: class numbers (N, …), or values of the output's size.
        dataset: Undoes the scaling of values; None when they are in their own unit.
    """
    if not len(target):
        return {}
    if task.kind is TaskKind.REGRESSION:
        truth = target.reshape(len(target), -1)
        prediction = output.reshape(len(target), -1)
        if dataset is not None:
            truth, prediction = dataset.restore(task.field, truth), dataset.restore(task.field, prediction)
        return _regression(truth.astype(np.float64), prediction.astype(np.float64))
    if task.kind is TaskKind.OTHER:
        return {}
    return _classification(confusion_matrix(task, output, target), binary=task.kind is TaskKind.BINARY)


def predicted_classes(task: Task, output: Array) -> Array:
    """Class numbers the network decides for: (N, …) from scores (N, C, …) or single scores (N, …)."""
    if task.kind is TaskKind.CLASSIFICATION:
        return np.asarray(output.argmax(axis=1))
    return (output > task.threshold).astype(np.int64)


def confusion_matrix(task: Task, output: Array, target: Array) -> Array:
    """How often each true class (row) was taken for each class (column), (C, C)."""
    prediction = predicted_classes(task, output).ravel()
    truth = target.ravel().astype(np.int64)
    scores = output.shape[1] if task.kind is TaskKind.CLASSIFICATION else 2
    count = max(scores, len(task.classes), int(truth.max(initial=0)) + 1)
    flat = np.bincount(truth * count + prediction, minlength=count * count)
    return flat.reshape(count, count)


def _classification(confusion: Array, *, binary: bool) -> dict[str, float]:
    """As scikit-learn with zero_division=0, over the classes that occur in truth or prediction."""
    hits = np.diag(confusion).astype(np.float64)
    true_counts, predicted_counts = confusion.sum(axis=1), confusion.sum(axis=0)
    precision = hits / np.maximum(predicted_counts, 1)
    recall = hits / np.maximum(true_counts, 1)
    f1 = 2 * hits / np.maximum(true_counts + predicted_counts, 1)
    classes = slice(1, 2) if binary else (true_counts + predicted_counts) > 0
    return {
        "accuracy": float(hits.sum() / confusion.sum()),
        "precision": float(precision[classes].mean()),
        "recall": float(recall[classes].mean()),
        "f1": float(f1[classes].mean()),
    }


def _regression(truth: Array, prediction: Array) -> dict[str, float]:
    """Of (N, K); where the truth never changes, r2 and nrmse compare with nothing and are left out."""
    errors = prediction - truth
    squared = (errors**2).mean(axis=0)
    found = {
        "rmse": float(
            np.sqrt(squared.mean())
        ),  # first: in the target's own unit, it is what plots and lists show
        "mae": float(np.abs(errors).mean()),
        "mse": float(squared.mean()),
    }
    variance = truth.var(axis=0)
    if (variance > 0).all():
        found["r2"] = float((1 - squared / variance).mean())
        found["nrmse"] = float(np.sqrt(squared / variance).mean())
    return found
