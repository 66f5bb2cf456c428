"""The batch axis: samples that are mixed with each other, or no longer lie along the first axis."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.chains import wire_into
from nodeforge.analysis.fixes import insertion
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.graph import Node
from nodeforge.core.specs import BATCH


def batch_lost(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A layer whose result has no batch axis: the samples have been added up."""
    report = view.report(node.name)
    if report.kind is None or report.kind.role is not Role.LAYER or not report.outputs:
        return
    given = [spec for specs in report.inputs.values() for spec in specs if BATCH in spec.shape]
    if not given or any(BATCH in spec.shape for spec in report.outputs.values()):
        return
    result = next(iter(report.outputs.values()))
    yield view.finding(
        "batch-lost",
        Severity.WARNING,
        f"{node.name} gets {given[0]} and gives {result}: it puts the samples of a batch together.",
        reason="The answer to one sample must not depend on which others happen to be in its batch. Only losses put "
        "samples together.",
        node=node.name,
    )


def batch_not_first(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """An answer whose first axis is not the batch."""
    wire = wire_into(view, node.name, "input") if node.kind == "Output" else None
    spec = view.spec(wire.tail) if wire else None
    if wire is None or spec is None or not view.is_main or spec.shape[:1] == (BATCH,):
        return
    fixes = []
    if BATCH in spec.shape:
        axis = spec.shape.index(BATCH)
        order = (axis, *(other for other in range(spec.rank) if other != axis))
        fix = insertion(view, wire, "Permute", {"dims": order}, "Insert Permute: the batch comes first")
        fixes = [fix] if fix else []
    yield view.finding(
        "batch-not-first",
        Severity.ERROR,
        f"{node.name} gets {spec}, and needs one answer for each sample: the batch N must be its first axis.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=fixes,
    )


NODE_RULES = (batch_lost, batch_not_first)
