"""What can be done with frames by command, key and menu."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from nodeforge.analysis.healing import healing_edits
from nodeforge.core.drawing import COLORS, Frame
from nodeforge.core.graph import Graph
from nodeforge.session import framing
from nodeforge.ui.canvas.framing.frame_editors import NoteField, TitleField
from nodeforge.ui.canvas.gestures.base import Pointer
from nodeforge.ui.canvas.gestures.frames import Draw
from nodeforge.ui.canvas.painting.frame_painter import swatch

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


def frame_selection(canvas: Canvas) -> None:
    """Draw a frame around what is selected; with nothing selected, let the next drag draw one."""
    model, mirror = canvas.model, canvas.mirror
    areas = mirror.rects[mirror.slots_of(model.selection)].tolist()
    areas += [model.graph.drawing.frames[name].area for name in model.frames]
    if areas:
        _add(canvas, Frame(area=framing.around(areas)))
    else:
        _draw_next(canvas, note=False)


def draw_note(canvas: Canvas) -> None:
    """Let the next drag draw a note; a click puts one of the usual size there, Esc gives it up."""
    _draw_next(canvas, note=True)


def _draw_next(canvas: Canvas, *, note: bool) -> None:
    def begin(pressed: Pointer) -> Draw:
        return Draw(canvas, pressed, _usual(note), lambda frame: _add(canvas, frame, note=note))

    canvas.mouse.arm(begin)


def add_frame(canvas: Canvas, at: QPointF, *, note: bool) -> None:
    """Add an empty frame or note with its corner at a point, and ask for its title or text."""
    _add(canvas, _usual(note).moved(round(at.x()), round(at.y())), note=note)


def _usual(note: bool) -> Frame:
    size = framing.NOTE_SIZE if note else framing.DEFAULT_SIZE
    return Frame(area=(0.0, 0.0, *size), color="yellow" if note else "grey")


def _add(canvas: Canvas, frame: Frame, *, note: bool = False) -> None:
    name, edit = framing.added(canvas.model.graph, frame, below=not note)
    if canvas.model.do(edit, label="Add a note" if note else "Add a frame"):
        canvas.model.select((), [name])
        if note:
            edit_text(canvas, name)
        else:
            edit_title(canvas, name)


# Writing -------------------------------------------------------------------------------------------------


def edit(canvas: Canvas, name: str) -> None:
    """Open the field for what a frame says: the text of a note, the title of any other."""
    if framing.is_note(canvas.model.graph, canvas.model.graph.drawing.frames[name]):
        edit_text(canvas, name)
    else:
        edit_title(canvas, name)


def edit_title(canvas: Canvas, name: str) -> None:
    """Open the field over a frame in which its title is written."""
    frame = canvas.frames.frames[name]
    network = canvas.model.network  # it is written there, whatever is shown when the field is left
    TitleField(canvas, frame, lambda title: _change(canvas, network, "Title", [name], title=title))


def edit_text(canvas: Canvas, name: str) -> None:
    """Open the field over a frame in which its text is written."""
    frame = canvas.frames.frames[name]
    network = canvas.model.network
    NoteField(canvas, frame, lambda text: _change(canvas, network, "Write", [name], text=text))


def set_color(canvas: Canvas, color: str) -> None:
    """Tint the selected frames."""
    _change(canvas, canvas.model.network, "Tint", canvas.model.frames, color=color)


def _change(canvas: Canvas, network: str, verb: str, names: Iterable[str], **told: str) -> None:
    model = canvas.model
    graph = model.document.networks.get(network, Graph())
    frames = graph.drawing.frames
    present = {name: replace(frames[name], **told) for name in names if name in frames}  # type: ignore[arg-type]
    if present:
        what = framing.called(present[min(present)]) if len(present) == 1 else f"{len(present)} frames"
        model.do(framing.changed(graph, present), label=f"{verb} {what}")


# Arranging and removing ----------------------------------------------------------------------------------


def fit(canvas: Canvas) -> None:
    """Draw the selected frames tightly around the nodes and frames in them."""
    model, mirror = canvas.model, canvas.mirror
    graph = model.graph
    frames = graph.drawing.frames
    fitted = {}
    for name in model.frames:
        inner = [frames[each].area for each in framing.frames_within(frames, name)]
        areas = mirror.rects[mirror.slots_of(framing.nodes_within(graph, frames[name]))].tolist() + inner
        if areas:
            fitted[name] = replace(frames[name], area=framing.around(areas))
    model.do(framing.changed(graph, fitted), label="Fit frame to its nodes")


def select_within(canvas: Canvas) -> None:
    """Select the nodes in the selected frames too."""
    graph = canvas.model.graph
    frames = (graph.drawing.frames[name] for name in canvas.model.frames)
    inside = set().union(*(framing.nodes_within(graph, frame) for frame in frames))
    canvas.model.select(canvas.model.selection | inside, canvas.model.frames)


def delete(canvas: Canvas, *, with_nodes: bool = False) -> None:
    """Remove the selected frames and nodes; and, if asked, all that lies in the frames."""
    model = canvas.model
    names, frames = model.selection, model.frames
    if with_nodes:
        carried = framing.load(model.graph, names, frames)
        names, frames = carried.nodes, carried.frames
    others = healing_edits(model.graph, names, model.kinds, model.network_report) if names else None
    model.do(framing.removal(model.graph, frames, others))


def nudge(canvas: Canvas, dx: float, dy: float) -> None:
    """Move the selected frames, with all that lies in them, and the selected nodes."""
    model = canvas.model
    carried = framing.load(model.graph, model.selection, model.frames)
    key = "nudge " + " ".join(sorted((*model.selection, *model.frames)))
    model.do(framing.moved(model.graph, carried, dx, dy), merge_key=key)


def stack(canvas: Canvas, *, front: bool) -> None:
    """Put the selected frames above, or below, all others."""
    model = canvas.model
    words = "Bring frame to the front" if front else "Send frame to the back"
    model.do(framing.raised(model.graph, model.frames, front=front), label=words)


# Menu ----------------------------------------------------------------------------------------------------


def submenu(parent: QMenu, canvas: Canvas, name: str) -> QMenu:
    """What can be done with the frame behind a point; opening it selects the frame."""
    menu = QMenu(canvas.frames.frames[name].title or "Frame", parent)
    fill_menu(menu, canvas, name)
    menu.aboutToShow.connect(lambda: canvas.model.select((), [name]))
    return menu


def fill_menu(menu: QMenu, canvas: Canvas, name: str) -> None:
    """Add what can be done with the selected frames, one of which was pointed at."""
    frame = canvas.frames.frames[name]
    key = QKeySequence.StandardKey
    note = framing.is_note(canvas.model.graph, frame)
    title = menu.addAction("Title…", lambda: edit_title(canvas, name))
    text = menu.addAction("Text…", lambda: edit_text(canvas, name))
    (text if note else title).setShortcut(QKeySequence("F2"))
    menu.addMenu(_colors(menu, canvas, frame))
    menu.addSeparator()
    if not note:
        menu.addAction("Fit to its nodes", lambda: fit(canvas))
        menu.addAction("Select its nodes", lambda: select_within(canvas))
    menu.addAction("Bring to the front", lambda: stack(canvas, front=True))
    menu.addAction("Send to the back", lambda: stack(canvas, front=False))
    menu.addSeparator()
    menu.addAction("Duplicate", QKeySequence("Ctrl+D"), canvas.operations.duplicate)
    menu.addAction("Cut", QKeySequence(key.Cut), canvas.operations.cut)
    menu.addAction("Copy", QKeySequence(key.Copy), canvas.operations.copy)
    menu.addSeparator()
    menu.addAction("Delete", QKeySequence(key.Delete), canvas.operations.delete)
    if not note:
        menu.addAction("Delete with its nodes", lambda: delete(canvas, with_nodes=True))


def _colors(menu: QMenu, canvas: Canvas, frame: Frame) -> QMenu:
    colors = QMenu("Colour", menu)
    for color in COLORS:
        action = QAction(swatch(color, dark=canvas.palette_colors.dark), color.capitalize(), colors)
        action.setCheckable(True)
        action.setChecked(color == frame.color)
        action.triggered.connect(lambda _=False, color=color: set_color(canvas, color))
        colors.addAction(action)
    return colors
