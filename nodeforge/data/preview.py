"""What to show a person of a dataset: rows, pictures, curves and counts, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nodeforge.core.specs import DataFacts
from nodeforge.data.dataset import Dataset
from nodeforge.data.source import Array, Layout, RawField, TableHead

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
class PreviewPicture:
    """One sample to draw: 8-bit grey or RGB, row by row."""

    width: int
    height: int
    channels: int
    pixels: bytes
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the data holds, for the window.

    Attributes:
        facts: Title, fields and sizes.
        table: First rows, for tables.
        pictures: First training samples, for images.
        series: Curves in their own unit, for series.
        class_counts: By split, the number of samples of each class.
        notes: What was done to the data.
    """

    facts: DataFacts
    table: PreviewTable | None = None
    pictures: tuple[PreviewPicture, ...] = ()
    series: tuple[tuple[float, ...], ...] = ()
    class_counts: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()


def describe(dataset: Dataset, rows: int = 100) -> Preview:
    """What to show of a dataset; at most `rows` table rows or pictures."""
    samples = dataset.samples
    timeline = samples.timeline
    return Preview(
        facts=dataset.facts,
        table=None if samples.head is None else preview_table(samples.head, rows),
        pictures=tuple(_pictures(dataset, rows)),
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


def _pictures(dataset: Dataset, count: int) -> list[PreviewPicture]:
    field = next((f for f in dataset.samples.fields if f.layout is Layout.IMAGE), None)
    if field is None:
        return []
    labels = dataset.samples.labels
    rows = dataset.indices["train"][:count]
    return [
        _picture(field, values, "" if labels is None else labels.classes[labels.array[row]])
        for row, values in zip(rows, field.read(rows), strict=True)
    ]


def _picture(field: RawField, values: Array, label: str) -> PreviewPicture:
    low, high = field.value_range or (float(values.min()), float(values.max()))
    grey = (values.astype(np.float64) - low) / (high - low or 1.0) * 255
    channels, height, width = values.shape
    pixels = grey.clip(0, 255).round().astype(np.uint8).transpose(1, 2, 0).tobytes()
    return PreviewPicture(width=width, height=height, channels=channels, pixels=pixels, label=label)


def _class_counts(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    labels = dataset.samples.labels
    if labels is None:
        return {}
    return {
        name: tuple(np.bincount(labels.array[rows], minlength=len(labels.classes)).tolist())
        for name, rows in dataset.indices.items()
    }
