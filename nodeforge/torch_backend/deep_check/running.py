"""Batches of any size run, with the shapes that the checker gave and with finite numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from nodeforge.core.diagnostics import Severity
from nodeforge.core.specs import BATCH, TensorSpec, format_shape
from nodeforge.torch_backend.deep_check.failing import RUN_ERRORS, failure
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
        except RUN_ERRORS as error:
            if look.finding is None:
                return failure(subject, error, f"on a batch of {size} in evaluation")
        if look.finding is not None:
            return broken(look.finding)
    sizes = ", ".join(map(str, SIZES[:-1])) + f" and {SIZES[-1]}"
    return held(f"Batches of {sizes} samples {subject.samples.origin}; every value is finite.")


class _Look:
    """A watch that holds each value against what the checker says of it.

    Attributes:
        finding: What is wrong with the first that is not as it should be.
    """

    def __init__(self, subject: Subject, size: int) -> None:
        self._subject = subject
        self._size = size
        self._first_minus_infinity: Known | None = None
        self.finding: Finding | None = None

    def __call__(self, place: Place, value: Tensor) -> Tensor:
        known = self._subject.known(place)
        if known is not None and known.spec is not None and self.finding is None:
            self.finding = self._other_shape(known, known.spec, value) or self._not_finite(known, value)
        return value

    def _other_shape(self, known: Known, spec: TensorSpec, value: Tensor) -> Finding | None:
        expected = tuple(self._size if dim == BATCH else dim for dim in spec.shape)
        dtype = str(value.dtype).removeprefix("torch.")
        if tuple(value.shape) == expected and dtype == spec.dtype:
            return None
        return Finding(
            code="shape-differs",
            message=f"{known.name} gives {format_shape(value.shape)} as {dtype} for a batch of {self._size}; "
            f"the drawing says {spec} as {spec.dtype}.",
            reason="The checker and PyTorch do not agree on this layer. What is behind it may fail.",
            network=known.network,
            node=known.node,
        )

    def _not_finite(self, known: Known, value: Tensor) -> Finding | None:
        """Minus infinity is what masks hold on purpose: it is at fault only when something worse comes of it."""
        if not value.is_floating_point() or bool(value.isfinite().all()):
            return None
        if not bool((value.isnan() | (value == torch.inf)).any()):
            self._first_minus_infinity = self._first_minus_infinity or known
            return None
        what = "values that are not a number (NaN)" if bool(value.isnan().any()) else "values of infinity"
        if self._first_minus_infinity is not None:
            known, what = (
                self._first_minus_infinity,
                f"values of minus infinity, and {known.name} makes {what} of them",
            )
        drawn = self._subject.samples.are_drawn
        given = "For samples drawn at random" if drawn else "With fresh weights"
        return Finding(
            code="not-finite",
            severity=Severity.WARNING if drawn else Severity.ERROR,
            message=f"{given} {known.name} gives {what}, so no training can start from them.",
            reason="A logarithm or a root of a number that is not positive, or a division by zero, does that. "
            "Scale the data, or keep the input of this layer away from zero.",
            network=known.network,
            node=known.node,
        )
