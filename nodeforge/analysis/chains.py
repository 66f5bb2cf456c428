"""Along the wires: what stands before a node when one looks past nodes that only pass values on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nodeforge.analysis.view import NetworkView
from nodeforge.core.graph import Wire

REACH = 8
"""How many wires a node's rule may look back."""
PASSED = frozenset({"Activation", "Normalization", "Padding", "Pooling", "Regularization", "Shape"})
"""Categories of kinds that a rule may look past. The checker asks this far onwards from what changed."""


def wire_into(view: NetworkView, name: str, port: str = "") -> Wire | None:
    """The wire into a port that takes one (the only wire into the node when no port is named)."""
    if port:
        ends = view.graph.inputs_of(name).get(port, ())
        return Wire(*ends[0], name, port) if len(ends) == 1 else None
    wires = list(view.graph.wires_into(name))
    return wires[0] if len(wires) == 1 else None


def chain(view: NetworkView, wire: Wire, passing: Collection[str]) -> list[Wire]:
    """The wires from the nearest node that is not of a passing kind down to this wire, the first one first.

    A node with several wires into it ends the chain, too.
    """
    wires = [wire]
    while len(wires) < REACH:
        before = _passed(view, wires[-1].source, passing)
        if before is None:
            break
        wires.append(before)
    return wires[::-1]


def _passed(view: NetworkView, name: str, passing: Collection[str]) -> Wire | None:
    """The wire behind which a chain goes on; a bypassed node is always looked past."""
    if passes := view.report(name).passes:
        port = next(iter(passes.values()))
        return Wire(*view.graph.inputs_of(name)[port][0], name, port)
    return wire_into(view, name) if view.graph.nodes[name].kind in passing else None


def onlookers(view: NetworkView, names: Iterable[str]) -> set[str]:
    """The nodes whose rules may look back at one of these."""
    seen: set[str] = set()
    front = set(names)
    for _ in range(REACH):
        found = {target for name in front for target in view.graph.successors(name)} - seen
        seen |= found
        front = {
            name
            for name in found
            if view.report(name).passes or ((kind := view.kind(name)) and kind.category in PASSED)
        }
        if not front:
            break
    return seen
