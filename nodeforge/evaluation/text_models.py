"""What comes next in a text by mere counting: of single letters or words, and of pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.evaluation.task import Task

if TYPE_CHECKING:
    from nodeforge.data import Dataset

Array = NDArray[Any]

MAX_PAIRS = 20_000_000
"""With a larger vocabulary squared there is no table of pairs."""
MAX_SCORES = 1 << 23
"""Numbers that a prediction may have; of more samples the first are predicted."""


def text_models(dataset: Dataset, task: Task) -> dict[str, Callable[[str], Array]]:
    """Logarithms of probabilities, (N, C, T): by frequency ("unigram model") and by the letter or word before
    ("bigram model"), smoothed as by Witten and Bell (1991), https://doi.org/10.1109/18.87000.
    """
    train = dataset.split("train")
    target = train[task.field]
    if target.ndim != 2:
        return {}
    count = next(field.vocabulary for field in dataset.facts.fields if field.name == task.field)
    single = (np.bincount(target.ravel(), minlength=count) + 1.0) / (target.size + count)

    def places(split: str) -> Array:
        """The answers of the samples that are predicted."""
        numbers = dataset.split(split)[task.field]
        return numbers[: max(1, MAX_SCORES // (count * numbers.shape[1]))]

    scores = np.log(single).astype(np.float32)
    found: dict[str, Callable[[str], Array]] = {
        "unigram model": lambda split: np.broadcast_to(
            scores[None, :, None], (len(places(split)), count, target.shape[1])
        )
    }
    before = _before(dataset, task)
    if before and count * count <= MAX_PAIRS:
        table = np.log(_pairs(train[before], target, single)).astype(np.float32)
        found["bigram model"] = lambda split: np.moveaxis(
            table[dataset.split(split)[before][: len(places(split))]], -1, 1
        )
    return found


def _before(dataset: Dataset, task: Task) -> str:
    """The input that holds, at each place, what stands before the answer; "" when there is none."""
    train = dataset.split("train")
    for field in dataset.facts.fields:
        if field.role == "input" and field.vocabulary and train[field.name].shape == train[task.field].shape:
            return field.name
    return ""


def _pairs(before: Array, after: Array, single: Array) -> Array:
    """Probabilities of the next (column) by the one before (row), (C, C)."""
    count = len(single)
    pairs = np.bincount(before.ravel() * count + after.ravel(), minlength=count * count)
    pairs = pairs.reshape(count, count).astype(np.float64)
    seen, kinds = pairs.sum(axis=1, keepdims=True), (pairs > 0).sum(axis=1, keepdims=True)
    # What was never seen first has only the frequencies to go by.
    return np.where(seen > 0, (pairs + kinds * single) / np.maximum(seen + kinds, 1), single)
