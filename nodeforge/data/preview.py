"""What to show a person of a dataset: rows, pictures, curves and counts, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nodeforge.core.specs import DataFacts
from nodeforge.data.dataset import Dataset
from nodeforge.data.samples_shown import (
    PreviewCurves,
    PreviewPicture,
    PreviewSound,
    PreviewText,
    shown_curves,
    shown_pictures,
    shown_sounds,
    shown_texts,
)
from nodeforge.data.source import TableHead
from nodeforge.data.statistics import StatisticsRow, statistics

MAX_POINTS = 5_000
"""Longest curve that is shown whole; of a longer one, its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewTable:
    """First rows as text; types and roles by column, as in `core.document.Column`."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    roles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total_rows: int
    first_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the data holds, for the window.

    Attributes:
        facts: Title, fields and sizes.
        table: First rows, for tables.
        pictures: First training samples, for images.
        series: Curves in their own unit, for series.
        texts: First training samples, cut and numbered, for texts.
        curves: First training samples, for sequences.
        sounds: Some training samples, for audio.
        statistics: What the samples of each split are like.
        class_counts: By split, the number of samples of each class.
        notes: What was done to the data.
    """

    facts: DataFacts
    table: PreviewTable | None = None
    pictures: tuple[PreviewPicture, ...] = ()
    series: tuple[tuple[float, ...], ...] = ()
    texts: tuple[PreviewText, ...] = ()
    curves: tuple[PreviewCurves, ...] = ()
    sounds: tuple[PreviewSound, ...] = ()
    statistics: tuple[StatisticsRow, ...] = ()
    class_counts: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()


def describe(dataset: Dataset, rows: int = 100) -> Preview:
    """What to show of a dataset; at most `rows` table rows or pictures."""
    samples = dataset.samples
    timeline = samples.timeline
    return Preview(
        facts=dataset.facts,
        table=None if samples.head is None else preview_table(samples.head, rows),
        pictures=shown_pictures(dataset, rows),
        texts=shown_texts(dataset),
        curves=shown_curves(dataset),
        sounds=shown_sounds(dataset),
        statistics=statistics(dataset),
        series=() if timeline is None else (tuple(timeline.values[-MAX_POINTS:].tolist()),),
        class_counts=_class_counts(dataset),
        notes=dataset.notes,
    )


def preview_table(head: TableHead, rows: int) -> PreviewTable:
    """At most `rows` of the first rows of a table."""
    return PreviewTable(
        columns=tuple(column.name for column in head.columns),
        types=tuple(column.type for column in head.columns),
        roles=tuple(column.role for column in head.columns),
        rows=head.rows[:rows],
        total_rows=head.total_rows,
        first_row=head.first_row,
    )


def _class_counts(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    labels = dataset.samples.labels
    if labels is None:
        return {}
    return {
        name: tuple(np.bincount(labels.array[rows], minlength=len(labels.classes)).tolist())
        for name, rows in dataset.indices.items()
    }
