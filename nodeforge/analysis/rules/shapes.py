"""Specs that do not fit: shapes that a kind refuses, element types that a port does not take."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.fixes import insertion
from nodeforge.analysis.view import NetworkView
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity, Suggestion
from nodeforge.core.edits import SetParameter
from nodeforge.core.graph import Node, Wire
from nodeforge.core.parameters import freeze


def shape_mismatch(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """What the kind's own shape rule has against the inputs."""
    error = view.evaluations[node.name].error
    if error is None:
        return
    yield view.finding(
        "shape-mismatch",
        Severity.ERROR,
        str(error),
        node=node.name,
        port=error.port,
        fixes=[
            fix
            for suggestion in error.suggestions
            if isinstance(suggestion, Suggestion)
            for fix in _suggested(view, node, error.port, suggestion)
        ],
    )


def _suggested(view: NetworkView, node: Node, port: str, suggestion: Suggestion) -> Iterator[Fix]:
    if suggestion.set_parameter is not None:
        name, value = suggestion.set_parameter
        yield Fix(label=suggestion.label, edit=SetParameter(view.name, node.name, name, freeze(value)))
    if suggestion.insert is not None and (ends := view.graph.inputs_of(node.name).get(port)):
        kind, parameters = suggestion.insert
        values = {name: freeze(value) for name, value in parameters.items()}
        fix = insertion(view, Wire(*ends[-1], node.name, port), kind, values)
        yield Fix(label=suggestion.label, edit=fix.edit)


def dtype_mismatch(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Element types that a port does not take: torch would fail, or round without a word."""
    kind = view.catalog.get(node.kind)
    if kind is None:
        return
    for name, ends in view.graph.inputs_of(node.name).items():
        port = kind.input_port(name)
        for end in ends:
            spec = view.spec(end)
            if port is None or spec is None or spec.dtype in port.dtypes:
                continue
            wanted = " or ".join(sorted(port.dtypes))
            yield view.finding(
                "dtype-mismatch",
                Severity.ERROR,
                f"{name} of {node.name} takes {wanted} values, {end[0]} gives {spec.dtype}.",
                node=node.name,
                port=name,
                wires=[Wire(*end, node.name, name)],
            )


NODE_RULES = (shape_mismatch, dtype_mismatch)
