"""Adding nodes: where they go, and the search that offers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nodeforge import catalog
from nodeforge.analysis import wiring
from nodeforge.analysis.evaluation import Evaluator
from nodeforge.catalog.kind import Kind
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.drawing import Point
from nodeforge.core.edits import AddNode, Edit
from nodeforge.core.graph import Endpoint, Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec
from nodeforge.project.habits import AddedKinds
from nodeforge.session.blocks import insert_edits
from nodeforge.ui import library
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.changing import drafting, editing
from nodeforge.ui.canvas.searching.search_popup import SearchPopup

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_CLEARANCE = 10.0
_LATELY = 5
"""So many kinds that were used lately stand first."""


def offers(canvas: Canvas) -> Mapping[str, Kind]:
    """What may be added to the shown network: kinds, the project's networks, blocks of the library."""
    return {**canvas.model.placeable, **library.block_kinds()}


def add_node(
    canvas: Canvas,
    kind: str,
    at: QPointF,
    parameters: Mapping[str, Value],
    anchor: Endpoint | None,
    forward: bool,
    bends: tuple[Point, ...] = (),
) -> str:
    """Add a node with its middle at a point, beside its anchor if it has one, and select it."""
    model = canvas.model
    shift = 0.0 if anchor is None else style.NODE_WIDTH / 2 * (1 if forward else -1)
    edits, name = _new_node(canvas, kind, corner(at + QPointF(shift, 0)), parameters)
    declared = offers(canvas)[kind]
    edit = editing.wired(
        model.graph,
        edits,
        name,
        declared,
        model.kinds,
        anchor=anchor,
        forward=forward,
        bends=bends,
        report=model.network_report,
    )
    if model.do(edit):
        model.select([name])
    return name


def insert_node(canvas: Canvas, kind: str, wire: Wire, at: QPointF, parameters: Mapping[str, Value]) -> str:
    """Put a new node on a wire and select it; returns its name."""
    model = canvas.model
    edits, name = _new_node(canvas, kind, corner(at), parameters)
    if model.do(editing.put_on_wire(model.graph, edits, name, offers(canvas)[kind], wire, at.toTuple())):
        model.select([name])
    return name


def _new_node(
    canvas: Canvas, kind: str, corner: tuple[float, float], parameters: Mapping[str, Value]
) -> tuple[tuple[Edit, ...], str]:
    """What adds a node that is offered, and the node's name. A block brings its networks along."""
    model = canvas.model
    block = library.block_of(kind)
    if block is None:
        node = Node(
            name=wiring.node_name(model.graph, kind), kind=kind, parameters=parameters, position=corner
        )
        return (AddNode(model.network, node),), node.name
    *brought, last = insert_edits(model.document, model.network, block, corner).edits
    assert isinstance(last, AddNode)
    node = replace(last.node, parameters={**last.node.parameters, **parameters})
    return (*brought, AddNode(model.network, node)), node.name


def corner(middle: QPointF) -> tuple[float, float]:
    """The place of a node whose middle is at a point."""
    return (round(middle.x() - style.NODE_WIDTH / 2), round(middle.y() - style.NODE_HEIGHT / 2))


def free_place(canvas: Canvas) -> QPointF:
    """Behind the selected node, or in the middle of the view; moved down to where nothing lies."""
    mirror = canvas.mirror
    point = canvas.visible_area().center()
    chosen = mirror.slots_of(canvas.model.selection)
    if len(chosen) == 1:
        x, y = mirror.rects[chosen[0], :2].tolist()
        point = QPointF(x + drafting.COLUMN + style.NODE_WIDTH / 2, y + style.NODE_HEIGHT / 2)
    return beside(canvas, point)


def place_for_new(canvas: Canvas) -> QPointF:
    """At the pointer, or, while that is elsewhere, a free place: not on top of another node in any case."""
    over = canvas.viewport().rect().contains(canvas.mouse.place)
    return beside(canvas, canvas.pointer_place()) if over else free_place(canvas)


def beside(canvas: Canvas, point: QPointF) -> QPointF:
    """A place for the middle of a node: the point itself, or below it where nothing lies."""
    while _is_taken(canvas, point):
        point = point + QPointF(0, style.NODE_HEIGHT + drafting.ROW_GAP)
    return point


def _is_taken(canvas: Canvas, point: QPointF) -> bool:
    rects = canvas.mirror.rects
    half_width, half_height = style.NODE_WIDTH / 2 + _CLEARANCE, style.NODE_HEIGHT / 2 + _CLEARANCE
    across = (rects[:, 0] < point.x() + half_width) & (rects[:, 0] + rects[:, 2] > point.x() - half_width)
    down = (rects[:, 1] < point.y() + half_height) & (rects[:, 1] + rects[:, 3] > point.y() - half_height)
    return bool((across & down).any())


