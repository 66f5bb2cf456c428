"""What the numbers come to, in a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping

from nodeforge.evaluation.task import HIGHER_IS_BETTER, Task, TaskKind

_NAMES = {
    "accuracy": "accuracy",
    "nrmse": "NRMSE",
    "rmse": "RMSE",
    "reconstruction_error": "reconstruction error",
    "quantization_error": "quantization error",
    "perplexity": "perplexity",
    "frechet_distance": "Fréchet distance",
}
UNEQUAL = ("real training samples", "k-means")
"""Methods that show what is possible, and which nobody is expected to beat."""


def verdict(
    task: Task, split: str, metrics: Mapping[str, float], baseline: Mapping[str, Mapping[str, float]]
) -> tuple[str, bool]:
    """Whether the network does better than what is simple: (sentences, whether it does); ("", True) without any.

    Args:
        task: What was asked.
        split: Where it was measured.
        metrics: Of the network.
        baseline: By method, its metrics there.
    """
    name = task.headline if task.headline in metrics else "rmse"
    rivals = {
        method: values[name]
        for method, values in baseline.items()
        if name in values and not method.startswith(UNEQUAL)
    }
    if name not in metrics or not rivals:
        return "", True
    sign = -1.0 if name in HIGHER_IS_BETTER else 1.0
    best = min(rivals, key=lambda method: sign * rivals[method])
    ours, theirs = metrics[name], rivals[best]
    what, on = _NAMES[name], f"on the {split} data"
    if sign * ours < sign * theirs:
        kind = "higher" if name in HIGHER_IS_BETTER else "lower"
        return (
            f"The network does better than every simple method {on}: its {what} is {_value(name, ours)}, {kind} than "
            f"that of the {best}, {_value(name, theirs)}.",
            True,
        )
    beaten = "no better than" if ours == theirs else "beaten by"
    return (
        f"The network is {beaten} the {best} {on}: its {what} is {_value(name, ours)}, that of the {best} "
        f"{_value(name, theirs)}. {_remedy(task)}",
        False,
    )


def _remedy(task: Task) -> str:
    if task.kind is TaskKind.GENERATION:
        return "Train both players longer, or give the weaker one more layers."
    return (
        "Train longer, try another learning rate, or change the network; if that does not help, the simple "
        "method is the better model for these data."
    )


def _value(name: str, value: float) -> str:
    return f"{value:.1%}" if name == "accuracy" else f"{value:.4g}"
