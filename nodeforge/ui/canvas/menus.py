"""The context menus of nodes, wires, badges and the empty canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas import commands
from nodeforge.ui.canvas.changing import dots, nesting
from nodeforge.ui.canvas.framing import frame_commands
from nodeforge.ui.canvas.geometry.hit import Hit
from nodeforge.ui.canvas.gestures.dots import wire_from

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

Key = QKeySequence.StandardKey


def menu_for(canvas: Canvas, found: Hit, point: QPointF) -> QMenu:
    """The menu for what lies under the pointer."""
    menu = QMenu(canvas)
    if found.wire is not None:
        _fill_wire(menu, canvas, found.wire, found.index, point)
    elif found.node:
        _fill_node(menu, canvas, found.node)
    elif found.frame:
        frame_commands.fill_menu(menu, canvas, found.frame)
    else:
        _fill_empty(menu, canvas, point)
    _show_own_keys(menu, canvas)
    return menu


def _show_own_keys(menu: QMenu, canvas: Canvas) -> None:
    """Show the keys that the person has for what stands in a menu."""
    for action in menu.actions():
        if not action.shortcut().isEmpty():
            action.setShortcut(canvas.own_keys(action.shortcut()))
        if isinstance(inner := action.menu(), QMenu):
            _show_own_keys(inner, canvas)


def _add_fixes(menu: QMenu, canvas: Canvas, diagnostic: Diagnostic) -> None:
    words = diagnostic.message.replace("&", "&&")
    sentence = menu.addAction(words if len(words) < 110 else words[:107] + "…")
    sentence.setEnabled(False)
    sentence.setToolTip(diagnostic.message)
    for fix in diagnostic.fixes:
        action = menu.addAction("    " + fix.label.replace("&", "&&"))
        action.triggered.connect(lambda _=False, fix=fix: canvas.model.do(fix.edit, label=fix.label))


def _fill_node(menu: QMenu, canvas: Canvas, node: str) -> None:
    report = canvas.model.workspace.report
    fixable = [d for d in report.of_node(canvas.model.network, node) if d.fixes]
    for diagnostic in fixable:
        _add_fixes(menu, canvas, diagnostic)
    if fixable:
        menu.addSeparator()
    _fill_nesting(menu, canvas, node)
    menu.addAction("Rename", QKeySequence("F2"), lambda: canvas.operations.rename(node))
    commands.add(menu, canvas, "node.replace")
    menu.addSeparator()
    _fill_states(menu, canvas)
    menu.addSeparator()
    commands.add(menu, canvas, "node.connect", "node.pull")
    wires = canvas.model.graph.wires_of(node)
    menu.addAction("Disconnect all wires", lambda: canvas.operations.disconnect(wires)).setEnabled(
        bool(wires)
    )
    _add_selecting(menu, canvas)
    menu.addSeparator()
    menu.addAction("Cut", QKeySequence(Key.Cut), canvas.operations.cut)
    menu.addAction("Copy", QKeySequence(Key.Copy), canvas.operations.copy)
    menu.addAction("Duplicate", QKeySequence("Ctrl+D"), canvas.operations.duplicate)
    commands.add(menu, canvas, "edit.duplicate_fed")
    menu.addSeparator()
    menu.addAction("Delete", QKeySequence(Key.Delete), canvas.operations.delete)
    commands.add(menu, canvas, "edit.delete_only")


def _fill_states(menu: QMenu, canvas: Canvas) -> None:
    """Whether the selected nodes work, and how large they are drawn."""
    graph, names = canvas.model.graph, canvas.model.selection
    modes = {graph.nodes[name].mode for name in names}
    states = (modes == {"bypassed"}, modes == {"muted"}, names <= graph.drawing.collapsed)
    actions = commands.add(menu, canvas, "node.bypass", "node.mute", "node.collapse")
    for action, holds in zip(actions, states, strict=True):
        action.setCheckable(True)
        action.setChecked(holds)


def _add_selecting(menu: QMenu, canvas: Canvas) -> None:
    inner = menu.addMenu("Select")
    commands.add(inner, canvas, "edit.select_upstream", "edit.select_downstream", "edit.select_connected")
    inner.addSeparator()
    commands.add(inner, canvas, "edit.select_all", "edit.invert")


def _fill_nesting(menu: QMenu, canvas: Canvas, node: str) -> None:
    """What can be done with networks inside networks."""
    if nesting.is_use(canvas, node):
        menu.addAction("Look inside", QKeySequence("Return"), lambda: canvas.model.enter(node))
        menu.addAction("Rename its network", lambda: nesting.rename_network(canvas, node))
        menu.addAction("Take apart", QKeySequence("Ctrl+Shift+G"), lambda: nesting.ungroup_selection(canvas))
    menu.addAction("Make a network", QKeySequence("Ctrl+G"), lambda: nesting.group_selection(canvas))
    menu.addSeparator()


def _fill_wire(menu: QMenu, canvas: Canvas, wire: Wire, index: int, point: QPointF) -> None:
    """What can be done with a wire, at one of its dots or, without an index, anywhere on it."""
    on_dot = index >= 0
    if on_dot:
        _fill_dot(menu, canvas, wire, index)
    menu.addAction("Insert a node here…", QKeySequence("Tab"), lambda: canvas.open_search(point, wire=wire))
    if not on_dot:
        menu.addAction("Add a dot here", lambda: dots.add(canvas, wire, point))
    bent = wire in canvas.model.graph.drawing.bends
    menu.addAction("Straighten", lambda: dots.straighten(canvas, wire)).setEnabled(bent)
    menu.addSeparator()
    menu.addAction(f"Show {wire.source}", lambda: canvas.model.reveal(canvas.model.network, wire.source))
    menu.addAction(f"Show {wire.target}", lambda: canvas.model.reveal(canvas.model.network, wire.target))
    menu.addSeparator()
    delete = menu.addAction("Delete wire", lambda: canvas.operations.disconnect([wire]))
    if not on_dot:
        delete.setShortcut(QKeySequence(Key.Delete))


def _fill_dot(menu: QMenu, canvas: Canvas, wire: Wire, index: int) -> None:
    menu.addAction("Remove this dot", QKeySequence(Key.Delete), lambda: dots.remove(canvas, wire, index))
    menu.addAction(
        "Draw a wire from this dot",
        lambda: canvas.mouse.arm(lambda pressed: wire_from(canvas, pressed, wire, index)),
    )
    menu.addSeparator()


def _fill_empty(menu: QMenu, canvas: Canvas, point: QPointF) -> None:
    menu.addAction("Add a node…", QKeySequence("Tab"), lambda: canvas.open_search(point))
    menu.addAction("Add a frame", lambda: frame_commands.add_frame(canvas, point, note=False))
    menu.addAction("Add a note", lambda: frame_commands.add_frame(canvas, point, note=True))
    menu.addAction("Paste", QKeySequence(Key.Paste), lambda: canvas.operations.paste(point))
    if frame := canvas.frames.body_at(point):
        menu.addMenu(frame_commands.submenu(menu, canvas, frame))
    menu.addSeparator()
    commands.add(menu, canvas, "edit.select_all", "edit.invert")
    menu.addAction("Arrange nodes", QKeySequence("Ctrl+Shift+L"), lambda: canvas.operations.arrange())
    menu.addAction("Fit in view", QKeySequence("F"), canvas.fit)
    if canvas.model.network != canvas.model.document.main:
        menu.addSeparator()
        menu.addAction("Leave this network", QKeySequence("Esc"), canvas.model.leave)