class NodeSearch:
    """What the search adds, one node after the other.

    Args:
        canvas: Where they are added.
        at: Where the middle of the first one comes to lie.
        anchor: A port to wire it to.
        forward: Whether the anchor is an output.
        wire: A wire to put it on.
        bends: The way of the wire from the anchor to the first one.
    """

    def __init__(
        self,
        canvas: Canvas,
        at: QPointF,
        anchor: Endpoint | None,
        forward: bool,
        wire: Wire | None,
        bends: tuple[Point, ...] = (),
    ) -> None:
        self._canvas, self._at = canvas, at
        self._anchor, self._forward, self._wire, self._bends = anchor, forward, wire, bends
        self._habits = AddedKinds()
        self.popup = SearchPopup(
            canvas.window(),
            self._choices(),
            self._used(),
            canvas.palette_colors,
            lately=self._habits.latest(_LATELY),
            preview=self._preview,
        )
        # The popup holds on to what is called here, and so to this object.
        self.popup.chosen.connect(lambda kind, parameters: self._add(kind, parameters))

    def _add(self, kind: str, parameters: Mapping[str, Value]) -> None:
        canvas, wire = self._canvas, self._wire
        if wire is not None and canvas.model.graph.has_wire(wire):
            name = insert_node(canvas, kind, wire, self._at, parameters)
        else:
            name = add_node(canvas, kind, self._at, parameters, self._anchor, self._forward, self._bends)
        if kind in catalog.kinds():
            self._habits.add(kind)
        if not self.popup.isHidden() and name in canvas.model.graph:
            self._go_on(name)

    def _go_on(self, name: str) -> None:
        """The next one goes beside this one, wired on if this one was."""
        canvas, self._bends = self._canvas, ()
        kind = canvas.model.kinds[canvas.model.graph.nodes[name].kind]
        step = drafting.COLUMN if self._forward else -drafting.COLUMN
        x, y, width, height = canvas.mirror.rects[canvas.mirror.nodes.index[name]].tolist()
        edge = width if self._forward else 0.0
        self._at = QPointF(x + width / 2 + step, y + height / 2)
        ports = kind.outputs if self._forward else kind.inputs
        if self._wire is not None:
            self._wire = Wire(name, kind.outputs[0].name, *self._wire.head)
        elif self._anchor is not None and ports:
            self._anchor = (name, ports[0].name)
            self._at = QPointF(x + edge + step - width, y + height / 2)
        else:
            self._anchor = None
            self._at = beside(canvas, self._at)
        canvas.reveal(name)
        self.popup.offer(self._choices())

    def _choices(self) -> list[Kind]:
        """Those that fit the anchor or the wire, the likeliest first; without them all, what fits the selected node first."""
        known = offers(self._canvas)
        tail = self._wire.tail if self._wire is not None else self._anchor
        if tail is None:
            spec = self._spec(next(iter(self._selected_outputs()), None))
            first = wiring.fitting_kinds(spec, "forward", known) if spec else []
            return list({kind.name: kind for kind in (*first, *known.values())}.values())
        spec = self._spec(tail) if self._forward else None
        found = wiring.fitting_kinds(spec, "forward" if self._forward else "backward", known)
        return [kind for kind in found if kind.outputs] if self._wire is not None else found

    def _selected_outputs(self) -> Sequence[Endpoint]:
        """The outputs of the selected node, if just one is selected."""
        chosen = [*self._canvas.model.selection]
        report = self._canvas.model.node_report(chosen[0]) if len(chosen) == 1 else None
        return [(chosen[0], port) for port in report.outputs] if report else []

    def _spec(self, tail: Endpoint | None) -> TensorSpec | None:
        """What leaves an output, as far as it is known."""
        report = self._canvas.model.node_report(tail[0]) if tail is not None else None
        return report.outputs.get(tail[1]) if report and tail else None

    def _preview(self, kind: Kind, parameters: Mapping[str, Value]) -> str:
        """What would leave the node, and what it would learn."""
        tail = self._wire.tail if self._wire is not None else self._anchor if self._forward else None
        spec = self._spec(tail)
        if isinstance(kind, NetworkKind) or (kind.inputs and spec is None):
            return ""
        node = Node(name="new", kind=kind.name, parameters=parameters)
        arriving = {port.name: (spec,) for port in kind.inputs[:1]}
        found = Evaluator({kind.name: kind}).evaluate(node, arriving)
        if found.error is not None:
            return f"Here it does not fit: {found.error}"
        leaving = ", ".join(map(str, found.report.outputs.values()))
        learnt = f", {found.report.parameters:,} parameters" if found.report.parameters else ""
        return f"→ {leaving}{learnt}" if leaving else ""

    def _used(self) -> Mapping[str, int]:
        """How often each kind is used in this project, and was added in any."""
        networks = self._canvas.model.document.networks.values()
        here = Counter(node.kind for graph in networks for node in graph.nodes.values())
        return here + self._habits.counts()
