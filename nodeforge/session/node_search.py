"""Searching a drawing: nodes by name, kind, shape, parameter, number of weights, or what is wrong with them.

A query is words, all of which must fit a node:

- `28x28` or `N×10`: a shape that arrives or leaves has these axes beside each other;
- `kernel_size=3`, `kernel=3`: a parameter has this value (in every axis, where it has several);
- `params>1000`, `params=80`: how many numbers it learns;
- anything else: part of its name or kind, or that it is "muted"; where no node is called so, part of a finding ("error").
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.catalog.kind import Kind
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.graph import Graph, Node
from nodeforge.core.parameters import Value
from nodeforge.core.specs import BATCH

_SHAPE = re.compile(r"^(?:\d+|n)(?:[x×*](?:\d+|n))+$")
_COMPARISON = re.compile(r"^([a-z_]\w*)(>=|<=|=|>|<)(.+)$")
_COUNTS = ("params", "parameters", "weights")
_SCALES = {"k": 1e3, "m": 1e6, "g": 1e9}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """A node with all that is known of it."""

    node: Node
    kind: Kind | None
    known: NodeReport | None
    findings: tuple[Diagnostic, ...]

    @property
    def names(self) -> str:
        told = (self.node.name, self.node.kind, self.kind.label if self.kind else "", self.node.mode)
        return "\n".join(told).lower()

    @property
    def faults(self) -> str:
        return "\n".join(part for d in self.findings for part in (d.message, d.code, d.severity)).lower()


Test = Callable[[_Subject], bool]


def find(
    query: str,
    graph: Graph,
    known: NetworkReport | None,
    findings: Iterable[Diagnostic],
    kinds: Mapping[str, Kind],
) -> list[str]:
    """Names of the nodes of a network that fit a query, as they are computed; none for an empty query.

    Args:
        query: What was typed.
        graph: The network.
        known: What the checker knows of it.
        findings: What the checker found in the project.
        kinds: The kinds of the project.
    """
    words = query.lower().split()
    if not words:
        return []
    about: dict[str, list[Diagnostic]] = {}
    for finding in findings:
        if finding.network == graph.name:
            for name in {finding.node} if finding.node else set(finding.nodes):
                about.setdefault(name, []).append(finding)
    reports = known.nodes if known else {}
    found = [
        _Subject(
            node=node, kind=kinds.get(node.kind), known=reports.get(name), findings=tuple(about.get(name, ()))
        )
        for name, node in graph.nodes.items()
    ]
    fitting = set(graph.nodes)
    for word in words:
        fitting &= {subject.node.name for subject in _fitting(word, found)}
    ordered = known.order if known and known.order else [node.name for node in graph.ordered_nodes()]
    places = {name: place for place, name in enumerate(ordered)}
    return sorted(fitting, key=lambda name: places.get(name, len(places)))


def _fitting(word: str, subjects: Sequence[_Subject]) -> list[_Subject]:
    """Those that fit a word; findings, which name other nodes too, are looked at if nothing is called so."""
    test = _test(word)
    if test is not None:
        return [subject for subject in subjects if test(subject)]
    called = [subject for subject in subjects if word in subject.names]
    return called or [subject for subject in subjects if word in subject.faults]


def _test(word: str) -> Test | None:
    """What a word asks of a node; None for one that is a piece of text."""
    if _SHAPE.match(word):
        axes = [BATCH if axis == "n" else int(axis) for axis in re.split("[x×*]", word)]
        return lambda subject: _has_shape(subject, axes)
    if match := _COMPARISON.match(word):
        name, sign, wish = match.groups()
        number = _number(wish)
        if name in _COUNTS and number is not None:
            return lambda subject: (
                subject.known is not None and _COMPARE[sign](subject.known.parameters, number)
            )
        return lambda subject: _has_value(subject, name, sign, wish)
    return None


def _has_shape(subject: _Subject, axes: list[int | str]) -> bool:
    if subject.known is None:
        return False
    arriving = (spec for specs in subject.known.inputs.values() for spec in specs)
    shapes = [list(spec.shape) for spec in (*arriving, *subject.known.outputs.values())]
    length = len(axes)
    return any(
        shape[start : start + length] == axes for shape in shapes for start in range(len(shape) - length + 1)
    )


def _has_value(subject: _Subject, name: str, sign: str, wish: str) -> bool:
    """Whether a parameter whose name begins so compares so; an exact name comes before longer ones."""
    values = subject.known.values if subject.known else subject.node.parameters
    named = [values[name]] if name in values else [v for key, v in values.items() if key.startswith(name)]
    return any(_compares(value, sign, wish) for value in named)


def _compares(value: Value, sign: str, wish: str) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(_compares(item, sign, wish) for item in value)
    number = _number(wish)
    if number is not None and isinstance(value, int | float) and not isinstance(value, bool):
        return _COMPARE[sign](float(value), number)
    return sign == "=" and str(value).lower() == wish


def _number(text: str) -> float | None:
    scale = _SCALES.get(text[-1:], 1.0)
    try:
        return float((text[:-1] if scale != 1.0 else text).replace(",", "")) * scale
    except ValueError:
        return None
