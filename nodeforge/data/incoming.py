"""Samples from a file, for a trained network to answer."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.specs import format_shape
from nodeforge.data.fitting import Fitted
from nodeforge.data.padding import padded
from nodeforge.data.source import MASK, Array, Layout, RawField
from nodeforge.data.texts import read_texts
from nodeforge.data.tokens import Vocabulary

if TYPE_CHECKING:
    from nodeforge.data.dataset import Dataset

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"})


def read_samples(dataset: Dataset, path: Path) -> dict[str, Array]:
    """Samples like those the dataset holds, prepared like its training samples.

    Tables read the same columns by name. Images come as pictures or .npy files; texts as text files; anything
    else as .npy, or as comma-separated numbers, one sample a row.

    Returns:
        By input field: float32, int64 for texts, bool for a mask; (N, …).

    Raises:
        UserError: The file does not hold such samples.
    """
    if not path.is_file():
        raise UserError(f"There is no file {path}: check its name and place.")
    inputs = [field for field in dataset.samples.fields if field.role == "input"]
    raw = None if dataset.samples.read is None else dataset.samples.read(path)
    found: dict[str, Array] = {}
    for field in inputs:
        preparation = dataset.fitted[field.name]
        if isinstance(preparation, Vocabulary):
            found |= read_texts(field, preparation, path)
        else:
            values = _values(field, path) if raw is None else raw[field.name]
            found |= _prepared(field, preparation, values, path)
    return found


def _prepared(field: RawField, fitted: Fitted, values: Array, path: Path) -> dict[str, Array]:
    if field.padded:
        return {field.name: fitted.apply(values), MASK: field.present(values)}
    if fitted.fill is None and np.isnan(values).any():
        row = int(np.isnan(values.reshape(len(values), -1)).any(axis=1).argmax()) + 1
        raise UserError(
            f"Sample {row} of {path.name} misses a value: fill it in, "
            "or choose in the data settings what stands for one."
        )
    return {field.name: fitted.apply(values)}


def _values(field: RawField, path: Path) -> Array:
    shape = field.values.shape[1:]
    if path.suffix.lower() in PICTURES:
        return _picture(field, path)
    values = _array(path) if path.suffix.lower() == ".npy" else _numbers(path)
    if values.shape[1:] == shape:
        return values
    if values.shape == shape:
        return values[None]
    if values.ndim == 2 and values.shape[1] == math.prod(shape):
        return values.reshape(-1, *shape)
    if field.padded and values.shape[-1] == shape[-1] and values.shape[-2] < shape[0]:
        return padded(list(values[None] if values.ndim == 2 else values), shape[0], field.padded)
    raise UserError(
        f"{path.name} holds numbers of shape {format_shape(values.shape)}; a sample of {field.name} is "
        f"{format_shape(shape)}: give one sample a row, {math.prod(shape)} numbers each."
    )


def _array(path: Path) -> Array:
    try:
        values = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(
            f"{path.name} is no readable .npy file of numbers: save it with numpy.save."
        ) from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf" or values.ndim == 0:
        raise UserError(f"{path.name} holds no array of numbers: save one with numpy.save.")
    return values


def _numbers(path: Path) -> Array:
    """Delimited numbers, one sample a row; a first row of names is passed over."""
    from nodeforge.data.tables.columns import is_missing, number
    from nodeforge.data.tables.reading import NumberReader, read_columns
    from nodeforge.data.tables.text import form_of, records

    rows = list(records(path, form_of(path)))
    if rows and any(number(cell) is None and not is_missing(cell) for cell in rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise UserError(f"{path.name} holds no numbers: give one sample a row.")
    width = len(rows[0][1])
    readers = [NumberReader(f"{i + 1}", path.name) for i in range(width)]
    columns = read_columns(rows, readers, width=width, place=path.name)
    return np.stack([column for column in columns if column is not None], axis=1)


def _picture(field: RawField, path: Path) -> Array:
    """One picture in the field's size and colours, light on dark as it stands."""
    from PIL import Image

    if field.layout is not Layout.IMAGE:
        raise UserError(
            f"{path.name} is a picture, and {field.name} is not: give the numbers as text or .npy."
        )
    channels, height, width = field.values.shape[1:]
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("L" if channels == 1 else "RGB").resize((width, height)))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(f"{path.name} cannot be read as a picture: save it as PNG.") from error
    low, high = field.value_range or (0.0, 255.0)
    grey = pixels.reshape(height, width, -1).transpose(2, 0, 1)
    return grey[None] / 255.0 * (high - low) + low
