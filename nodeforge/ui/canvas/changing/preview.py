"""What a fix would change, shown over the drawing while the pointer is over its button; the document stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsSimpleTextItem

from nodeforge.core.edits import Edit, apply
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Graph, Wire
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.geometry.anatomy import Anatomy, anatomy_of
from nodeforge.ui.canvas.gestures.sketch import Sketch

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_LINE_PX = 2.5
_INSET = 12.0
"""From the edge of a node that would be added to its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is different in another state of a network.

    Attributes:
        added, removed: Names of nodes that are only in the one or the other.
        changed: Names of nodes that mean something else.
        wired, unwired: Wires that are only in the one or the other.
    """

    added: frozenset[str]
    removed: frozenset[str]
    changed: frozenset[str]
    wired: frozenset[Wire]
    unwired: frozenset[Wire]


def difference(now: Graph, then: Graph) -> Difference:
    """What is different in a state that comes after another one."""
    before, after = set(now.wires()), set(then.wires())
    both = now.nodes.keys() & then.nodes.keys()
    return Difference(
        added=frozenset(then.nodes.keys() - now.nodes.keys()),
        removed=frozenset(now.nodes.keys() - then.nodes.keys()),
        changed=frozenset(name for name in both if not now.nodes[name].means(then.nodes[name])),
        wired=frozenset(after - before),
        unwired=frozenset(before - after),
    )


class Preview(QObject):
    """Shows what edits would do that a person considers: what comes in green, what goes in red, what changes in blue.

    Attributes:
        shown: The difference that is shown; None for none.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._sketches: list[Sketch] = []
        self._names: list[QGraphicsSimpleTextItem] = []
        self.shown: Difference | None = None
        canvas.model.considered.connect(self._consider)
        canvas.model.changed.connect(lambda _: self.clear())
        canvas.model.network_changed.connect(lambda _: self.clear())
        canvas.model.opened.connect(self.clear)

    def clear(self) -> None:
        """Take it away."""
        for sketch in self._sketches:
            sketch.clear()
        for name in self._names:
            self._canvas.scene().removeItem(name)
        self._sketches.clear()
        self._names.clear()
        self.shown = None

    def _consider(self, edit: Edit | None) -> None:
        self.clear()
        model = self._canvas.model
        if edit is None:
            return
        trial = model.document.copy()
        try:
            apply(trial, edit)
        except EditError:  # the drawing is another one since it was offered
            return
        if then := trial.networks.get(model.network):
            self._show(then, difference(model.graph, then))

    def _show(self, then: Graph, found: Difference) -> None:
        now, palette = self._canvas.model.graph, self._canvas.palette_colors
        self.shown = found
        self._sketch(palette.error, self._boxes(now, found.removed), filled=True)
        self._sketch(palette.error, self._wires(now, found.unwired))
        self._sketch(palette.selection, self._boxes(then, found.changed), filled=True)
        self._sketch(palette.legal, self._boxes(then, found.added), filled=True, dashed=True)
        self._sketch(palette.legal, self._wires(then, found.wired), dashed=True)
        for name in sorted(found.added):
            x, y = then.nodes[name].position
            written = self._canvas.scene().addSimpleText(name, style.font(13, strong=True))
            written.setBrush(palette.title)
            written.setPos(QPointF(x + _INSET, y + _INSET))
            self._names.append(written)

    def _sketch(
        self, color: QColor, lines: Iterable[np.ndarray], *, dashed: bool = False, filled: bool = False
    ) -> None:
        sketch = Sketch(self._canvas, color, _LINE_PX, dashed=dashed, filled=filled)
        sketch.show(lines)
        self._sketches.append(sketch)

    def _boxes(self, graph: Graph, names: Iterable[str]) -> Iterable[np.ndarray]:
        for name in names:
            corner, size = self._place(graph, name)
            edges = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
            yield corner + edges * size

    def _wires(self, graph: Graph, wires: Iterable[Wire]) -> Iterable[np.ndarray]:
        for wire in wires:
            start = self._anatomy(graph, wire.source).output_place(wire.output)
            end = self._anatomy(graph, wire.target).input_place(wire.input)
            (x0, y0), (x1, y1) = graph.nodes[wire.source].position, graph.nodes[wire.target].position
            yield routing.course(
                (x0 + start[0], y0 + start[1]),
                (x1 + end[0], y1 + end[1]),
                np.array(graph.drawing.bends.get(wire, ())).reshape(-1, 2),
                down=self._canvas.mirror.down,
            )

    def _place(self, graph: Graph, name: str) -> tuple[np.ndarray, np.ndarray]:
        """The corner and the size of a node."""
        anatomy = self._anatomy(graph, name)
        return np.array(graph.nodes[name].position), np.array((anatomy.width, anatomy.height))

    def _anatomy(self, graph: Graph, name: str) -> Anatomy:
        return anatomy_of(graph, graph.nodes[name], self._canvas.model.kinds)
