"""The Python of one node: how its module is made and how it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nodeforge.catalog.kind import CodeCall, Kind
from nodeforge.compiler.naming import literal
from nodeforge.core.parameters import Value

_UNUSED_TUPLE = re.compile(r"\(_(, _)*\)")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a constructor.

    Attributes:
        name: As the constructor calls it.
        text: Its value as Python.
        keyword: Whether it is passed with its name.
        needed: Whether it must be passed: the constructor would not assume this value by itself.
    """

    name: str
    text: str
    keyword: bool = True
    needed: bool = True


def constructor(kind: Kind, values: Mapping[str, Value], derived: Mapping[str, Value]) -> str:
    """What makes the module, `nn.Conv2d(1, 8, kernel_size=3)`: only what torch cannot assume by itself."""
    return call_text(kind.module, arguments(kind, values, derived))


def call_text(function: str, passed: Iterable[Argument]) -> str:
    """A call with the arguments that it needs."""
    spelled = [f"{a.name}={a.text}" if a.keyword else a.text for a in passed if a.needed]
    return f"{function}({', '.join(spelled)})"


def arguments(kind: Kind, values: Mapping[str, Value], derived: Mapping[str, Value]) -> list[Argument]:
    """All arguments of a kind's module, in the order in which they are passed."""
    everything = {**values, **derived}

    def spell(name: str) -> str:
        value = everything[name]
        if name in kind.spelled and value is not None:
            return kind.spelled[name](everything)
        return literal(value)

    places: list[Argument] = []
    named: list[Argument] = []
    for d in kind.derived:
        needed = d.positional or derived[d.name] != d.default
        (places if d.positional else named).append(Argument(d.name, spell(d.name), not d.positional, needed))
    for p in kind.parameters:
        if p.name in kind.call_only:
            continue
        needed = p.positional or p.name in kind.named or values[p.name] != p.default
        (places if p.positional else named).append(Argument(p.name, spell(p.name), not p.positional, needed))
    fixed = [Argument(name, literal(value)) for name, value in kind.fixed.items()]
    return [*places, *named, *fixed]


def assignment(kind: Kind, call: CodeCall, assigned: Mapping[str, str]) -> str:
    """The line that computes a node; `assigned` holds the variables of the outputs that are used, by port."""
    right = kind.forward(call) if kind.forward else f"self.{call.name}({call.arguments})"
    if not kind.unpack:
        return f"{next(iter(assigned.values()))} = {right}"
    names = {port.name: assigned.get(port.name, "_") for port in kind.outputs}
    return f"{_UNUSED_TUPLE.sub('_', kind.unpack.format(**names))} = {right}"
