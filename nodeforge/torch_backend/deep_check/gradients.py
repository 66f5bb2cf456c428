"""A gradient reaches every trainable parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import torch

from nodeforge.compiler.naming import listed
from nodeforge.core.diagnostics import Severity
from nodeforge.torch_backend.deep_check.flowing import Cause, Causes, Flow
from nodeforge.torch_backend.deep_check.probe import Probe
from nodeforge.torch_backend.deep_check.subject import Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, Remedy, broken, held, skipped

TITLE = "A gradient reaches every trainable parameter"
SIZE = 8
ROUNDS = 3
NAMED = 4
"""Nodes that one sentence names at most."""
JITTER = 0.02
"""Spread of what is added to the weights for the last round: a layer that starts at zero passes nothing on at first."""


def check(subject: Subject) -> Answer:
    """Propagate the real loss back for some batches; a parameter counts as reached when it ever moves."""
    if not subject.source.objectives:
        return skipped("The network has no loss.")
    if not any(stage.rule == "gradient" for stage in subject.document.recipe.stages):
        return skipped("The recipe learns without gradients.")
    probe = subject.fresh()
    flow = Flow()
    trainable = {name: p for name, p in probe.module.named_parameters() if p.requires_grad}
    if not trainable:
        return skipped("The network has no trainable parameter.")
    reached: dict[str, bool] = {}
    """By parameter, whether it got a gradient that is not all zeros; absent without any."""
    for number in range(ROUNDS):
        batch = subject.samples.batch(number * SIZE, SIZE)
        if number == ROUNDS - 1:
            _jitter(probe)
        probe.objectives(batch.inputs, batch.targets, flow, train=True, seed=number, backward=True)
        for name, parameter in trainable.items():
            if parameter.grad is not None:
                reached[name] = reached.get(name, False) or bool(parameter.grad.any())
    findings = tuple(_findings(subject, trainable, reached, flow))
    if findings:
        return broken(*findings)
    return held(
        f"{ROUNDS} batches of {SIZE} samples {subject.samples.origin}, {len(trainable)} tensors of weights."
    )


def _jitter(probe: Probe) -> None:
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in probe.module.parameters():
            noise = torch.randn(parameter.shape, generator=generator) * JITTER
            parameter.add_(noise.to(parameter))


def _findings(
    subject: Subject, trainable: Iterable[str], reached: Mapping[str, bool], flow: Flow
) -> Iterator[Finding]:
    """One for each cause: the nodes with parameters that nothing reached, and why."""
    missing: dict[str, list[str]] = {}
    for name in trainable:
        if not reached.get(name, False):
            missing.setdefault(subject.way_to_parameter(name)[1], []).append(name)
    learning = {subject.way_to_parameter(name)[1] for name, is_reached in reached.items() if is_reached}
    explained = Causes(subject, flow)
    causes: dict[Cause, dict[str, None]] = {}
    for module, names in missing.items():
        way, _ = subject.way_to_parameter(names[0])
        cause = explained.find(way, is_zero=any(name in reached for name in names))
        label = way[-1].name if way else module
        if module in learning:
            label = f"the {listed(name.rpartition('.')[2] for name in names)} of {label}"
        causes.setdefault(cause, {})[label] = None
    for cause, whom in causes.items():
        yield _finding(cause, list(whom))


def _finding(cause: Cause, whom: list[str]) -> Finding:
    never = "so it never learns" if len(whom) == 1 else "so they never learn"
    names = listed(whom if len(whom) <= NAMED else [*whom[: NAMED - 1], f"{len(whom) - NAMED + 1} more"])
    what = f"The gradient of {names} is 0 in every batch" if cause.is_zero else f"No gradient reaches {names}"
    remedies: tuple[Remedy, ...] = ()
    if cause.kind == "StopGradient":
        remedies = (Remedy(label=f"Remove {cause.node}", node=cause.node),)
    return Finding(
        code="no-gradient",
        severity=Severity.WARNING,
        message=f"{what}, {never}: {cause.why}.",
        reason="Training changes a weight by its gradient: how the loss would change with it. Without one the weight "
        "keeps the random value it started with.",
        network=cause.network,
        node=cause.node,
        remedies=remedies,
    )
