"""Everything that is measured once a run is evaluated, by scikit-learn where it knows the measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.evaluation.measuring import in_own_unit, metrics, predicted_classes, probabilities
from nodeforge.evaluation.ranking import MAX_RANKED, Curve, RankedClass, ranked
from nodeforge.evaluation.task import Task, TaskKind

if TYPE_CHECKING:
    from nodeforge.data import Dataset

Array = NDArray[Any]

LEAST_FOR_TOP_3 = 6
LEAST_FOR_TOP_5 = 11
"""Below so many classes being among the first few would say little."""
MAX_LABELS = 1_000
"""With more classes than this there is no table of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartScores:
    """How well one class, one answer or one output is told.

    Attributes:
        name: The class or column.
        count: Samples that are of the class, or have the value.
        values: By metric.
    """

    name: str
    count: int
    values: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """All that is known of predictions on one split.

    Attributes:
        metrics: By name, the most telling first.
        parts: Of classes, of yes-or-no answers, or of several values: each on its own.
        roc: Share of a class that is found over the share of others taken for it, by threshold.
        precision_recall: Share that is right over the share that is found.
        notes: Sentences on what was left out, and why.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    parts: tuple[PartScores, ...] = ()
    roc: tuple[Curve, ...] = ()
    precision_recall: tuple[Curve, ...] = ()
    notes: tuple[str, ...] = ()


def score(task: Task, output: Array, target: Array, dataset: Dataset | None = None) -> Scores:
    """Measure predictions; arguments as for `metrics`, whose values are all there too."""
    counted = metrics(task, output, target, dataset)
    if not counted:
        return Scores()
    missing = _not_finite(output)
    if missing:
        return Scores(
            metrics=counted,
            notes=(
                f"{missing:,} of {len(output):,} predictions are not finite numbers, so the rest is not "
                "measured: look for a learning rate that is too high, or a division by zero.",
            ),
        )
    match task.kind:
        case TaskKind.CLASSIFICATION if task.unit:
            return _text(task, output, target, counted)
        case TaskKind.CLASSIFICATION:
            return _classes(task, output, target, counted)
        case TaskKind.BINARY if not np.isin(target, (0, 1)).all():
            note = "The answers lie between no and yes, so they cannot be ranked as right or wrong."
            return Scores(metrics=counted, notes=(note,))
        case TaskKind.BINARY if target.size > len(target):
            return _answers(task, output, target, counted, dataset)
        case TaskKind.BINARY:
            return _binary(task, output, target, counted)
        case TaskKind.REGRESSION:
            return _values(task, output, target, counted, dataset)
    return Scores(metrics=counted)


def class_names(task: Task, count: int) -> list[str]:
    """What the classes are called; their numbers where the data has no names for them all."""
    return list(task.classes) if len(task.classes) == count else [str(number) for number in range(count)]


def _not_finite(output: Array) -> int:
    return int((~np.isfinite(output.reshape(len(output), -1))).any(axis=1).sum())


def _flat(task: Task, output: Array, target: Array) -> tuple[Array, Array]:
    """Labels (M,) and probabilities (M, C) of all samples, steps and pixels that count."""
    shares = np.moveaxis(probabilities(task, output), 1, -1).reshape(-1, output.shape[1])
    truth = target.ravel().astype(np.int64)
    if task.ignored is None:
        return truth, shares
    counted = truth != task.ignored
    return truth[counted], shares[counted]


def _text(task: Task, output: Array, target: Array, counted: dict[str, float]) -> Scores:
    from sklearn.metrics import log_loss

    truth, shares = _flat(task, output, target)
    nats = float(log_loss(truth, shares, labels=np.arange(shares.shape[1])))
    return Scores(
        metrics={
            "perplexity": float(np.exp(nats)),
            f"bits_per_{task.unit.removesuffix('s')}": nats / float(np.log(2)),
            "accuracy": counted["accuracy"],
            **_among_first(truth, shares),
        }
    )


def _among_first(truth: Array, shares: Array) -> dict[str, float]:
    """How often the right class is among the most probable ones."""
    from sklearn.metrics import top_k_accuracy_score

    count = shares.shape[1]
    sizes = (3,) * (count >= LEAST_FOR_TOP_3) + (5,) * (count >= LEAST_FOR_TOP_5)
    labels, rows = np.arange(count), _thinned(len(truth))
    truth, shares = truth[rows], shares[rows]
    return {
        f"top_{k}_accuracy": float(top_k_accuracy_score(truth, shares, k=k, labels=labels)) for k in sizes
    }


def _classes(task: Task, output: Array, target: Array, counted: dict[str, float]) -> Scores:
    from sklearn.metrics import f1_score, precision_recall_fscore_support

    truth, shares = _flat(task, output, target)
    count = shares.shape[1]
    if not len(truth) or truth.max() >= count:
        return Scores(metrics=counted)
    prediction = shares.argmax(axis=1)
    labels = np.arange(count)
    names = class_names(task, count)
    columns = precision_recall_fscore_support(truth, prediction, labels=labels, zero_division=0)
    rows = _thinned(len(truth))
    ranks = ranked(names, [(truth[rows] == number, shares[rows, number]) for number in labels])
    found = {
        **counted,
        "f1_micro": float(f1_score(truth, prediction, average="micro")),
        **_among_first(truth, shares),
        **ranks.means,
    }
    parts = _parts(names, columns, ranks.classes) if count <= MAX_LABELS else ()
    return Scores(metrics=found, parts=parts, roc=ranks.roc, precision_recall=ranks.precision_recall)


def _binary(task: Task, output: Array, target: Array, counted: dict[str, float]) -> Scores:
    from sklearn.metrics import precision_recall_fscore_support

    truth = target.ravel().astype(np.int64)
    prediction = predicted_classes(task, output).ravel()
    names = class_names(task, 2)
    columns = precision_recall_fscore_support(truth, prediction, labels=[0, 1], zero_division=0)
    ranks = ranked(names[1:], [(truth == 1, probabilities(task, output).ravel())])
    return Scores(
        metrics={**counted, **ranks.means},
        parts=_parts(names, columns, (RankedClass(), *ranks.classes)),
        roc=ranks.roc,
        precision_recall=ranks.precision_recall,
    )


def _answers(
    task: Task, output: Array, target: Array, counted: dict[str, float], dataset: Dataset | None
) -> Scores:
    """Several yes-or-no answers a sample: each counts alike in the means over all of them."""
    from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

    truth = target.reshape(len(target), -1).astype(np.int64)
    prediction = predicted_classes(task, output).reshape(truth.shape)
    shares = probabilities(task, output).reshape(truth.shape)
    names = column_names(task, truth.shape[1], dataset)
    columns = precision_recall_fscore_support(truth, prediction, average=None, zero_division=0)
    rows = _thinned(len(truth))
    pairs = [(truth[rows, place] == 1, shares[rows, place]) for place in range(truth.shape[1])]
    ranks = ranked(names, pairs)
    precision, recall, f1, _ = (float(np.mean(column)) for column in columns)
    found = {
        "accuracy": counted["accuracy"],
        "exact_match": float(accuracy_score(truth, prediction)),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "f1_micro": float(f1_score(truth, prediction, average="micro", zero_division=0)),
        **ranks.means,
    }
    parts = _parts(names, columns, ranks.classes) if len(names) <= MAX_LABELS else ()
    return Scores(metrics=found, parts=parts, roc=ranks.roc, precision_recall=ranks.precision_recall)


def _values(
    task: Task, output: Array, target: Array, counted: dict[str, float], dataset: Dataset | None
) -> Scores:
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    truth, prediction = in_own_unit(task, output, target, dataset)
    found = counted | {
        "mae": float(mean_absolute_error(truth, prediction)),
        "mse": float(mean_squared_error(truth, prediction)),
    }
    notes: tuple[str, ...] = ()
    if "r2" in counted:
        found["r2"] = float(r2_score(truth, prediction)) if len(truth) > 1 else counted["r2"]
    else:
        notes = ("The true values never change here, so there is no R² and no NRMSE.",)
    if truth.shape[1] == 1 or truth.shape[1] > MAX_LABELS:
        return Scores(metrics=found, notes=notes)
    names = column_names(task, truth.shape[1], dataset)
    parts = tuple(
        PartScores(
            name=name,
            count=len(truth),
            values={
                "rmse": float(np.sqrt(mean_squared_error(truth[:, place], prediction[:, place]))),
                "mae": float(mean_absolute_error(truth[:, place], prediction[:, place])),
                **({"r2": float(r2_score(truth[:, place], prediction[:, place]))} if "r2" in found else {}),
            },
        )
        for place, name in enumerate(names)
    )
    return Scores(metrics=found, parts=parts, notes=notes)


def column_names(task: Task, count: int, dataset: Dataset | None) -> list[str]:
    """What the values of an answer are called."""
    named = dataset.columns_of(task.field) if dataset is not None else ()
    if len(named) == count:
        return list(named)
    return [f"{task.field or 'output'}_{number}" for number in range(1, count + 1)]


def _parts(
    names: Sequence[str], columns: Sequence[Array], ranks: Sequence[RankedClass]
) -> tuple[PartScores, ...]:
    return tuple(
        PartScores(
            name=name,
            count=int(support),
            values={"precision": float(p), "recall": float(r), "f1": float(f1), **rank.values},
        )
        for name, p, r, f1, support, rank in zip(names, *columns, ranks, strict=True)
    )


def _thinned(count: int) -> Array:
    """All places, or evenly spaced ones of very many."""
    return np.linspace(0, count - 1, min(count, MAX_RANKED)).astype(np.int64)
