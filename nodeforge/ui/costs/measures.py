"""The costs a person can look at, and how their numbers are written."""

from __future__ import annotations

from dataclasses import dataclass

from nodeforge.analysis.costs import NodeCosts
from nodeforge.session.costing import count, size


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One kind of cost.

    Attributes:
        name: The attribute of `NodeCosts`.
        title: For lists.
        heading: For columns, where room is short.
        doc: What it counts, in one sentence.
        in_bytes: Whether it is memory.
    """

    name: str
    title: str
    heading: str
    doc: str
    in_bytes: bool = False

    def of(self, costs: NodeCosts) -> int:
        return int(getattr(costs, self.name))

    def text(self, value: int) -> str:
        """Short: "1.81 G", "41.2 MB"."""
        return size(value) if self.in_bytes else count(value)


PARAMETERS = Measure(
    name="parameters", title="Parameters", heading="Parameters", doc="Numbers that training changes."
)
MACS = Measure(
    name="macs",
    title="Multiply-accumulates",
    heading="MACs",
    doc="Multiply-accumulates: products that are added up for one sample, forward; training takes about three times as many.",
)
MEMORY = Measure(
    name="kept",
    title="Activation memory",
    heading="Activations",
    doc="What stays in memory from the forward pass until the backward pass has used it, for one batch.",
    in_bytes=True,
)
MEASURES = (PARAMETERS, MACS, MEMORY)
