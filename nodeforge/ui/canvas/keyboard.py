"""The canvas by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from nodeforge.ui.canvas import commands, walking
from nodeforge.ui.canvas.changing import nesting
from nodeforge.ui.canvas.framing import frame_commands

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

Key = Qt.Key
_ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}
_CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
STEP = 10.0


def press(canvas: Canvas, event: QKeyEvent) -> bool:
    """Do what a key asks for; False when it asks for nothing here."""
    return (
        commands.press(canvas, event)
        or _standard(canvas, event)
        or _arrow(canvas, event)
        or _plain(canvas, event)
    )


def _standard(canvas: Canvas, event: QKeyEvent) -> bool:
    standard = QKeySequence.StandardKey
    actions = {
        standard.Copy: canvas.operations.copy,
        standard.Cut: canvas.operations.cut,
        standard.Paste: canvas.operations.paste,
        standard.Delete: canvas.operations.delete,
        standard.Undo: canvas.model.undo,
        standard.Redo: canvas.model.redo,
        standard.ZoomIn: canvas.zoom_in,
        standard.ZoomOut: canvas.zoom_out,
    }
    for key, action in actions.items():
        if event.matches(key):
            action()
            return True
    return False


def _plain(canvas: Canvas, event: QKeyEvent) -> bool:
    control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
    shifted = event.modifiers() == _CONTROL_SHIFT
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    selection = canvas.model.selection
    key = event.key()
    if control and key == Key.Key_D:
        canvas.operations.duplicate()
    elif control and key == Key.Key_0:
        canvas.reset_zoom()
    elif control and key == Key.Key_G:
        nesting.group_selection(canvas)
    elif shifted and key == Key.Key_G:
        nesting.ungroup_selection(canvas)
    elif not plain:
        return False
    elif key == Key.Key_Tab:
        canvas.open_search()
    elif key in (Key.Key_F, Key.Key_Home):
        canvas.fit()
    elif key == Key.Key_Backspace and canvas.has_selection:
        canvas.operations.delete()
    elif key == Key.Key_Escape and canvas.has_selection:
        canvas.select_wire(None)
        canvas.model.select([])
    elif key in (Key.Key_Backspace, Key.Key_Escape):
        canvas.model.leave()
    elif key == Key.Key_F2 and len(canvas.model.frames) == 1 and not selection:
        frame_commands.edit(canvas, *canvas.model.frames)
    elif key == Key.Key_F2 and len(selection) == 1:
        canvas.operations.rename(*selection)
    elif key in (Key.Key_Return, Key.Key_Enter) and len(selection) == 1:
        nesting.open_node(canvas, *selection)
    else:
        return False
    return True


def _arrow(canvas: Canvas, event: QKeyEvent) -> bool:
    """Arrows move the selected nodes, with Shift by one unit; with Ctrl they walk along the wires, and with both they select what they pass."""
    way = _ARROWS.get(Key(event.key()))
    if way is None:
        return False
    selection, frames = canvas.model.selection, canvas.model.frames
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier or not (selection or frames):
        walking.walk(canvas, *way, keep=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        return True
    step = 1.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
    frame_commands.nudge(canvas, way[0] * step, way[1] * step)
    return True
