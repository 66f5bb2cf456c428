"""Samples of a batch do not influence each other in evaluation mode."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from nodeforge.core.diagnostics import Severity
from nodeforge.core.specs import BATCH, TensorSpec
from nodeforge.torch_backend.deep_check.comparing import Comparison, Recording, distance
from nodeforge.torch_backend.deep_check.probe import Place
from nodeforge.torch_backend.deep_check.subject import Known, Subject
from nodeforge.torch_backend.deep_check.verdicts import (
    Answer,
    Finding,
    Remedy,
    broken,
    held,
    skipped,
)

TITLE = "Samples of a batch do not influence each other"
SIZE = 4
"""Samples in the batch; the first and the last are changed in turn."""
_MEANT_TO_MIX = frozenset({"MinibatchStd"})
"""Kinds that look at the whole batch on purpose."""


def check(subject: Subject) -> Answer:
    """Change one sample of a batch: every answer for the others must stay as it was."""
    if not subject.source.outputs:
        return skipped("The network has no Output node.")
    inputs = subject.samples.batch(0, SIZE).inputs
    for probe in (subject.probe, subject.loud):
        recording = Recording()
        before = probe.forward(inputs, recording)
        for sample in (0, SIZE - 1):
            comparison = Comparison(recording, partial(_gap, subject, sample))
            now = probe.forward(changed(subject, inputs, sample), comparison)
            for output, old, new in zip(subject.source.outputs, before, now, strict=True):
                gap = _others(subject.output_spec(output), sample, old, new)
                if gap:
                    return broken(_finding(subject, output, gap, comparison))
    return held(
        f"Of {SIZE} samples {subject.samples.origin}, one was changed: no answer for the others moved."
    )


def changed(subject: Subject, inputs: tuple[Tensor, ...], sample: int) -> list[Tensor]:
    """The inputs with another sample in one place: one from the rest of the pool, with noise where it can be."""
    others = subject.samples.batch(SIZE, 1).inputs
    generator = torch.Generator().manual_seed(1)
    found = []
    for tensor, other in zip(inputs, others, strict=True):
        tensor = tensor.clone()
        new = other[0]
        if tensor.is_floating_point():
            noise = torch.randn(new.shape, generator=generator).to(new)
            new = new + noise * tensor.std().clamp(min=0.1) if tensor.numel() > 1 else new + noise
        tensor[sample] = new
        found.append(tensor)
    return found


def _gap(subject: Subject, sample: int, place: Place, before: Tensor, now: Tensor) -> float:
    known = subject.known(place)
    return _others(known.spec, sample, before, now) if known and known.spec else 0.0


def _others(spec: TensorSpec, sample: int, before: Tensor, now: Tensor) -> float:
    """How far a value moved for the samples that were not changed; all of it when it has no axis of samples."""
    if BATCH in spec.shape and before.shape == now.shape:
        axis = spec.shape.index(BATCH)
        rest = torch.tensor([place for place in range(before.shape[axis]) if place != sample])
        before, now = (t.index_select(axis, rest.to(t.device)) for t in (before, now))
    return distance(before, now)


def _finding(subject: Subject, output: str, gap: float, comparison: Comparison) -> Finding:
    known = first_blamed(subject, output, comparison)
    name = known.name if known else output
    alone = known is not None and known.spec is not None and BATCH not in known.spec.shape
    what = (
        f"{name} makes one value of the whole batch, and {output} depends on it"
        if alone
        else f"{name} mixes the samples of a batch"
    )
    meant = known is not None and known.report.kind is not None and known.report.kind.name in _MEANT_TO_MIX
    return Finding(
        code="samples-mixed",
        severity=Severity.WARNING if meant else Severity.ERROR,
        message=f"{what}: when one sample changes, what {output} gives for another changes by up to {gap:.2g}.",
        reason="A sample must get the same answer whoever is beside it in the batch. Here the answer depends on the "
        "batch, so a single sample cannot be predicted, and measured results change with the batch size.",
        network=known.network if known else subject.document.main,
        node=known.node if known else output,
        remedies=_remedies(known) if known else (),
    )


def first_blamed(subject: Subject, output: str, comparison: Comparison) -> Known | None:
    """The first node on the way to an output whose value moved though what it was given had not."""
    upstream = subject.upstream([output])
    for place in comparison.gaps:
        known = subject.known(place)
        if known is not None and known.root in upstream:
            return known
    return None


def _remedies(known: Known) -> tuple[Remedy, ...]:
    values = known.report.values
    if values.get("track_running_stats") is False and known.report.kind and "Batch" in known.report.kind.name:
        return (
            Remedy(
                label="Track running statistics", node=known.node, parameter="track_running_stats", value=True
            ),
        )
    return ()
