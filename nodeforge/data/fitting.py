"""What is learned from the training split alone: values to put where one is missing, and the scaling."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodeforge.data.source import Array, Layout, RawField
from nodeforge.data.streams import Stream


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """How one input or target field is prepared; `scaled = (value − center) / scale`.

    Attributes:
        center, scale: float64, broadcast over a batch of the field.
        fill: What replaces a missing value, by column; None when nothing is ever missing.
        padded: Whether NaN is padding: it becomes 0 after scaling.
    """

    center: Array
    scale: Array
    fill: Array | None = None
    padded: bool = False

    def apply(self, values: Array) -> Array:
        """Raw values, ready for the network: float32."""
        result = values.astype(np.float64)
        if self.fill is not None:
            result = np.where(np.isnan(result), self.fill, result)
        result -= self.center
        result /= self.scale
        if self.padded:
            np.nan_to_num(result, copy=False)
        return result.astype(np.float32)

    def invert(self, values: Array) -> Array:
        """Prepared values (or predictions of them) back in their own unit: float64."""
        return values.astype(np.float64) * self.scale + self.center


def fit(field: RawField, values: Array, *, scaling: str, missing: str) -> Fitted:
    """Statistics of the training values of a field.

    Args:
        field: What the values are.
        values: Its training rows.
        scaling: "none", "standard", "min-max" or "0-1".
        missing: "mean", "median" or "most frequent".
    """
    values = values.astype(np.float64)
    fill = None
    if not field.padded and np.isnan(field.array).any():
        fill = _fill(field, values, missing)
        values = np.where(np.isnan(values), fill, values)
    axes = _other_axes(field, values)
    if scaling == "standard":
        center, scale = np.nanmean(values, axes, keepdims=True), np.nanstd(values, axes, keepdims=True)
    elif scaling == "min-max" or (scaling == "0-1" and field.value_range is None):
        center = np.nanmin(values, axes, keepdims=True)
        scale = np.nanmax(values, axes, keepdims=True) - center
    else:
        center, scale = _known_scale(field, scaling)
    center, scale = _sparing_categories(field, center, scale)
    return _fitted(center, scale, fill=fill, padded=bool(field.padded))


def fit_stream(field: RawField, stream: Stream, *, scaling: str) -> Fitted:
    """The same for training values that are read from disk, a block at a time.

    Args:
        field: What the values are.
        stream: Its training rows, of which none misses a value.
        scaling: "none", "standard", "min-max" or "0-1".
    """
    if scaling == "none" or (scaling == "0-1" and field.value_range is not None):
        return _fitted(*_known_scale(field, scaling))
    count, mean, squares, low, high = 0, np.zeros(1), np.zeros(1), np.inf, -np.inf
    for block in stream.blocks():
        values = block.astype(np.float64)
        axes = _other_axes(field, values)
        size = values.size // math.prod(values.shape[axis] for axis in range(values.ndim) if axis not in axes)
        # Means and squares of blocks add up as in T. Chan, G. Golub, R. LeVeque (1979).
        own = values.mean(axes, keepdims=True)
        shift = own - mean
        squares = (
            squares
            + ((values - own) ** 2).sum(axes, keepdims=True)
            + shift**2 * count * size / (count + size)
        )
        mean = mean + shift * size / (count + size)
        count += size
        low = np.minimum(low, values.min(axes, keepdims=True))
        high = np.maximum(high, values.max(axes, keepdims=True))
    if scaling == "standard":
        center, scale = mean, np.sqrt(squares / count)
    else:
        center, scale = np.asarray(low), np.asarray(high) - np.asarray(low)
    return _fitted(*_sparing_categories(field, center, scale))


def _sparing_categories(field: RawField, center: Array, scale: Array) -> tuple[Array, Array]:
    """The same with columns of categories left as they are."""
    if field.layout is not Layout.FEATURES or not field.one_hot:
        return center, scale
    center, scale = (np.broadcast_to(part, (1, *field.values.shape[1:])).copy() for part in (center, scale))
    for start, stop in field.one_hot:
        center[:, start:stop], scale[:, start:stop] = 0.0, 1.0
    return center, scale


def _other_axes(field: RawField, values: Array) -> tuple[int, ...]:
    """All axes of a batch but that of quantities."""
    axis = field.layout.channel_axis % values.ndim
    return tuple(a for a in range(values.ndim) if a != axis)


def _known_scale(field: RawField, scaling: str) -> tuple[Array, Array]:
    """Center and scale that no statistics are needed for."""
    low, high = field.value_range if scaling == "0-1" and field.value_range else (0.0, 1.0)
    return np.array(low), np.array(high - low)


def _fitted(center: Array, scale: Array, *, fill: Array | None = None, padded: bool = False) -> Fitted:
    # A column that never changes carries no information: it becomes 0 instead of dividing by 0. Rounding can
    # leave such a column with a standard deviation of a few units in the last place.
    constant = scale <= 10 * np.finfo(np.float64).eps * np.maximum(np.abs(center), 1e-300)
    return Fitted(center=center, scale=np.where(constant, 1.0, scale), fill=fill, padded=padded)


def _fill(field: RawField, values: Array, missing: str) -> Array:
    """By column what stands for a missing value; for a category always its most frequent one."""
    fill = np.zeros(values.shape[1])
    categories = {column for start, stop in field.one_hot for column in range(start, stop)}
    for column in range(values.shape[1]):
        known = values[~np.isnan(values[:, column]), column]
        if column not in categories and len(known):
            fill[column] = _typical(known, missing)
    for start, stop in field.one_hot:
        counts = np.nansum(values[:, start:stop], axis=0)
        fill[start + int(counts.argmax())] = 1.0
    return fill


def _typical(known: Array, missing: str) -> float:
    if missing == "mean":
        return float(known.mean())
    if missing == "median":
        return float(np.median(known))
    distinct, counts = np.unique(known, return_counts=True)
    return float(distinct[counts.argmax()])
