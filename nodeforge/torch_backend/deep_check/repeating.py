"""Two runs with the same seed agree bit for bit."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from nodeforge.core.diagnostics import Severity
from nodeforge.torch_backend.deep_check.comparing import Comparison, Recording, difference
from nodeforge.torch_backend.deep_check.probe import Probe, Watch
from nodeforge.torch_backend.deep_check.subject import Known, Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, broken, held

TITLE = "Two runs with the same seed agree bit for bit"
SIZE = 8


def check(subject: Subject) -> Answer:
    """Build the network twice from one seed and take both through a step, forwards and back."""
    first, second = subject.fresh(), subject.fresh()
    if name := _first_difference(
        dict(first.module.named_parameters()), dict(second.module.named_parameters())
    ):
        return broken(_finding(subject, subject.way_to_parameter(name)[0], "starts with other weights"))
    recording = Recording()
    _step(subject, first, recording)
    comparison = Comparison(recording, lambda _, before, now: difference(before, now))
    _step(subject, second, comparison)
    for place in comparison.gaps:
        if known := subject.known(place):
            return broken(_finding(subject, [known], "gives other numbers"))
    if name := _first_difference(_gradients(first), _gradients(second)):
        return broken(_finding(subject, subject.way_to_parameter(name)[0], "gets another gradient"))
    passes = "forwards and back" if subject.source.objectives else "forwards"
    return held(f"Weights and a step {passes}, twice with seed {subject.seed}.")


def _step(subject: Subject, probe: Probe, watch: Watch) -> None:
    batch = subject.samples.batch(0, SIZE)
    if subject.source.objectives:
        probe.objectives(batch.inputs, batch.targets, watch, seed=subject.seed, backward=True)
    else:
        probe.forward(batch.inputs, watch, train=True, seed=subject.seed)


def _gradients(probe: Probe) -> dict[str, Tensor]:
    """By parameter, those nearest the loss first: a difference spreads from there."""
    named = reversed(list(probe.module.named_parameters()))
    return {name: p.grad for name, p in named if p.grad is not None}


def _first_difference(one: dict[str, Tensor], other: dict[str, Tensor]) -> str:
    return next((name for name in one if difference(one[name].detach(), other[name].detach())), "")


def _finding(subject: Subject, way: Sequence[Known], what: str) -> Finding:
    """What is wrong with the last node on the way to a value or parameter."""
    name = way[-1].name if way else "The network"
    return Finding(
        code="not-repeatable",
        severity=Severity.WARNING,
        message=f"{name} {what} in a second run with the same seed on the {subject.device.type}.",
        reason="A result that cannot be had again cannot be compared with another. Some operations add up in no "
        "fixed order on a graphics card; others draw random numbers that no seed reaches.",
        network=way[-1].network if way else subject.document.main,
        node=way[-1].node if way else "",
    )
