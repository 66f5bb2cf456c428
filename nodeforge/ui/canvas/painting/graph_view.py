"""A view on the mirror of a network, with the marks that its nodes and wires wear for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QWidget

from nodeforge.core.graph import Endpoint, Wire
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry.mirror import Mirror, State
from nodeforge.ui.canvas.painting.heat import Heat
from nodeforge.ui.canvas.painting.painter import GraphPainter, Live
from nodeforge.ui.canvas.painting.wire_painter import WirePainter
from nodeforge.ui.canvas.viewing.zoom_view import ZoomView


class GraphView(ZoomView):
    """Knows where nodes and wires are on the screen, and paints again what wears another mark.

    Attributes:
        mirror: What is painted and hit.
        palette_colors: The colours of the theme.
    """

    def __init__(self, mirror: Mirror, dark: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mirror = mirror
        self.palette_colors = style.palette_for(dark)
        self._painter = GraphPainter(mirror, self.palette_colors)
        self._dot = -1
        self._changes = 0
        """How often something was painted again that is not being dragged."""

    @property
    def wire_painter(self) -> WirePainter:
        return self._painter.wires

    def repaint_area(self, area: QRectF, *, only_dragged: bool = False) -> None:
        """Paint an area in canvas units again; maybe nothing in it has changed but what is being dragged."""
        if not area.isEmpty():
            self._changes += not only_dragged
            shown = self.mapFromScene(area).boundingRect().adjusted(-3, -3, 3, 3)
            self.viewport().update(shown)

    def repaint_all(self) -> None:
        """Paint all that is in view again."""
        self._changes += 1
        self.viewport().update()

    def repaint_node(self, name: str) -> None:
        """Paint a node and its wires again."""
        self.repaint_area(self.mirror.extent(self.mirror.slots_of([name])))

    def set_theme(self, dark: bool) -> None:
        """Wear the colours of a theme."""
        self.palette_colors = self._painter.palette = style.palette_for(dark)
        self.repaint_all()

    # Places ---------------------------------------------------------------------------------------

    def reveal(self, name: str) -> None:
        """Bring a node into view, large enough to read."""
        if name in self.mirror.nodes.index:
            x, y, width, height = self.mirror.rects[self.mirror.nodes.index[name]].tolist()
            self.reveal_area(QRectF(x, y, width, height))

    def port_place(self, end: Endpoint, *, output: bool) -> QPointF:
        """Where a port is, in canvas units."""
        name, port = end
        anatomy = self.mirror.anatomy(name)
        dx, dy = anatomy.output_place(port) if output else anatomy.input_place(port)
        x, y = self.mirror.rects[self.mirror.nodes.index[name], :2].tolist()
        return QPointF(x + dx, y + dy)

    # Marks of nodes -------------------------------------------------------------------------------

    def set_lit(self, names: Iterable[str]) -> None:
        """Light up exactly these nodes (those that a code line or a plot speaks of)."""
        changed = self.mirror.mark(State.LIT, names)
        self.repaint_area(self.mirror.extent(changed))

    def set_live(self, live: Mapping[str, Live]) -> None:
        """Show texts and glows at nodes while the network runs; call it at most once a frame."""
        touched = self.mirror.slots_of(self._painter.live.keys() | live.keys())
        self._painter.live = dict(live)
        self.repaint_area(self.mirror.extent(touched).adjusted(0, 0, 0, 20))

    def set_heat(self, heat: Mapping[str, Heat]) -> None:
        """Colour nodes by a number of theirs; by none when empty."""
        self._painter.heat = dict(heat)
        self.repaint_all()

    @property
    def heat(self) -> Mapping[str, Heat]:
        """By what nodes are coloured."""
        return self._painter.heat

    # Marks of wires -------------------------------------------------------------------------------

    def stress_wire(self, wire: Wire | None) -> None:
        """Stress exactly this wire: the pointer is over it, or a drop would land on it."""
        before, self._painter.hovered_wire = self._painter.hovered_wire, self._slot(wire)
        self._repaint_wires(before, self._painter.hovered_wire)

    def select_wire(self, wire: Wire | None, dot: int = -1) -> None:
        """Select exactly this wire, or one of its dots, so that it can be deleted."""
        before, painter = self._painter.selected_wire, self._painter
        painter.selected_wire, self._dot = self._slot(wire), dot
        self._repaint_wires(before, -1)
        self._repaint_wires(painter.selected_wire, -1)

    @property
    def selected_wire(self) -> Wire | None:
        """The wire that is selected, or of which a dot is."""
        slot = self._painter.selected_wire
        return self.mirror.wires.keys[slot] if slot >= 0 else None

    @property
    def selected_dot(self) -> int:
        """Which dot of the selected wire is selected; -1 for none."""
        wire = self.selected_wire
        return self._dot if wire is not None and self._dot < len(self.mirror.bends_of(wire)) else -1

    def forget_wires(self) -> None:
        """Neither stress nor select a wire: the slots of the mirror may hold others now."""
        self._painter.selected_wire = self._painter.hovered_wire = -1

    def _slot(self, wire: Wire | None) -> int:
        return -1 if wire is None else self.mirror.wires.index[wire]

    def _repaint_wires(self, *slots: int) -> None:
        for slot in set(slots) if len(set(slots)) > 1 else ():
            wire = self.mirror.wires.keys[slot] if slot >= 0 else None
            if wire is not None:
                self.repaint_node(wire.target)
