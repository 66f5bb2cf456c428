"""The context menus of nodes, wires, badges and the empty canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas import frame_commands, nesting
from nodeforge.ui.canvas.hit import Hit, Part

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

Key = QKeySequence.StandardKey


def menu_for(canvas: Canvas, found: Hit, point: QPointF) -> QMenu:
    """The menu for what lies under the pointer."""
    menu = QMenu(canvas)
    if found.part is Part.WIRE and found.wire is not None:
        _fill_wire(menu, canvas, found.wire, point)
    elif found.node:
        _fill_node(menu, canvas, found.node)
    elif found.frame:
        frame_commands.fill_menu(menu, canvas, found.frame)
    else:
        _fill_empty(menu, canvas, point)
    return menu


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
    menu.addAction("Rename", QKeySequence("F2"), lambda: canvas.rename(node))
    menu.addAction("Duplicate", QKeySequence("Ctrl+D"), canvas.duplicate_selection)
    menu.addSeparator()
    menu.addAction("Cut", QKeySequence(Key.Cut), canvas.cut)
    menu.addAction("Copy", QKeySequence(Key.Copy), canvas.copy)
    menu.addSeparator()
    wires = canvas.model.graph.wires_of(node)
    menu.addAction("Disconnect all wires", lambda: canvas.disconnect_wires(wires)).setEnabled(bool(wires))
    menu.addAction("Delete", QKeySequence(Key.Delete), canvas.delete_selection)


def _fill_nesting(menu: QMenu, canvas: Canvas, node: str) -> None:
    """What can be done with networks inside networks."""
    if nesting.is_use(canvas, node):
        menu.addAction("Look inside", QKeySequence("Return"), lambda: canvas.model.enter(node))
        menu.addAction("Rename its network", lambda: nesting.rename_network(canvas, node))
        menu.addAction("Take apart", QKeySequence("Ctrl+Shift+G"), lambda: nesting.ungroup_selection(canvas))
    menu.addAction("Make a network", QKeySequence("Ctrl+G"), lambda: nesting.group_selection(canvas))
    menu.addSeparator()


def _fill_wire(menu: QMenu, canvas: Canvas, wire: Wire, point: QPointF) -> None:
    menu.addAction("Insert a node here…", lambda: canvas.open_search(point, wire=wire))
    menu.addAction(f"Show {wire.source}", lambda: canvas.model.reveal(canvas.model.network, wire.source))
    menu.addAction(f"Show {wire.target}", lambda: canvas.model.reveal(canvas.model.network, wire.target))
    menu.addSeparator()
    menu.addAction("Delete wire", QKeySequence(Key.Delete), lambda: canvas.disconnect_wires([wire]))


def _fill_empty(menu: QMenu, canvas: Canvas, point: QPointF) -> None:
    menu.addAction("Add a node…", QKeySequence("Tab"), lambda: canvas.open_search(point))
    menu.addAction("Add a frame", lambda: frame_commands.add_frame(canvas, point, note=False))
    menu.addAction("Add a note", lambda: frame_commands.add_frame(canvas, point, note=True))
    menu.addAction("Paste", QKeySequence(Key.Paste), lambda: canvas.paste(point))
    if frame := canvas.frames.body_at(point):
        menu.addMenu(frame_commands.submenu(menu, canvas, frame))
    menu.addSeparator()
    menu.addAction("Select all", QKeySequence(Key.SelectAll), canvas.select_all)
    menu.addAction("Lay out", canvas.auto_layout)
    menu.addAction("Fit in view", QKeySequence("F"), canvas.fit)
    if canvas.model.network != canvas.model.document.main:
        menu.addSeparator()
        menu.addAction("Leave this network", QKeySequence("Esc"), canvas.model.leave)
