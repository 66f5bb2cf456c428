"""Activations: where one is missing, does nothing, works along the wrong axis, or keeps gradients from coming through."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nodeforge.analysis.chains import chain, wire_into
from nodeforge.analysis.fixes import bypass, insertion, kind_change, removal
from nodeforge.analysis.rules.families import (
    AVERAGING,
    BATCH_NORMS,
    CONVOLUTIONS,
    CURVED,
    DROPOUTS,
    MAXIMA,
    MOVING,
    SOFTMAXES,
    WEIGHED_SUMS,
    span_of,
)
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.words import listed
from nodeforge.catalog.kind import Answers, Role
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Batch, SetKind, SetParameter
from nodeforge.core.graph import Node, Wire
from nodeforge.core.specs import TensorSpec

_KEEP_LINEAR = MOVING | DROPOUTS | BATCH_NORMS | AVERAGING
_KEEP_SIGN = MOVING | DROPOUTS | MAXIMA | AVERAGING
_SQUASHING = {"Sigmoid": 0.25, "Hardsigmoid": 1 / 6, "Tanh": 1.0, "Softsign": 1.0, "Hardtanh": 1.0}
"""Activations that are flat on both sides, and how steep they are at most."""
_MANY_SIGMOIDS, _MANY_SQUASHING = 5, 10


def sums_in_a_row(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Two layers of weighted sums with no activation between: together they can do no more than one."""
    wire = wire_into(view, node.name) if node.kind in WEIGHED_SUMS else None
    if wire is None:
        return
    wires = chain(view, wire, _KEEP_LINEAR)
    source = view.graph.nodes[wires[0].source]
    alike = source.kind == node.kind or (source.kind in CONVOLUTIONS and node.kind == "Linear")
    if not alike or any(_is_shared(view, step.source) for step in wires) or _is_meant(view, source, node):
        return
    norms = [step for step in wires if view.graph.nodes[step.source].kind in BATCH_NORMS]
    relu = insertion(view, (norms or wires[:1])[-1], "ReLU")
    yield view.finding(
        "no-activation",
        Severity.HINT,
        f"{source.name} and {node.name} follow each other without an activation: "
        "two weighted sums in a row can do no more than one.",
        reason="An activation such as ReLU between them lets the network bend its answer.",
        node=node.name,
        nodes=(source.name, node.name),
        wires=wires,
        fixes=[relu] if relu else [],
    )


def _is_shared(view: NetworkView, name: str) -> bool:
    return len(list(view.graph.wires_from(name))) > 1


def _is_meant(view: NetworkView, first: Node, second: Node) -> bool:
    """Whether two sums save weights: channel by channel, then across; or through a narrow middle."""
    one, two = view.report(first.name), view.report(second.name)
    if one.values.get("groups", 1) != 1 or two.values.get("groups", 1) != 1:
        return True
    if first.kind != second.kind or not (one.inputs and two.inputs and two.outputs):
        return False
    axis = -1 if first.kind == "Linear" else 1
    sizes = (one.inputs["input"][0], two.inputs["input"][0], two.outputs["output"])
    before, middle, after = (int(spec.shape[axis]) for spec in sizes)
    return middle * 2 <= min(before, after)


