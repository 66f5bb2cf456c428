"""A document around one node, and tensors to feed it."""

from __future__ import annotations

import torch
from contract.cases import Case

from nodeforge.catalog.kind import Role
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, apply
from nodeforge.core.graph import Node, Wire
from nodeforge.core.specs import BATCH, TensorSpec


def document(case: Case) -> Document:
    """Input and Target nodes, the node `subject`, and an Output node behind each of its ports."""
    drawn = Document()

    def add(name: str, kind: str, **parameters: object) -> None:
        apply(drawn, AddNode("main", Node(name=name, kind=kind, parameters=parameters)))  # type: ignore[arg-type]

    def wire(*ends: str) -> None:
        apply(drawn, Connect("main", Wire(*ends)))

    add("subject", case.kind.name, **case.values)
    for port, specs in case.inputs.items():
        for index, spec in enumerate(specs):
            name = f"{port}_{index}"
            place = spec.shape.index(BATCH)
            sample = [d for d in spec.shape if d != BATCH]
            kind = "Target" if case.kind.role is Role.OBJECTIVE and port == "target" else "Input"
            add(name, kind, shape=tuple(sample), dtype=spec.dtype)
            if place == 0:
                wire(name, "output", "subject", port)
            else:
                order = [*range(1, place + 1), 0, *range(place + 1, spec.rank)]
                add(f"{name}_moved", "Permute", dims=tuple(order))
                wire(name, "output", f"{name}_moved", "input")
                wire(f"{name}_moved", "output", "subject", port)
    if case.kind.role is not Role.OBJECTIVE:
        for port in case.kind.outputs:
            add(f"out_{port.name}", "Output")
            wire("subject", port.name, f"out_{port.name}", "input")
    return drawn


LIMITS = (
    {(name, "index"): 1 for name in ("Gather", "Scatter", "ScatterAdd")}
    | {(name, "lengths"): 4 for name in ("RNN", "LSTM", "GRU")}
    | {(f"MaxUnpool{axes}d", "indices"): 1 for axes in (1, 2, 3)}
)
"""Whole numbers that a port takes lie below this, where 2 would be too many."""


MAPS = {
    ("BCELoss", "input"): torch.sigmoid,
    ("Bernoulli", "input"): torch.sigmoid,
    ("Minimize", "weights"): torch.exp,
    ("BCELoss", "target"): torch.sigmoid,
    ("GaussianNLLLoss", "var"): torch.abs,
}
"""What makes random numbers such as a port takes: probabilities, variances."""


def nothing(x: torch.Tensor) -> torch.Tensor:
    return x


def tensor(spec: TensorSpec, batch: int, *, below: int = 2) -> torch.Tensor:
    """Random values of a spec, with the batch as its first axis as Input nodes want it."""
    shape = [batch, *(int(d) for d in spec.shape if d != BATCH)]
    dtype = getattr(torch, spec.dtype)
    if dtype.is_floating_point:
        return torch.randn(shape).to(dtype)
    return torch.randint(0, below, shape).to(dtype)


def tensors(case: Case, batch: int) -> list[torch.Tensor]:
    """One tensor for each Input and Target of the document, in order."""
    usual = int(str(case.values.get("num_embeddings", case.values.get("num_classes", 2))))
    below = {port: LIMITS.get((case.kind.name, port), usual) for port in case.inputs}
    return [
        MAPS.get((case.kind.name, port), nothing)(tensor(spec, batch, below=below[port]))
        for port, specs in case.inputs.items()
        for spec in specs
    ]
