"""The Python of one node: how its module is made and how it is called."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nodeforge.catalog.kind import CodeCall, Kind
from nodeforge.compiler.naming import literal
from nodeforge.core.parameters import Value

_UNUSED_TUPLE = re.compile(r"\(_(, _)*\)")


def constructor(kind: Kind, values: Mapping[str, Value], derived: Mapping[str, Value]) -> str:
    """What makes the module, `nn.Conv2d(1, 8, kernel_size=3)`: only what torch cannot assume by itself."""
    everything = {**values, **derived}

    def spell(name: str) -> str:
        value = everything[name]
        return (
            kind.spelled[name](everything) if name in kind.spelled and value is not None else literal(value)
        )

    places = [spell(d.name) for d in kind.derived if d.positional]
    named = [d.name for d in kind.derived if not d.positional and derived[d.name] != d.default]
    for parameter in kind.parameters:
        if parameter.name in kind.call_only:
            continue
        value = values[parameter.name]
        if parameter.positional:
            places.append(spell(parameter.name))
        elif parameter.name in kind.named or value != parameter.default:
            named.append(parameter.name)
    fixed = [f"{name}={literal(value)}" for name, value in kind.fixed.items()]
    arguments = [*places, *(f"{name}={spell(name)}" for name in named), *fixed]
    return f"{kind.module}({', '.join(arguments)})"


def assignment(kind: Kind, call: CodeCall, assigned: Mapping[str, str]) -> str:
    """The line that computes a node; `assigned` holds the variables of the outputs that are used, by port."""
    right = kind.forward(call) if kind.forward else f"self.{call.name}({call.arguments})"
    if not kind.unpack:
        return f"{next(iter(assigned.values()))} = {right}"
    names = {port.name: assigned.get(port.name, "_") for port in kind.outputs}
    return f"{_UNUSED_TUPLE.sub('_', kind.unpack.format(**names))} = {right}"
