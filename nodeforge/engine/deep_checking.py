"""Carries out a deep check for the session: gathers what it needs, tells how far it is, puts the end into messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from nodeforge.analysis import check
from nodeforge.compiler import Slot, Source, generate
from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.data import Dataset, load
from nodeforge.engine import messages as m
from nodeforge.project import schema
from nodeforge.torch_backend.deep_check import (
    POOL,
    TITLES,
    Deadline,
    Finding,
    Samples,
    Subject,
    Verdict,
    drawn,
)
from nodeforge.torch_backend.deep_check import deep_check as verdicts_on
from nodeforge.torch_backend.oracle import Oracle
from nodeforge.training import device, randomness
from nodeforge.training.loop import stage_settings


def deep_check(
    request: m.DeepCheck, tell: Callable[[m.Event], object], cancelled: Callable[[], bool]
) -> m.DeepChecked:
    """Try every property.

    Args:
        request: What to check.
        tell: Gets a `DeepCheckAdvanced` at the beginning and after each property.
        cancelled: Whether somebody wants it to end.

    Raises:
        UserError: The drawing or the data has errors, so that there is nothing to run.
    """
    started = time.perf_counter()
    tick = Deadline(request.limit_s, cancelled)
    document = schema.decode(request.document)
    subject = _subject(document, Path(request.folder), causal=request.causal, tick=tick)
    verdicts: list[m.DeepVerdict] = []
    titles = list(TITLES.values())
    tell(m.DeepCheckAdvanced(titles=titles, verdicts=[]))
    for verdict in verdicts_on(subject):
        verdicts.append(_verdict_message(verdict))
        tell(m.DeepCheckAdvanced(titles=titles, verdicts=list(verdicts)))
    seconds = time.perf_counter() - started
    return m.DeepChecked(verdicts=verdicts, seconds=seconds, device=device.describe(subject.device))


def _subject(document: Document, folder: Path, *, causal: bool, tick: Callable[[], None]) -> Subject:
    document = document.computed()
    dataset = load(document.data, folder) if document.data is not None else None
    report = check(document, dataset.facts if dataset else None, Oracle())
    for diagnostic in report.diagnostics:
        if diagnostic.severity == "error":
            raise UserError(diagnostic.message, node=diagnostic.node)
    source = generate(document, report)
    place = device.choose(str(stage_settings(document.recipe.stages[0])["device"]))
    device.make_deterministic(place)
    samples = _of_data(dataset, source, place) if dataset else None
    return Subject(
        document=document,
        report=report,
        source=source,
        samples=samples or drawn(document, source, report.networks[document.main].nodes, place),
        device=place,
        seed=document.recipe.seed,
        causal=causal,
        quiet=randomness.undisturbed,
        tick=tick,
    )


def _of_data(dataset: Dataset, source: Source, place: torch.device) -> Samples | None:
    """Training samples from all over the data; None when it does not feed every node or has too few."""
    fields = dataset.splits.get("train", {})
    found: list[torch.Tensor] = []
    slots: list[tuple[Slot, str]] = [(slot, "input") for slot in source.inputs]
    slots += [(slot, "target") for slot in source.targets]
    for slot, role in slots:
        facts = dataset.facts.field(slot.field, role)
        if facts is None or facts.name not in fields or len(fields[facts.name]) < POOL:
            return None
        values = fields[facts.name]
        chosen = values[np.linspace(0, len(values) - 1, POOL).astype(np.int64)]
        found.append(torch.tensor(chosen, dtype=getattr(torch, slot.spec.dtype), device=place))
    count = len(source.inputs)
    return Samples(tuple(found[:count]), tuple(found[count:]))


def _verdict_message(verdict: Verdict) -> m.DeepVerdict:
    answer = verdict.answer
    return m.DeepVerdict(
        check=verdict.check,
        title=verdict.title,
        outcome=str(answer.outcome),
        note=answer.note,
        seconds=verdict.seconds,
        findings=[_finding_message(finding) for finding in answer.findings],
    )


def _finding_message(finding: Finding) -> m.DeepFinding:
    return m.DeepFinding(
        code=finding.code,
        severity=str(finding.severity),
        message=finding.message,
        reason=finding.reason,
        network=finding.network,
        node=finding.node,
        remedies=[
            m.Remedy(label=remedy.label, node=remedy.node, parameter=remedy.parameter, value=remedy.value)
            for remedy in finding.remedies
        ],
    )
