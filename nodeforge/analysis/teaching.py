"""Which nodes a stage teaches, once networks in networks and the learning rule are looked into."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.catalog import learning_rules
from nodeforge.catalog.kind import Role
from nodeforge.core.document import Document, Stage
from nodeforge.core.graph import Graph, reached


def taught(document: Document, main: NetworkReport, stage: Stage) -> dict[str, NodeReport]:
    """The nodes that a stage teaches, by path in execution order: those it names, or all that its rule can teach.

    A rule that sets outputs against answers and names no node teaches the last layers before a loss.
    """
    found = {
        path: node
        for path, node in leaves(main)
        if can_learn(node, stage.rule) and (not stage.learns or _named(path, stage.learns))
    }
    rule = learning_rules().get(stage.rule)
    if stage.learns or rule is None or not rule.reads_answers:
        return found
    graph = document.main_network
    tops = {path.partition(".")[0]: path for path in found}
    last = {path for top, path in tops.items() if not behind(graph, top) & (tops.keys() - {top})}
    return {path: node for path, node in found.items() if path in last}


def leaves(network: NetworkReport, prefix: str = "") -> Iterator[tuple[str, NodeReport]]:
    """Every node that is no network at work, by path, in execution order."""
    for name in network.order:
        node = network.nodes[name]
        if node.inside is not None and node.mode == "active":
            yield from leaves(node.inside, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", node


def can_learn(node: NodeReport, rule: str) -> bool:
    """Whether a rule can teach a node; gradients ask for weights."""
    if node.kind is None or rule not in node.kind.rules:
        return False
    return rule != "gradient" or bool(node.parameters or node.kind.parameter_count)


def fitting_rules(main: NetworkReport) -> set[str]:
    """The learning rules that could teach any node."""
    faces = {(node.kind.name, bool(node.parameters)): node for _, node in leaves(main) if node.kind}
    return {rule for node in faces.values() for rule in learning_rules() if can_learn(node, rule)}


def behind(graph: Graph, node: str) -> set[str]:
    """All nodes to which wires lead from one."""
    return reached(graph.successors, graph.successors(node))


def objective_of(document: Document, main: NetworkReport, path: str, among: Collection[str] = ()) -> str:
    """The loss nearest behind a node that compares with answers; "" when there is none.

    Args:
        document: The drawing.
        main: What is known of its main network.
        path: The node.
        among: Losses to choose from; empty for all.
    """
    layer = [path.partition(".")[0]]
    seen = set(layer)
    while layer:
        for name in layer:
            kind = main.nodes[name].kind
            compares = kind is not None and kind.role is Role.OBJECTIVE and kind.input_port("target")
            if compares and (not among or name in among):
                return name
        layer = sorted({n for name in layer for n in document.main_network.successors(name)} - seen)
        seen |= set(layer)
    return ""


def _named(path: str, learns: Collection[str]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for name in learns)
