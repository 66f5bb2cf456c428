"""Kinds the catalog does not have, and parameters that are missing, unknown or out of bounds."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nodeforge.analysis.nearest import nearest_value
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Kind
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import UNSET, Batch, SetKind, SetParameter
from nodeforge.core.graph import Node
from nodeforge.core.parameters import Parameter, Value


def unknown_kind(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A kind of another version, or a slip of the pen in a file."""
    if node.kind in view.catalog:
        return
    by_lower = {name.lower(): name for name in view.catalog}
    near = [by_lower[match] for match in get_close_matches(node.kind.lower(), by_lower, n=3, cutoff=0.6)]
    hint = f"; the nearest is {near[0]}" if near else ""
    yield view.finding(
        "unknown-kind",
        Severity.ERROR,
        f"{node.name} is of the kind {node.kind}, which NodeForge does not have{hint}.",
        reason="The project may come from a newer version, or the name was mistyped in its file.",
        node=node.name,
        fixes=[
            Fix(label=f"Change to {name}", edit=SetKind(view.name, node.name, name, dict(node.parameters)))
            for name in near
        ],
    )


def parameter_faults(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Every value against its declaration."""
    kind = view.catalog.get(node.kind)
    if kind is None:
        return
    for name, sentence in kind.problems(node.parameters):
        parameter = kind.parameter(name)
        if parameter is None:
            code, fixes = "parameter-unknown", _unknown_fixes(view, node, kind, name)
        elif name not in node.parameters:
            code, fixes = "parameter-missing", []
        else:
            code, fixes = "parameter-invalid", _invalid_fixes(view, node, parameter)
        yield view.finding(
            code, Severity.ERROR, f"{node.name}: {sentence}.", node=node.name, parameter=name, fixes=fixes
        )


def _unknown_fixes(view: NetworkView, node: Node, kind: Kind, name: str) -> list[Fix]:
    remove = SetParameter(view.name, node.name, name, UNSET)
    fixes = []
    free = [p.name for p in kind.parameters if p.name not in node.parameters]
    for wish in get_close_matches(name, free, n=1):
        edit = SetParameter(view.name, node.name, wish, node.parameters[name])
        fixes.append(Fix(label=f"Rename to {wish}", edit=Batch((remove, edit), f"Rename {name} to {wish}")))
    return [*fixes, Fix(label=f"Remove {name}", edit=remove)]


def _invalid_fixes(view: NetworkView, node: Node, parameter: Parameter) -> list[Fix]:
    fixes = []
    nearest = nearest_value(parameter.type, node.parameters[parameter.name])
    if nearest is not None:
        edit = SetParameter(view.name, node.name, parameter.name, nearest)
        fixes.append(Fix(label=f"Set {parameter.name} to {_text(nearest)}", edit=edit))
    if not parameter.required:
        label = f"Reset {parameter.name} to its default, {_text(parameter.default)}"  # type: ignore[arg-type]
        fixes.append(Fix(label=label, edit=SetParameter(view.name, node.name, parameter.name, UNSET)))
    return fixes


def _text(value: Value) -> str:
    if isinstance(value, tuple):
        return "×".join(map(str, value)) or "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value) or "empty"


NODE_RULES = (unknown_kind, parameter_faults)
