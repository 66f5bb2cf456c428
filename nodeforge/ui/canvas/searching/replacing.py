"""The search for another kind of the selected nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nodeforge.core.graph import Wire
from nodeforge.core.parameters import Value
from nodeforge.session import swapping
from nodeforge.ui.canvas.searching.search_popup import SearchPopup

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


def open_search(canvas: Canvas) -> None:
    """Offer other kinds for the selected nodes, those that fit best first; what is chosen replaces them."""
    model = canvas.model
    if not model.selection:
        return
    names = sorted(model.selection)
    choices = swapping.ranked(
        model.graph, names[0], list(model.placeable.values()), model.kinds, model.network_report
    )
    popup = SearchPopup(canvas.window(), choices, {}, canvas.palette_colors)
    what = names[0] if len(names) == 1 else f"{len(names)} nodes"
    popup.setAccessibleName(f"Replace {what}")
    popup.field.setPlaceholderText(f"Replace {what} with…")
    popup.keys.hide()

    def replace(kind: str, parameters: Mapping[str, Value]) -> None:
        popup.dismiss()
        replace_kind(canvas, names, kind, parameters)

    popup.chosen.connect(replace)
    x, y, _, height = canvas.mirror.rects[canvas.mirror.nodes.index[names[0]]].tolist()
    canvas.show_search(popup, QPointF(x, y + height))


def replace_kind(
    canvas: Canvas, names: Sequence[str], kind: str, parameters: Mapping[str, Value] | None = None
) -> None:
    """Give nodes another kind; wires for which it has no port are told."""
    model = canvas.model
    present = [name for name in names if name in model.graph]
    found = swapping.swap(model.document, model.network, present, model.kinds[kind], model.kinds, parameters)
    if model.do(found.edit):
        model.select(found.names)
        if found.lost:
            model.complained.emit(_told(model.kinds[kind].label, found.lost))


def _told(label: str, lost: Sequence[Wire]) -> str:
    wires = ", ".join(f"{wire.source} to {wire.target}" for wire in lost)
    several = f"{len(lost)} wires were" if len(lost) > 1 else "one wire was"
    return f"{label} has fewer ports: {several} taken out ({wires})."
