"""The sound value that a value at fault most likely meant."""

from __future__ import annotations

from difflib import get_close_matches

from nodeforge.core.parameters import (
    Boolean,
    Choice,
    Integer,
    Integers,
    Number,
    Optional,
    ParameterType,
    Size,
    Value,
)


def nearest_value(type: ParameterType, value: Value) -> Value:
    """The nearest value that the type takes; None when there is no telling."""
    wish = _guess(type, value)
    if wish is None:
        return None
    try:
        return type.check(wish)
    except ValueError:
        return None


def _guess(type: ParameterType, value: Value) -> Value:
    match type:
        case Optional(of=inner):
            return _guess(inner, value)
        case Boolean():
            return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())
        case Choice(options=options):
            return next(iter(get_close_matches(str(value), options, n=1)), None)
        case Integer(minimum=low, maximum=high):
            number = _number(value)
            return None if number is None else round(_clamp(number, low, high))
        case Number(minimum=low, maximum=high):
            number = _number(value)
            return None if number is None else _clamp(number, low, high)
        case Size(minimum=low) if not isinstance(value, tuple):
            return _guess(Integer(minimum=low), value)
        case Size(minimum=low) | Integers(minimum=low):
            items = [
                _guess(Integer(minimum=low), item)
                for item in (value if isinstance(value, tuple) else (value,))
            ]
            return None if None in items else tuple(items)
    return None


def _number(value: Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None  # leaves out infinity and nan


def _clamp(number: float, low: float | None, high: float | None) -> float:
    if low is not None:
        number = max(number, low)
    return number if high is None else min(number, high)
