"""What can be done on the canvas by command, key and menu."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from nodeforge.analysis.healing import healing_edits, pulling_edits, removals
from nodeforge.core.edits import Batch, Collapse, Disconnect, RenameNode, SetMode
from nodeforge.core.graph import Graph, Wire
from nodeforge.session.chaining import connect_all
from nodeforge.ui.canvas.changing import aligning, dots, nesting, transfer
from nodeforge.ui.canvas.framing import frame_commands
from nodeforge.ui.canvas.gestures.key_wiring import KeyWiring
from nodeforge.ui.canvas.inline_editor import InlineEditor
from nodeforge.ui.canvas.searching import replacing
from nodeforge.ui.canvas.viewing import bookmarks
from nodeforge.ui.canvas.viewing.bookmark_list import BookmarkList

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

Reach = Callable[[Graph, Collection[str]], set[str]]
"""From the selected nodes to those to select (`canvas.selecting`)."""


class Operations:
    """What the commands of the canvas do.

    Args:
        canvas: Whose selection is meant.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._model = canvas.model

    # As in every editor ---------------------------------------------------------------------------

    def select_all(self) -> None:
        self._model.select(self._model.graph.nodes, self._canvas.frames.frames)

    def copy(self) -> None:
        """Copy the selected nodes and the wires between them to the clipboard, as text."""
        transfer.copy(self._canvas)

    def cut(self) -> None:
        """Copy, then delete."""
        if transfer.copy(self._canvas):
            if self._model.frames:
                frame_commands.delete(self._canvas, with_nodes=True)
            else:
                self.delete()

    def paste(self, at: QPointF | None = None) -> None:
        """Add what the clipboard holds at a point (the pointer if None)."""
        canvas = self._canvas
        transfer.paste(canvas, canvas.pointer_place() if at is None else at)

    def duplicate(self, *, keep_inputs: bool = False) -> None:
        """Add a copy of the selected nodes below them; the clipboard stays as it is."""
        transfer.duplicate(self._canvas, keep_inputs=keep_inputs)

    def delete(self) -> None:
        """Remove the selected nodes and heal the wires around them, and frames, or the selected wire or dot."""
        canvas, model, wire = self._canvas, self._model, self._canvas.selected_wire
        if model.frames:
            frame_commands.delete(canvas)
        elif model.selection:
            model.do(healing_edits(model.graph, model.selection, model.kinds, model.network_report))
        elif wire is not None and canvas.selected_dot >= 0:
            dots.remove(canvas, wire, canvas.selected_dot)
        elif wire is not None:
            self.disconnect([wire])

    def rename(self, name: str) -> None:
        """Open the field in which a node is renamed."""
        canvas, model, network = self._canvas, self._model, self._model.network

        def rename(wish: str) -> bool:
            return model.do(RenameNode(network, name, wish), label=f"Rename {name}")

        canvas.reveal(name)
        InlineEditor(canvas, name, name, f"New name of {name}", rename)

    # Nodes ----------------------------------------------------------------------------------------

    def group(self) -> None:
        """Make a network of the selected nodes."""
        nesting.group_selection(self._canvas)

    def ungroup(self) -> None:
        """Take the selected networks apart."""
        nesting.ungroup_selection(self._canvas)

    def set_mode(self, mode: str) -> None:
        """Bypass or mute the selected nodes; let them work again if all are so already."""
        model = self._model
        nodes = [model.graph.nodes[name] for name in sorted(model.selection)]
        wish = "active" if all(node.mode == mode for node in nodes) else mode
        verb = {"muted": "Mute", "bypassed": "Bypass", "active": "Activate"}[wish]
        edits = tuple(SetMode(model.network, node.name, wish) for node in nodes)
        model.do(Batch(edits, f"{verb} {self._counted()}"))

    def collapse(self) -> None:
        """Draw the selected nodes small, or at full size if all are small already."""
        model = self._model
        small = not model.selection <= model.graph.drawing.collapsed
        edit = Collapse(model.network, dict.fromkeys(sorted(model.selection), small))
        model.do(edit, label=f"{'Collapse' if small else 'Expand'} {self._counted()}")

    def delete_only(self) -> None:
        """Remove the selected nodes with all their wires; no other wires close the gap."""
        model = self._model
        model.do(Batch(tuple(removals(model.graph, model.selection)), f"Delete {self._counted()}"))

    def pull_out(self) -> None:
        """Free the selected nodes of their wires to all others, which heal."""
        model = self._model
        model.do(pulling_edits(model.graph, model.selection, model.kinds, model.network_report))

    def connect(self) -> None:
        """Wire the selected nodes in the order in which they stand."""
        model, mirror = self._model, self._canvas.mirror
        areas = {name: tuple(mirror.rects[mirror.nodes.index[name]].tolist()) for name in model.selection}
        found = connect_all(model.document, model.network, areas, model.kinds, model.network_report)
        if found.edit.edits:
            model.do(found.edit)
        if found.refused:
            model.complained.emit(" ".join(found.refused))

    def select(self, reach: Reach) -> None:
        """Select what is reached from the selected nodes."""
        self._model.select(reach(self._model.graph, self._model.selection))

    def replace(self) -> None:
        """Search for another kind of the selected nodes."""
        replacing.open_search(self._canvas)

    # Wires ----------------------------------------------------------------------------------------

    def disconnect(self, wires: Sequence[Wire]) -> None:
        """Take wires out."""
        network = self._model.network
        label = "Delete wire" if len(wires) == 1 else f"Delete {len(wires)} wires"
        self._model.do(Batch(tuple(Disconnect(network, wire) for wire in wires), label))

    def wire_by_keys(self) -> None:
        """Begin a wire at the selected node, whose other end keys choose."""
        canvas = self._canvas
        if not canvas.mouse.busy and KeyWiring.may_begin(canvas):
            canvas.mouse.gesture = KeyWiring(canvas, *self._model.selection)

    # Order ----------------------------------------------------------------------------------------

    def arrange(self, direction: str | None = None, *, rows: bool = False) -> None:
        """Lay the network out anew; its wires run in a direction, or as they do when None; in rows where it is long."""
        self._canvas.arranging.start(direction, rows=rows)

    def arrange_selection(self) -> None:
        """Lay the selected nodes out anew, around the point where they are."""
        self._canvas.arranging.start(names=self._model.selection)

    def align(self, line: str) -> None:
        """Bring the selected nodes into line."""
        aligning.align(self._canvas, line)

    def distribute(self, axis: int) -> None:
        """Give the selected nodes equal gaps along an axis."""
        aligning.distribute(self._canvas, axis)

    # Frames and bookmarks -------------------------------------------------------------------------

    def frame_selection(self) -> None:
        """Draw a frame around what is selected, or with the next drag."""
        frame_commands.frame_selection(self._canvas)

    def draw_note(self) -> None:
        """Draw a note with the next drag."""
        frame_commands.draw_note(self._canvas)

    def go_to_bookmark(self, name: str) -> None:
        """Show what is kept as a bookmark."""
        bookmarks.go_to(self._canvas, name)

    def keep_bookmark(self, name: str) -> None:
        """Keep what is seen as a bookmark."""
        bookmarks.set_here(self._canvas, name)

    def list_bookmarks(self) -> None:
        """Show the list of bookmarks."""
        BookmarkList(self._canvas).show()

    def _counted(self) -> str:
        names = self._model.selection
        return min(names) if len(names) == 1 else f"{len(names)} nodes"
