"""Values of parameters as a person types and reads them."""

from __future__ import annotations

import math
import re

from nodeforge.core.expressions import EMPTY, Scope, has_expression, resolve
from nodeforge.core.parameters import (
    Choice,
    Integer,
    Integers,
    Number,
    Numbers,
    Optional,
    ParameterType,
    Scalar,
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


def parsed(type_: ParameterType, text: str, scope: Scope = EMPTY) -> Value:
    """The checked value of a text; an expression stays one, if what it comes to is sound.

    Raises:
        ValueError: The text means no value of this type; the sentence goes on after the parameter's name.
    """
    if isinstance(type_, Optional):
        bare = text.strip()
        return None if bare in ("", type_.empty) else parsed(type_.of, text, scope)
    raw = _raw(type_, text)
    if type_.numeric and has_expression(raw):
        type_.check(resolve(raw, scope))
        return raw
    return type_.check(raw)


def result(type_: ParameterType, value: Value, scope: Scope) -> str:
    """What a value with expressions comes to, as text; "" for one without, or when it comes to nothing."""
    if not (type_.numeric and has_expression(value)):
        return ""
    try:
        return written(type_, resolve(value, scope))
    except ValueError:
        return ""


def stepped(type_: ParameterType, text: str, steps: int) -> str | None:
    """The text some steps up or down, within bounds; None where stepping has no meaning.

    Whole numbers step by one, others by one in their first digit: 0.003 to 0.004.
    """
    inner = type_.of if isinstance(type_, Optional) else type_
    if not isinstance(inner, (Integer, Number, Scalar, Size)):
        return None
    try:
        value = parsed(inner, text)
        if not isinstance(value, (int, float)):
            return None
        whole = isinstance(inner, (Integer, Size)) or (isinstance(inner, Scalar) and isinstance(value, int))
        size = 1 if whole else _first_digit(value)
        return written(inner, inner.check(round(value + steps * size, 12)))
    except ValueError:
        return None


def _first_digit(value: float) -> float:
    return 10.0 ** math.floor(math.log10(abs(value))) if value else 0.1


def _raw(type_: ParameterType, text: str) -> Value:
    if type_.numeric and "=" in text:
        return _with_expressions(type_, text)
    if isinstance(type_, (Integers, Numbers)):
        return tuple(_number(item) for item in _items(text))
    if isinstance(type_, Size):
        items = _items(text)
        return _number(items[0]) if len(items) == 1 else tuple(_number(item) for item in items)
    if isinstance(type_, (Integer, Number, Scalar)):
        return _number(text.strip())
    return text.strip() if isinstance(type_, Choice) else text


def _with_expressions(type_: ParameterType, text: str) -> Value:
    """A text in which an item begins with "=": only commas that stand in no brackets part the items."""
    whole = text.strip()
    bare = whole[1:-1] if whole[:1] + whole[-1:] in ("()", "[]") else whole
    items, depth = [""], 0
    for letter in bare:
        depth += (letter in "([") - (letter in ")]")
        if letter in ",;" and depth == 0:
            items.append("")
        else:
            items[-1] += letter
    values = [item.strip() if item.strip().startswith("=") else _number(item.strip()) for item in items]
    is_list = isinstance(type_, (Integers, Numbers)) or (isinstance(type_, Size) and len(values) > 1)
    return tuple(values) if is_list else values[0] if len(values) == 1 else whole


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
