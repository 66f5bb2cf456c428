"""Samples of several lengths side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nodeforge.core.parameters import Choice, Parameter
from nodeforge.data.source import Array

PADDING_SIDE = Parameter(
    "padding",
    Choice(options=("end", "start")),
    "end",
    "Where shorter samples are filled up. start: the last step is always a real one, as a recurrent network wants "
    "it that answers after the last step. The input `mask` is true where there is a value.",
)


def padded(rows: Sequence[Array], length: int, side: str, gap: float = np.nan) -> Array:
    """Rows of several lengths, (t, …), as one array, (N, length, …); longer ones lose their end.

    Args:
        rows: At least one.
        length: Steps of the result.
        side: Where shorter ones are filled up, "start" or "end".
        gap: What they are filled up with.
    """
    result = np.full((len(rows), length, *rows[0].shape[1:]), gap, dtype=rows[0].dtype)
    for place, row in enumerate(rows):
        part = row[:length]
        start = length - len(part) if side == "start" else 0
        result[place, start : start + len(part)] = part
    return result
