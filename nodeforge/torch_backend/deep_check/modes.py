"""Training and evaluation differ only where they should, and evaluation leaves nothing to chance."""

from __future__ import annotations

from torch import nn

from nodeforge.catalog.kind import Role
from nodeforge.catalog.networks import borders
from nodeforge.compiler.naming import listed
from nodeforge.core.diagnostics import Severity
from nodeforge.torch_backend.deep_check.comparing import Comparison, Recording, distance
from nodeforge.torch_backend.deep_check.probe import Place, Watch
from nodeforge.torch_backend.deep_check.subject import Known, Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, broken, held

TITLE = "Training and evaluation differ only where they should"
SIZE = 4
CLOSE = 1e-4
"""In evaluation torch computes some layers, such as a Transformer's, in another way, and rounds otherwise."""
_BY_MODE = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._NormBase, nn.RReLU)
"""Modules of torch that are meant to do something else while training."""


def check(subject: Subject) -> Answer:
    """Run one batch twice in evaluation mode and once in training mode, each line from the same numbers."""
    recording = Recording()
    _run(subject, recording, train=False, seed=1)
    # Noise that only a loss sees changes no answer.
    answering = subject.upstream([output.name for output in borders(subject.graph, Role.OUTPUT)])
    random = [
        found for found in _differing(subject, recording, train=False, seed=2) if found[0].root in answering
    ]
    if random:
        return broken(*(_chance(known) for known, _ in random))
    by_mode = _differing(subject, recording, train=True, seed=1)
    unexpected = [known for known, place in by_mode if not _may_differ(subject, known, place)]
    if unexpected:
        return broken(*map(_surprise, unexpected))
    if not by_mode:
        return held("No layer works otherwise while training.")
    works = "works" if len(by_mode) == 1 else "work"
    return held(f"Only {listed(known.name for known, _ in by_mode)} {works} otherwise while training.")


def _run(subject: Subject, watch: Watch, *, train: bool, seed: int) -> None:
    batch = subject.samples.batch(0, SIZE)
    if subject.source.objectives:
        subject.probe.objectives(batch.inputs, batch.targets, watch, train=train, seed=seed)
    else:
        subject.probe.forward(batch.inputs, watch, train=train, seed=seed)


def _differing(
    subject: Subject, recording: Recording, *, train: bool, seed: int
) -> list[tuple[Known, Place]]:
    """The nodes that give something else than recorded, though they are given the same, and where."""
    comparison = Comparison(recording, lambda _, before, now: distance(before, now, CLOSE), isolate=True)
    _run(subject, comparison, train=train, seed=seed)
    found: dict[str, tuple[Known, Place]] = {}
    for place in comparison.gaps:
        if known := subject.known(place):
            found.setdefault(known.name, (known, place))
    return list(found.values())


def _may_differ(subject: Subject, known: Known, place: Place) -> bool:
    """Whether a node is made to work otherwise while training."""
    if known.report.kind is not None and "self.training" in known.report.kind.support:
        return True
    if "self.training" in subject.source.text.splitlines()[place.lines[-1] - 1]:
        return True
    attribute = subject.source.attributes.get(known.name)
    if not attribute:
        return False
    modules = getattr(subject.probe.module.get_submodule(place.path), attribute).modules()
    return any(isinstance(module, _BY_MODE) or getattr(module, "dropout", 0.0) for module in modules)


def _chance(known: Known) -> Finding:
    return Finding(
        code="random-in-evaluation",
        severity=Severity.WARNING,
        message=f"{known.name} draws random numbers in evaluation too: the same samples get other answers each time.",
        reason="A trained network should give the same answer to the same question. Noise belongs into training alone.",
        network=known.network,
        node=known.node,
    )


def _surprise(known: Known) -> Finding:
    kind = known.report.kind.name if known.report.kind else "layer"
    return Finding(
        code="differs-by-mode",
        severity=Severity.WARNING,
        message=f"{known.name} gives something else in training than in evaluation, which a {kind} should not.",
        reason="What was learnt is then not what is measured and used.",
        network=known.network,
        node=known.node,
    )
