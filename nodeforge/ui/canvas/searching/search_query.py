"""What was typed into the search: words to look for, then values for parameters ("conv 32 3", "dropout p=0.2")."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nodeforge.catalog.kind import Kind
from nodeforge.core.parameters import Integers, Parameter, Value

_VALUE = re.compile(r"(?!\dd$)[-+.(\[]?\d|[A-Za-z_]+=")
"""A number or an assignment, but not the 2d of "pool 2d"."""
_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "none": None}


@dataclass(frozen=True, slots=True)
class Query:
    """A search text taken apart.

    Attributes:
        words: What to look for.
        values: The words after it, each a value or name=value.
    """

    words: str
    values: tuple[str, ...]


def parse(text: str) -> Query:
    """Take a search text apart: from the first word that looks like a value on, all are values."""
    tokens = text.split()
    cut = next((i for i, token in enumerate(tokens) if i and _VALUE.match(token)), len(tokens))
    return Query(" ".join(tokens[:cut]), tuple(tokens[cut:]))


def parameters(kind: Kind, values: Iterable[str]) -> dict[str, Value]:
    """Parameters from typed values; those without a name go to the parameters in order.

    Raises:
        ValueError: A sentence that says which value does not fit.
    """
    order = sorted((p for p in kind.parameters if not p.advanced), key=lambda p: not p.positional)
    found: dict[str, Value] = {}
    free = iter(order)
    for token in values:
        name, equals, text = token.partition("=")
        if equals:
            parameter = kind.parameter(name)
            if parameter is None:
                known = ", ".join(p.name for p in kind.parameters) or "none"
                raise ValueError(f"{kind.label} has no parameter {name} (it has: {known}).")
        else:
            text, parameter = token, next(free, None)
            if parameter is None:
                raise ValueError(f"{kind.label} takes {len(order)} values at most.")
        found[parameter.name] = _checked(parameter, text)
    return found


def _checked(parameter: Parameter, text: str) -> Value:
    value = _value(text)
    one_of_many = isinstance(parameter.type, Integers) and not isinstance(value, tuple)
    return parameter.check((value,) if one_of_many else value)


def _value(text: str) -> Value:
    """28, 0.5, true, none, 3x3, 1,28,28, or the text itself."""
    lowered = text.lower()
    if lowered in _CONSTANTS:
        return _CONSTANTS[lowered]
    parts = [part for part in re.split(r"[x×,]", lowered.strip("()[]")) if part]
    if all(re.fullmatch(r"[-+]?\d+", part) for part in parts) and parts:
        numbers = tuple(int(part) for part in parts)
        return numbers if len(numbers) > 1 or "," in text else numbers[0]
    try:
        return float(text)
    except ValueError:
        return text
