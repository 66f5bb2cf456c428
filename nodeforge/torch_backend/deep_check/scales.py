"""Values neither explode nor vanish on their way through the fresh network."""

from __future__ import annotations

import math

from torch import Tensor

from nodeforge.core.diagnostics import Severity
from nodeforge.torch_backend.deep_check.probe import Place
from nodeforge.torch_backend.deep_check.subject import Known, Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, broken, held, skipped

TITLE = "Values keep a sound scale at the start"
SIZE = 16
LARGE, SMALL = 1e3, 1e-4
"""So many times what the layers are given at first is too much, or too little, to learn from."""


def check(subject: Subject) -> Answer:
    """Compare the typical size of what layers with weights give with that of what the network is given."""
    batch = subject.samples.batch(0, SIZE)
    scales = _Scales(subject)
    if subject.source.outputs:
        subject.probe.forward(batch.inputs, scales)
    else:
        subject.probe.objectives(batch.inputs, batch.targets, scales, train=False)
    if not scales.by_node:
        return skipped("The network has no layer with weights.")
    given = max([size for tensor in batch.inputs if (size := _size(tensor)) > 0], default=1.0)
    for size, known in scales.by_node.values():
        if not SMALL <= size / given <= LARGE:
            return broken(_finding(known, size, given))
    sizes = [size for size, _ in scales.by_node.values()]
    low, high = min(sizes), max(sizes)
    return held(
        f"Layers with weights give values of typically {low:.2g} to {high:.2g}; the inputs are {given:.2g}."
    )


class _Scales:
    """A watch that keeps the typical size of what nodes with trainable weights give, in order."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.by_node: dict[str, tuple[float, Known]] = {}

    def __call__(self, place: Place, value: Tensor) -> Tensor:
        known = self._subject.known(place)
        if known is not None and known.report.parameters and value.is_floating_point():
            size = _size(value.detach())
            if math.isfinite(size) and size > 0:  # the former was told already; what starts at 0 is meant to
                self.by_node[known.name] = (size, known)
        return value


def _size(tensor: Tensor) -> float:
    """The root of the mean square; 0 for numbers that name things."""
    return float(tensor.float().square().mean().sqrt()) if tensor.is_floating_point() else 0.0


def _finding(known: Known, size: float, given: float) -> Finding:
    large = size > given
    return Finding(
        code="activation-scale",
        severity=Severity.HINT,
        message=f"With fresh weights {known.name} gives values of typically {size:.2g}, while the network is given {given:.2g}: "
        f"they {'explode' if large else 'vanish'} on the way.",
        reason=f"Gradients {'explode' if large else 'vanish'} with them, so learning is slow or fails. Put a normalization "
        "layer such as BatchNorm or LayerNorm in between, or scale the data.",
        network=known.network,
        node=known.node,
    )
