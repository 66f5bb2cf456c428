"""What simple methods reconstruct of samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.evaluation.task import Task

if TYPE_CHECKING:
    from nodeforge.data import Dataset

Array = NDArray[Any]

MAX_NUMBERS = 20_000_000
"""Of more numbers than this in the training samples, evenly spaced samples are fitted."""


def reconstructions(dataset: Dataset, task: Task, components: int) -> dict[str, Callable[[str], Array]]:
    """The mean sample, and what as many principal components keep as the network has values in its narrowest place.

    Args:
        dataset: The data.
        task: Names the field that is to be reconstructed.
        components: Values in the narrowest place; 0 when unknown.
    """

    def samples(split: str) -> Array:
        values = dataset.split(split)[task.field]
        return values.reshape(len(values), -1)

    train = samples("train")
    count = max(1, min(len(train), MAX_NUMBERS // max(1, train.shape[1])))
    train = train[np.linspace(0, len(train) - 1, count).astype(np.int64)]
    mean = train.mean(axis=0)
    found: dict[str, Callable[[str], Array]] = {
        "mean sample": lambda split: np.broadcast_to(mean, samples(split).shape)
    }
    if 0 < components < min(train.shape):
        from sklearn.decomposition import PCA

        model = PCA(components, svd_solver="auto", random_state=0).fit(train)
        found[f"{components} principal component{'s' * (components > 1)}"] = lambda split: (
            model.inverse_transform(model.transform(samples(split)))
        )
    return found
