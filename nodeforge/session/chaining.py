"""Wiring many nodes at once, by where they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.wiring import check_connect
from nodeforge.catalog.kind import Kind, Port
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, Connect, Edit, apply
from nodeforge.core.graph import Graph, Wire

Area = tuple[float, float, float, float]
"""Left, top, width and height of a node, in canvas units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What wires many nodes.

    Attributes:
        edit: Draws the wires.
        refused: For each pair that cannot be wired, why.
    """

    edit: Batch
    refused: tuple[str, ...]


def connect_all(
    document: Document,
    network: str,
    areas: Mapping[str, Area],
    known: Mapping[str, Kind],
    report: NetworkReport | None = None,
) -> Chain:
    """Wire nodes in the order in which they stand: each column to the next one.

    A column of one feeds all of the next, all feed the one of the next, and two of the same length are wired row
    by row. Nodes that all stand in one column are a chain. Pairs that are wired already stay as they are.

    Args:
        document: The project.
        network: The network that the nodes stand in.
        areas: The nodes, and where they are.
        known: The kinds of the document.
        report: What the nodes give, when that is known.
    """
    down = document.networks[network].drawing.direction == "down"
    trial = Document(networks={network: document.networks[network].copy()}, main=network)
    graph = trial.main_network
    edits: list[Edit] = []
    refused: list[str] = []
    for left, right in pairwise(columns(areas, down=down)):
        if len(left) != len(right) and 1 not in (len(left), len(right)):
            refused.append(
                f"{_listed(left)} stand before {_listed(right)}: wire one to many, many to one, or rows to rows."
            )
            continue
        longest = max(len(left), len(right))
        for source, target in zip(_stretched(left, longest), _stretched(right, longest), strict=True):
            if target in graph.successors(source):
                continue
            wire = _best(graph, source, target, known, report)
            if isinstance(wire, str):
                refused.append(wire)
            else:
                edits.append(Connect(network, wire))
                apply(trial, edits[-1])
    label = "Connect" if len(edits) == 1 else f"Connect {len(areas)} nodes"
    return Chain(edit=Batch(tuple(edits), label), refused=tuple(refused))


def columns(areas: Mapping[str, Area], *, down: bool = False) -> list[list[str]]:
    """The nodes column by column (row by row where wires run down), in the order of the wires.

    A node belongs to a column if its middle lies within the first of it. If there is but one column, each of its
    nodes is one.
    """
    along, across = (1, 0) if down else (0, 1)
    found: list[list[str]] = []
    for name in sorted(areas, key=lambda name: (areas[name][along], areas[name][across], name)):
        middle = areas[name][along] + areas[name][along + 2] / 2
        if found:
            first = areas[found[-1][0]]
            if middle <= first[along] + first[along + 2]:
                found[-1].append(name)
                continue
        found.append([name])
    for column in found:
        column.sort(key=lambda name: (areas[name][across], areas[name][along], name))
    return [[name] for name in found[0]] if len(found) == 1 else found


def _stretched(names: Sequence[str], length: int) -> Sequence[str]:
    return names if len(names) == length else [*names] * length


def _listed(names: Collection[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _best(
    graph: Graph, source: str, target: str, known: Mapping[str, Kind], report: NetworkReport | None
) -> Wire | str:
    """The first pair of ports that may be wired, or why there is none."""
    giving, taking = known.get(graph.nodes[source].kind), known.get(graph.nodes[target].kind)
    if giving is None or taking is None:
        unknown = source if giving is None else target
        return f"{unknown} is of the unknown kind {graph.nodes[unknown].kind}: change its kind first."
    if not giving.outputs or not taking.inputs:
        lacking = f"{target} has no input" if giving.outputs else f"{source} has no output"
        return f"{lacking}: {source} cannot be wired to {target}."
    wired = graph.inputs_of(target)
    reason = f"Every input of {target} is taken: {source} cannot be wired to it."
    for output in giving.outputs:
        for port in taking.inputs:
            if port.name in wired and not port.many:
                continue
            if not _fits(report, source, output, port):
                reason = f"{target} does not take the kind of numbers that {source} gives."
                continue
            wire = Wire(source, output.name, target, port.name)
            fault = check_connect(graph, wire, known)
            if fault is None:
                return wire
            reason = fault
    return reason


def _fits(report: NetworkReport | None, source: str, output: Port, port: Port) -> bool:
    node = report.nodes.get(source) if report else None
    spec = node.outputs.get(output.name) if node else None
    return spec is None or spec.dtype in port.dtypes
