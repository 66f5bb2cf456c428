"""Shared weights that are shared for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.report import NodeReport
from nodeforge.analysis.rules.families import DROPOUTS
from nodeforge.analysis.view import NetworkView
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Share
from nodeforge.core.graph import Node

_RANDOM = DROPOUTS | {"GaussianNoise", "RReLU"}


def repeated_work(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """The weights of another node on the input of that node: the same result a second time."""
    owner = view.graph.nodes.get(node.shares) if node.shares else None
    given = view.graph.inputs_of(node.name)
    if owner is None or owner.kind != node.kind or not given or given != view.graph.inputs_of(owner.name):
        return
    if _is_random(view.report(node.name)):
        return  # two looks at one sample, each with other values dropped
    yield view.finding(
        "repeated-work",
        Severity.WARNING,
        f"{node.name} has the weights of {owner.name} and the same input, so both give the same: use "
        f"{owner.name} twice, or give {node.name} weights of its own.",
        reason="Copies of a node share its weights only where that is asked for; here nothing is won by it.",
        node=node.name,
        nodes=(owner.name, node.name),
        fixes=[Fix(label=f"Give {node.name} weights of its own", edit=Share(view.name, node.name, ""))],
    )


def _is_random(report: NodeReport) -> bool:
    if report.inside is not None:
        return any(map(_is_random, report.inside.nodes.values()))
    kind = report.kind
    return kind is not None and (kind.name in _RANDOM or bool(report.values.get("dropout")))


NODE_RULES = (repeated_work,)
