"""Copy, paste, duplicate: nodes as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from nodeforge.core.edits import Batch
from nodeforge.core.errors import UserError
from nodeforge.session import clipboard, duplicating
from nodeforge.ui.canvas import editing, layered

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


def copy(canvas: Canvas) -> bool:
    """Put the selected nodes and the wires between them on the clipboard; False when none is selected."""
    if canvas.model.selection:
        QApplication.clipboard().setText(_selected_text(canvas))
    return bool(canvas.model.selection)


def paste(canvas: Canvas, at: QPointF) -> None:
    """Add what the clipboard holds; its top left corner comes to lie at the point."""
    add_text(canvas, QApplication.clipboard().text(), at, "Paste")


def duplicate(canvas: Canvas, *, keep_inputs: bool = False) -> None:
    """Add a copy of the selected nodes below them, fed by what feeds them if asked."""
    model = canvas.model
    slots = canvas.mirror.slots_of(model.selection)
    if len(slots):
        rects = canvas.mirror.rects[slots]
        at = (round(rects[:, 0].min()), round((rects[:, 1] + rects[:, 3]).max() + layered.ROW_GAP))
        copies = duplicating.duplicate(
            model.document, model.network, model.selection, at, keep_inputs=keep_inputs
        )
        if model.do(copies.edit):
            model.select(copies.names.values())


def _selected_text(canvas: Canvas) -> str:
    model = canvas.model
    return clipboard.copy_text(model.document, model.network, model.selection)


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
    """Add nodes and select them."""
    if canvas.model.do(edit, label=label):
        canvas.model.select(editing.added_names(edit))
