"""Fixes that several rules offer."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nodeforge.analysis.evaluation import Specs
from nodeforge.analysis.placement import between
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.wiring import healing_edits, insert_edits, reaches
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Fix
from nodeforge.core.edits import Connect, Disconnect
from nodeforge.core.graph import Endpoint, Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec


def removal(view: NetworkView, name: str) -> Fix:
    """Take a node out and heal the chain it stands in."""
    return Fix(label=f"Remove {name}", edit=healing_edits(view.graph, [name]))


def disconnect(view: NetworkView, wire: Wire) -> Fix:
    """Take a wire out."""
    return Fix(label=f"Remove the wire from {wire.source} to {wire.target}", edit=Disconnect(view.name, wire))


def insertion(view: NetworkView, wire: Wire, kind: str, parameters: Mapping[str, Value] | None = None) -> Fix:
    """Put a node of a kind on a wire, halfway between its ends."""
    position = between(view.graph, wire.source, wire.target)
    edit = insert_edits(view.graph, wire, kind, position, parameters)
    return Fix(label=f"Insert {view.catalog[kind].label}", edit=edit)


def arriving(view: NetworkView, name: str) -> dict[str, tuple[TensorSpec | None, ...]]:
    """The specs at a node's ports as the wires bring them, None where one is unknown."""
    return {port: tuple(view.spec(end) for end in ends) for port, ends in view.graph.inputs_of(name).items()}


def connect_fixes(view: NetworkView, head: Endpoint, limit: int = 2) -> list[Fix]:
    """Wires from the likeliest outputs to an open input port: outputs in no use first, then near ones."""
    target = head[0]
    ranked = sorted((rank, tail) for tail in _outputs(view) if (rank := _rank(view, tail, head)) is not None)
    fixes = []
    for _, tail in ranked:
        if reaches(view.graph, target, tail[0]):
            continue
        fixes.append(Fix(label=f"Connect {tail[0]} to {target}", edit=Connect(view.name, Wire(*tail, *head))))
        if len(fixes) == limit:
            break
    return fixes


def _outputs(view: NetworkView) -> list[Endpoint]:
    return [
        (name, port.name)
        for name in view.graph.nodes
        if (kind := view.kind(name)) and kind.role is not Role.OBJECTIVE
        for port in kind.outputs
    ]


def _rank(view: NetworkView, tail: Endpoint, head: Endpoint) -> tuple[bool, bool, bool, float] | None:
    """Small for a likely source; None for one that would not do."""
    target = view.graph.nodes[head[0]]
    source = view.graph.nodes[tail[0]]
    kind, source_kind = view.catalog[target.kind], view.catalog[source.kind]
    if source is target:
        return None
    answers = kind.role is Role.OBJECTIVE and head[1] == "target"
    if source_kind.role is Role.TARGET and not answers:
        return None
    spec, port = view.spec(tail), kind.input_port(head[1])
    if spec is not None and port is not None and spec.dtype not in port.dtypes:
        return None
    if not _evaluates(view, target, {**arriving(view, target.name), head[1]: (spec,)}):
        return None
    used = any(wire.output == tail[1] for wire in view.graph.wires_from(source.name))
    (ax, ay), (bx, by) = source.position, target.position
    return (answers and source_kind.role is not Role.TARGET, used, ax > bx, math.hypot(ax - bx, ay - by))


def _evaluates(view: NetworkView, node: Node, specs: Specs) -> bool:
    return view.evaluator.evaluate(node, specs).error is None
