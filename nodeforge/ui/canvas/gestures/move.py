"""Dragging nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt

from nodeforge.analysis.healing import border, pulling_edits
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, Connect, Edit, apply
from nodeforge.core.graph import Graph, Wire
from nodeforge.session import framing
from nodeforge.ui.canvas.changing import editing
from nodeforge.ui.canvas.geometry.carrying import Carried
from nodeforge.ui.canvas.geometry.hit import hit_wire
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.gestures.guides import Guides
from nodeforge.ui.canvas.gestures.shake import Shake
from nodeforge.ui.canvas.gestures.sketch import Sketch, course_of

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


class Move(Gesture):
    """Moves the selected nodes, caught by lines through their neighbours (Alt moves freely).

    Shaken, they come off their wires, which heal. A chain without wires to others that is dropped on a wire is
    inserted there.
    """

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, canvas: Canvas, pressed: Pointer) -> None:
        super().__init__(canvas, pressed)
        self._names = sorted(canvas.model.selection)
        self._load = framing.load(canvas.model.graph, self._names, ())
        self._slots = canvas.mirror.slots_of(self._names)
        self._start = canvas.mirror.rects[self._slots, :2].copy()
        self._way = np.zeros(2)
        self._carried = Carried(canvas.mirror, self._slots)
        self._area = self._carried.extent()
        self._guides = Guides(canvas, self._slots)
        self._shake = Shake()
        self._pull = _Pull(canvas, self._names)
        self._seat = editing.seat_of(canvas.model.graph, self._names, canvas.model.kinds)
        canvas.mirror.raise_nodes(self._slots)
        canvas.carry(self._slots)

    def move(self, pointer: Pointer) -> None:
        way = pointer.scene - self.pressed.scene
        delta = np.round((way.x(), way.y()))
        if pointer.holds(Qt.KeyboardModifier.AltModifier):
            self._guides.clear()
        else:
            delta = self._guides.catch(self._start, delta)
        if self._shake.follow(*pointer.view.toTuple()) and self._pull.begin():
            self._seat = editing.seat_of(self._pull.graph, self._names, self.canvas.model.kinds)
        self._show(delta)
        self.canvas.stress_wire(self._wire_below(pointer))

    def finish(self, pointer: Pointer) -> None:
        wire = self._wire_below(pointer)
        self._clear()
        model = self.canvas.model
        edits: list[Edit] = [*self._pull.edits]
        if self._way.any():
            edits += framing.moved(model.graph, self._load, *self._way.tolist()).edits
        what = self._names[0] if len(self._names) == 1 else f"{len(self._names)} nodes"
        label = f"Pull {what} out" if self._pull.edits else f"Move {what}"
        if wire is not None and self._seat is not None:
            edits += editing.seated(self._pull.graph, self._seat, wire, pointer.scene.toTuple())
            label = f"Insert {what}"
        if edits:
            model.do(Batch(tuple(edits), label))

    def cancel(self) -> None:
        self._clear()
        self._show(np.zeros(2))
        mirror, bends = self.canvas.mirror, self.canvas.model.graph.drawing.bends
        mirror.move(self._slots, self._start)  # to the last digit
        mirror.bend({wire: bends[wire] for wire in self._load.bends})

    def _show(self, way: np.ndarray) -> None:
        self._carried.move(way - self._way)
        before, self._way, self._area = self._area, way, self._carried.extent()
        self.canvas.repaint_area(before.united(self._area), only_dragged=True)

    def _clear(self) -> None:
        self.canvas.carry(None)
        self._guides.clear()
        self._pull.clear()
        self.canvas.stress_wire(None)

    def _wire_below(self, pointer: Pointer) -> Wire | None:
        """The wire on which the dragged nodes would be inserted."""
        canvas = self.canvas
        if self._seat is None:
            return None
        wire = hit_wire(canvas.mirror, pointer.scene.x(), pointer.scene.y(), canvas.zoom).wire
        return None if wire is None or {wire.source, wire.target} & {*self._names} else wire


class _Pull:
    """Nodes that come off their wires while they are dragged.

    Attributes:
        edits: What frees them; nothing before it begins.
        graph: The network after these.
    """

    def __init__(self, canvas: Canvas, names: list[str]) -> None:
        self._canvas, self._names = canvas, names
        self.edits: tuple[Edit, ...] = ()
        self.graph: Graph = canvas.model.graph
        self._hidden: list[Wire] = []
        self._healed: Sketch | None = None

    def begin(self) -> bool:
        """Show the nodes without their wires, and the wires that heal; whether that changes anything."""
        canvas, model = self._canvas, self._canvas.model
        if self.edits:
            return False
        self._hidden = border(model.graph, {*self._names})
        self.edits = pulling_edits(model.graph, self._names, model.kinds, model.network_report).edits
        trial = Document(networks={model.network: model.graph.copy()}, main=model.network)
        apply(trial, Batch(self.edits))
        self.graph = trial.main_network
        self._healed = Sketch(canvas, canvas.palette_colors.legal, 2.0, dashed=True)
        self._healed.show(
            course_of(canvas, edit.wire, edit.bends) for edit in self.edits if isinstance(edit, Connect)
        )
        for wire in self._hidden:
            canvas.mirror.hide_wire(wire)
        canvas.repaint_all()
        return bool(self.edits)

    def clear(self) -> None:
        """Show the wires as they are."""
        if self._healed is not None:
            self._healed.clear()
        for wire in self._hidden:
            self._canvas.mirror.show_wire(wire)
        if self._hidden:
            self._canvas.repaint_all()
