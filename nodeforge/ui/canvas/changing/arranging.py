"""Arranging a network: thought out on another thread, shown by nodes that go to their places, one step to undo."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, QVariantAnimation

from nodeforge.core.drawing import Frame
from nodeforge.core.graph import Wire
from nodeforge.session.layout import CancelledError, Plan, arrange
from nodeforge.ui.background import Background
from nodeforge.ui.canvas.changing.drafting import Draft, Wish, draft_of, edit_of
from nodeforge.ui.canvas.viewing.motion import clock

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_WALK_MS = 220
_MOST_MOVING = 3_000
"""More nodes than this go to their places at once."""


class Arranging(QObject):
    """Arranges the network that a canvas shows. Lives on the UI thread.

    Attributes:
        busy: Whether an arrangement is being thought out or shown.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._background = Background(self)
        self._given_up: Event | None = None
        """Belongs to what is being thought out; None when nothing is."""
        self._walk: _Walk | None = None
        canvas.model.changed.connect(lambda _: self.arrive())
        canvas.model.network_changed.connect(lambda _: self.cancel())
        canvas.model.opened.connect(self.cancel)

    @property
    def busy(self) -> bool:
        return self._given_up is not None or self._walk is not None

    def start(
        self,
        direction: str | None = None,
        names: Collection[str] | None = None,
        *,
        rows: bool = False,
    ) -> None:
        """Arrange the shown network.

        Args:
            direction: Which way its wires shall run; as they do when None.
            names: Arrange only these nodes.
            rows: Whether a long drawing is broken into rows.
        """
        model = self._canvas.model
        self.cancel()
        chosen = None if names is None else frozenset(names)
        self._begin(Wish(model.network, direction or model.graph.drawing.direction, chosen, rows))

    def cancel(self) -> bool:
        """Give up what is being thought out, and show at once what was; whether there was anything."""
        was = self.busy
        self.arrive()
        if self._given_up is not None:
            self._given_up.set()
            self._rest()
        return was

    def _begin(self, wish: Wish) -> None:
        model = self._canvas.model
        draft = draft_of(model.graph, model.kinds, wish)
        given_up = self._given_up = Event()
        self._canvas.viewport().setCursor(Qt.CursorShape.BusyCursor)

        def work() -> Plan | None:
            try:
                return arrange(draft.sketch, lambda: not given_up.is_set())
            except CancelledError:
                return None

        def take(plan: Plan | None) -> None:
            if plan is None or given_up.is_set():
                return
            self._rest()
            if draft.fits(model.graph):
                self._carry_out(draft, wish, plan)
            else:  # drawn on meanwhile
                self._begin(wish)

        self._background.start(work, take)

    def _rest(self) -> None:
        self._given_up = None
        self._canvas.viewport().unsetCursor()

    def _carry_out(self, draft: Draft, wish: Wish, plan: Plan) -> None:
        canvas, model = self._canvas, self._canvas.model
        edit = edit_of(model.graph, draft, wish, plan)
        if edit is None:
            return
        walk = _Walk(canvas, draft)
        if not model.do(edit):
            return
        if wish.names is None and (canvas.is_fitted or walk.leads_far()):
            canvas.fit()
        if canvas.flight.is_shown and len(draft.nodes) <= _MOST_MOVING:
            self._walk = walk
            walk.go(self.arrive)

    def arrive(self) -> None:
        """Show everything where it is, if it was still on its way there."""
        if self._walk is not None:
            walk, self._walk = self._walk, None
            walk.arrive()


class _Walk:
    """Nodes, bends and frames on the way from where they were seen to where the graph says they are."""

    def __init__(self, canvas: Canvas, draft: Draft) -> None:
        self._canvas = canvas
        self._names = draft.nodes
        self._wires = draft.wires
        mirror = canvas.mirror
        self._from = mirror.rects[mirror.slots_of(draft.nodes), :2].copy()
        self._frames = canvas.model.graph.drawing.frames
        self._clock: QVariantAnimation | None = None

    def leads_far(self) -> bool:
        """Whether most nodes move further than a hand's breadth."""
        ways = np.abs(self._goals() - self._from).max(axis=1, initial=0.0)
        return bool(2 * (ways > 400.0).sum() > len(ways))

    def _goals(self) -> np.ndarray:
        nodes = self._canvas.model.graph.nodes
        return np.array([nodes[name].position for name in self._names]).reshape(-1, 2)

    def go(self, arrived: Callable[[], None]) -> None:
        """Begin to walk; `arrived` is called at the end."""
        graph = self._canvas.model.graph
        goals = self._goals()
        slots = self._canvas.mirror.slots_of(self._names)
        bends = {w: np.array(graph.drawing.bends[w]) for w in self._wires if w in graph.drawing.bends}

        def show(share: float) -> None:
            mirror = self._canvas.mirror
            mirror.move(slots, self._from + (goals - self._from) * share)
            mirror.bend({wire: self._bent(wire, points, share) for wire, points in bends.items()})
            self._canvas.frames.preview(_between(self._frames, graph.drawing.frames, share))
            self._canvas.repaint_all()

        self._clock = clock(self._canvas, _WALK_MS, show)
        self._clock.finished.connect(arrived)
        show(0.0)
        self._clock.start()

    def _bent(self, wire: Wire, points: np.ndarray, share: float) -> np.ndarray:
        """Bends grow out of the straight line between the ends."""
        mirror = self._canvas.mirror
        x0, y0, x1, y1 = mirror.wire_ends(np.array([mirror.wires.index[wire]]))[0].tolist()
        parts = (np.arange(len(points)) + 1.0)[:, None] / (len(points) + 1)
        line = np.array((x0, y0)) * (1 - parts) + np.array((x1, y1)) * parts
        return np.asarray(line + (points - line) * share)

    def arrive(self) -> None:
        """End the walk: everything is shown where the graph says."""
        if self._clock is None:
            return
        self._clock.stop()
        self._clock.deleteLater()
        self._clock = None
        graph, mirror = self._canvas.model.graph, self._canvas.mirror
        names = [name for name in self._names if name in graph and name in mirror.nodes.index]
        mirror.move(mirror.slots_of(names), np.array([graph.nodes[n].position for n in names]).reshape(-1, 2))
        mirror.bend({wire: graph.drawing.bends.get(wire, ()) for wire in self._wires if graph.has_wire(wire)})
        self._canvas.frames.preview(None)
        self._canvas.repaint_all()


def _between(past: Mapping[str, Frame], now: Mapping[str, Frame], share: float) -> dict[str, Frame]:
    """Frames on the way from where they were to where they are."""
    found = {}
    for name, frame in now.items():
        before = np.array(past.get(name, frame).area)
        left, top, width, height = (before + (np.array(frame.area) - before) * share).tolist()
        found[name] = replace(frame, area=(left, top, width, height))
    return found