def idle_activation(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """An activation behind another one that leaves it nothing to do, or that it only repeats."""
    wire = wire_into(view, node.name) if node.kind in CURVED else None
    if wire is None:
        return
    wires = chain(view, wire, _KEEP_SIGN)
    source = view.graph.nodes[wires[0].source]
    span = span_of(view.report(source.name)) or (-1.0, 1.0)
    if node.kind == "ReLU" and span[0] >= 0:
        message = f"{node.name} changes nothing: what comes from {source.name} is never below 0."
        reason = "ReLU sets what is below 0 to 0 and leaves the rest as it is."
    elif node.kind == source.kind:
        message = f"{source.name} and {node.name} are both {node.kind}, with no weights between them: one is enough."
        reason = (
            "The second one squeezes values that are squeezed already, and weakens the gradients once more."
        )
    else:
        return
    yield view.finding(
        "idle-activation",
        Severity.HINT,
        message,
        reason=reason,
        node=node.name,
        nodes=(source.name, node.name),
        wires=wires,
        fixes=[removal(view, node.name)],
    )


def softmax_twice(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A softmax of a softmax: the probabilities come out nearly equal."""
    wire = wire_into(view, node.name) if node.kind in SOFTMAXES else None
    if wire is None:
        return
    wires = chain(view, wire, MOVING | DROPOUTS)
    source = view.graph.nodes[wires[0].source]
    if source.kind not in SOFTMAXES - {"LogSoftmax"}:
        return
    yield view.finding(
        "softmax-twice",
        Severity.WARNING,
        f"{node.name} takes the softmax of what {source.name} has made probabilities already: keep one of them.",
        reason="A softmax of numbers from 0 to 1 gives nearly the same to all of them, whatever the network found.",
        node=node.name,
        nodes=(source.name, node.name),
        wires=wires,
        fixes=bypass(view, wires),
    )


def softmax_axis(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A softmax along an axis of one place, or along another axis than the next node adds up over."""
    report = view.report(node.name)
    spec = report.inputs.get("input", (None,))[0] if node.kind in SOFTMAXES else None
    dim = report.values.get("dim")
    if spec is None or not isinstance(dim, int) or not report.outputs:
        return
    axis = dim % spec.rank
    if spec.shape[axis] == 1:
        yield _of_one(view, node, spec, axis)
        return
    for wire in view.graph.wires_from(node.name):
        wanted, why = _wanted_axis(view, wire, spec.rank)
        if wanted in (None, axis) or not isinstance(spec.shape[wanted or 0], int):
            continue
        edit = SetParameter(view.name, node.name, "dim", wanted)
        yield view.finding(
            "softmax-axis",
            Severity.WARNING,
            f"{node.name} makes axis {axis} of {spec} add up to 1, and {wire.target} {why}: set dim to {wanted}.",
            reason="Along the wrong axis the numbers are no probabilities of what is being chosen.",
            node=node.name,
            parameter="dim",
            wires=[wire],
            fixes=[Fix(label=f"Set dim to {wanted}", edit=edit)],
        )
        return


def _of_one(view: NetworkView, node: Node, spec: TensorSpec, axis: int) -> Diagnostic:
    always = "0" if node.kind == "LogSoftmax" else "1"
    sigmoid = kind_change(view, node, "Sigmoid", f"Change {node.name} to Sigmoid")
    return view.finding(
        "softmax-axis",
        Severity.WARNING,
        f"{node.name} works along axis {axis} of {spec}, which has one place: it gives {always} whatever comes in.",
        reason="Softmax divides a whole among several. For a single yes or no, Sigmoid gives a probability.",
        node=node.name,
        parameter="dim",
        fixes=[sigmoid] if node.kind == "Softmax" else [],
    )


def _wanted_axis(view: NetworkView, wire: Wire, rank: int) -> tuple[int | None, str]:
    """The axis that must add up to 1 for what comes next, and why; None when any may."""
    kind = view.kind(wire.target)
    if kind is None:
        return None, ""
    if kind.answers is Answers.CLASSES and wire.input == "input":
        return 1, "looks for the classes along axis 1"
    if kind.name == "MatMul" and wire.input == "input" and rank > 2:
        return rank - 1, f"adds up along axis {rank - 1}"
    return None, ""


def vanishing_gradients(view: NetworkView) -> Iterator[Diagnostic]:
    """Many squashing activations one behind the other, with nothing that lets a gradient by."""
    if sum(len(view.by_kind.get(kind, ())) for kind in _SQUASHING) < min(_MANY_SIGMOIDS, _MANY_SQUASHING):
        return
    depths: dict[str, tuple[str, ...]] = {}
    longest: tuple[str, ...] = ()
    for name in view.order:
        kind = view.kind(name)
        before = [depths.get(source, ()) for source in view.graph.predecessors(name)]
        path = min(before, key=len, default=())
        if kind is not None and kind.category == "Normalization":
            path = ()
        elif kind is not None and kind.name in _SQUASHING and _feeds_layers(view, name):
            path = (*path, name)
        depths[name] = path
        if len(path) > len(longest):
            longest = path
    slopes = [_SQUASHING[view.graph.nodes[name].kind] for name in longest]
    sigmoids = sum(slope < 1 for slope in slopes)
    if sigmoids < _MANY_SIGMOIDS and len(longest) < _MANY_SQUASHING:
        return
    shrunk = f"at most {math.prod(slopes):.1g} of a gradient comes through" if sigmoids else "gradients fade"
    label = "Change them to ReLU"
    edits = tuple(SetKind(view.name, name, "ReLU", {}) for name in longest)
    yield view.finding(
        "vanishing-gradients",
        Severity.HINT,
        f"{len(longest)} squashing activations stand one behind the other ({listed(longest)}): {shrunk}, so the "
        "first layers hardly learn.",
        reason="Sigmoid and Tanh are flat far from 0. ReLU, a normalization between the layers, or a path around them "
        "(Add) lets gradients through.",
        nodes=longest,
        fixes=[Fix(label=label, edit=Batch(edits, label))],
    )


def _feeds_layers(view: NetworkView, name: str) -> bool:
    """Whether anything but an Output or a loss uses a node's result."""
    return any(
        (kind := view.kind(target)) is not None and kind.role is Role.LAYER
        for target in view.graph.successors(name)
    )


NETWORK_RULES = (vanishing_gradients,)
NODE_RULES = (sums_in_a_row, idle_activation, softmax_twice, softmax_axis)
