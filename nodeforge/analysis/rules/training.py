"""Whether there is anything to learn from: a loss, weights, and gradients that reach them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nodeforge.analysis.additions import new_losses
from nodeforge.analysis.fixes import removal
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.words import listed, were
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Batch, SetMode
from nodeforge.core.graph import Wire
from nodeforge.core.specs import FLOATS

_WITHOUT_LOSS = {"competitive", "contrastive-divergence", "k-means"}
"""Learning rules that follow the samples themselves."""


def no_objective(view: NetworkView) -> Iterator[Diagnostic]:
    """A network without a loss: it can be exported, but there is nothing to learn from."""
    if not view.is_main or view.with_role(Role.OBJECTIVE):
        return
    kinds = [view.catalog[name] for name in view.by_kind if name in view.catalog]
    if any(_WITHOUT_LOSS.intersection(kind.rules) for kind in kinds):
        return
    muted = [
        name
        for name in view.graph.nodes
        if (loss := view.catalog.get(view.graph.nodes[name].kind)) and loss.role is Role.OBJECTIVE
    ]
    if muted:
        yield view.finding(
            "no-objective",
            Severity.WARNING,
            f"{listed(muted)} {were(muted, 'is', 'are')} muted, and {view.name} has no other loss, so it cannot be trained.",
            reason="A muted loss is left out of the training.",
            nodes=muted,
            fixes=[_activation(view, muted)],
        )
        return
    outputs = [node.name for node in view.with_role(Role.OUTPUT)]
    wires = [wire for name in outputs for wire in view.graph.wires_into(name)]
    if not wires:
        return
    yield view.finding(
        "no-objective",
        Severity.WARNING,
        f"{view.name} has no loss, so it cannot be trained: add one, with a Target for the right answers.",
        reason="Training makes a loss smaller: a number that says how far the prediction is from the target.",
        fixes=new_losses(view, wires[0].tail, wires[0].target),
    )


def no_weights(view: NetworkView) -> Iterator[Diagnostic]:
    """A loss, and not one number that training could change."""
    if not view.is_main or not view.with_role(Role.OBJECTIVE) or len(view.order) < len(view.graph):
        return
    for name in view.order:
        kind, report = view.kind(name), view.report(name)
        if (
            kind is None
            or report.parameters
            or kind.parameter_count
            or len(report.outputs) < len(kind.outputs)
        ):
            return
    objective = view.with_role(Role.OBJECTIVE)[0].name
    yield view.finding(
        "no-weights",
        Severity.WARNING,
        f"No node of {view.name} has weights, so training cannot change what {objective} measures: add a layer "
        "such as Linear or Conv2d.",
        reason="Training changes weights; activations, pooling and arithmetic have none.",
        node=objective,
    )


def no_gradient(view: NetworkView) -> Iterator[Diagnostic]:
    """Weights that stay as they are, for no gradient of any loss comes back to them."""
    if not view.is_main or not view.with_role(Role.OBJECTIVE):
        return
    learning = _learning(view)
    barriers = _barriers(view, learning)
    idle: dict[str, list[str]] = {}
    for name in view.order:
        if name not in learning and view.report(name).parameters and _learns_by_gradient(view, name):
            idle.setdefault(barriers.get(name, ""), []).append(name)
    for barrier, names in idle.items():
        if barrier:
            told = _muted if view.report(barrier).mode == "muted" else _blocked
            yield told(view, names, barrier)
        elif outputs := _outputs_behind(view, names):
            yield _without_loss(view, names, outputs)


def _learning(view: NetworkView) -> set[str]:
    """The nodes that a gradient of a loss reaches."""
    blocking = [name for name in view.by_kind if name in view.catalog and view.catalog[name].blocks_gradient]
    closed = {node.name for node in view.of_kinds(blocking)}
    closed |= {name for name in view.order if view.report(name).mode == "muted"}
    learning = {node.name for node in view.with_role(Role.OBJECTIVE)}
    inputs_of, evaluations = view.graph.inputs_of, view.evaluations
    for name in reversed(view.order):
        if name not in learning:
            continue
        for ends in inputs_of(name).values():
            for source, output in ends:
                if source in learning or source in closed:
                    continue
                spec = evaluations[source].report.outputs.get(output)
                if spec is None or spec.dtype in FLOATS:
                    learning.add(source)
    return learning


def _learns_by_gradient(view: NetworkView, name: str) -> bool:
    kind = view.kind(name)
    return kind is None or "gradient" in kind.rules


def _barriers(view: NetworkView, learning: set[str]) -> dict[str, str]:
    """By node, the nearest from it on that lets no gradient back; absent where no wire leads on to any loss."""
    nearest: dict[str, tuple[int, str]] = {}
    for name in reversed(view.order):
        targets = view.graph.successors(name)
        if not targets.isdisjoint(learning):
            nearest[name] = (0, name)
        elif behind := [nearest[target] for target in targets if target in nearest]:
            steps, barrier = min(behind)
            nearest[name] = (steps + 1, barrier)
    return {name: barrier for name, (_, barrier) in nearest.items()}


def _blocked(view: NetworkView, names: list[str], barrier: str) -> Diagnostic:
    kind = view.graph.nodes[barrier].kind
    wanted = kind == "StopGradient"
    return view.finding(
        "no-gradient",
        Severity.HINT if wanted else Severity.WARNING,
        f"The weights of {listed(names)} never change: {barrier} lets no gradient back to them.",
        reason="StopGradient keeps everything before it as it is. If that is what you mean, all is well."
        if wanted
        else f"{kind} answers in steps: a small change of a weight does not change its result, so there is no "
        "slope to follow.",
        nodes=(*names, barrier),
        fixes=[removal(view, barrier)] if wanted else [],
    )


def _muted(view: NetworkView, names: list[str], barrier: str) -> Diagnostic:
    return view.finding(
        "no-gradient",
        Severity.HINT,
        f"The weights of {listed(names)} never change: {barrier} is muted and lets no gradient back to them.",
        reason="The zeros of a muted node come from nothing before it.",
        nodes=(*names, barrier),
        fixes=[_activation(view, [barrier])],
    )


def _activation(view: NetworkView, names: Sequence[str]) -> Fix:
    label = f"Activate {listed(names)}"
    return Fix(label=label, edit=Batch(tuple(SetMode(view.name, name, "active") for name in names), label))


def _outputs_behind(view: NetworkView, names: list[str]) -> list[str]:
    """The Outputs to which wires lead from nodes."""
    seen, todo = set(names), list(names)
    for name in todo:
        fresh = view.graph.successors(name) - seen
        seen |= fresh
        todo.extend(fresh)
    return [node.name for node in view.with_role(Role.OUTPUT) if node.name in seen]


def _without_loss(view: NetworkView, names: list[str], outputs: list[str]) -> Diagnostic:
    wires = [wire for name in outputs for wire in view.graph.wires_into(name)]
    own = [wire for wire in wires if not _measured(view, wire)]
    return view.finding(
        "no-gradient",
        Severity.WARNING,
        f"The weights of {listed(names)} never change: {listed(outputs)} "
        f"{were(outputs, 'depends', 'depend')} on them, and no loss does.",
        reason="Weights learn from a loss. What only an Output shows stays as random as it was at the start.",
        nodes=(*names, *outputs),
        wires=own,
        fixes=new_losses(view, own[0].tail, own[0].target) if own else [],
    )


def _measured(view: NetworkView, wire: Wire) -> bool:
    """Whether what a wire brings also goes to an objective."""
    return any(
        (kind := view.kind(other.target)) is not None and kind.role is Role.OBJECTIVE
        for other in view.graph.wires_from(wire.source)
    )


NETWORK_RULES = (no_objective, no_weights, no_gradient)
