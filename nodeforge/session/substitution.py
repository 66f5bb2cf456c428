"""Other words for the names in expressions: what changes when a value moves to where its names mean nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from nodeforge.core.expressions import evaluate, is_expression, names_in, parse, replaced
from nodeforge.core.parameters import Value


def names_of(value: Value) -> frozenset[str]:
    """The variables that a parameter's value names, in lists too."""
    if isinstance(value, tuple):
        return frozenset().union(*map(names_of, value))
    return names_in(value) if isinstance(value, str) and is_expression(value) else frozenset()


def needed(values: Iterable[Value], offered: Mapping[str, Value]) -> dict[str, Value]:
    """What values name of what is offered, and what that names in turn; in the order of what is offered."""
    wanted: set[str] = set()
    todo = {name for value in values for name in names_of(value)}
    while todo := (todo & offered.keys()) - wanted:
        wanted |= todo
        todo = {name for each in todo for name in names_of(offered[each])}
    return {name: value for name, value in offered.items() if name in wanted}


def plain(value: Value, told: Mapping[str, str]) -> Value:
    """A value with other words for some names of its expressions; a number where no name is left.

    Args:
        value: A parameter's value.
        told: By name, what stands in its place, as `words` gives it.
    """
    if isinstance(value, tuple):
        return tuple(plain(item, told) for item in value)
    if not (isinstance(value, str) and is_expression(value)):
        return value
    if all(told.get(name, name) == name for name in names_in(value)):
        return value
    text = f"={replaced(value, told)}"
    if not names_in(text):
        with suppress(ValueError):  # what cannot be computed stays as it is, and is a diagnostic
            return evaluate(text)
    return text


def words(value: Value) -> str | None:
    """A number or an expression as Python; None for what is neither."""
    if isinstance(value, str) and is_expression(value):
        with suppress(ValueError):
            parse(value)
            return value.removeprefix("=").strip()
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    return None
