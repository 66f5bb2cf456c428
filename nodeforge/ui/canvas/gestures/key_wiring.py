"""Drawing a wire by keyboard: keys choose the other end."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent

from nodeforge.core.graph import Endpoint
from nodeforge.ui.canvas.changing import editing
from nodeforge.ui.canvas.gestures.base import Pointer
from nodeforge.ui.canvas.gestures.wiring import Wiring
from nodeforge.ui.canvas.hint import Hint

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

Key = Qt.Key
_ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}
_OFFERED = 60
"""So many of the nearest ports are looked at: each is checked for whether the wire may be drawn."""
_BESIDE = 60.0
"""From the port to a node that is added, in canvas units."""
_KEYS = "Arrows or Tab choose, Enter connects, Space adds a node, Esc cancels."


class KeyWiring(Wiring):
    """A wire hangs from a port of a node; keys choose among the ports that it may go to, the nearest first.

    Args:
        canvas: Where it is drawn.
        node: The node it begins at: at its first output, or at its first input when it has none.
    """

    def __init__(self, canvas: Canvas, node: str) -> None:
        kind = canvas.model.kinds[canvas.model.graph.nodes[node].kind]
        forward = bool(kind.outputs)
        ports = kind.outputs if forward else kind.inputs
        self._starts = [(node, port.name) for port in ports]
        self._ends: list[Endpoint] = []
        self._chosen = -1
        self._hint = Hint(canvas)
        place = canvas.port_place(self._starts[0], output=forward)
        pressed = Pointer(place, QPoint(), Qt.KeyboardModifier.NoModifier)
        super().__init__(canvas, pressed, self._starts[0], forward=forward)
        self._offer()

    @staticmethod
    def may_begin(canvas: Canvas) -> bool:
        """Whether one node with ports is selected."""
        graph, known = canvas.model.graph, canvas.model.kinds
        kinds = [known.get(graph.nodes[name].kind) for name in canvas.model.selection]
        return len(kinds) == 1 and kinds[0] is not None and bool(kinds[0].outputs or kinds[0].inputs)

    def key(self, event: QKeyEvent) -> None:
        """Do what a key asks for."""
        key = Key(event.key())
        if key in (Key.Key_Return, Key.Key_Enter):
            self._connect()
        elif key == Key.Key_Space:
            self._search()
        elif key in (Key.Key_Tab, Key.Key_Backtab) and self._ends:
            self._choose((self._chosen + (1 if key == Key.Key_Tab else -1)) % len(self._ends))
        elif key in _ARROWS and self._ends:
            self._choose(self._towards(*_ARROWS[key]))
        elif key == Key.Key_W:
            self._anchor = self._starts[(self._starts.index(self._anchor) + 1) % len(self._starts)]
            self._offer()

    def move(self, pointer: Pointer) -> None:
        """The mouse has no part in it."""

    def finish(self, pointer: Pointer) -> None:
        """A click elsewhere gives it up."""
        self.cancel()

    def cancel(self) -> None:
        self._hint.put_away()
        super().cancel()

    def _connect(self) -> None:
        """Draw the wire, and select the node it leads to, so that the next one can begin there."""
        model, wish = self.canvas.model, self._wish
        self.canvas.mouse.cancel()
        if wish is not None and model.do(editing.connect(model.graph, wish, model.kinds)):
            model.select([wish.target if self._forward else wish.source])

    def _search(self) -> None:
        """Look for a node to add at the end of the wire."""
        self.canvas.mouse.cancel()
        place = self.canvas.port_place(self._anchor, output=self._forward)
        beside = place + QPointF(_BESIDE if self._forward else -_BESIDE, 0)
        self.canvas.open_search(beside, anchor=self._anchor, forward=self._forward)

    def _offer(self) -> None:
        """Find the ports that the wire may go to, and choose the first."""
        legal = (end for end in self._near() if self._fault_of(self._between(end)) is None)
        self._ends = list(itertools.islice(legal, _OFFERED))
        if self._ends:
            self._choose(0)
        else:
            self._wish = None
            self._hint.say(
                f"Nothing here can be wired to {'.'.join(self._anchor)}. Space adds a node, Esc cancels."
            )

    def _near(self) -> Iterator[Endpoint]:
        """Ports of other nodes, free ones of the nearest nodes first; what lies ahead is nearer than what lies behind."""
        canvas, model = self.canvas, self.canvas.model
        start = canvas.port_place(self._anchor, output=self._forward)
        names = [name for name in canvas.mirror.nodes.index if name != self._anchor[0]]
        places = canvas.mirror.rects[canvas.mirror.slots_of(names), :2]
        names = [
            name for name in (canvas.mirror.nodes.keys[s] for s in canvas.mirror.slots_of(names)) if name
        ]
        ahead = (places - (start.x(), start.y())) * (1 if self._forward else -1)
        away = np.abs(ahead).sum(axis=1) + np.where(ahead[:, 0] < 0, 1e6, 0.0)
        for place in np.argsort(away, kind="stable")[:_OFFERED].tolist():
            kind = model.kinds.get(model.graph.nodes[names[place]].kind)
            ports = (kind.inputs if self._forward else kind.outputs) if kind else ()
            wired = model.graph.inputs_of(names[place]) if self._forward else {}
            yield from (
                (names[place], port.name) for port in sorted(ports, key=lambda port: port.name in wired)
            )

    def _towards(self, dx: int, dy: int) -> int:
        """The nearest offered port in a direction, from the chosen one; that one if there is none."""
        spots = [self.canvas.port_place(end, output=not self._forward) for end in self._ends]
        here = spots[self._chosen]
        gaps = {
            index: abs(spot.x() - here.x()) + abs(spot.y() - here.y())
            for index, spot in enumerate(spots)
            if (spot.x() - here.x()) * dx + (spot.y() - here.y()) * dy > 0.5
        }
        return min(gaps, key=gaps.__getitem__, default=self._chosen)

    def _choose(self, index: int) -> None:
        self._chosen = index
        end = self._ends[index]
        self._wish = self._between(end)
        self.canvas.reveal(end[0])
        self._draw(self.canvas.port_place(end, output=not self._forward))
        way = "to" if self._forward else "from"
        words = f"{'.'.join(self._anchor)} {way} {'.'.join(end)}, {index + 1} of {len(self._ends)}. {_KEYS}"
        self._hint.say(words)
