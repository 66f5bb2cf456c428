"""Times and measurements in a few words."""

from __future__ import annotations

import math
from collections.abc import Mapping

_ABBREVIATIONS = {
    "mse": "MSE",
    "rmse": "RMSE",
    "nrmse": "NRMSE",
    "mae": "MAE",
    "r2": "R²",
    "f1": "F1",
    "roc": "ROC",
    "auc": "AUC",
    "negative": "−",
    "elbo": "ELBO",
    "frechet": "Fréchet",
}
_PERCENTAGES = ("accuracy", "exact_match", "topographic_error", "unused_units", "sure_samples")
_ENDS = {"stopped": "was stopped", "interrupted": "was interrupted"}


def duration(seconds: float) -> str:
    """ "42 s", "3 min 5 s", "2 h 10 min"."""
    if not math.isfinite(seconds) or seconds < 0:
        return "unknown"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def title_of(quantity: str) -> str:
    """A measured quantity as people write it: "gradient_norm" is "Gradient norm", "rmse" is "RMSE"."""
    title = " ".join(_ABBREVIATIONS.get(word, word) for word in quantity.split("_")).replace("− ", "−")
    return title[:1].upper() + title[1:]


def value_of(metric: str, value: float) -> str:
    """A metric's value: a share as a percentage, others with four significant digits."""
    return f"{value:.1%}" if metric.endswith(_PERCENTAGES) else f"{value:.4g}"


def main_metric(metrics: Mapping[str, float]) -> str:
    """The metric people ask for first: "Accuracy 97.2%"; the loss where nothing else is measured."""
    name = _main(metrics)
    return f"{title_of(name)} {value_of(name, metrics[name])}" if name else ""


def measured(metrics: Mapping[str, float]) -> str:
    """The main metric and the loss in one line: "Accuracy 97.2%, loss 0.0931"."""
    names = [name for name in metrics if name != "loss"][:1] + ["loss"] * ("loss" in metrics)
    text = ", ".join(f"{_inner_title(name)} {value_of(name, metrics[name])}" for name in names)
    return text[:1].upper() + text[1:]


def _main(metrics: Mapping[str, float]) -> str:
    return next((name for name in metrics if name != "loss"), next(iter(metrics), ""))


def _inner_title(quantity: str) -> str:
    title = title_of(quantity)
    return title if quantity in _ABBREVIATIONS else title.lower()


def ending(name: str, status: str, metrics: Mapping[str, Mapping[str, float]]) -> str:
    """How a run ended, with the main metric on the data kept apart: "Run 1 finished: test accuracy 96.5%."."""
    sentence = f"{name} {_ENDS.get(status, status)}"
    for split in ("test", "validation", "train"):
        if metric := _main(metrics.get(split, {})):
            return f"{sentence}: {split} {_inner_title(metric)} {value_of(metric, metrics[split][metric])}."
    return f"{sentence}."


def summary_of(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """What was reached on the data kept apart, one line a split."""
    lines = [
        f"{split.capitalize()}: {measured(metrics[split])}"
        for split in ("validation", "test")
        if metrics.get(split)
    ]
    return "\n".join(lines)
