"""Batches of any size run, with the shapes that the checker gave and with finite numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from nodeforge.core.specs import BATCH, TensorSpec, format_shape
from nodeforge.torch_backend.build import node_of
from nodeforge.torch_backend.deep_check.probe import Place
from nodeforge.torch_backend.deep_check.subject import Known, Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, broken, held

TITLE = "Batches of any size run, with the shapes that were checked"
SIZES = (1, 2, 3)


def check(subject: Subject) -> Answer:
    """Run batches of 1, 2 and 3 samples in evaluation mode, and look at every value."""
    for size in SIZES:
        look = _Look(subject, size)
        batch = subject.samples.batch(0, size)
        try:
            if subject.source.outputs:
                subject.probe.forward(batch.inputs, look)
            else:
                subject.probe.objectives(batch.inputs, batch.targets, look, train=False)
        except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError) as error:
            return broken(_failure(subject, size, error))
        if look.findings:
            return broken(look.findings[0])
    sizes = ", ".join(map(str, SIZES[:-1])) + f" and {SIZES[-1]}"
    return held(f"Batches of {sizes} samples {subject.samples.origin}; every value is finite.")


def _failure(subject: Subject, size: int, error: Exception) -> Finding:
    node = node_of(error, subject.source)
    sentence = str(error).strip().split("\n")[0].rstrip(".")
    return Finding(
        code="cannot-run",
        message=f"{node or 'The network'} fails on a batch of {size} in evaluation mode: {sentence}.",
        reason="Samples must be taken one at a time as well as together: the last batch of a data set is often small.",
        network=subject.document.main,
        node=node,
    )


class _Look:
    """Holds each value against what the checker says of it."""

    def __init__(self, subject: Subject, size: int) -> None:
        self._subject = subject
        self._size = size
        self.findings: list[Finding] = []

    def __call__(self, place: Place, value: Tensor) -> Tensor:
        known = self._subject.known(place)
        if known is not None and known.spec is not None and not self.findings:
            self._look(known, known.spec, value)
        return value

    def _look(self, known: Known, spec: TensorSpec, value: Tensor) -> None:
        expected = tuple(self._size if dim == BATCH else dim for dim in spec.shape)
        dtype = str(value.dtype).removeprefix("torch.")
        if tuple(value.shape) != expected or dtype != spec.dtype:
            self.findings.append(
                Finding(
                    code="shape-differs",
                    message=f"{known.node} gives {format_shape(value.shape)} as {dtype} for a batch of {self._size}; "
                    f"the drawing says {spec} as {spec.dtype}.",
                    reason="The checker and PyTorch do not agree on this layer. What is behind it may fail.",
                    network=known.network,
                    node=known.node,
                )
            )
        elif value.is_floating_point() and bool((value.isnan() | (value == torch.inf)).any()):
            what = "values that are not a number (NaN)" if bool(value.isnan().any()) else "values of infinity"
            self.findings.append(
                Finding(
                    code="not-finite",
                    message=f"{known.node} gives {what} with fresh weights, so no training can start from them.",
                    reason="A logarithm or a root of a number that is not positive, or a division by zero, does that. "
                    "Scale the data, or keep the input of this layer away from zero.",
                    network=known.network,
                    node=known.node,
                )
            )
