"""What the samples of each split are like, in their own units, as a small table of words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nodeforge.data.dataset import Dataset
from nodeforge.data.source import Array, Layout, RawField
from nodeforge.data.streams import Stream
from nodeforge.data.tokens import UNKNOWN, Vocabulary

MOST_COLUMNS = 60
"""Columns of a table that get a row of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRow:
    """One quantity: what it is called, and a text for each split."""

    name: str
    cells: tuple[str, ...]


def statistics(dataset: Dataset) -> tuple[StatisticsRow, ...]:
    """Mean, spread and range of every quantity by split; splits in the order of `dataset.indices`."""
    counts = tuple(f"{len(rows):,}" for rows in dataset.indices.values())
    rows = [StatisticsRow(name="samples", cells=counts)]
    for field in dataset.samples.fields:
        if not isinstance(field.values, Stream):
            rows += _field_rows(dataset, field)
    return tuple(rows)


def _field_rows(dataset: Dataset, field: RawField) -> Iterator[StatisticsRow]:
    vocabulary = dataset.vocabulary(field.name)
    splits = list(dataset.indices.values())
    if field.classes or (vocabulary is not None and field.role == "target"):
        return  # the bars of the classes tell more
    if vocabulary is not None:
        yield from _text_rows(dataset, field, vocabulary)
    elif field.layout is Layout.FEATURES and field.value_range is None and field.array.ndim == 2:
        names = _names(field)
        for place, name in enumerate(names):
            yield StatisticsRow(name=name, cells=tuple(_words(field.array[rows, place]) for rows in splits))
        left = field.array.shape[1] - len(names)
        if left:
            yield StatisticsRow(name=f"{left:,} more columns", cells=("",) * len(splits))
    else:
        yield StatisticsRow(name=field.name, cells=tuple(_words(field.array[rows]) for rows in splits))


def _names(field: RawField) -> list[str]:
    count = field.array.shape[1]
    known = field.columns if len(field.columns) == count else [f"{field.name} {i + 1}" for i in range(count)]
    return list(known[:MOST_COLUMNS])


def _text_rows(dataset: Dataset, field: RawField, vocabulary: Vocabulary) -> Iterator[StatisticsRow]:
    unit, unknown = vocabulary.tokens.unit, vocabulary.words.index(UNKNOWN)
    lengths, strange = [], []
    for split in dataset.indices:
        numbers = dataset.splits[split][field.name]
        real = field.present(field.array[dataset.indices[split]])
        lengths.append(_words(real.sum(axis=1)))
        strange.append(f"{(numbers[real] == unknown).mean():.1%}")
    yield StatisticsRow(name=f"{unit} of {field.name}", cells=tuple(lengths))
    yield StatisticsRow(name=f"unknown {unit}", cells=tuple(strange))


def _words(values: Array) -> str:
    """Mean, spread and range; missing values apart."""
    flat = values.reshape(-1).astype(np.float64)
    known = flat[~np.isnan(flat)]
    if not known.size:
        return "no values"
    text = f"{known.mean():.4g} ± {known.std():.3g}, {known.min():.4g} to {known.max():.4g}"
    missing = flat.size - known.size
    return f"{text}, {missing:,} missing" if missing and values.ndim == 1 else text
