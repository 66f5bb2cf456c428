"""What one sample of a split looks like to a person. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodeforge.data.dataset import Dataset
from nodeforge.data.samples_shown import PreviewPicture, picture_of
from nodeforge.data.source import Array, Layout, RawField

MOST_LETTERS = 600
MOST_VALUES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A sample in the form that shows it best; the others are empty.

    Attributes:
        picture: Of an image.
        text: Of a text.
        curves: Of a sequence, one for each of its quantities.
        values: Of a row of numbers: names and values.
    """

    picture: PreviewPicture | None = None
    text: str = ""
    curves: tuple[tuple[float, ...], ...] = ()
    values: tuple[tuple[str, str], ...] = ()


def look_at(dataset: Dataset, split: str, place: int) -> Look:
    """The sample at a place of a split, in its own unit."""
    row = int(dataset.indices[split][place])
    field = next((field for field in dataset.samples.fields if field.role == "input"), None)
    if field is None:
        return Look()
    match field.layout:
        case Layout.IMAGE:
            return Look(picture=picture_of(field, _raw(field, row)))
        case Layout.TOKENS:
            vocabulary = dataset.vocabulary(field.name)
            numbers = dataset.splits[split][field.name][place]
            return Look(text=vocabulary.decode(numbers)[:MOST_LETTERS] if vocabulary else "")
        case Layout.SERIES:
            values = _raw(field, row).astype(np.float64)
            real = values[~np.isnan(values).all(axis=-1)]
            return Look(curves=tuple(tuple(curve) for curve in real.T.tolist()))
    return Look(values=_named(dataset, _raw(field, row).ravel()))


def restored_picture(dataset: Dataset, name: str, values: Array) -> PreviewPicture | None:
    """A picture of prepared values of an image field, such as a reconstruction; None for other fields."""
    field = next((field for field in dataset.samples.fields if field.name == name), None)
    if field is None or field.layout is not Layout.IMAGE:
        return None
    shape = field.values.shape[1:]
    return picture_of(field, dataset.restore(name, values.reshape(1, *shape))[0])


def _raw(field: RawField, row: int) -> Array:
    values: Array = field.read(np.array([row]))[0]
    return values


def _named(dataset: Dataset, values: Array) -> tuple[tuple[str, str], ...]:
    head = dataset.samples.head
    names = [column.name for column in head.columns if column.role == "feature"] if head else []
    if len(names) != len(values):
        names = [f"value {number}" for number in range(1, len(values) + 1)]
    return tuple((name, f"{value:.4g}") for name, value in zip(names, values.tolist(), strict=True))[
        :MOST_VALUES
    ]
