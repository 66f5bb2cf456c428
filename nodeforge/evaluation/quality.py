"""How much generated samples are like real ones: compared in the features of a classifier trained on the data."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nodeforge.data import Dataset

Array = NDArray[Any]

HIDDEN = (64, 32)
"""Neurons of the classifier's layers; the values of the last are the features."""
ITERATIONS = 60
MAX_FITTED = 20_000
SURE = 0.9
"""From this probability on, the classifier is sure of a class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A classifier of real samples, whose features tell how like two sets of samples are.

    Attributes:
        accuracy: Its own, on the split it judges with.
    """

    model: Any
    train: Array
    accuracy: float

    @classmethod
    def trained(cls, dataset: Dataset, field: str, split: str) -> Judge | None:
        """A classifier of a field's samples by their label; None when the data has none or reads them from disk."""
        label = next((one for one in dataset.facts.fields if one.role == "target" and one.classes), None)
        train, held_out = dataset.split("train"), dataset.split(split)
        if label is None or field not in train or train[label.name].ndim != 1:
            return None
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        samples = train[field].reshape(len(train[field]), -1)
        rows = np.linspace(0, len(samples) - 1, min(len(samples), MAX_FITTED)).astype(np.int64)
        model = MLPClassifier(HIDDEN, max_iter=ITERATIONS, random_state=0)
        with warnings.catch_warnings():
            # Stopping early is meant: its features are good long before the last digit of the loss.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(samples[rows], train[label.name][rows])
        accuracy = model.score(held_out[field].reshape(len(held_out[field]), -1), held_out[label.name])
        return cls(model=model, train=samples, accuracy=float(accuracy))

    def features(self, samples: Array) -> Array:
        """Values of the last hidden layer, (N, 32)."""
        values = samples.reshape(len(samples), -1)
        for weights, bias in zip(self.model.coefs_[:-1], self.model.intercepts_[:-1], strict=True):
            values = np.maximum(values @ weights + bias, 0)
        return np.asarray(values)

    def metrics(self, samples: Array, real: Array) -> dict[str, float]:
        """Fréchet distance from real samples, the share of samples that the classifier is sure of, and how evenly
        they fall among the classes (entropy over its greatest value).
        """
        if not np.isfinite(samples).all():
            return {}
        flat = samples.reshape(len(samples), -1)
        shares = self.model.predict_proba(flat)
        counts = np.bincount(shares.argmax(axis=1), minlength=shares.shape[1]) / len(flat)
        present = counts[counts > 0]
        return {
            "frechet_distance": frechet_distance(self.features(flat), self.features(real)),
            "sure_samples": float((shares.max(axis=1) > SURE).mean()),
            "class_evenness": float(-(present * np.log(present)).sum() / np.log(len(counts))),
        }

    def rivals(self, real: Array) -> dict[str, dict[str, float]]:
        """What real training samples reach, which is as good as it gets, and what pixels drawn one by one reach."""
        random = np.random.default_rng(0)
        count = min(len(self.train), max(len(real), 2))
        rows = np.linspace(0, len(self.train) - 1, count).astype(np.int64)
        pixels = random.normal(self.train.mean(axis=0), self.train.std(axis=0), (count, self.train.shape[1]))
        return {
            "independent values": self.metrics(pixels, real),
            "real training samples": self.metrics(self.train[rows], real),
        }


def frechet_distance(first: Array, second: Array) -> float:
    """Between normal distributions fitted to two sets of features, (N, F) and (M, F); Heusel et al. (2017),
    https://arxiv.org/abs/1706.08500.
    """
    import torch
    from torchmetrics.image.fid import FrechetInceptionDistance

    if min(len(first), len(second)) < 2:
        return float("nan")
    shape: Any = (first.shape[1],)  # annotated for pictures; features have one axis
    measure = FrechetInceptionDistance(feature=torch.nn.Identity(), input_img_size=shape)
    measure.set_dtype(torch.float64)
    measure.update(torch.from_numpy(np.ascontiguousarray(first, np.float64)), real=False)
    measure.update(torch.from_numpy(np.ascontiguousarray(second, np.float64)), real=True)
    return float(measure.compute())
