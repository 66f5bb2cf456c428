"""Nodes that are bypassed or muted: which they are, and where that cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.words import listed, were
from nodeforge.catalog.kind import Role
from nodeforge.catalog.modes import can_be
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, SetMode, SetRecipe
from nodeforge.core.graph import Node
from nodeforge.core.specs import DataFacts

_VERBS = {"bypassed": "bypass", "muted": "mute"}


def impossible_mode(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A mode that the node's kind cannot be in: it has nothing to pass on, or without it there is nothing to compute."""
    kind = view.catalog.get(node.kind)
    if kind is None or can_be(kind, node.mode):
        return
    others = [other for other in _VERBS if can_be(kind, other)]
    wishes = [(f"{_VERBS[other].capitalize()} {node.name} instead", other) for other in others]
    yield view.finding(
        "mode-impossible",
        Severity.ERROR,
        f"{node.name} cannot be {node.mode}: {_why_not(kind.role, kind.label)}.",
        reason="A bypassed node passes its first input on as its output; a muted one gives zeros of the usual shape.",
        node=node.name,
        fixes=[
            Fix(label=label, edit=SetMode(view.name, node.name, mode))
            for label, mode in [*wishes, (f"Activate {node.name}", "active")]
        ],
    )


def _why_not(role: Role, label: str) -> str:
    match role:
        case Role.OBJECTIVE:
            return "a loss has nothing to pass on; muted, it is left out of the training"
        case Role.INPUT | Role.TARGET:
            return "the data enters the network there"
        case Role.OUTPUT:
            return "the result of the network leaves there"
        case _:
            return f"{label} takes no input"


def nothing_passed_on(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Outputs of a bypassed node that are read, and for which none of its inputs can stand."""
    report = view.report(node.name)
    if report.mode != "bypassed" or not report.passes:
        return
    wires = [wire for wire in view.graph.wires_from(node.name) if wire.output not in report.passes]
    for port in dict.fromkeys(wire.output for wire in wires):
        yield view.finding(
            "bypass-incomplete",
            Severity.ERROR,
            f"{node.name} is bypassed, and none of its inputs is like what {port} would give: what reads {port} "
            "gets nothing.",
            reason="A bypassed node passes its first input on as its first output; at any other output, an input of "
            "the same shape and element type.",
            node=node.name,
            port=port,
            wires=[wire for wire in wires if wire.output == port],
            fixes=[
                Fix(label=f"Mute {node.name} instead", edit=SetMode(view.name, node.name, "muted")),
                Fix(label=f"Activate {node.name}", edit=SetMode(view.name, node.name, "active")),
            ],
        )


def nothing_to_pass(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A bypassed node that no wire enters."""
    report = view.report(node.name)
    if report.mode == "bypassed" and not view.graph.inputs_of(node.name):
        yield view.finding(
            "missing-input",
            Severity.ERROR,
            f"{node.name} is bypassed and has nothing to pass on: draw a wire to its input.",
            node=node.name,
            port=report.kind.inputs[0].name if report.kind else "",
            fixes=[Fix(label=f"Activate {node.name}", edit=SetMode(view.name, node.name, "active"))],
        )


def idle_nodes(view: NetworkView) -> Iterator[Diagnostic]:
    """Which nodes do not do their work: it is easily forgotten."""
    idle: dict[tuple[str, str], list[str]] = {}
    for node in view.graph.ordered_nodes():
        if (mode := view.report(node.name).mode) != "active":
            idle.setdefault((mode, _meaning(view, node, mode)), []).append(node.name)
    for (mode, meaning), names in idle.items():
        label = "Activate it" if len(names) == 1 else "Activate them"
        edits = tuple(SetMode(view.name, name, "active") for name in names)
        yield view.finding(
            f"nodes-{mode}",
            Severity.HINT,
            f"{listed(names)} {were(names, 'is', 'are')} {mode}: {meaning}.",
            reason="Runs, evaluations and exports use the network as it is drawn here, without what such nodes do.",
            nodes=names,
            fixes=[Fix(label=label, edit=Batch(edits, label))],
        )


def _meaning(view: NetworkView, node: Node, mode: str) -> str:
    if mode == "bypassed":
        return "what arrives there goes on unchanged"
    if view.catalog[node.kind].role is Role.OBJECTIVE:
        return "left out of the training"
    learned = view.report(node.name).parameters
    return "zeros go on from there, and weights stay as they are" if learned else "zeros go on from there"


def silent_stages(
    document: Document, facts: DataFacts | None, reports: Mapping[str, NetworkReport]
) -> Iterator[Diagnostic]:
    """Stages that follow muted losses only."""
    nodes = reports[document.main].nodes
    for place, stage in enumerate(document.recipe.stages):
        muted = [name for name in stage.objectives if name in nodes and nodes[name].mode == "muted"]
        if not muted or len(muted) < len(stage.objectives):
            continue
        others = tuple(
            replace(each, objectives=()) if index == place else each
            for index, each in enumerate(document.recipe.stages)
        )
        activate = Batch(
            tuple(SetMode(document.main, name, "active") for name in muted), "Activate the losses"
        )
        yield Diagnostic(
            code="stage-losses-muted",
            severity=Severity.ERROR,
            message=f"Stage {stage.name} follows {listed(muted)}, which {were(muted, 'is', 'are')} muted: nothing is "
            "left to make smaller.",
            parameter="objectives",
            stage=stage.name,
            fixes=(
                Fix(label=activate.label, edit=activate),
                Fix(
                    label="Follow all losses",
                    edit=SetRecipe(replace(document.recipe, stages=others)),
                ),
            ),
        )


NODE_RULES = (impossible_mode, nothing_passed_on, nothing_to_pass)
NETWORK_RULES = (idle_nodes,)
DOCUMENT_RULES = (silent_stages,)
