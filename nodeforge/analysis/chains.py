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
    while len(wires) < REACH and view.graph.nodes[wires[-1].source].kind in passing:
        before = wire_into(view, wires[-1].source)
        if before is None:
            break
        wires.append(before)
    return wires[::-1]


def onlookers(view: NetworkView, names: Iterable[str]) -> set[str]:
    """The nodes whose rules may look back at one of these."""
    seen: set[str] = set()
    front = set(names)
    for _ in range(REACH):
        found = {target for name in front for target in view.graph.successors(name)} - seen
        seen |= found
        front = {name for name in found if (kind := view.kind(name)) and kind.category in PASSED}
        if not front:
            break
    return seen
