"""What is learned from the training split alone: values to put where one is missing, and the scaling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodeforge.data.source import Array, Layout, RawField


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
    if not field.padded and np.isnan(field.values).any():
        fill = _fill(field, values, missing)
        values = np.where(np.isnan(values), fill, values)
    axis = field.layout.channel_axis
    axes = tuple(a for a in range(values.ndim) if a != axis % values.ndim)
    if scaling == "standard":
        center, scale = np.nanmean(values, axes, keepdims=True), np.nanstd(values, axes, keepdims=True)
    elif scaling == "min-max" or (scaling == "0-1" and field.value_range is None):
        center = np.nanmin(values, axes, keepdims=True)
        scale = np.nanmax(values, axes, keepdims=True) - center
    elif scaling == "0-1" and field.value_range is not None:
        low, high = field.value_range
        center, scale = np.array(low), np.array(high - low)
    else:
        center, scale = np.array(0.0), np.array(1.0)
    if field.layout is Layout.FEATURES and field.one_hot:
        center, scale = (np.broadcast_to(part, (1, values.shape[1])).copy() for part in (center, scale))
        for start, stop in field.one_hot:
            center[:, start:stop], scale[:, start:stop] = 0.0, 1.0
    # A column that never changes carries no information: it becomes 0 instead of dividing by 0. Rounding can
    # leave such a column with a standard deviation of a few units in the last place.
    constant = scale <= 10 * np.finfo(np.float64).eps * np.maximum(np.abs(center), 1e-300)
    return Fitted(center=center, scale=np.where(constant, 1.0, scale), fill=fill, padded=bool(field.padded))


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
