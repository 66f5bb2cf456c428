"""Samples of a series: windows of values that lie one after another, and the value some steps later."""

from __future__ import annotations

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.data.source import Array, Layout, RawField, Samples, Timeline


def windowed(
    title: str,
    values: Array,
    *,
    window: int,
    horizon: int,
    name: str = "",
    period: int = 0,
    seen: Array | None = None,
) -> Samples:
    """Every window of a series, (N, window, F), with the value that comes `horizon` steps after its last.

    Args:
        title: What the series is called.
        values: What is predicted, in its own unit and in order, (T,).
        window: Steps that the network sees.
        horizon: How far ahead it predicts.
        name: What is measured; names the prediction.
        period: Steps of one season (12 for months), or 0.
        seen: What the network sees, (T, F); None: the values that it predicts.

    Raises:
        UserError: The series is too short.
    """
    moments = np.arange(window + horizon - 1, len(values))
    if not len(moments):
        raise UserError(
            f"{title} has {len(values):,} values; a window of {window} and a horizon of {horizon} need at least "
            f"{window + horizon}: set them smaller."
        )
    series = values[:, None] if seen is None else seen
    windows = np.lib.stride_tricks.sliding_window_view(series, window, axis=0)[: len(moments)]
    target = RawField(
        name="target", values=values[moments, None], role="target", columns=(name,) if name else ()
    )
    return Samples(
        title=title,
        fields=(RawField(name="series", values=windows.swapaxes(1, 2), layout=Layout.SERIES), target),
        timeline=Timeline(values=values, moments=moments, horizon=horizon, period=period),
    )
