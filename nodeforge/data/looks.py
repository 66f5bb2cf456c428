"""What one sample of a split looks like to a person. Plain values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodeforge.data.dataset import Dataset
from nodeforge.data.samples_shown import PreviewPicture, picture_of
from nodeforge.data.source import Array, Layout, RawField

MOST_LETTERS = 600
MOST_VALUES = 16
LEAST_SIDE = 8


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
    shape = _picture_shape(field)
    if shape is not None:
        return Look(picture=picture_of(field, _raw(field, row).reshape(shape)))
    match field.layout:
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
    """A picture of prepared values of a field of pictures, such as a reconstruction; None for other fields."""
    field = next((field for field in dataset.samples.fields if field.name == name), None)
    shape = _picture_shape(field) if field else None
    if field is None or shape is None:
        return None
    raw = dataset.restore(name, values.reshape(1, *field.values.shape[1:]))
    return picture_of(field, raw.reshape(shape))


def _picture_shape(field: RawField) -> tuple[int, ...] | None:
    """(C, H, W) of an image, or of a row of pixels that are those of a square one; None for all else."""
    shape = field.values.shape[1:]
    if field.layout is Layout.IMAGE:
        return shape
    side = math.isqrt(shape[0]) if field.layout is Layout.FEATURES and len(shape) == 1 else 0
    pixels = field.value_range is not None and side >= LEAST_SIDE and side * side == shape[0]
    return (1, side, side) if pixels else None


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
