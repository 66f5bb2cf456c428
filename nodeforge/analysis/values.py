"""Values against their declaration: what is at fault, and what would mend it. For nodes and recipes alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from nodeforge.analysis.nearest import nearest_value
from nodeforge.core.edits import UNSET, Unset
from nodeforge.core.expressions import EMPTY, Scope, is_expression, names_in, replaced
from nodeforge.core.parameters import Declaration, Parameter, Value, Values


@dataclass(frozen=True, slots=True)
class Mend:
    """New values by parameter (UNSET: back to the default), and the words on the button."""

    label: str
    changes: Mapping[str, Value | Unset]


@dataclass(frozen=True, slots=True)
class ValueFault:
    """One value at fault; the message is a sentence without its place and full stop."""

    code: str
    parameter: str
    message: str
    mends: tuple[Mend, ...]


def value_faults(declaration: Declaration, values: Values, scope: Scope = EMPTY) -> Iterator[ValueFault]:
    """Every value that is missing, unknown, of a wrong type or out of bounds, expressions computed in the scope."""
    for name, message in declaration.problems(values, scope):
        parameter = declaration.parameter(name)
        if parameter is None:
            yield ValueFault("parameter-unknown", name, message, tuple(_renamed(declaration, values, name)))
        elif name not in values:
            yield ValueFault("parameter-missing", name, message, ())
        else:
            mends = (*_respelled(parameter, values[name], scope), *_sound(parameter, values[name]))
            yield ValueFault("parameter-invalid", name, message, mends)


def mended(values: Values, mend: Mend) -> dict[str, Value]:
    """The values with a mend carried out."""
    result = {name: value for name, value in values.items() if name not in mend.changes}
    result |= {name: value for name, value in mend.changes.items() if not isinstance(value, Unset)}
    return result


def _renamed(declaration: Declaration, values: Values, name: str) -> Iterator[Mend]:
    free = [p.name for p in declaration.parameters if p.name not in values]
    for wish in get_close_matches(name, free, n=1):
        yield Mend(f"Rename {name} to {wish}", {name: UNSET, wish: values[name]})
    yield Mend(f"Remove {name}", {name: UNSET})


def _respelled(parameter: Parameter, value: Value, scope: Scope) -> Iterator[Mend]:
    """An expression with a variable that there is, for one that is not."""
    if not isinstance(value, str) or not is_expression(value):
        return
    for name in sorted(names_in(value) - scope.keys()):
        for near in get_close_matches(name, scope, n=1):
            text = f"={replaced(value, {name: near})}"
            try:
                parameter.check(text, scope)
            except ValueError:
                continue
            yield Mend(f"Set {parameter.name} to {text}", {parameter.name: text})


def _sound(parameter: Parameter, value: Value) -> Iterator[Mend]:
    nearest = nearest_value(parameter.type, value)
    if nearest is not None:
        yield Mend(f"Set {parameter.name} to {_text(nearest)}", {parameter.name: nearest})
    if not parameter.required and parameter.default != nearest:
        default = _text(parameter.default)  # type: ignore[arg-type]
        yield Mend(f"Reset {parameter.name} to its default, {default}", {parameter.name: UNSET})


def _text(value: Value) -> str:
    if isinstance(value, tuple):
        return "×".join(map(str, value)) or "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value) or "empty"
