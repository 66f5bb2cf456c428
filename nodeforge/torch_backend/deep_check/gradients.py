"""A gradient reaches every trainable parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from nodeforge.compiler.naming import listed
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
    subject: Subject, trainable: Iterable[str], reached: Mapping[str, bool], flow: _Flow
) -> Iterator[Finding]:
    """One for each cause: the nodes with parameters that nothing reached, and why."""
    missing: dict[str, list[str]] = {}
    for name in trainable:
        if not reached.get(name, False):
            missing.setdefault(subject.node_of_parameter(name), []).append(name)
    causes: dict[_Cause, list[str]] = {}
    for node, names in missing.items():
        is_zero = any(name in reached for name in names)
        cause = _why_zero(subject, node, flow) if is_zero else _why_none(subject, node, flow)
        is_whole = not any(reached.get(n) and subject.node_of_parameter(n) == node for n in trainable)
        causes.setdefault(cause, []).append(node if is_whole else _parts(node, names))
    for cause, whom in causes.items():
        yield _finding(subject, cause, whom)


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why no gradient reaches some nodes.

    Attributes:
        why: The end of a sentence.
        is_zero: Whether there is one, which is always 0.
        culprit: The node to blame, where it is another one.
    """

    why: str
    is_zero: bool
    culprit: str = ""


def _parts(node: str, names: list[str]) -> str:
    return f"the {listed(name.partition('.')[2] for name in names)} of {node}"


def _finding(subject: Subject, cause: _Cause, whom: list[str]) -> Finding:
    never = "so it never learns" if len(whom) == 1 else "so they never learn"
    node = whom[0].rpartition(" of ")[2]
    what = f"No gradient reaches {listed(whom)}"
    if cause.is_zero:
        what = f"The gradient of {listed(whom)} is 0 in every batch"
    remedies: tuple[Remedy, ...] = ()
    if cause.culprit and subject.graph.nodes[cause.culprit].kind == "StopGradient":
        remedies = (Remedy(label=f"Remove {cause.culprit}", node=cause.culprit),)
    return Finding(
        code="no-gradient",
        severity=Severity.WARNING,
        message=f"{what}, {never}: {cause.why}.",
        reason="Training changes a weight by its gradient: how the loss would change with it. Without one the weight "
        "keeps the random value it started with.",
        network=subject.document.main,
        node=cause.culprit or node,
        remedies=remedies,
    )


def _roots(subject: Subject, places: Iterable[Place]) -> set[str]:
    """The nodes of the main network that values belong to."""
    return {known.root for place in places if (known := subject.known(place)) is not None}


def _why_none(subject: Subject, node: str, flow: _Flow) -> _Cause:
    """Where the way from a node to the loss is cut."""
    seen = _roots(subject, flow.carries)
    carrying = _roots(subject, (place for place, carries in flow.carries.items() if carries))
    behind = subject.downstream([node])
    for name in subject.order:
        comes = name == node or subject.graph.predecessors(name) & behind & carrying
        if name in behind & seen and comes and name not in carrying:
            return _Cause(f"{_named(subject, name)} lets none through", False, name)
    return _Cause("no loss depends on it", False)


def _why_zero(subject: Subject, node: str, flow: _Flow) -> _Cause:
    """Where the gradient on its way from the loss becomes zero."""
    flowing = _roots(subject, flow.flows)
    zero = {place for place, is_zero in flow.zero.items() if is_zero}
    empty = _roots(subject, zero) - _roots(subject, flow.zero.keys() - zero)
    behind = subject.downstream([node])
    for name in subject.order:
        if (
            name in behind - {node}
            and name in flowing
            and subject.graph.predecessors(name) & (behind - flowing)
        ):
            dead = ", for it gives 0 for every sample" if name in empty else ""
            return _Cause(f"{_named(subject, name)} stops it{dead}", True, name)
    before = sorted(subject.graph.predecessors(node) & empty)
    if before:
        return _Cause(f"{_named(subject, before[0])} gives only zeros", True, before[0])
    return _Cause("the loss does not change with it", True)


def _named(subject: Subject, name: str) -> str:
    return f"{name} ({subject.graph.nodes[name].kind})"
