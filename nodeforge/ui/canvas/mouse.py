"""What the mouse does: which gesture a press begins, clicks, hovering."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from nodeforge.core.graph import Wire
from nodeforge.ui.canvas.changing import dots, nesting
from nodeforge.ui.canvas.framing import frame_commands
from nodeforge.ui.canvas.framing.frames import cursor_over
from nodeforge.ui.canvas.geometry.hit import Hit, Part, hit
from nodeforge.ui.canvas.geometry.mirror import State
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.gestures.copying import DragCopy
from nodeforge.ui.canvas.gestures.cut import Cut
from nodeforge.ui.canvas.gestures.dots import MoveDot, wire_from
from nodeforge.ui.canvas.gestures.frames import Carry, Resize
from nodeforge.ui.canvas.gestures.marquee import Marquee
from nodeforge.ui.canvas.gestures.move import Move
from nodeforge.ui.canvas.gestures.pan import Pan
from nodeforge.ui.canvas.gestures.wiring import Wiring

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_BUTTONS = Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton
OUTSIDE = QPoint(-1, -1)
"""Where the pointer is when it is not over the view."""
_TAP_S = 0.35
"""A key that is held no longer was tapped."""
_SHIFT, _CONTROL, _ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
_ADDING = _SHIFT | _CONTROL


class Mouse:
    """The hand on the canvas.

    Attributes:
        gesture: The one under way, if any.
        place: Where the pointer was last, in pixels of the view.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.gesture: Gesture | None = None
        self.place = OUTSIDE
        self._press: tuple[Pointer, Hit] | None = None
        self._armed: Callable[[Pointer], Gesture] | None = None
        self._space_held = False
        self._space_since = 0.0
        self._hovered = ""

    @property
    def busy(self) -> bool:
        """Whether a button is held, or the next press is spoken for."""
        return self.gesture is not None or self._press is not None or self._armed is not None

    def pointer(self, event: QMouseEvent) -> Pointer:
        view = event.position().toPoint()
        return Pointer(self.canvas.mapToScene(view), view, event.modifiers())

    def hit(self, point: QPointF) -> Hit:
        """What lies at a point in canvas units."""
        found = hit(self.canvas.mirror, point.x(), point.y(), self.canvas.zoom)
        return self.canvas.frames.hit(point) if found.part is Part.NOTHING else found

    def arm(self, begin: Callable[[Pointer], Gesture]) -> None:
        """Let the next press begin a gesture, whatever is under it; Esc gives it up."""
        self.cancel()
        self._armed = begin
        self._show_cursor()

    # Events ---------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        if self.gesture is not None or self._press is not None:
            return
        pointer = self.pointer(event)
        left = event.button() == Qt.MouseButton.LeftButton
        begin, self._armed = self._armed, None
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space_held):
            self._space_since = 0.0
            self._begin(Pan(self.canvas, pointer))
        elif left and begin is not None:
            self._begin(begin(pointer))
        elif left:
            found = self.hit(pointer.scene)
            self._press = (pointer, found)
            self._select_pressed(pointer, found)

    def move(self, event: QMouseEvent) -> None:
        pointer = self.pointer(event)
        self.place = pointer.view
        if self._press is not None:
            pressed, found = self._press
            if (pointer.view - pressed.view).manhattanLength() >= QApplication.startDragDistance():
                self._press = None
                self._begin(self._gesture_for(pressed, found))
        if self.gesture is not None:
            self.gesture.move(pointer)
        elif self._press is None:
            self.hover(self.hit(pointer.scene))

    def release(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            if not event.buttons() & _BUTTONS:
                gesture, self.gesture = self.gesture, None
                self._show_cursor()
                gesture.finish(self.pointer(event))
        elif self._press is not None:
            pressed, found = self._press
            self._press = None
            self._click(pressed, found)

    def double_click(self, event: QMouseEvent) -> None:
        """Goes into a network; renames on a title, asks for settings on a body, adds or removes a dot on a wire,
        searches on nothing."""
        self._press = None
        pointer = self.pointer(event)
        found = self.hit(pointer.scene)
        if found.part is Part.DOT and found.wire is not None:
            dots.remove(self.canvas, found.wire, found.index)
        elif found.wire is not None:
            dots.add(self.canvas, found.wire, pointer.scene)
        elif found.part is Part.TITLE and not nesting.is_use(self.canvas, found.node):
            self.canvas.operations.rename(found.node)
        elif found.on_node:
            nesting.open_node(self.canvas, found.node)
        elif found.part is Part.FRAME:
            frame_commands.edit(self.canvas, found.frame)
        elif not found.on_port:
            self.canvas.open_search(pointer.scene)

    def cancel(self) -> None:
        """Take back what a gesture has shown so far."""
        gesture, self.gesture = self.gesture, None
        self._press = self._armed = None
        self._show_cursor()
        if gesture is not None:
            gesture.cancel()

    def take(self, gesture: Gesture) -> None:
        """Begin a gesture with a press that another widget has seen, which moves it and ends it by `drop`."""
        self.cancel()
        self._begin(gesture)

    def drop(self, pointer: Pointer) -> None:
        """End a gesture that was taken."""
        gesture, self.gesture = self.gesture, None
        self._show_cursor()
        if gesture is not None:
            gesture.finish(pointer)

    def hold_space(self, held: bool) -> bool:
        """While Space is held, the left button pans; whether it was let go after a tap that panned nothing."""
        tapped = self._space_held and not held and time.monotonic() - self._space_since < _TAP_S
        self._space_held, self._space_since = held, time.monotonic()
        self._show_cursor()
        return tapped

    # What follows ---------------------------------------------------------------------------------

    def _select_pressed(self, pointer: Pointer, found: Hit) -> None:
        """A press selects a node or frame at once, unless it is selected: many may be about to be dragged.

        With Ctrl held it waits for the release: nodes may be about to be copied, or wires cut.
        """
        model = self.canvas.model
        if pointer.holds(_CONTROL) and found.part is not Part.FRAME:
            return
        if found.part is Part.FRAME:
            if pointer.modifiers & _ADDING:
                model.select(model.selection, model.frames ^ {found.frame})
            elif found.frame not in model.frames:
                model.select((), [found.frame])
        elif found.on_node:
            if pointer.holds(_SHIFT):
                model.select(model.selection | {found.node}, model.frames)
            elif found.node not in model.selection:
                model.select([found.node])
        elif found.wire is not None:
            model.select([])
            self.canvas.select_wire(found.wire, found.index)

    def _gesture_for(self, pressed: Pointer, found: Hit) -> Gesture:
        canvas = self.canvas
        if pressed.holds(_CONTROL) and pressed.holds(_SHIFT):
            return Cut(canvas, pressed)
        if found.wire is not None and (pressed.modifiers or found.part is Part.DOT):
            return self._on_wire(pressed, found, found.wire)
        if found.part is Part.OUTPUT:
            return Wiring(canvas, pressed, (found.node, found.port), forward=True)
        if found.part is Part.INPUT:
            wires = [w for w in canvas.model.graph.wires_into(found.node) if w.input == found.port]
            if wires:
                return Wiring(canvas, pressed, wires[-1].tail, forward=True, moved=wires[-1])
            return Wiring(canvas, pressed, (found.node, found.port), forward=False)
        if found.wire is not None and found.near == "head":
            return Wiring(canvas, pressed, found.wire.tail, forward=True, moved=found.wire)
        if found.wire is not None and found.near == "tail":
            return Wiring(canvas, pressed, found.wire.head, forward=False, moved=found.wire)
        if found.part is Part.FRAME and found.edges:
            return Resize(canvas, pressed, found)
        selection, frames = canvas.model.selection, canvas.model.frames
        if found.frame in frames or (frames and found.on_node and found.node in selection):
            return Carry(canvas, pressed)
        if found.on_node and pressed.holds(_CONTROL):
            canvas.model.select(selection if found.node in selection else [found.node])
            return DragCopy(canvas, pressed)
        if found.on_node and found.node in selection:
            return Move(canvas, pressed)
        return Marquee(canvas, pressed)

    def _on_wire(self, pressed: Pointer, found: Hit, wire: Wire) -> Gesture:
        """Alt adds a dot to a wire; a dot is moved, and Shift draws a new wire out of it."""
        canvas = self.canvas
        if found.part is Part.DOT and pressed.holds(_SHIFT):
            return wire_from(canvas, pressed, wire, found.index)
        if found.part is Part.DOT:
            return MoveDot(canvas, pressed, wire, found.index)
        if pressed.holds(_ALT):
            return MoveDot(canvas, pressed, wire, dots.place_on(canvas, wire, pressed.scene), new=True)
        return Marquee(canvas, pressed)

    def _click(self, pointer: Pointer, found: Hit) -> None:
        canvas = self.canvas
        if found.part is Part.BADGE:
            canvas.badges.open(found.node)
        elif found.on_node and pointer.holds(_CONTROL):
            canvas.model.select(canvas.model.selection ^ {found.node}, canvas.model.frames)
        elif found.on_node and not pointer.holds(_SHIFT):
            canvas.model.select([found.node])
        elif found.part is Part.WIRE and found.wire is not None and pointer.holds(_ALT):
            dots.add(canvas, found.wire, pointer.scene)
        elif found.part in (Part.NOTHING, Part.FRAME) and not pointer.modifiers & _ADDING:
            canvas.select_wire(None)
            frame = found.frame or canvas.frames.body_at(pointer.scene)
            canvas.model.select((), [frame] if frame else ())

    def _begin(self, gesture: Gesture) -> None:
        self.gesture = gesture
        self._show_cursor()

    def hover(self, found: Hit) -> None:
        """Stress what the pointer is over."""
        canvas = self.canvas
        if found.node != self._hovered:
            self._hovered = found.node
            changed = canvas.mirror.mark(State.HOVERED, [found.node] if found.node else [])
            canvas.repaint_area(canvas.mirror.extent(changed))
        canvas.stress_wire(found.wire)
        canvas.frames.hover(found)
        canvas.badges.hover(found)
        canvas.looking.hover(found.node)
        self._show_cursor(over_end=found.on_port or bool(found.near), over_frame=cursor_over(found))

    def _show_cursor(self, *, over_end: bool = False, over_frame: Qt.CursorShape | None = None) -> None:
        shape: Qt.CursorShape | None = None
        if self.gesture is not None:
            shape = self.gesture.cursor
        elif self._space_held:
            shape = Qt.CursorShape.OpenHandCursor
        elif over_end or self._armed is not None:
            shape = Qt.CursorShape.CrossCursor
        else:
            shape = over_frame
        viewport = self.canvas.viewport()
        if shape is None:
            viewport.unsetCursor()
        else:
            viewport.setCursor(shape)
