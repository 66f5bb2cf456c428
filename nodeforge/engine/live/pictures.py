"""Numbers as small pictures: cut to what is drawn, 8 bits each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from nodeforge.engine.messages import Series, Tile

Array = NDArray[Any]

MOST_TILES = 64
MOST_PIXELS = 96
"""Along a side of a picture; larger ones are averaged."""
_WIDE = 32
"""A row of more numbers is folded."""


def numbers(value: Tensor) -> Array:
    """A tensor as float32 numbers; those that are not finite become 0."""
    found: Array = np.nan_to_num(value.detach().float().cpu().numpy(), nan=0.0, posinf=0.0, neginf=0.0)
    return found


def tile(table: Array, label: str = "", span: tuple[float, float] | None = None) -> Tile:
    """A picture of a table (height, width), or of colours (height, width, 3), from the least to the greatest value."""
    table = _shrunk(table)
    low, high = span or (float(table.min(initial=np.inf)), float(table.max(initial=-np.inf)))
    scale = 255 / (high - low) if high > low else 0.0
    pixels = ((table - low) * scale).clip(0, 255).round().astype(np.uint8)
    return Tile(
        width=table.shape[1],
        height=table.shape[0],
        pixels=pixels.tobytes(),
        low=low,
        high=high,
        channels=3 if table.ndim == 3 else 1,
        label=label,
    )


def tables(value: Array) -> list[Array]:
    """One sample's value as tables to draw: channels one by one, a long row folded where it fits."""
    if value.ndim == 0:
        return [value.reshape(1, 1)]
    if value.ndim == 1:
        return [folded(value)]
    if value.ndim == 2:
        return [value]
    return list(value.reshape(-1, *value.shape[-2:]))


def folded(row: Array) -> Array:
    """A row of numbers as a table, as near to a square as can be; short ones stay a row."""
    if len(row) <= _WIDE and not _is_square(len(row)):
        return row.reshape(1, -1)
    if len(row) < 16:
        return row.reshape(1, -1)
    height = next(h for h in range(math.isqrt(len(row)), 0, -1) if len(row) % h == 0)
    return row.reshape(height, -1) if len(row) // height <= 8 * height else row.reshape(1, -1)


def as_picture(value: Array) -> Array:
    """One sample as one picture: (3, H, W) in colours, (1, H, W) and a square row in grey."""
    if value.ndim == 3 and value.shape[0] == 3:
        value = np.moveaxis(value, 0, -1)
    elif value.ndim == 3:
        value = value[0]
    else:
        value = tables(value)[0]
    return value


def common(arrays: Sequence[Array], *, signed: bool = False) -> tuple[float, float]:
    """A span that holds all values; around zero when they are signed."""
    low = min((float(a.min()) for a in arrays if a.size), default=0.0)
    high = max((float(a.max()) for a in arrays if a.size), default=1.0)
    if signed:
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    return low, high


def series(names: Sequence[str], values: Array) -> Iterator[Series]:
    """Curves from (count, length)."""
    for name, row in zip(names, values, strict=True):
        yield Series(name=name, values=packed(row))


def packed(values: Array) -> bytes:
    """float32, little-endian."""
    return np.ascontiguousarray(values, "<f4").tobytes()


def _is_square(count: int) -> bool:
    return math.isqrt(count) ** 2 == count


def _shrunk(table: Array) -> Array:
    """Averages over blocks, where a table is larger than what is drawn."""
    for axis in (0, 1):
        step = -(-table.shape[axis] // MOST_PIXELS)
        if step > 1:
            starts = np.arange(0, table.shape[axis], step)
            sizes = np.diff([*starts, table.shape[axis]])
            shape = [1] * table.ndim
            shape[axis] = len(sizes)
            table = np.add.reduceat(table, starts, axis=axis) / sizes.reshape(shape).astype(np.float32)
    return table
