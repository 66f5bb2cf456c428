"""Networks inside networks, by hand: grouping, taking apart, going in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodeforge.core.edits import RenameNetwork
from nodeforge.core.errors import UserError
from nodeforge.session.grouping import group
from nodeforge.session.ungrouping import ungroup
from nodeforge.ui.canvas.changing.editing import added_names
from nodeforge.ui.canvas.inline_editor import InlineEditor

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

FIRST_NAME = "Block"


def group_selection(canvas: Canvas) -> None:
    """Make a network of the selected nodes, and ask for its name where its node stands."""
    model = canvas.model
    try:
        edit = group(model.document, model.workspace.report, model.network, model.selection, FIRST_NAME)
    except UserError as error:
        model.complained.emit(str(error))
        return
    if model.do(edit):
        uses = added_names(edit)
        model.select(uses)
        rename_network(canvas, uses[0])


def rename_network(canvas: Canvas, use: str) -> None:
    """Open a field over a use in which its network is renamed."""
    network = canvas.model.graph.nodes[use].kind

    def rename(wish: str) -> bool:
        return canvas.model.do(RenameNetwork(network, wish), label=f"Rename {network} to {wish}")

    InlineEditor(canvas, use, network, f"Name of the network {network}", rename)


def ungroup_selection(canvas: Canvas) -> None:
    """Take the selected uses of networks apart; other selected nodes stay as they are."""
    model = canvas.model
    uses = sorted(name for name in model.selection if is_use(canvas, name))
    freed: list[str] = []
    if not uses:
        model.complained.emit("No selected node is a network: only a network can be taken apart.")
    for name in uses:
        try:
            edit = ungroup(model.document, model.network, name)
        except UserError as error:
            model.complained.emit(str(error))
            break
        if model.do(edit, merge_key=f"ungroup {uses}"):
            freed += added_names(edit)
    if freed:
        model.workspace.history.seal()
        model.select(freed)


def is_use(canvas: Canvas, name: str) -> bool:
    """Whether a node stands for a network."""
    return canvas.model.graph.nodes[name].kind in canvas.model.document.networks


def open_node(canvas: Canvas, name: str) -> None:
    """Go into a network; of any other node, ask for the settings."""
    if not canvas.model.enter(name):
        canvas.activated.emit(name)
