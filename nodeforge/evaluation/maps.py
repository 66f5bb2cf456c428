"""How good a self-organizing map is, beside centres that need not lie on a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MAX_FITTED = 20_000
SIDE_BY_SIDE = 2
"""Squared distance on the grid up to which two units are neighbours: across a corner, too."""


def map_metrics(distances: Array, *, toroidal: bool = False) -> dict[str, float]:
    """Quantization error, the mean distance from the nearest prototype; topographic error, the share of samples
    whose two nearest units are no neighbours on the grid (Kiviluoto, 1996, https://doi.org/10.1109/ICNN.1996.548907);
    and the share of units that are nearest to no sample.

    Args:
        distances: From every prototype, (N, rows, columns).
        toroidal: Whether opposite edges of the grid are neighbours.
    """
    if not len(distances):
        return {}
    count, rows, columns = distances.shape
    flat = distances.reshape(count, -1)
    if not np.isfinite(flat).all():
        return {"quantization_error": float("nan")}
    found = {"quantization_error": float(flat.min(axis=1).mean())}
    if flat.shape[1] > 1:
        nearest = np.argpartition(flat, 1, axis=1)[:, :2]
        places = np.stack([nearest // columns, nearest % columns], axis=-1)
        steps = np.abs(places[:, 0] - places[:, 1])
        if toroidal:
            steps = np.minimum(steps, np.array([rows, columns]) - steps)
        found["topographic_error"] = float(((steps**2).sum(axis=1) > SIDE_BY_SIDE).mean())
        used = len(np.unique(flat.argmin(axis=1)))
        found["unused_units"] = 1.0 - used / flat.shape[1]
    return found


def centre_metrics(train: Array, samples: Array, units: int) -> dict[str, dict[str, float]]:
    """What as many k-means centres reach, by the name of the method; empty when there are too few samples.

    Args:
        train: What the centres are fitted to, (N, features).
        samples: What is measured, (M, features).
        units: Number of centres.
    """
    if units >= len(train) or not len(samples):
        return {}
    from sklearn.cluster import KMeans

    rows = np.linspace(0, len(train) - 1, min(len(train), MAX_FITTED)).astype(np.int64)
    model = KMeans(units, n_init=1, random_state=0).fit(train[rows])
    nearest = model.transform(samples).min(axis=1)
    return {f"k-means, {units} centres": {"quantization_error": float(nearest.mean())}}
