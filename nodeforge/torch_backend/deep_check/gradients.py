"""A gradient reaches every trainable parameter."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from nodeforge.core.diagnostics import Severity
from nodeforge.torch_backend.deep_check.probe import Place, Probe
from nodeforge.torch_backend.deep_check.subject import Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, Remedy, broken, held, skipped

TITLE = "A gradient reaches every trainable parameter"
SIZE = 8
ROUNDS = 3
JITTER = 0.02
"""Spread of what is added to the weights for the last round: a layer that starts at zero passes nothing on at first."""


def check(subject: Subject) -> Answer:
    """Propagate the real loss back for some batches; a parameter counts as reached when it ever moves."""
    if not subject.source.objectives:
        return skipped("The network has no loss.")
    if not any(stage.rule == "gradient" for stage in subject.document.recipe.stages):
        return skipped("The recipe learns without gradients.")
    probe = subject.fresh()
    flow = _Flow()
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
    findings = _findings(subject, trainable, reached, flow)
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


class _Flow:
    """A watch that notes through which values gradients flow.

    Attributes:
        carries: By place, whether the value belongs to the graph of gradients.
        flows: Places whose gradient was ever not all zeros.
        zero: Places whose value was all zeros in every batch.
    """

    def __init__(self) -> None:
        self.carries: dict[Place, bool] = {}
        self.flows: set[Place] = set()
        self.zero: dict[Place, bool] = {}

    def __call__(self, place: Place, value: Tensor) -> Tensor:
        self.carries[place] = self.carries.get(place, False) or value.requires_grad
        self.zero[place] = self.zero.get(place, True) and not bool(value.detach().any())
        if value.requires_grad:
            value.register_hook(lambda gradient: self._note(place, gradient))  # type: ignore[no-untyped-call]
        return value

    def _note(self, place: Place, gradient: Tensor) -> None:
        if bool(gradient.any()):
            self.flows.add(place)


def _findings(
    subject: Subject, trainable: Mapping[str, Tensor], reached: Mapping[str, bool], flow: _Flow
) -> list[Finding]:
    """One for each node with parameters that nothing reached."""
    names: dict[str, list[str]] = {}
    for name in trainable:
        if not reached.get(name, False):
            names.setdefault(subject.node_of_parameter(name), []).append(name)
    return [_finding(subject, node, missing, reached, flow) for node, missing in names.items()]


def _finding(
    subject: Subject, node: str, missing: list[str], reached: Mapping[str, bool], flow: _Flow
) -> Finding:
    every = not any(
        name.partition(".")[0] == missing[0].partition(".")[0] for name in reached if reached[name]
    )
    what = node if every else f"{' and '.join(name.partition('.')[2] for name in missing)} of {node}"
    remedies: tuple[Remedy, ...] = ()
    if any(name in reached for name in missing):
        reason = _why_zero(subject, node, flow)
        message = f"{what} gets a gradient of zero in every batch, so it never learns{reason}."
    else:
        reason, culprit = _why_none(subject, node, flow)
        message = f"No gradient reaches {what}, so it never learns: {reason}."
        if culprit and _kind(subject, culprit) == "StopGradient":
            remedies = (Remedy(label=f"Remove {culprit}", node=culprit),)
    return Finding(
        code="no-gradient",
        severity=Severity.WARNING,
        message=message,
        reason="Training changes a weight by its gradient: how the loss would change with it. Without one the weight "
        "keeps the random value it started with.",
        network=subject.document.main,
        node=node,
        remedies=remedies,
    )


def _by_node(subject: Subject, places: object) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:  # type: ignore[attr-defined]
        known = subject.known(place)
        if known is not None:
            found.setdefault(known.root, []).append(place)
    return found


def _why_none(subject: Subject, node: str, flow: _Flow) -> tuple[str, str]:
    """Where the way from a node to the loss is cut: (the end of a sentence, the node that cuts it)."""
    carries = {
        name: any(flow.carries[place] for place in places)
        for name, places in _by_node(subject, flow.carries).items()
    }
    behind = subject.downstream([node])
    if not behind & set(subject.source.objectives):
        return "no loss depends on it", ""
    for name in subject.report.networks[subject.document.main].order:
        comes = name == node or any(
            carries.get(before) for before in subject.graph.predecessors(name) & behind
        )
        if name in behind and comes and carries.get(name) is False:
            return f"{name} ({_kind(subject, name)}) lets none through", name
    return "no loss depends on it", ""


def _why_zero(subject: Subject, node: str, flow: _Flow) -> str:
    """Behind which node the gradient becomes zero, as the end of a sentence; "" where that is not clear."""
    flows = set(_by_node(subject, flow.flows))
    zero = {
        name for name, places in _by_node(subject, flow.zero).items() if all(flow.zero[p] for p in places)
    }
    behind = subject.downstream([node])
    for name in subject.report.networks[subject.document.main].order:
        if (
            name in behind
            and name != node
            and name in flows
            and subject.graph.predecessors(name) & behind - flows
        ):
            dead = ", for it gives 0 for every sample" if name in zero else ""
            return f": {name} ({_kind(subject, name)}) stops it{dead}"
    return ""


def _kind(subject: Subject, name: str) -> str:
    return subject.graph.nodes[name].kind
