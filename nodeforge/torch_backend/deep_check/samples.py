"""Samples for a network to be tried on: from the data, or drawn at random by what its inputs declare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from nodeforge.analysis.report import NodeReport
from nodeforge.compiler import Slot, Source
from nodeforge.core.document import Document
from nodeforge.core.graph import Graph
from nodeforge.core.specs import BATCH, FLOATS

Nodes = Mapping[str, NodeReport]

POOL = 24
"""So many samples are enough for every check; batches are small parts of them."""

_LABELLED = ("CrossEntropyLoss", "NLLLoss", "MultiMarginLoss", "MultiLabelMarginLoss")
"""Losses whose targets are numbers of classes, which are the second axis of their input."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One tensor for each Input and each Target node, in their order, with `POOL` samples each.

    Attributes:
        are_drawn: Whether they were drawn at random; else they are of the data.
    """

    inputs: tuple[Tensor, ...]
    targets: tuple[Tensor, ...]
    are_drawn: bool = False

    @property
    def origin(self) -> str:
        """Where they come from, for the notes."""
        return "drawn at random" if self.are_drawn else "of the data"

    def batch(self, start: int, size: int) -> Samples:
        """Some samples in a row; the pool goes round."""
        places = torch.arange(start, start + size) % POOL
        return Samples(
            tuple(tensor[places.to(tensor.device)] for tensor in self.inputs),
            tuple(tensor[places.to(tensor.device)] for tensor in self.targets),
            self.are_drawn,
        )


def drawn(document: Document, source: Source, nodes: Nodes, device: torch.device) -> Samples:
    """Samples drawn at random: whole numbers that the layers behind take, and shares of one as answers."""
    generator = torch.Generator().manual_seed(0)

    def tensor(slot: Slot, draw: Callable[..., Tensor]) -> Tensor:
        shape = [POOL if dim == BATCH else int(dim) for dim in slot.spec.shape]
        if slot.spec.dtype in FLOATS:
            values = draw(shape, generator=generator)
        else:
            choices = min(_limits(document, document.main_network, nodes, slot.node), default=2)
            values = torch.randint(0, choices, shape, generator=generator)
        return values.to(device, getattr(torch, slot.spec.dtype))

    return Samples(
        tuple(tensor(slot, torch.randn) for slot in source.inputs),
        tuple(tensor(slot, torch.rand) for slot in source.targets),
        are_drawn=True,
    )


def _limits(document: Document, graph: Graph, nodes: Nodes, name: str) -> Iterator[int]:
    """How many whole numbers, from 0, each layer takes that the values of a node reach unchanged."""
    waiting, seen = [name], {name}
    while waiting:
        for wire in graph.wires_from(waiting.pop()):
            known = nodes[wire.target]
            if known.inside is not None and known.kind is not None:
                yield from _limits(
                    document, document.networks[known.kind.name], known.inside.nodes, wire.input
                )
            elif limit := _limit(known, wire.input):
                yield limit
            elif wire.target not in seen and known.kind is not None and known.kind.category == "Shape":
                seen.add(wire.target)
                waiting.append(wire.target)


def _limit(known: NodeReport, port: str) -> int:
    """How many whole numbers a node takes at a port; 0 when it does not care."""
    kind = known.kind.name if known.kind else ""
    for name in ("num_embeddings", "n_classes"):
        if isinstance(rows := known.values.get(name), int):
            return rows
    if kind in _LABELLED and port == "target":
        axis = min(1, known.inputs["input"][0].rank - 1)
        classes = known.inputs["input"][0].shape[axis]
        return classes if isinstance(classes, int) else 0
    return 0
