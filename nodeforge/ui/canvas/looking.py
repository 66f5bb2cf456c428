"""Lights the wires of the node that somebody looks at, and dims all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from nodeforge.ui.canvas import style

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

RESTS_MS = 180
"""A pointer that stays on a node for so long looks at it; one that passes over many costs nothing."""


class Looking(QObject):
    """Follows the pointer and the selection of a canvas.

    The node under the pointer is looked at once the pointer rests there; without one, the selected nodes are. What
    is lit stays so while a hand works. Nothing is lit where wires are too thin to tell apart, or where all nodes are
    selected.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._hovered = ""
        self._rest = QTimer(self, singleShot=True, interval=RESTS_MS)
        self._rest.timeout.connect(self.look)
        canvas.model.selection_changed.connect(lambda _: self._rest.start())
        canvas.model.changed.connect(lambda _: self._rest.start())
        canvas.zoom_changed.connect(lambda _: self._rest.start())

    def hover(self, node: str) -> None:
        """The pointer is over a node, or over none ("")."""
        if node != self._hovered:
            self._hovered = node
            self._rest.start()

    def look(self) -> None:
        """Light what is looked at now."""
        canvas = self._canvas
        if canvas.mouse.busy:
            self._rest.start()
            return
        wires = canvas.wire_painter
        wanted = self._wanted() if canvas.zoom >= style.FLAT_BELOW else frozenset()
        if wanted != wires.looked_at:
            wires.looked_at = wanted
            canvas.repaint_all()

    def _wanted(self) -> frozenset[str]:
        graph, selection = self._canvas.model.graph, self._canvas.model.selection
        nodes = frozenset([self._hovered]) if self._hovered in graph else selection
        wired = any(graph.wires_of(name) for name in nodes)
        return nodes if wired and len(nodes) < len(graph) else frozenset()
