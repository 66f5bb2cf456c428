"""Which values go from one node to one module and nowhere else."""

from __future__ import annotations

from collections import Counter

from nodeforge.catalog import kinds
from nodeforge.compiler.classes import Design
from nodeforge.compiler.plan import Step
from nodeforge.compiler.source import Passage
from nodeforge.core.graph import Endpoint


def passages_of(made: Design) -> tuple[Passage, ...]:
    """Those of a class, in execution order.

    Nodes at both ends are of the catalog and work as it says: no networks, no layers of a person's own, none muted.
    What an expression makes of one value may be this value itself, so it is left out.
    """
    plan, layout = made.use.plan, made.layout
    steps = [plan.steps[name] for name in layout.emitted]
    calls = Counter(layout.attributes.get(step.name) for step in steps)

    def module(step: Step) -> str:
        """The module that is called for this step alone, with what arrives as it is; else ""."""
        attribute = layout.attributes.get(step.name, "")
        return attribute if calls[attribute] == 1 and _is_ordinary(step) and not step.kind.forward else ""

    readers: dict[Endpoint, list[Step]] = {}
    for step in steps:
        for value in step.values:
            readers.setdefault(value, []).append(step)
    return tuple(
        Passage(kind=giver.kind.name, giver=module(giver), reader=module(reader))
        for giver in steps
        if _is_ordinary(giver) and (giver.kind.module or len(giver.values) > 1)
        for port in giver.kind.outputs
        for reader in readers.get((giver.name, port.name), [])
        if len(readers[giver.name, port.name]) == 1 and module(reader)
    )


def _is_ordinary(step: Step) -> bool:
    return kinds().get(step.kind.name) is step.kind
