"""The batch axis. That samples stay apart is a matter of each kind's shape rule; where the axis ends up is one of wires."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.chains import wire_into
from nodeforge.analysis.fixes import insertion
from nodeforge.analysis.view import NetworkView
from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.graph import Node
from nodeforge.core.specs import BATCH


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
        reason="Metrics, predictions and exported models take the first axis for the samples.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=fixes,
    )


NODE_RULES = (batch_not_first,)
