"""Values of parameters as a person types and reads them."""

from __future__ import annotations

import math
import re

from nodeforge.core.parameters import (
    Choice,
    Integer,
    Integers,
    Number,
    Numbers,
    Optional,
    ParameterType,
    Size,
    Value,
)

_BETWEEN_NUMBERS = re.compile(r"\s*[,;×x*]\s*|\s+")


def written(type_: ParameterType, value: Value) -> str:
    """The text of a value: `3, 3`, `0.001`, nothing for an empty optional."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def parsed(type_: ParameterType, text: str) -> Value:
    """The checked value of a text.

    Raises:
        ValueError: The text means no value of this type; the sentence goes on after the parameter's name.
    """
    if isinstance(type_, Optional):
        bare = text.strip()
        return None if bare in ("", type_.empty) else parsed(type_.of, text)
    return type_.check(_raw(type_, text))


def stepped(type_: ParameterType, text: str, steps: int) -> str | None:
    """The text some steps up or down, within bounds; None where stepping has no meaning.

    Whole numbers step by one, others by one in their first digit: 0.003 to 0.004.
    """
    inner = type_.of if isinstance(type_, Optional) else type_
    if not isinstance(inner, (Integer, Number, Size)):
        return None
    try:
        value = parsed(inner, text)
        if not isinstance(value, (int, float)):
            return None
        size = 1 if isinstance(inner, (Integer, Size)) else _first_digit(value)
        return written(inner, inner.check(round(value + steps * size, 12)))
    except ValueError:
        return None


def _first_digit(value: float) -> float:
    return 10.0 ** math.floor(math.log10(abs(value))) if value else 0.1


def _raw(type_: ParameterType, text: str) -> Value:
    if isinstance(type_, (Integers, Numbers)):
        return tuple(_number(item) for item in _items(text))
    if isinstance(type_, Size):
        items = _items(text)
        return _number(items[0]) if len(items) == 1 else tuple(_number(item) for item in items)
    if isinstance(type_, (Integer, Number)):
        return _number(text.strip())
    return text.strip() if isinstance(type_, Choice) else text


def _items(text: str) -> list[str]:
    bare = text.strip().strip("()[]").strip()
    return [item for item in _BETWEEN_NUMBERS.split(bare) if item] if bare else []


def _number(text: str) -> Value:
    """A number, or the text itself for the type to complain of."""
    for convert in (int, float):
        try:
            return convert(text.replace("−", "-"))
        except ValueError:
            continue
    return text
