"""Metrics of predictions on one split, counted: quick enough for every epoch of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.evaluation.task import Task, TaskKind

if TYPE_CHECKING:
    from nodeforge.data import Dataset

Array = NDArray[Any]


def metrics(task: Task, output: Array, target: Array, dataset: Dataset | None = None) -> dict[str, float]:
    """The metrics that are followed while training.

    Classification: accuracy, and precision, recall and F1 averaged over the classes with equal weight (of a
    binary task: those of the second class). Language models: perplexity and accuracy. Regression: mse, mae, rmse,
    r2 and nrmse (RMSE divided by the standard deviation of the true values) in the target's own unit; r2 and nrmse
    of several outputs are averaged. Reconstruction: the mean squared difference from the sample, on the scale on
    which the network gets it.

    Args:
        task: What was asked.
        output: What the network gave back: scores (N, C, …), raw scores or probabilities (N, …), values (N, …).
        target: The prepared answers: class numbers (N, …), or values of the output's size.
        dataset: Undoes the scaling of values; None when they are in their own unit.
    """
    if not len(target):
        return {}
    match task.kind:
        case TaskKind.REGRESSION:
            return _regression(*in_own_unit(task, output, target, dataset))
        case TaskKind.RECONSTRUCTION:
            errors = output.reshape(len(target), -1) - target.reshape(len(target), -1)
            return {"reconstruction_error": float(np.square(errors, dtype=np.float64).mean())}
        case TaskKind.CLASSIFICATION | TaskKind.BINARY:
            if task.unit:
                return _next(task, output, target)
            confusion = confusion_matrix(task, output, target)
            return _classification(confusion, binary=task.kind is TaskKind.BINARY)
    return {}


def in_own_unit(
    task: Task, output: Array, target: Array, dataset: Dataset | None = None
) -> tuple[Array, Array]:
    """True and predicted values in the target's own unit, both (N, K), float64."""
    truth, prediction = target.reshape(len(target), -1), output.reshape(len(target), -1)
    if dataset is not None:
        truth, prediction = dataset.restore(task.field, truth), dataset.restore(task.field, prediction)
    return truth.astype(np.float64), prediction.astype(np.float64)


def predicted_classes(task: Task, output: Array) -> Array:
    """Class numbers the network decides for: (N, …) from scores (N, C, …) or single scores (N, …)."""
    if task.kind is TaskKind.CLASSIFICATION:
        return np.asarray(output.argmax(axis=1))
    return (output > task.threshold).astype(np.int64)


def probabilities(task: Task, output: Array) -> Array:
    """How probable the network takes each class, (N, C, …), or a yes, (N, …); float64."""
    output = output.astype(np.float64)
    if task.kind is TaskKind.BINARY:
        # A binary output is a raw score where its threshold is 0, else a probability already.
        return _sigmoid(output) if task.threshold == 0.0 else output
    if task.normalized:
        return output
    powers = np.exp(output - output.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def confusion_matrix(task: Task, output: Array, target: Array) -> Array:
    """How often each true class (row) was taken for each class (column), (C, C)."""
    prediction = predicted_classes(task, output).ravel()
    truth = target.ravel().astype(np.int64)
    if task.ignored is not None:
        counted = truth != task.ignored
        prediction, truth = prediction[counted], truth[counted]
    scores = output.shape[1] if task.kind is TaskKind.CLASSIFICATION else 2
    count = max(scores, len(task.classes), int(truth.max(initial=0)) + 1)
    flat = np.bincount(truth * count + prediction, minlength=count * count)
    return flat.reshape(count, count)


def _sigmoid(values: Array) -> Array:
    """1 / (1 + e⁻ˣ), without overflow."""
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0, small) / (1.0 + small)


def _next(task: Task, output: Array, target: Array) -> dict[str, float]:
    """How well the next letter or word is told; a perplexity is infinite where what came was thought impossible."""
    truth = target.astype(np.int64)
    chosen = np.take_along_axis(probabilities(task, output), truth[:, None], axis=1)[:, 0]
    right = predicted_classes(task, output) == truth
    if task.ignored is not None:
        chosen, right = chosen[truth != task.ignored], right[truth != task.ignored]
    if not chosen.size:
        return {}
    with np.errstate(divide="ignore", over="ignore"):
        return {"perplexity": float(np.exp(-np.log(chosen).mean())), "accuracy": float(right.mean())}


def _classification(confusion: Array, *, binary: bool) -> dict[str, float]:
    """As scikit-learn with zero_division=0, over the classes that occur in truth or prediction."""
    hits = np.diag(confusion).astype(np.float64)
    true_counts, predicted_counts = confusion.sum(axis=1), confusion.sum(axis=0)
    precision = hits / np.maximum(predicted_counts, 1)
    recall = hits / np.maximum(true_counts, 1)
    f1 = 2 * hits / np.maximum(true_counts + predicted_counts, 1)
    classes = slice(1, 2) if binary else (true_counts + predicted_counts) > 0
    return {
        "accuracy": float(hits.sum() / max(1, confusion.sum())),
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
