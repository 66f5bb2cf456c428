"""Ways that are shown: a clock that tells how much of one lies behind."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation


def clock(
    parent: QObject,
    duration_ms: int,
    show: Callable[[float], object],
    curve: QEasingCurve.Type = QEasingCurve.Type.OutCubic,
) -> QVariantAnimation:
    """A clock that waits to be started, and then calls `show` each frame with the share of a way, from 0 to 1."""
    made = QVariantAnimation(parent)
    made.setStartValue(0.0)
    made.setEndValue(1.0)
    made.setDuration(duration_ms)
    made.setEasingCurve(curve)
    made.valueChanged.connect(show)
    return made
