"""In what two trainings differ: settings, data and drawing, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nodeforge.core.document import Component, Document
from nodeforge.core.parameters import Value

ABSENT = "—"


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting with its two values, as text; `ABSENT` where a side has none."""

    setting: str
    first: str
    second: str


def differences(first: Document, second: Document) -> list[Difference]:
    """What the two documents say differently; positions on the canvas are not compared."""
    a, b = dict(_settings(first)), dict(_settings(second))
    names = list(dict.fromkeys((*a, *b)))
    return [
        Difference(name, a.get(name, ABSENT), b.get(name, ABSENT))
        for name in names
        if a.get(name) != b.get(name)
    ]


def _settings(document: Document) -> Iterator[tuple[str, str]]:
    yield "seed", str(document.recipe.seed)
    for stage in document.recipe.stages:
        place = "" if len(document.recipe.stages) == 1 else f"{stage.name}: "
        yield f"{place}rule", stage.rule
        yield from _values(place, stage.settings)
        yield from _component(f"{place}optimizer", stage.optimizer)
        yield from _component(f"{place}schedule", stage.schedule)
    if document.data is not None:
        yield from _component("data", document.data.source)
        yield from _values("data: ", document.data.preparation)
        for column in document.data.columns:
            yield f"column {column.name}", f"{column.role}, {column.type}"
    for graph in document.networks.values():
        place = "" if graph.name == document.main else f"{graph.name}: "
        for node in graph.nodes.values():
            yield f"{place}{node.name}", node.kind
            yield from _values(f"{place}{node.name}.", node.parameters)
            for port in dict.fromkeys(wire.input for wire in graph.wires_into(node.name)):
                tails = (".".join(w.tail) for w in graph.wires_into(node.name) if w.input == port)
                yield f"{place}{node.name} ← {port}", ", ".join(tails)


def _component(name: str, component: Component) -> Iterator[tuple[str, str]]:
    yield name, component.kind
    yield from _values(f"{name}.", component.parameters)


def _values(place: str, values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        yield f"{place}{name}", "none" if value is None else str(value)
