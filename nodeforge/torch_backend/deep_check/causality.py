"""No output looks into the future."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from nodeforge.catalog.kind import Role
from nodeforge.compiler.naming import listed
from nodeforge.core.specs import BATCH, TensorSpec
from nodeforge.torch_backend.deep_check.comparing import Comparison, Recording, distance
from nodeforge.torch_backend.deep_check.probe import Place, Probe
from nodeforge.torch_backend.deep_check.sequences import SWITCHES, is_channels_first, read_by_causal_layers
from nodeforge.torch_backend.deep_check.subject import Known, Subject
from nodeforge.torch_backend.deep_check.verdicts import Answer, Finding, Remedy, broken, held, skipped

TITLE = "No output looks into the future"
SIZE = 3


def check(subject: Subject) -> Answer:
    """Change a sequence from some step on: what the outputs give for the steps before must stay as it was."""
    sequences = _sequences(subject)
    if not subject.source.outputs:
        return skipped("The network has no Output node.")
    if not sequences:
        if subject.causal:
            return skipped("No input has an axis of time.")
        return skipped("No layer is causal, so the network may look at whole sequences.")
    outputs = [name for name in subject.source.outputs if _is_as_long(subject, name, sequences.values())]
    if not outputs:
        return skipped("No output has an axis of time, so each answer belongs to a whole sequence.")
    for name, sequence in sequences.items():
        for probe in (subject.probe, subject.loud):
            finding = _try(subject, probe, name, sequence)
            if finding is not None:
                return broken(finding)
    names = listed(sequences)
    return held(f"{names} changed from some step on: nothing that {listed(outputs)} gives before it moved.")


def _is_as_long(subject: Subject, output: str, sequences: Iterable[_Sequence]) -> bool:
    spec = subject.output_spec(output)
    return any(_axes(spec, sequence.steps) for sequence in sequences)


def _try(subject: Subject, probe: Probe, name: str, sequence: _Sequence) -> Finding | None:
    """Change one input from several steps on."""
    steps = sequence.steps
    inputs = subject.samples.batch(0, SIZE).inputs
    recording = Recording()
    before = probe.forward(inputs, recording)
    for step in sorted({1, steps // 2, steps - 1}):
        now_inputs = list(inputs)
        now_inputs[sequence.place] = _changed_from(subject, sequence, step)
        comparison = Comparison(recording, partial(_gap, subject, steps, step))
        now = probe.forward(now_inputs, comparison)
        for output, old, new in zip(subject.source.outputs, before, now, strict=True):
            gap = _past(subject.output_spec(output), steps, step, old, new)
            if gap:
                return _finding(subject, name, output, steps, step, gap, comparison)
    return None


class _Sequence(NamedTuple):
    """An input that is a sequence in time.

    Attributes:
        place: Its place among the inputs.
        axis: Its axis of time.
        steps: Its length.
    """

    place: int
    axis: int
    steps: int


def _sequences(subject: Subject) -> dict[str, _Sequence]:
    """The Input nodes whose future must stay hidden."""
    if subject.causal:
        names = {slot.node for slot in subject.source.inputs}
    else:
        names = read_by_causal_layers(subject.document, subject.graph, subject.nodes)
    found = {}
    for index, slot in enumerate(subject.source.inputs):
        if slot.node in names and 2 <= slot.spec.rank <= 3:
            turned = is_channels_first(subject.document, subject.graph, subject.nodes, slot.node)
            axis = 2 if slot.spec.rank == 3 and turned else 1
            steps = slot.spec.shape[axis]
            if isinstance(steps, int) and steps > 1:
                found[slot.node] = _Sequence(index, axis, steps)
    return found


def _changed_from(subject: Subject, sequence: _Sequence, step: int) -> Tensor:
    """The input with other samples' values from a step on, and noise where it can be."""
    tensor = subject.samples.batch(0, SIZE).inputs[sequence.place]
    other = subject.samples.batch(SIZE, SIZE).inputs[sequence.place]
    if tensor.is_floating_point():
        noise = torch.randn(tensor.shape, generator=torch.Generator().manual_seed(step)).to(tensor)
        other = other + noise * tensor.std().clamp(min=0.1)
    kept = tensor.narrow(sequence.axis, 0, step)
    return torch.cat([kept, other.narrow(sequence.axis, step, sequence.steps - step)], sequence.axis)


def _axes(spec: TensorSpec, steps: int) -> list[int]:
    """The axes that may be those of time."""
    return [axis for axis, dim in enumerate(spec.shape) if dim == steps]


def _past(spec: TensorSpec, steps: int, step: int, before: Tensor, now: Tensor) -> float:
    """How far the steps before moved. Where several axes are as long as time, one on which nothing moved will do."""
    if before.shape != now.shape:
        return 0.0
    gaps = (distance(before.narrow(axis, 0, step), now.narrow(axis, 0, step)) for axis in _axes(spec, steps))
    return min(gaps, default=0.0)


def _gap(subject: Subject, steps: int, step: int, place: Place, before: Tensor, now: Tensor) -> float:
    known = subject.known(place)
    if known is None or known.spec is None or BATCH not in known.spec.shape:
        return 0.0
    return _past(known.spec, steps, step, before, now)


def _finding(
    subject: Subject, name: str, output: str, steps: int, step: int, gap: float, comparison: Comparison
) -> Finding:
    known = _blamed(subject, output, steps, comparison)
    return Finding(
        code="looks-ahead",
        message=f"{known.name if known else output} looks into the future: when {name} changes from step {step + 1} on, what {output} gives for "
        f"the steps before changes by up to {gap:.2g}.",
        reason="A network that is to predict what comes next sees the answer while it trains, and has none when it is "
        "used. Its results in training are then worth nothing.",
        network=known.network if known else subject.document.main,
        node=known.node if known else output,
        remedies=_remedies(known) if known else (),
    )


def _blamed(subject: Subject, output: str, steps: int, comparison: Comparison) -> Known | None:
    """The first node whose past moved. Tables of every step with every step are passed over: only what is made of
    them shows whether the future was masked."""
    upstream = subject.upstream([output])
    found = [
        known
        for place in comparison.gaps
        if (known := subject.known(place)) is not None
        and known.root in upstream
        and known.report.kind is not None
        and known.report.kind.role is Role.LAYER
    ]
    single = [known for known in found if known.spec is not None and len(_axes(known.spec, steps)) == 1]
    return next(iter(single or found), None)


def _remedies(known: Known) -> tuple[Remedy, ...]:
    remedies = [
        Remedy(label=f"Switch {name} on", node=known.node, parameter=name, value=True)
        for name in SWITCHES
        if known.report.values.get(name) is False
    ]
    if known.report.values.get("bidirectional") is True:
        remedies.append(
            Remedy(label="Read in one direction", node=known.node, parameter="bidirectional", value=False)
        )
    return tuple(remedies)
