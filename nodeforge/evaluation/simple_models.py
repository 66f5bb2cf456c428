"""What simple methods reach on the same split: a network that does no better is not worth its weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.evaluation.reconstruction import reconstructions
from nodeforge.evaluation.scoring import score
from nodeforge.evaluation.task import Task, TaskKind
from nodeforge.evaluation.text_models import text_models

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
MAX_ANSWERS = 30
"""Yes-or-no answers a sample; with more, a linear model for each would take too long."""
SURE = 0.5
NEVER = 1e-12
"""The probability of what was never seen: its logarithm must stay a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """Simple methods, fitted to the training split, that answer the same question as a network.

    Attributes:
        dataset, task: What is asked of what.
        predictors: By name.
    """

    dataset: Dataset
    task: Task
    predictors: Mapping[str, Predictor]

    def on(self, split: str) -> dict[str, dict[str, float]]:
        """By name what each reaches on a split, measured like a network."""
        found = {}
        for name, predict in self.predictors.items():
            output = predict(split)
            target = self.dataset.split(split)[self.task.field][: len(output)]
            found[name] = score(self.task, output, target, self.dataset).metrics
        return found


def baselines(
    dataset: Dataset, task: Task, split: str = "test", *, components: int = 0
) -> dict[str, dict[str, float]]:
    """Metrics of simple methods by name, on one split; see `rivals`."""
    return rivals(dataset, task, components=components).on(split)


def rivals(dataset: Dataset, task: Task, *, components: int = 0) -> Rivals:
    """Fit what a network must beat.

    Classification: the most frequent class, a linear model (logistic regression). Yes-or-no answers: the same for
    each. Regression: the mean, a linear model (ridge). Series: the last value seen, the mean of the season, a linear
    model of the window. Texts: how often letters or words occur, and how often one follows another. Reconstruction:
    the mean sample, and principal components. Maps are compared by `evaluation.maps`, generated samples by
    `evaluation.quality`.

    Args:
        dataset: The data.
        task: What is asked of it.
        components: For reconstruction: values in the narrowest place of the network; 0 when unknown.
    """
    if task.field not in dataset.split("train"):
        return Rivals(dataset=dataset, task=task, predictors={})
    predictors: dict[str, Predictor] = {}
    match task.kind:
        case TaskKind.REGRESSION:
            predictors = _values(dataset, task)
        case TaskKind.RECONSTRUCTION:
            predictors = reconstructions(dataset, task, components)
        case TaskKind.CLASSIFICATION if task.unit:
            predictors = text_models(dataset, task)
        case TaskKind.CLASSIFICATION:
            predictors = _classes(dataset, task)
        case TaskKind.BINARY:
            predictors = _answers(dataset, task)
    return Rivals(dataset=dataset, task=task, predictors=predictors)


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
    """Of a label a sample, or one for every step or pixel; scores are logarithms of probabilities, (N, C, …)."""
    target = dataset.split("train")[task.field]
    labels = target.ravel().astype(np.int64)
    count = max(len(task.classes), int(labels.max()) + 1)
    shares = np.log(np.bincount(labels, minlength=count) / len(labels) + NEVER)

    def majority(split: str) -> Array:
        shape = dataset.split(split)[task.field].shape
        return np.broadcast_to(
            shares.reshape(1, count, *[1] * (len(shape) - 1)), (shape[0], count, *shape[1:])
        )

    found: dict[str, Predictor] = {"majority class": majority}
    if target.size > len(target):
        return found
    inputs = _inputs(dataset, "train")
    rows = _fitted_rows(len(inputs), inputs.shape[1], count)
    if len(np.unique(labels[rows])) > 1:
        model = _logistic(inputs[rows], labels[rows])

        def linear(split: str) -> Array:
            found = np.full((len(dataset.split(split)[task.field]), count), NEVER)
            found[:, model.classes_] += model.predict_proba(_inputs(dataset, split))
            return np.asarray(np.log(found))

        found["linear model"] = linear
    return found


def _answers(dataset: Dataset, task: Task) -> dict[str, Predictor]:
    """Of one yes or no a sample, or several; as probabilities, or as scores where the network gives those."""
    target = dataset.split("train")[task.field]
    answers = target.reshape(len(target), -1) > SURE
    means = answers.mean(axis=0)
    width = answers.shape[1]

    def given(shares: Array) -> Array:
        shares = shares.clip(NEVER, 1 - NEVER)
        return np.asarray(shares if task.threshold else np.log(shares / (1 - shares)))

    found: dict[str, Predictor] = {
        "majority class": lambda split: given(np.tile(means, (len(dataset.split(split)[task.field]), 1)))
    }
    inputs = _inputs(dataset, "train")
    rows = _fitted_rows(len(inputs), inputs.shape[1], width)
    both = [place for place in range(width) if len(np.unique(answers[rows, place])) > 1]
    if both and width <= MAX_ANSWERS:
        models = {place: _logistic(inputs[rows], answers[rows, place]) for place in both}

        def linear(split: str) -> Array:
            values = _inputs(dataset, split)
            shares = np.tile(means, (len(values), 1))
            for place, model in models.items():
                shares[:, place] = model.predict_proba(values)[:, 1]
            return given(shares)

        found["linear model"] = linear
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
