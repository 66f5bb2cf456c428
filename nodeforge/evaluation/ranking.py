"""How well scores put what is of a class before what is not, whatever the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MAX_RANKED = 100_000
"""Of more answers than this, evenly spaced ones are ranked: sorting takes the time."""
MAX_CLASSES = 100
"""With more classes than this none is ranked."""
MAX_CURVES = 12
MAX_POINTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A curve from one threshold to the next, in the order of `x`.

    Attributes:
        label: The class.
        area: What lies below it: AUC, or average precision.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedClass:
    """Areas of one class by name; empty where it does not occur, or nothing else does."""

    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """The ranking of every class.

    Attributes:
        means: Areas averaged over the classes that have them.
        classes: One each, in their order.
        roc, precision_recall: Of the classes that occur most, in their order.
    """

    means: dict[str, float]
    classes: tuple[RankedClass, ...]
    roc: tuple[Curve, ...]
    precision_recall: tuple[Curve, ...]


def ranked(names: Sequence[str], pairs: Sequence[tuple[Array, Array]]) -> Ranks:
    """Rank each class against all others.

    Args:
        names: What the classes are called.
        pairs: For each, whether a sample is of it, bool (N,), and how probable that was thought, (N,).
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    if len(names) > MAX_CLASSES:
        return Ranks(means={}, classes=tuple(RankedClass() for _ in names), roc=(), precision_recall=())
    classes = tuple(
        RankedClass(
            values={
                "roc_auc": float(roc_auc_score(right, shares)),
                "average_precision": float(average_precision_score(right, shares)),
            }
        )
        if right.any() and not right.all()
        else RankedClass()
        for right, shares in pairs
    )
    known = [place for place, one in enumerate(classes) if one.values]
    drawn = sorted(sorted(known, key=lambda place: -int(pairs[place][0].sum()))[:MAX_CURVES])
    means = {
        name: float(np.mean([classes[place].values[name] for place in known]))
        for name in ("roc_auc", "average_precision")
        if known
    }
    return Ranks(
        means=means,
        classes=classes,
        roc=tuple(_roc(names[place], *pairs[place], classes[place]) for place in drawn),
        precision_recall=tuple(
            _precision_recall(names[place], *pairs[place], classes[place]) for place in drawn
        ),
    )


def _roc(name: str, right: Array, shares: Array, rank: RankedClass) -> Curve:
    from sklearn.metrics import roc_curve

    x, y, _ = roc_curve(right, shares)
    return _curve(name, x, y, rank.values["roc_auc"])


def _precision_recall(name: str, right: Array, shares: Array, rank: RankedClass) -> Curve:
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(right, shares)
    return _curve(name, recall[::-1], precision[::-1], rank.values["average_precision"])


def _curve(name: str, x: Array, y: Array, area: float) -> Curve:
    places = np.unique(np.linspace(0, len(x) - 1, min(len(x), MAX_POINTS)).astype(np.int64))
    return Curve(label=name, x=tuple(x[places].tolist()), y=tuple(y[places].tolist()), area=area)
