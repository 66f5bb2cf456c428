"""Networks that stand in networks, weights that are shared, and variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Role
from nodeforge.catalog.networks import inner_first, reachable, uses_of
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Document
from nodeforge.core.edits import RemoveNode, SetVariables, Share
from nodeforge.core.expressions import scope_of
from nodeforge.core.graph import Node
from nodeforge.core.parameters import Value
from nodeforge.core.specs import DataFacts

Reports = Mapping[str, NetworkReport]


def circular_networks(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """A network that stands in itself, directly or through others."""
    _, circular = inner_first(document)
    for network in sorted(circular):
        for place, name in uses_of(document, network):
            if place not in reachable(document, network):
                continue
            through = "itself" if place == network else f"{place}, which stands in it"
            yield Diagnostic(
                code="network-circular",
                severity=Severity.ERROR,
                message=f"{name} in {place} is the network {network}, which would then contain {through}.",
                reason="A network is drawn once and put where it is used; one that contains itself would never end.",
                network=place,
                node=name,
                fixes=(Fix(label=f"Remove {name}", edit=RemoveNode(place, name)),),
            )


def variable_faults(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Variables and exposed parameters that have no value."""
    scope, faults = scope_of(document.variables)
    yield from _faults("", document.variables, faults)
    for graph in document.networks.values():
        yield from _faults(graph.name, graph.parameters, scope_of(graph.parameters, scope)[1])


def _faults(network: str, values: Mapping[str, Value], faults: Mapping[str, str]) -> Iterator[Diagnostic]:
    for name, fault in faults.items():
        kept = {key: value for key, value in values.items() if key != name}
        what = f"Parameter {name} of network {network}" if network else f"Variable {name}"
        yield Diagnostic(
            code="variable-invalid",
            severity=Severity.ERROR,
            message=f"{what}: {fault}.",
            reason="A variable is a number, or arithmetic over other variables: width*2.",
            network=network,
            parameter=name,
            fixes=(
                Fix(label=f"Set {name} to 1", edit=SetVariables(network, {**values, name: 1})),
                Fix(label=f"Remove {name}", edit=SetVariables(network, kept)),
            ),
        )


def sharing_faults(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Weights that cannot be shared: from nobody, from another kind, at second hand, or of another size."""
    if not node.shares:
        return
    owner = view.graph.nodes.get(node.shares)
    fixes = [Fix(label=f"Give {node.name} weights of its own", edit=Share(view.name, node.name, ""))]
    if owner is None:
        code, message = (
            "sharing-unknown",
            f"{node.name} uses the weights of {node.shares}, and there is no such node.",
        )
    elif owner.kind != node.kind:
        code = "sharing-kind"
        message = f"{node.name} is a {node.kind} and cannot use the weights of {owner.name}, a {owner.kind}."
    elif owner.shares:
        code = "sharing-chain"
        message = f"{node.name} uses the weights of {owner.name}, which uses those of {owner.shares} itself."
        fixes.insert(
            0, Fix(label=f"Use those of {owner.shares}", edit=Share(view.name, node.name, owner.shares))
        )
    else:
        fault = _differing(view, node.name, owner.name)
        if not fault:
            return
        code, message = "sharing-size", f"{node.name} cannot use the weights of {owner.name}: {fault}."
    yield view.finding(
        code,
        Severity.ERROR,
        message,
        reason="Nodes that share weights call one and the same module, so they are of one kind and one size.",
        node=node.name,
        nodes=(node.name, node.shares) if owner else (),
        fixes=fixes,
    )


def _differing(view: NetworkView, name: str, owner: str) -> str:
    """What the weights of two nodes differ in; "" when they are of one size, or one is not known yet."""
    mine, others = view.report(name), view.report(owner)
    for argument, value in mine.derived.items():
        if argument in others.derived and others.derived[argument] != value:
            return f"its {argument} is {value}, theirs is {others.derived[argument]}"
    if mine.inside and others.inside and mine.outputs and others.outputs:
        for inner, report in mine.inside.nodes.items():
            if report.derived != others.inside.nodes[inner].derived:
                return f"{inner} inside would be of another size, since other shapes arrive"
    return ""


def only_for_training(view: NetworkView) -> Iterator[Diagnostic]:
    """Losses and targets in a network that stands in another: they have a place in the main network only."""
    if view.is_main or not view.is_used:
        return
    for role, what in ((Role.OBJECTIVE, "A loss"), (Role.TARGET, "A Target")):
        for node in view.with_role(role):
            yield view.finding(
                f"{role}-inside",
                Severity.ERROR,
                f"{node.name} stands in {view.name}, which is used as a node: {what.lower()} belongs to the main "
                "network.",
                reason="Give the value out through an Output, and wire the loss where the network is used.",
                node=node.name,
                fixes=[Fix(label=f"Remove {node.name}", edit=RemoveNode(view.name, node.name))],
            )


NODE_RULES = (sharing_faults,)
NETWORK_RULES = (only_for_training,)
DOCUMENT_RULES = (circular_networks, variable_faults)
