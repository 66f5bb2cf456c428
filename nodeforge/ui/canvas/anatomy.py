"""The parts of a node: its size, where its ports sit, what is written on it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from nodeforge.analysis.report import NodeReport
from nodeforge.catalog import kinds
from nodeforge.catalog.custom import CustomKind
from nodeforge.catalog.kind import Kind
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.document import Recipe
from nodeforge.core.edits import REPEATING
from nodeforge.core.graph import Graph, Node
from nodeforge.core.parameters import Size, Value
from nodeforge.ui.canvas.style import HEADER_HEIGHT, NODE_HEIGHT, NODE_WIDTH, PORT_ROW


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """Size and ports of a node; offsets are from its top left corner, in canvas units.

    Attributes:
        height: Its height (all nodes are equally wide).
        inputs, outputs: Height of the middle of each port, by name.
        named: Whether the ports' names are written beside them.
    """

    height: float
    inputs: dict[str, float]
    outputs: dict[str, float]
    named: bool

    def input_place(self, port: str) -> tuple[float, float]:
        """Where a wire into the port ends. A port that the kind lacks: the middle of the side."""
        return (0.0, self.inputs.get(port, self.height / 2))

    def output_place(self, port: str) -> tuple[float, float]:
        """Where a wire out of the port starts."""
        return (NODE_WIDTH, self.outputs.get(port, self.height / 2))


@functools.cache
def _anatomy(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Anatomy:
    rows = max(len(inputs), len(outputs))
    if rows <= 1:
        middle = NODE_HEIGHT / 2
        return Anatomy(NODE_HEIGHT, dict.fromkeys(inputs, middle), dict.fromkeys(outputs, middle), False)

    def places(ports: tuple[str, ...]) -> dict[str, float]:
        return {port: HEADER_HEIGHT + PORT_ROW * (row + 0.5) for row, port in enumerate(ports)}

    return Anatomy(HEADER_HEIGHT + PORT_ROW * rows + 6, places(inputs), places(outputs), True)


def anatomy_of(graph: Graph, node: Node, known: Mapping[str, Kind] | None = None) -> Anatomy:
    """The anatomy of a node. An unknown kind has the ports that its wires name.

    Args:
        graph: The network it is in.
        node: The node.
        known: The kinds of the document; the catalog alone when None.
    """
    kind = (kinds() if known is None else known).get(node.kind)
    if kind is not None:
        return _anatomy(tuple(p.name for p in kind.inputs), tuple(p.name for p in kind.outputs))
    outputs = dict.fromkeys(wire.output for wire in graph.wires_from(node.name))
    return _anatomy(tuple(graph.inputs_of(node.name)), tuple(outputs))


@dataclass(frozen=True, slots=True)
class Look:
    """What nodes have in common that are painted alike.

    Attributes:
        kind: Name of the kind.
        category: Its category; "" when the kind is unknown.
        anatomy: Size and ports.
        network: Whether it stands for a network.
        shares: Whether it uses the weights of another node.
        locked: Whether it is off, since its code is not trusted.
    """

    kind: str
    category: str
    anatomy: Anatomy
    network: bool = False
    shares: bool = False
    locked: bool = False


@functools.cache
def _look(kind: str, category: str, anatomy: Anatomy, network: bool, shares: bool, locked: bool) -> Look:
    return Look(kind, category, anatomy, network, shares, locked)


def look_of(graph: Graph, node: Node, known: Mapping[str, Kind]) -> Look:
    """How a node is painted, by the kinds of the document."""
    kind = known.get(node.kind)
    category = kind.category if kind else ""
    anatomy = anatomy_of(graph, node, known)
    locked = isinstance(kind, CustomKind) and not kind.trusted
    return _look(node.kind, category, anatomy, isinstance(kind, NetworkKind), bool(node.shares), locked)


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written on a node; `mark` is how often it runs, where that is more than once."""

    title: str
    subtitle: str
    count: str
    mark: str = ""


def caption_of(node: Node, report: NodeReport | None, kind: Kind | None) -> Caption:
    """Name, kind with the parameters that matter most, number of trainable parameters, and how often it runs."""
    if kind is None:
        return Caption(node.name, f"{node.kind}?", "")
    known = report.values if report and report.kind else {}
    values = {**kind.complete(node.parameters), **known}
    main = [p.name for p in kind.parameters if p.positional or p.name == "kernel_size"]
    given = [p.name for p in kind.parameters if p.name in node.parameters and not p.advanced]
    given = [name for name in given if name not in REPEATING]  # has a mark of its own
    shown = [name for name in main or given if name in values]
    told = ", ".join(filter(None, (_told(kind, name, values[name]) for name in shown[:3])))
    count = f"{report.parameters:,} parameters" if report and report.parameters else ""
    if node.shares:
        count = f"weights of {node.shares}"
    repeat = values.get("repeat", 1) if isinstance(kind, NetworkKind) else 1
    return Caption(node.name, f"{kind.label}  {told}".rstrip(), count, "" if repeat == 1 else f"×{repeat}")


def _told(kind: Kind, name: str, value: Value) -> str:
    """A parameter's value on the node; sizes spelled out for every axis: 3×3."""
    parameter = kind.parameter(name)
    size = parameter.type if parameter else None
    if isinstance(size, Size) and isinstance(value, int):
        return format_value((value,) * size.axes)
    return format_value(value)


def format_value(value: Value) -> str:
    """A parameter's value in as few signs as it can be read in: 3×3."""
    if isinstance(value, tuple):
        return "×".join(format_value(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def manners_of(recipe: Recipe) -> dict[str, str]:
    """By node of the main network, how it learns where a stage says so: "frozen", "lr × 0.1"."""
    found: dict[str, str] = {}
    for stage in recipe.stages:
        for node, values in stage.per_node.items():
            factor = values.get("lr_factor", 1.0)
            if values.get("frozen") is True:
                found[node] = "frozen"
            elif factor != 1.0:
                found.setdefault(node, f"lr × {format_value(factor)}")
    return found
