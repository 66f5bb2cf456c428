"""Copy, paste, duplicate: nodes as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from nodeforge.core.edits import Batch
from nodeforge.core.errors import UserError
from nodeforge.session import clipboard, duplicating, framing
from nodeforge.ui.canvas.changing import drafting, editing

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


def copy(canvas: Canvas) -> bool:
    """Put the selected nodes with the wires between them, and the selected frames with what lies in them, on the
    clipboard; False when none is selected."""
    model = canvas.model
    carried = framing.load(model.graph, model.selection, model.frames)
    if carried.nodes or carried.frames:
        text = clipboard.copy_text(model.document, model.network, carried.nodes, carried.frames)
        QApplication.clipboard().setText(text)
    return bool(carried.nodes or carried.frames)


def paste(canvas: Canvas, at: QPointF) -> None:
    """Add what the clipboard holds; its top left corner comes to lie at the point."""
    add_text(canvas, QApplication.clipboard().text(), at, "Paste")


def duplicate(canvas: Canvas, *, keep_inputs: bool = False) -> None:
    """Add a copy of the selected nodes and frames below them, fed by what feeds them if asked."""
    model, mirror = canvas.model, canvas.mirror
    carried = framing.load(model.graph, model.selection, model.frames)
    frames = framing.copied(model.graph, carried.nodes, carried.frames)
    rects = mirror.rects[mirror.slots_of(carried.nodes)].tolist() + [frame.area for frame in frames.values()]
    if rects:
        left = min(rect[0] for rect in rects)
        bottom = max(rect[1] + rect[3] for rect in rects) + drafting.ROW_GAP
        copies = duplicating.duplicate(
            model.document,
            model.network,
            carried.nodes,
            (round(left), round(bottom)),
            frames=carried.frames,
            keep_inputs=keep_inputs,
        )
        add(canvas, copies.edit)


def add_text(canvas: Canvas, text: str, at: QPointF, label: str) -> None:
    """Add the nodes in a text, with their top left corner at a point; a text without nodes is told of."""
    model = canvas.model
    try:
        edit = clipboard.paste_edits(model.document, model.network, text, (round(at.x()), round(at.y())))
    except UserError as error:
        model.complained.emit(str(error))
        return
    add(canvas, edit, label)


def add(canvas: Canvas, edit: Batch, label: str = "") -> None:
    """Add nodes and frames and select them."""
    model = canvas.model
    before = set(model.graph.drawing.frames)
    if model.do(edit, label=label):
        model.select(editing.added_names(edit), model.graph.drawing.frames.keys() - before)
