"""What can be done on the canvas by menu or key: each thing once. Menus, keys and help follow.

The window asks for this table before it is first painted, so nothing is imported here that does the work:
`Operations` does it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from nodeforge.core.drawing import BOOKMARK_KEYS
from nodeforge.ui.canvas.changing import selecting

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasCommand:
    """Something that is done with the selected nodes.

    Attributes:
        id: Stable name, "node.mute".
        title: As in menus, with the mnemonic.
        menu: The menu of the window that it stands in.
        keys: Keys, the first one shown.
        tip: What it does.
        run: What to do.
        group: Commands of a menu with different groups get a line between them.
        icon: Name of its drawing.
        least: So many nodes must be selected.
    """

    id: str
    title: str
    menu: str
    keys: tuple[str, ...]
    tip: str
    run: Callable[[Canvas], object]
    group: int = 0
    icon: str = ""
    least: int = 1

    def is_possible(self, canvas: Canvas) -> bool:
        """Whether enough is selected."""
        return len(canvas.model.selection) >= self.least


def _go_to(canvas: Canvas, name: str) -> None:
    canvas.operations.go_to_bookmark(name)


def _keep(canvas: Canvas, name: str) -> None:
    canvas.operations.keep_bookmark(name)


# fmt: off
# A command is two or three lines, so that this reads as the table it is.
COMMANDS = (
    CanvasCommand(id="edit.duplicate_fed", title="Duplicate with &inputs", menu="Edit", group=1, icon="duplicate",
                  keys=("Ctrl+Shift+D",), tip="Copy the selected nodes; what feeds them feeds the copies, too",
                  run=lambda canvas: canvas.operations.duplicate(keep_inputs=True)),
    CanvasCommand(id="edit.delete_only", title="Delete &without healing", menu="Edit", group=1, icon="delete",
                  keys=("Shift+Del", "Shift+Backspace"), tip="Delete the selected nodes and leave the gap open",
                  run=lambda canvas: canvas.operations.delete_only()),
    CanvasCommand(id="edit.select_all", title="Select &all", menu="Select", icon="select-all", least=0,
                  keys=("Ctrl+A",), tip="Select every node", run=lambda canvas: canvas.operations.select_all()),
    CanvasCommand(id="edit.select_upstream", title="Select what &feeds them", menu="Select", group=1,
                  keys=("U",), tip="Select the nodes upstream of the selected ones",
                  run=lambda canvas: canvas.operations.select(selecting.upstream)),
    CanvasCommand(id="edit.select_downstream", title="Select what they fee&d", menu="Select", group=1,
                  keys=("D",), tip="Select the nodes downstream of the selected ones",
                  run=lambda canvas: canvas.operations.select(selecting.downstream)),
    CanvasCommand(id="edit.select_connected", title="Select all &connected", menu="Select", group=1,
                  keys=("Shift+L",), tip="Select all nodes that hang together with the selected ones",
                  run=lambda canvas: canvas.operations.select(selecting.connected)),
    CanvasCommand(id="edit.invert", title="&Invert selection", menu="Select", group=1, least=0,
                  keys=("Ctrl+I",), tip="Select all nodes that are not selected",
                  run=lambda canvas: canvas.operations.select(selecting.inverted)),
    CanvasCommand(id="frame.selection", title="Frame the selec&tion", menu="Node", group=2, icon="frame", least=0,
                  keys=("Shift+F",), tip="Draw a frame around what is selected, or, with nothing selected, by hand",
                  run=lambda canvas: canvas.operations.frame_selection()),
    CanvasCommand(id="frame.note", title="Dra&w a note", menu="Node", group=2, icon="note", least=0,
                  keys=("Shift+N",), tip="Write a note on the canvas: the next drag draws it, a click puts it there",
                  run=lambda canvas: canvas.operations.draw_note()),
    CanvasCommand(id="bookmark.list", title="&Bookmarks…", menu="View", icon="bookmark", least=0,
                  keys=("Ctrl+B",), tip="List the bookmarks: go there, rename, remove",
                  run=lambda canvas: canvas.operations.list_bookmarks()),
    *(CanvasCommand(id=f"bookmark.go.{key}", title=f"Go to bookmark &{key}", menu="Bookmarks", least=0, keys=(key,),
                    tip=f"Go to bookmark {key}, in whatever network it lies",
                    run=partial(_go_to, name=key)) for key in BOOKMARK_KEYS),
    *(CanvasCommand(id=f"bookmark.set.{key}", title=f"Set bookmark &{key}", menu="Bookmarks", least=0,
                    keys=(f"Ctrl+{key}",), tip=f"Keep what is seen as bookmark {key}",
                    run=partial(_keep, name=key)) for key in BOOKMARK_KEYS),
    CanvasCommand(id="node.replace", title="&Replace with…", menu="Node", icon="turns",
                  keys=("R",), tip="Give the selected nodes another kind; wires and parameters stay where they fit",
                  run=lambda canvas: canvas.operations.replace()),
    CanvasCommand(id="node.connect", title="Co&nnect selected", menu="Node", least=2,
                  keys=("L",), tip="Wire the selected nodes in the order in which they stand",
                  run=lambda canvas: canvas.operations.connect()),
    CanvasCommand(id="node.wire", title="Wire by k&eys", menu="Node",
                  keys=("W",), tip="Begin a wire at the selected node; arrows or Tab choose where it goes",
                  run=lambda canvas: canvas.operations.wire_by_keys()),
    CanvasCommand(id="node.pull", title="&Pull out of its wires", menu="Node",
                  keys=("Ctrl+Shift+X",), tip="Free the selected nodes of their wires; the gap closes",
                  run=lambda canvas: canvas.operations.pull_out()),
    CanvasCommand(id="node.bypass", title="&Bypass", menu="Node", group=1,
                  keys=("B",), tip="Let the first input of the selected nodes pass unchanged, or end that",
                  run=lambda canvas: canvas.operations.set_mode("bypassed")),
    CanvasCommand(id="node.mute", title="&Mute", menu="Node", group=1,
                  keys=("M",), tip="Let the selected nodes give zeros, or end that",
                  run=lambda canvas: canvas.operations.set_mode("muted")),
    CanvasCommand(id="node.collapse", title="&Collapse", menu="Node", group=1,
                  keys=("H",), tip="Draw the selected nodes small, or at full size",
                  run=lambda canvas: canvas.operations.collapse()),
    CanvasCommand(id="arrange.selection", title="Arrange &selected nodes", menu="Arrange", least=2, icon="layout",
                  keys=("Shift+A",), tip="Put the selected nodes in order where they are",
                  run=lambda canvas: canvas.operations.arrange_selection()),
    CanvasCommand(id="arrange.right", title="From left to ri&ght", menu="Arrange", least=0,
                  keys=(), tip="Put all nodes in order, with wires that run to the right",
                  run=lambda canvas: canvas.operations.arrange("right")),
    CanvasCommand(id="arrange.down", title="From top to botto&m", menu="Arrange", least=0,
                  keys=(), tip="Put all nodes in order, with wires that run down",
                  run=lambda canvas: canvas.operations.arrange("down")),
    CanvasCommand(id="arrange.rows", title="In ro&ws", menu="Arrange", least=0,
                  keys=(), tip="Put all nodes in order, in several rows where they are a long chain",
                  run=lambda canvas: canvas.operations.arrange(rows=True)),
    CanvasCommand(id="arrange.left_edges", title="Align &left", menu="Arrange", group=1, least=2,
                  keys=("Alt+Shift+Left",), tip="Bring the left edges of the selected nodes into line",
                  run=lambda canvas: canvas.operations.align("left")),
    CanvasCommand(id="arrange.centres", title="Align &centres", menu="Arrange", group=1, least=2,
                  keys=("Alt+Shift+C",), tip="Bring the selected nodes into line below each other",
                  run=lambda canvas: canvas.operations.align("centre")),
    CanvasCommand(id="arrange.right_edges", title="Align &right", menu="Arrange", group=1, least=2,
                  keys=("Alt+Shift+Right",), tip="Bring the right edges of the selected nodes into line",
                  run=lambda canvas: canvas.operations.align("right")),
    CanvasCommand(id="arrange.top_edges", title="Align &top", menu="Arrange", group=1, least=2,
                  keys=("Alt+Shift+Up",), tip="Bring the upper edges of the selected nodes into line",
                  run=lambda canvas: canvas.operations.align("top")),
    CanvasCommand(id="arrange.middles", title="Align mi&ddles", menu="Arrange", group=1, least=2,
                  keys=("Alt+Shift+M",), tip="Bring the selected nodes into line beside each other",
                  run=lambda canvas: canvas.operations.align("middle")),
    CanvasCommand(id="arrange.bottom_edges", title="Align &bottom", menu="Arrange", group=1, least=2,
                  keys=("Alt+Shift+Down",), tip="Bring the lower edges of the selected nodes into line",
                  run=lambda canvas: canvas.operations.align("bottom")),
    CanvasCommand(id="arrange.spread_across", title="Distribute &horizontally", menu="Arrange", group=2, least=3,
                  keys=("Alt+Shift+H",), tip="Give the selected nodes equal gaps from left to right",
                  run=lambda canvas: canvas.operations.distribute(0)),
    CanvasCommand(id="arrange.spread_down", title="Distribute &vertically", menu="Arrange", group=2, least=3,
                  keys=("Alt+Shift+V",), tip="Give the selected nodes equal gaps from top to bottom",
                  run=lambda canvas: canvas.operations.distribute(1)),
)
# fmt: on


@cache
def _by_keys() -> dict[str, CanvasCommand]:
    return {QKeySequence(keys).toString(): command for command in COMMANDS for keys in command.keys}


def press(canvas: Canvas, event: QKeyEvent) -> bool:
    """Do what a key asks for; False when it asks for nothing here, or too little is selected."""
    command = _by_keys().get(QKeySequence(event.keyCombination()).toString())
    if command is None or not command.is_possible(canvas):
        return False
    command.run(canvas)
    return True


def add(menu: QMenu, canvas: Canvas, *ids: str) -> list[QAction]:
    """Add commands to a menu of the canvas; returns what was added."""
    by_id = {command.id: command for command in COMMANDS}
    added = []
    for command in (by_id[id_] for id_ in ids):
        action = menu.addAction(command.title.replace("&", ""), QKeySequence(command.keys[0]))
        action.setEnabled(command.is_possible(canvas))
        action.triggered.connect(lambda _=False, command=command: command.run(canvas))
        added.append(action)
    return added
