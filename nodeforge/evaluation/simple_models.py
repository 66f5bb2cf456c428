"""What simple methods reach on the same split: a network that does no better is not worth its weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.evaluation.measuring import metrics
from nodeforge.evaluation.task import Task, TaskKind

if TYPE_CHECKING:
    from nodeforge.data import Dataset
    from nodeforge.data.tokens import Vocabulary

Array = NDArray[Any]
Predictor = Callable[[str], Array]
"""From the name of a split to predictions like a network's."""

MAX_WORK = 50_000_000
"""Samples × features × outputs a linear model is fitted to: a few seconds. Of more samples, evenly spaced ones."""
MIN_SAMPLES = 200
"""With fewer of the samples a linear model would be no fair baseline, so there is none."""
MAX_FEATURES = 4_000
LOGISTIC_ITERATIONS = 100


def baselines(dataset: Dataset, task: Task, split: str = "test") -> dict[str, dict[str, float]]:
    """Metrics of simple methods by name, fitted on the training split and measured like a network.

    Classification: the most frequent class, a linear model (logistic regression). Regression: the mean, a
    linear model (ridge). Series: the last value seen, the mean of the season, a linear model of the window.

    Args:
        dataset: The data.
        task: What is asked of it.
        split: Where to measure.
    """
    predictors: dict[str, Predictor] = {}
    if task.kind is TaskKind.REGRESSION:
        predictors = _values(dataset, task)
    elif task.kind in (TaskKind.CLASSIFICATION, TaskKind.BINARY):
        predictors = _classes(dataset, task)
    target = dataset.split(split)
    return {
        name: metrics(task, predict(split), target[task.field], dataset)
        for name, predict in predictors.items()
    }


def _inputs(dataset: Dataset, split: str) -> Array:
    """All inputs of every sample in one row, (N, F); of texts, how often each word occurs. Those that are read from
    disk are left out: a linear model sees all samples at once.
    """
    fields = dataset.split(split)
    parts = [
        _word_counts(fields[field.name], vocabulary)
        if (vocabulary := dataset.vocabulary(field.name))
        else fields[field.name].reshape(len(fields[field.name]), -1)
        for field in dataset.facts.fields
        if field.role == "input" and field.name in fields
    ]
    return np.concatenate(parts, axis=1) if parts else np.empty((dataset.facts.sizes[split], 0))


def _word_counts(numbers: Array, vocabulary: Vocabulary) -> Array:
    """How often each number but that of padding stands in each text, (N, V)."""
    count, width = len(numbers), len(vocabulary.words)
    places = (np.arange(count)[:, None] * width + numbers).ravel()
    counts = np.bincount(places, minlength=count * width).reshape(count, width).astype(np.float32)
    return counts[:, 1:] if vocabulary.tokens.padded else counts


def _fitted_rows(samples: int, features: int, outputs: int) -> Array:
    """The samples a linear model is fitted to; none when it would take too long."""
    count = min(samples, MAX_WORK // max(1, features * outputs))
    if not features or features > MAX_FEATURES or count < min(samples, MIN_SAMPLES):
        count = 0
    return np.linspace(0, samples - 1, count).astype(np.int64)


def _classes(dataset: Dataset, task: Task) -> dict[str, Predictor]:
    labels = dataset.split("train")[task.field]
    if labels.size != len(labels):
        return {}  # a label for every pixel or step
    labels = labels.reshape(-1).astype(np.int64)
    binary = task.kind is TaskKind.BINARY
    count = max(len(task.classes), int(labels.max()) + 1)
    majority = np.bincount(labels).argmax()

    def scores(chosen: Array) -> Array:
        """The class numbers as a sure network's output."""
        return chosen - 0.5 + task.threshold if binary else np.eye(count)[chosen]

    found: dict[str, Predictor] = {
        "majority class": lambda split: scores(np.full(len(dataset.split(split)[task.field]), majority))
    }
    inputs = _inputs(dataset, "train")
    rows = _fitted_rows(len(inputs), inputs.shape[1], count)
    if len(np.unique(labels[rows])) > 1:
        model = _logistic(inputs[rows], labels[rows])
        found["linear model"] = lambda split: scores(model.predict(_inputs(dataset, split)))
    return found


def _logistic(inputs: Array, labels: Array) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        # Stopping early is meant: the time is bounded, and the last iterations change no prediction.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(max_iter=LOGISTIC_ITERATIONS).fit(inputs, labels)


def _values(dataset: Dataset, task: Task) -> dict[str, Predictor]:
    target = dataset.split("train")[task.field]
    flat = target.reshape(len(target), -1)
    found: dict[str, Predictor] = {}
    if dataset.samples.timeline is None:
        mean = flat.mean(axis=0)
        found["mean"] = lambda split: np.tile(mean, (len(dataset.split(split)[task.field]), 1))
    else:
        found |= _forecasts(dataset, task)
    inputs = _inputs(dataset, "train")
    rows = _fitted_rows(len(inputs), inputs.shape[1], flat.shape[1])
    if len(rows):
        weights = _ridge(inputs[rows], flat[rows])
        found["linear model"] = lambda split: _with_one(_inputs(dataset, split)) @ weights
    return found


def _with_one(inputs: Array) -> Array:
    return np.concatenate([inputs, np.ones((len(inputs), 1), inputs.dtype)], axis=1).astype(np.float64)


def _ridge(inputs: Array, values: Array, strength: float = 1.0) -> Array:
    """Weights and, last, the offset of `values ≈ inputs·W + b` that minimise the squared error plus
    strength·‖W‖²; the inputs are taken as scaled alike. (F + 1, K).
    """
    table = _with_one(inputs)
    penalty = np.full(table.shape[1], strength)
    penalty[-1] = 0.0
    moments = table.T @ table + np.diag(penalty)
    return np.asarray(np.linalg.solve(moments, table.T @ values.astype(np.float64)))


def _forecasts(dataset: Dataset, task: Task) -> dict[str, Predictor]:
    """The last value seen and the season's mean, scaled like the target."""
    timeline = dataset.samples.timeline
    assert timeline is not None
    scaling = dataset.fitted[task.field]

    def moments(split: str) -> Array:
        return timeline.moments[dataset.indices[split]]

    found: dict[str, Predictor] = {
        "persistence": lambda split: scaling.apply(timeline.values[moments(split) - timeline.horizon, None])
    }
    known = timeline.values[: int(moments("train").max()) + 1]
    if 0 < timeline.period <= len(known):
        means = np.array([known[phase :: timeline.period].mean() for phase in range(timeline.period)])
        found["seasonal mean"] = lambda split: scaling.apply(means[moments(split) % timeline.period, None])
    return found
