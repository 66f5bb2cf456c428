"""Kinds by what they do to values: the mathematics that no declaration says."""

from __future__ import annotations

import math

from nodeforge.analysis.report import NodeReport

CONVOLUTIONS = frozenset({"Conv1d", "Conv2d", "Conv3d"})
TRANSPOSED = frozenset({"ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"})
WEIGHED_SUMS = CONVOLUTIONS | TRANSPOSED | {"Linear"}
"""What comes out is linear in what goes in, and may be any number."""
BATCH_NORMS = frozenset({"BatchNorm1d", "BatchNorm2d", "BatchNorm3d"})
DROPOUTS = frozenset(
    {"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"}
)
MOVING = frozenset(
    {"Flatten", "Identity", "Permute", "Reshape", "Squeeze", "Transpose", "Unflatten", "Unsqueeze"}
)
"""The same values, elsewhere."""
AVERAGING = frozenset(
    f"{prefix}AvgPool{axes}d" for prefix in ("", "Adaptive") for axes in (1, 2, 3)
) | {"Mean"}  # fmt: skip
MAXIMA = frozenset(f"{prefix}MaxPool{axes}d" for prefix in ("", "Adaptive") for axes in (1, 2, 3))
SOFTMAXES = frozenset({"LogSoftmax", "Softmax", "Softmax2d", "Softmin"})
CURVED = frozenset(
    {
        *("CELU", "ELU", "GELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid", "Mish"),
        *("PReLU", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softplus", "Softsign", "Tanh"),
    }
)
"""Activations that bend each value for itself."""

Span = tuple[float, float]
_ANY: Span = (-math.inf, math.inf)
_SPANS: dict[str, Span] = {
    "Exp": (0.0, math.inf),
    "Hardsigmoid": (0.0, 1.0),
    "LogSigmoid": (-math.inf, 0.0),
    "LogSoftmax": (-math.inf, 0.0),
    "ReLU": (0.0, math.inf),
    "ReLU6": (0.0, 6.0),
    "Sigmoid": (0.0, 1.0),
    "Softmax": (0.0, 1.0),
    "Softmax2d": (0.0, 1.0),
    "Softmin": (0.0, 1.0),
    "Softplus": (0.0, math.inf),
    "Softsign": (-1.0, 1.0),
    "Tanh": (-1.0, 1.0),
}


def span_of(report: NodeReport) -> Span | None:
    """Between which values a node's output lies, whatever goes in; None when that cannot be told."""
    name = report.kind.name if report.kind else ""
    if name in WEIGHED_SUMS:
        return _ANY
    if name == "Hardtanh":
        low, high = report.values.get("min_val"), report.values.get("max_val")
        return (low, high) if isinstance(low, float) and isinstance(high, float) else None
    return _SPANS.get(name)
