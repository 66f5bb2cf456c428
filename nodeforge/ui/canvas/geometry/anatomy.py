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
from nodeforge.ui.canvas.style import (
    HEADER_HEIGHT,
    NODE_HEIGHT,
    NODE_WIDTH,
    PORT_COLUMN,
    PORT_LINE,
    PORT_ROW,
    SMALL_HEIGHT,
    SMALL_PITCH,
    SMALL_WIDTH,
)

Place = tuple[float, float]
"""From the top left corner of a node, in canvas units."""


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """Size and ports of a node.

    Attributes:
        width, height: Its size, in canvas units.
        inputs, outputs: The middle of each port, by name.
        named: Whether the ports' names are written beside them.
        head: How far below the top edge the field with sign and name begins.
        down: Whether wires enter on its upper edge and leave on its lower one.
        small: Whether it is drawn with its name alone.
    """

    width: float
    height: float
    inputs: dict[str, Place]
    outputs: dict[str, Place]
    named: bool = False
    head: float = 0.0
    down: bool = False
    small: bool = False

    @property
    def face(self) -> float:
        """Height of the field with sign and name."""
        return min(self.height - self.head, NODE_HEIGHT)

    def input_place(self, port: str) -> Place:
        """Where a wire into the port ends. A port that the kind lacks: the middle of the edge."""
        edge = (self.width / 2, 0.0) if self.down else (0.0, self.height / 2)
        return self.inputs.get(port, edge)

    def output_place(self, port: str) -> Place:
        """Where a wire out of the port starts."""
        edge = (self.width / 2, self.height) if self.down else (self.width, self.height / 2)
        return self.outputs.get(port, edge)


@functools.cache
def _anatomy(inputs: tuple[str, ...], outputs: tuple[str, ...], down: bool, small: bool) -> Anatomy:
    if small:
        return _small(inputs, outputs, down)
    return _upright(inputs, outputs) if down else _sideways(inputs, outputs)


def _sideways(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Anatomy:
    rows = max(len(inputs), len(outputs))
    height = NODE_HEIGHT if rows <= 1 else HEADER_HEIGHT + PORT_ROW * rows + 6

    def places(ports: tuple[str, ...], x: float) -> dict[str, Place]:
        first = NODE_HEIGHT / 2 if rows <= 1 else HEADER_HEIGHT + PORT_ROW / 2
        return {port: (x, first + PORT_ROW * row) for row, port in enumerate(ports)}

    return Anatomy(NODE_WIDTH, height, places(inputs, 0.0), places(outputs, NODE_WIDTH), rows > 1)


def _upright(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> Anatomy:
    columns = max(len(inputs), len(outputs))
    width = max(NODE_WIDTH, PORT_COLUMN * columns)
    above, below = (PORT_LINE if len(ports) and columns > 1 else 0.0 for ports in (inputs, outputs))
    height = above + NODE_HEIGHT + below

    def places(ports: tuple[str, ...], y: float) -> dict[str, Place]:
        return {port: (width * (column + 0.5) / len(ports), y) for column, port in enumerate(ports)}

    return Anatomy(
        width, height, places(inputs, 0.0), places(outputs, height), columns > 1, head=above, down=True
    )


def _small(inputs: tuple[str, ...], outputs: tuple[str, ...], down: bool) -> Anatomy:
    """Ports stand as close to each other as the edge wants it."""
    length, middle = (SMALL_WIDTH, SMALL_WIDTH / 2) if down else (SMALL_HEIGHT, SMALL_HEIGHT / 2)

    def places(ports: tuple[str, ...], edge: float) -> dict[str, Place]:
        pitch = min(SMALL_PITCH, length / max(1, len(ports)))
        along = [middle + pitch * (number - (len(ports) - 1) / 2) for number in range(len(ports))]
        return {port: (at, edge) if down else (edge, at) for port, at in zip(ports, along, strict=True)}

    far = SMALL_HEIGHT if down else SMALL_WIDTH
    return Anatomy(
        SMALL_WIDTH, SMALL_HEIGHT, places(inputs, 0.0), places(outputs, far), down=down, small=True
    )


def anatomy_of(graph: Graph, node: Node, known: Mapping[str, Kind] | None = None) -> Anatomy:
    """The anatomy of a node. An unknown kind has the ports that its wires name.

    Args:
        graph: The network it is in.
        node: The node.
        known: The kinds of the document; the catalog alone when None.
    """
    kind = (kinds() if known is None else known).get(node.kind)
    if kind is not None:
        inputs, outputs = _ports(kind)
    else:
        inputs = tuple(graph.inputs_of(node.name))
        outputs = tuple(dict.fromkeys(wire.output for wire in graph.wires_from(node.name)))
    return _anatomy(inputs, outputs, graph.drawing.direction == "down", node.name in graph.drawing.collapsed)


def _ports(kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(port.name for port in kind.inputs), tuple(port.name for port in kind.outputs)


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
        mode: One of `core.graph.MODES`.
    """

    kind: str
    category: str
    anatomy: Anatomy
    network: bool = False
    shares: bool = False
    locked: bool = False
    mode: str = "active"


@functools.cache
def _look(
    kind: str, category: str, anatomy: Anatomy, network: bool, shares: bool, locked: bool, mode: str
) -> Look:
    return Look(kind, category, anatomy, network, shares, locked, mode)


def look_of(graph: Graph, node: Node, known: Mapping[str, Kind]) -> Look:
    """How a node is painted, by the kinds of the document."""
    kind = known.get(node.kind)
    category = kind.category if kind else ""
    anatomy = anatomy_of(graph, node, known)
    locked = isinstance(kind, CustomKind) and not kind.trusted
    network = isinstance(kind, NetworkKind)
    return _look(node.kind, category, anatomy, network, bool(node.shares), locked, node.mode)


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written on a node.

    Attributes:
        title: Its name.
        kind: Name of its kind.
        values: The parameters that matter most.
        count: How many trainable parameters it has.
        mark: How often it runs, where that is more than once.
    """

    title: str
    kind: str
    values: str = ""
    count: str = ""
    mark: str = ""

    @property
    def subtitle(self) -> str:
        """Kind and values on one line."""
        return f"{self.kind}  {self.values}".rstrip()


def caption_of(node: Node, report: NodeReport | None, kind: Kind | None) -> Caption:
    """Name, kind with the parameters that matter most, number of trainable parameters, and how often it runs."""
    if kind is None:
        return Caption(node.name, f"{node.kind}?")
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
    return Caption(node.name, kind.label, told, count, "" if repeat == 1 else f"×{repeat}")


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
