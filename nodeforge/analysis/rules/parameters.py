"""Kinds the catalog does not have, and parameters that are missing, unknown or out of bounds."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nodeforge.analysis.values import Mend, value_faults
from nodeforge.analysis.view import NetworkView
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Batch, Edit, SetKind, SetParameter
from nodeforge.core.graph import Node
from nodeforge.core.specs import format_shape


def unknown_kind(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A kind of another version, or a slip of the pen in a file."""
    if node.kind in view.catalog or node.kind in view.evaluator.custom:
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
    if kind is None or node.shares:
        return
    for fault in value_faults(kind, node.parameters, view.scope):
        fixes = [Fix(label=mend.label, edit=_edit(view, node, mend)) for mend in fault.mends]
        field = view.field_of(node.name)
        if fault.code == "parameter-missing" and fault.parameter == "shape" and field is not None:
            shape = field.spec.sample_shape
            edit = SetParameter(view.name, node.name, "shape", shape)
            fixes.append(Fix(label=f"Set shape to {format_shape(shape)}, as in the data", edit=edit))
        yield view.finding(
            fault.code,
            Severity.ERROR,
            f"{node.name}: {fault.message}.",
            node=node.name,
            parameter=fault.parameter,
            fixes=fixes,
        )


def _edit(view: NetworkView, node: Node, mend: Mend) -> Edit:
    edits = tuple(SetParameter(view.name, node.name, name, value) for name, value in mend.changes.items())
    return edits[0] if len(edits) == 1 else Batch(edits, mend.label)


NODE_RULES = (unknown_kind, parameter_faults)
