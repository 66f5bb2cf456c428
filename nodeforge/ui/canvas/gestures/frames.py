"""Dragging, resizing and drawing frames."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt

from nodeforge.core.drawing import Frame
from nodeforge.session import framing
from nodeforge.ui.canvas.framing.frames import cursor_over
from nodeforge.ui.canvas.geometry.hit import Hit
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.gestures.guides import Guides
from nodeforge.ui.canvas.style import GRID

if TYPE_CHECKING:
    from collections.abc import Callable

    from nodeforge.ui.canvas.view import Canvas

_CLICK_PX = 6


class Carry(Gesture):
    """Moves the selected frames with all that lies in them, and the selected nodes; with Alt held, what is selected
    alone. They are caught by lines through their neighbours."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, canvas: Canvas, pressed: Pointer) -> None:
        super().__init__(canvas, pressed)
        model = canvas.model
        selected = (model.selection, model.frames)
        self._full = framing.load(model.graph, *selected)
        self._alone = framing.load(model.graph, *selected, alone=True)
        self._load, self._way = self._full, (0.0, 0.0)
        self._names = sorted(self._full.nodes)
        self._slots = canvas.mirror.slots_of(self._names)
        self._start = canvas.mirror.rects[self._slots, :2].copy()
        self._stays = np.array([name not in self._alone.nodes for name in self._names], bool)
        corners = [
            frame.area[:2] for name, frame in model.graph.drawing.frames.items() if name in model.frames
        ]
        self._corners = np.array(corners)
        self._guides = Guides(canvas, self._slots, model.frames)
        canvas.mirror.raise_nodes(self._slots)

    def move(self, pointer: Pointer) -> None:
        alone = pointer.holds(Qt.KeyboardModifier.AltModifier)
        self._load = self._alone if alone else self._full
        way = pointer.scene - self.pressed.scene
        delta = self._guides.catch(self._corners, np.round((way.x(), way.y())))
        self._show(*delta.tolist())

    def finish(self, pointer: Pointer) -> None:
        self._guides.clear()
        model = self.canvas.model
        if self._way == (0.0, 0.0):
            self.cancel()
        else:
            model.do(framing.moved(model.graph, self._load, *self._way))

    def cancel(self) -> None:
        self._guides.clear()
        self._load = self._full
        self._show(0.0, 0.0)
        self.canvas.frames.preview(None)

    def _show(self, dx: float, dy: float) -> None:
        canvas, graph, mirror = self.canvas, self.canvas.model.graph, self.canvas.mirror
        self._way = (dx, dy)
        frames = framing.moved_frames(graph.drawing.frames, self._load.frames, dx, dy)
        canvas.frames.preview(frames)
        before = mirror.extent(self._slots)
        places = self._start + np.array((dx, dy))
        if self._load is self._alone:
            places[self._stays] = self._start[self._stays]
        mirror.move(self._slots, places)
        if self._full.bends:
            resting = {wire: graph.drawing.bends[wire] for wire in self._full.bends}
            mirror.bend({**resting, **framing.moved_bends(graph, self._load, dx, dy)})
        canvas.repaint_area(before.united(mirror.extent(self._slots)))


class Resize(Gesture):
    """Moves one edge of a frame, or the two at a corner."""

    def __init__(self, canvas: Canvas, pressed: Pointer, found: Hit) -> None:
        super().__init__(canvas, pressed)
        self.cursor = cursor_over(found)
        self._name, self._edges = found.frame, found.edges.split()
        self._frame = canvas.frames.frames[found.frame]
        self._area = self._frame.area

    def move(self, pointer: Pointer) -> None:
        way = pointer.scene - self.pressed.scene
        dx, dy = round(way.x()), round(way.y())
        left, top, width, height = self._frame.area
        right, bottom = left + width, top + height
        if "left" in self._edges:
            left = min(left + dx, right - framing.LEAST)
        if "right" in self._edges:
            right = max(right + dx, left + framing.LEAST)
        if "top" in self._edges:
            top = min(top + dy, bottom - framing.LEAST)
        if "bottom" in self._edges:
            bottom = max(bottom + dy, top + framing.LEAST)
        self._area = (left, top, right - left, bottom - top)
        frames = self.canvas.model.graph.drawing.frames
        self.canvas.frames.preview({**frames, self._name: replace(self._frame, area=self._area)})

    def finish(self, pointer: Pointer) -> None:
        model = self.canvas.model
        frame = replace(self._frame, area=self._area)
        model.do(
            framing.changed(model.graph, {self._name: frame}), label=f"Resize {framing.called(self._frame)}"
        )
        self.canvas.frames.preview(None)

    def cancel(self) -> None:
        self.canvas.frames.preview(None)


class Draw(Gesture):
    """Draws the area of a new frame; a click alone gives it its usual size.

    Args:
        canvas: Where it is drawn.
        pressed: Where it began.
        frame: What is drawn, of its usual size.
        add: Takes the frame that was drawn.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self, canvas: Canvas, pressed: Pointer, frame: Frame, add: Callable[[Frame], object]
    ) -> None:
        super().__init__(canvas, pressed)
        self._frame, self._add = frame, add
        self._name = canvas.model.graph.drawing.free_frame()

    def move(self, pointer: Pointer) -> None:
        frame = self._drawn(pointer)
        self.canvas.frames.preview({**self.canvas.model.graph.drawing.frames, self._name: frame})

    def finish(self, pointer: Pointer) -> None:
        self.canvas.frames.preview(None)
        self._add(self._drawn(pointer))

    def cancel(self) -> None:
        self.canvas.frames.preview(None)

    def _drawn(self, pointer: Pointer) -> Frame:
        area = QRectF(self.pressed.scene, pointer.scene).normalized()
        if (pointer.view - self.pressed.view).manhattanLength() < _CLICK_PX:
            return self._frame.moved(round(area.left()), round(area.top()))
        left, top = (round(value / GRID * 2) * GRID / 2 for value in (area.left(), area.top()))
        width, height = (
            max(framing.LEAST, round(value / GRID * 2) * GRID / 2) for value in (area.width(), area.height())
        )
        return replace(self._frame, area=(left, top, width, height))
