"""The canvas: a graphics view without an item per node, which paints the mirror of the shown network.

Everything a person does here becomes an edit given to the project model; everything shown is redrawn from the
changes that come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsScene,
    QGraphicsView,
    QLabel,
    QMenu,
    QToolTip,
    QWidget,
)

from nodeforge.analysis import wiring
from nodeforge.analysis.report import Report
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Kind
from nodeforge.core.changes import Change
from nodeforge.core.edits import Batch, Disconnect, MoveNodes
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Endpoint, Wire
from nodeforge.core.parameters import Value
from nodeforge.session import clipboard
from nodeforge.ui.canvas import drops, editing, keyboard, layered, menus, snapshot, style, words
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.gestures.marquee import Marquee
from nodeforge.ui.canvas.gestures.move import Move
from nodeforge.ui.canvas.gestures.pan import Pan
from nodeforge.ui.canvas.gestures.wiring import Wiring
from nodeforge.ui.canvas.hit import NOTHING, Hit, Part, hit, hit_wire
from nodeforge.ui.canvas.inline_editor import InlineEditor
from nodeforge.ui.canvas.mirror import Mirror, State
from nodeforge.ui.canvas.painter import Frame, GraphPainter, Live, draw_grid
from nodeforge.ui.canvas.search_popup import SearchPopup
from nodeforge.ui.project_model import ProjectModel

_HALF_WORLD = 200_000.0
_FIT_MARGIN = 48.0
_EMPTY_WORDS = "Drag a layer here, or press Tab"


class Canvas(QGraphicsView):
    """The drawing of the shown network.

    Signals:
        zoom_changed: Pixels per canvas unit.
        activated: A node was double-clicked or Enter was pressed on it: its settings are wanted.

    Attributes:
        model: The open project.
        mirror: What is painted and hit.
        show_grid: Whether the ground is dotted.
        wheel_pans: Whether the wheel scrolls and Ctrl+wheel zooms (for touchpads), instead of zooming.
    """

    zoom_changed = Signal(float)
    activated = Signal(str)

    def __init__(self, model: ProjectModel, dark: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._world = QGraphicsScene(self)  # the view does not keep its scene alive
        self._world.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setScene(self._world)
        self.model = model
        self.mirror = Mirror(model.graph)
        self.palette_colors = style.palette_for(dark)
        self.show_grid = True
        self.wheel_pans = False
        self._painter = GraphPainter(self.mirror, self.palette_colors)
        self._gesture: Gesture | None = None
        self._press: tuple[Pointer, Hit] | None = None
        self._space_held = False
        self._hovered = ""
        self._pointer_view = QPoint()
        self._search: SearchPopup | None = None
        self._fit_pending = True
        self._empty = QLabel(_EMPTY_WORDS, self.viewport())
        self._set_up_view()
        self._connect_model()
        self.set_theme(dark)
        self._on_report(model.workspace.report)

    def _set_up_view(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setSceneRect(-_HALF_WORLD, -_HALF_WORLD, 2 * _HALF_WORLD, 2 * _HALF_WORLD)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAccessibleName("Canvas")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._empty.setFont(style.font(17))

    def _connect_model(self) -> None:
        model = self.model
        model.opened.connect(self._on_opened)
        model.network_changed.connect(self._on_opened)
        model.changed.connect(self._on_change)
        model.checked.connect(self._on_report)
        model.selection_changed.connect(self._on_selection)
        model.reveal_requested.connect(lambda _, node: self.reveal(node))

    # The model speaks -----------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self.cancel_gesture()
        self._hovered = ""
        self.set_live({})
        self._painter.selected_wire = self._painter.hovered_wire = -1
        self.mirror.rebuild(self.model.graph)
        self._on_report(self.model.workspace.report)
        self._on_selection(self.model.selection)
        self._show_empty_words()
        self.fit()

    def _on_change(self, change: Change) -> None:
        mine = change.networks.get(self.model.network)
        if mine is None:
            return
        if not mine.only_moved:
            self.cancel_gesture()
            self._painter.selected_wire = self._painter.hovered_wire = -1
        area = self.mirror.update(self.model.graph, mine)
        self.mirror.mark(State.SELECTED, self.model.selection)
        if area is None:
            self.viewport().update()
        else:
            self.repaint_area(area)
        self._show_empty_words()

    def _on_report(self, report: Report) -> None:
        self.mirror.take_report(self.model.network, report)
        self.viewport().update()
        self._describe()

    def _on_selection(self, names: frozenset[str]) -> None:
        changed = self.mirror.mark(State.SELECTED, names)
        if names:
            self._painter.selected_wire = -1
        if len(changed):
            self.repaint_area(self.mirror.extent(changed))
        self._describe()

    def _describe(self) -> None:
        report = self.model.workspace.report
        self.setAccessibleDescription(words.spoken(self.model.graph, report, self.model.selection))

    # Painting -------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        frame = Frame(QRectF(rect), self.zoom, self.devicePixelRatioF())
        painter.fillRect(rect, self.palette_colors.background)
        if self.show_grid and self.zoom >= 0.3:
            draw_grid(painter, frame, self.palette_colors.grid)
        self._painter.paint(painter, frame)

    def repaint_area(self, area: QRectF) -> None:
        """Paint an area in canvas units again."""
        if not area.isEmpty():
            shown = self.mapFromScene(area).boundingRect().adjusted(-3, -3, 3, 3)
            self.viewport().update(shown)

    def repaint_node(self, name: str) -> None:
        """Paint a node and its wires again."""
        self.repaint_area(self.mirror.extent(self.mirror.slots_of([name])))

    def set_theme(self, dark: bool) -> None:
        """Wear the colours of a theme."""
        self.palette_colors = self._painter.palette = style.palette_for(dark)
        self._empty.setStyleSheet(f"color: {self.palette_colors.text.name()}; background: transparent;")
        self._show_empty_words()
        self.viewport().update()

    def set_lit(self, names: Iterable[str]) -> None:
        """Light up exactly these nodes (those that a code line or a plot speaks of)."""
        changed = self.mirror.mark(State.LIT, names)
        self.repaint_area(self.mirror.extent(changed))

    def set_live(self, live: Mapping[str, Live]) -> None:
        """Show texts and glows at nodes while the network runs; call it at most once a frame."""
        touched = self.mirror.slots_of(self._painter.live.keys() | live.keys())
        self._painter.live = dict(live)
        self.repaint_area(self.mirror.extent(touched).adjusted(0, 0, 0, 20))

    def show_drop_wire(self, wire: Wire | None) -> None:
        """Stress the wire that a drop would land on."""
        self._hover_wire(-1 if wire is None else self.mirror.wires.index[wire])

    def _hover_wire(self, slot: int) -> None:
        before = self._painter.hovered_wire
        if slot != before:
            self._painter.hovered_wire = slot
            for each in (before, slot):
                wire = self.mirror.wires.keys[each] if each >= 0 else None
                if wire is not None:
                    self.repaint_node(wire.target)

    def _show_empty_words(self) -> None:
        self._empty.setGeometry(self.viewport().rect())
        self._empty.setVisible(not len(self.model.graph))

    # Zoom and place -------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Pixels per canvas unit."""
        return self.transform().m11()

    def set_zoom(self, zoom: float, anchor: QPoint | None = None) -> None:
        """Zoom so that what is under the anchor (in pixels of the view; its middle if None) stays there."""
        zoom = float(np.clip(zoom, style.MIN_ZOOM, style.MAX_ZOOM))
        if zoom == self.zoom:
            return
        anchor = self.viewport().rect().center() if anchor is None else anchor
        fixed = self.mapToScene(anchor)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.scroll_to(self.scroll_position() + self.mapFromScene(fixed) - anchor)
        self.zoom_changed.emit(zoom)

    def scroll_position(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def scroll_to(self, position: QPoint) -> None:
        self.horizontalScrollBar().setValue(position.x())
        self.verticalScrollBar().setValue(position.y())

    def visible_area(self) -> QRectF:
        """What is seen, in canvas units."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def fit(self) -> None:
        """Show the whole network, at most at its natural size."""
        area = self.mirror.bounds()
        if area.isEmpty():
            self.reset_zoom()
            self.centerOn(0, 0)
            return
        size = self.viewport().size()
        room_x, room_y = size.width() - 2 * _FIT_MARGIN, size.height() - 2 * _FIT_MARGIN
        self.set_zoom(min(1.0, max(room_x, 32) / area.width(), max(room_y, 32) / area.height()))
        self.centerOn(area.center())

    def zoom_in(self) -> None:
        self.set_zoom(self.zoom * 1.25)

    def zoom_out(self) -> None:
        self.set_zoom(self.zoom / 1.25)

    def reset_zoom(self) -> None:
        """Natural size."""
        self.set_zoom(1.0)

    def reveal(self, name: str) -> None:
        """Bring a node into view, large enough to read."""
        if name not in self.mirror.nodes.index:
            return
        self._fit_pending = False
        if self.zoom < style.SHAPES_FROM:
            self.set_zoom(0.9)
        x, y, width, height = self.mirror.rects[self.mirror.nodes.index[name]].tolist()
        area = QRectF(x, y, width, height)
        if not self.visible_area().adjusted(20, 20, -20, -20).contains(area):
            self.centerOn(area.center())

    def port_place(self, end: Endpoint, *, output: bool) -> QPointF:
        """Where a port is, in canvas units."""
        name, port = end
        anatomy = self.mirror.anatomy(name)
        dx, dy = anatomy.output_place(port) if output else anatomy.input_place(port)
        x, y = self.mirror.rects[self.mirror.nodes.index[name], :2].tolist()
        return QPointF(x + dx, y + dy)

    # Editing --------------------------------------------------------------------------------------

    def add_node(
        self,
        kind: str,
        at: QPointF | None = None,
        parameters: Mapping[str, Value] | None = None,
        *,
        anchor: Endpoint | None = None,
        forward: bool = True,
    ) -> str:
        """Add a node of a kind and select it.

        Args:
            kind: Name of the kind.
            at: Where its middle comes to lie; None: a free place in view.
            parameters: What to set.
            anchor: A port to wire it to.
            forward: Whether the anchor is an output.
        """
        height = style.NODE_HEIGHT
        point = self._free_place() if at is None else at
        shift = 0.0 if anchor is None else style.NODE_WIDTH / 2 * (1 if forward else -1)
        corner = (round(point.x() - style.NODE_WIDTH / 2 + shift), round(point.y() - height / 2))
        edit, name = editing.add(self.model.graph, kind, corner, parameters, anchor=anchor, forward=forward)
        if self.model.do(edit):
            self.model.select([name])
        return name

    def insert_node(
        self, kind: str, wire: Wire, at: QPointF, parameters: Mapping[str, Value] | None = None
    ) -> None:
        """Put a new node on a wire."""
        corner = (round(at.x() - style.NODE_WIDTH / 2), round(at.y() - style.NODE_HEIGHT / 2))
        edit = wiring.insert_edits(self.model.graph, wire, kind, corner, parameters)
        if self.model.do(edit):
            self.model.select(editing.added_names(edit))

    def _free_place(self) -> QPointF:
        """Behind the selected node, or in the middle of the view; moved down to where nothing lies."""
        area = self.visible_area()
        point = area.center()
        chosen = self.mirror.slots_of(self.model.selection)
        if len(chosen) == 1:
            x, y, width, height = self.mirror.rects[chosen[0]].tolist()
            point = QPointF(x + width + layered.COLUMN - style.NODE_WIDTH / 2, y + height / 2)
        while self._is_taken(point):
            point += QPointF(0, style.NODE_HEIGHT + layered.ROW_GAP)
        return point

    def _is_taken(self, point: QPointF) -> bool:
        rects = self.mirror.rects
        half = style.NODE_WIDTH / 2 + 10
        across = (rects[:, 0] < point.x() + half) & (rects[:, 0] + rects[:, 2] > point.x() - half)
        down = (rects[:, 1] < point.y() + 38) & (rects[:, 1] + rects[:, 3] > point.y() - 38)
        return bool((across & down).any())

    def insertion_wire(self, point: QPointF, names: Sequence[str]) -> Wire | None:
        """The wire on which the one dragged node would be inserted."""
        if len(names) != 1 or not editing.can_insert(self.model.graph, names[0]):
            return None
        return self.wire_below(point)

    def wire_below(self, point: QPointF) -> Wire | None:
        """The wire at a point, whatever node is held over it."""
        return hit_wire(self.mirror, point.x(), point.y(), self.zoom).wire

    def delete_selection(self) -> None:
        """Remove the selected nodes, healing chains, or the selected wire."""
        slot = self._painter.selected_wire
        if self.model.selection:
            edit = wiring.healing_edits(self.model.graph, self.model.selection)
            self.model.do(edit)
        elif slot >= 0 and (wire := self.mirror.wires.keys[slot]) is not None:
            self.disconnect_wires([wire])

    def disconnect_wires(self, wires: Sequence[Wire]) -> None:
        """Take wires out."""
        network = self.model.network
        label = "Delete wire" if len(wires) == 1 else f"Delete {len(wires)} wires"
        self.model.do(Batch(tuple(Disconnect(network, wire) for wire in wires), label))

    def select_all(self) -> None:
        self.model.select(self.model.graph.nodes)

    def copy(self) -> None:
        """Copy the selected nodes and the wires between them to the clipboard, as text."""
        if self.model.selection:
            QApplication.clipboard().setText(clipboard.copy_text(self.model.graph, self.model.selection))

    def cut(self) -> None:
        """Copy, then delete."""
        if self.model.selection:
            self.copy()
            self.delete_selection()

    def paste(self, at: QPointF | None = None) -> None:
        """Add what the clipboard holds, its middle at a point (the pointer if None)."""
        self._paste_text(QApplication.clipboard().text(), self._paste_point() if at is None else at, "Paste")

    def duplicate_selection(self) -> None:
        """Add a copy of the selected nodes a little below them; the clipboard stays as it is."""
        slots = self.mirror.slots_of(self.model.selection)
        if len(slots):
            rects = self.mirror.rects[slots]
            low, high = rects[:, :2].min(axis=0), (rects[:, :2] + rects[:, 2:]).max(axis=0)
            text = clipboard.copy_text(self.model.graph, self.model.selection)
            down = high[1] - low[1] + layered.ROW_GAP
            self._paste_text(text, QPointF(low[0], low[1] + down), "Duplicate")

    def _paste_text(self, text: str, at: QPointF, label: str) -> None:
        try:
            place = (round(at.x()), round(at.y()))
            edit = clipboard.paste_edits(self.model.document, self.model.network, text, place)
        except UserError as error:
            self.model.complained.emit(str(error))
            return
        if self.model.do(edit, label=label):
            self.model.select(editing.added_names(edit))

    def _paste_point(self) -> QPointF:
        inside = self.viewport().rect().contains(self._pointer_view)
        return self.mapToScene(self._pointer_view) if inside else self.visible_area().center()

    def auto_layout(self) -> None:
        """Lay the network out anew, left to right."""
        graph = self.model.graph
        placed = layered.positions(graph)
        moved = {name: at for name, at in placed.items() if graph.nodes[name].position != at}
        if moved:
            self.model.do(MoveNodes(graph.name, moved), label="Lay out")
        self.fit()

    def rename(self, name: str) -> None:
        """Open the field in which a node is renamed."""
        self.reveal(name)
        InlineEditor(self, name)

    # Search ---------------------------------------------------------------------------------------

    def open_search(
        self,
        at: QPointF | None = None,
        *,
        anchor: Endpoint | None = None,
        forward: bool = True,
        wire: Wire | None = None,
    ) -> SearchPopup:
        """Open the search for a node to add.

        Args:
            at: Where to add it; None: at the pointer.
            anchor: A port to wire it to; only kinds that fit are offered.
            forward: Whether the anchor is an output.
            wire: A wire to put it on.
        """
        self.close_search()
        point = self._paste_point() if at is None else at
        window = self.window()
        popup = SearchPopup(window, self._choices(anchor, forward, wire), self._used(), self.palette_colors)

        def add(kind: str, parameters: Mapping[str, Value]) -> None:
            if wire is not None and self.model.graph.has_wire(wire):
                self.insert_node(kind, wire, point, parameters)
            else:
                self.add_node(kind, point, parameters, anchor=anchor, forward=forward)

        popup.chosen.connect(add)
        popup.closed.connect(self._on_search_closed)
        self._search = popup
        popup.open_at(self.viewport().mapTo(window, self.mapFromScene(point)))
        return popup

    def close_search(self) -> None:
        """Close the search if it is open."""
        if self._search is not None:
            self._search.dismiss()

    def _on_search_closed(self) -> None:
        self._search = None
        self.setFocus()

    def _choices(self, anchor: Endpoint | None, forward: bool, wire: Wire | None) -> list[Kind]:
        if anchor is None and wire is None:
            return list(kinds().values())
        end = anchor if wire is None else wire.tail
        assert end is not None
        node = self.mirror.report.nodes.get(end[0]) if self.mirror.report else None
        spec = node.outputs.get(end[1]) if node and forward else None
        found = wiring.fitting_kinds(spec, "forward" if forward else "backward")
        return [kind for kind in found if kind.outputs] if wire is not None else found

    def _used(self) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for graph in self.model.document.networks.values():
            for node in graph.nodes.values():
                counts[node.kind] = counts.get(node.kind, 0) + 1
        return counts

    # Mouse ----------------------------------------------------------------------------------------

    def _pointer(self, event: QMouseEvent) -> Pointer:
        view = event.position().toPoint()
        return Pointer(self.mapToScene(view), view, event.modifiers())

    def _hit(self, point: QPointF) -> Hit:
        return hit(self.mirror, point.x(), point.y(), self.zoom)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_search()
        if self._gesture is not None or self._press is not None:
            return
        pointer = self._pointer(event)
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space_held):
            self._begin(Pan(self, pointer))
        elif left:
            found = self._hit(pointer.scene)
            self._press = (pointer, found)
            self._press_selects(pointer, found)

    def _press_selects(self, pointer: Pointer, found: Hit) -> None:
        """A press selects a node at once, unless it is selected (it may be the start of dragging many)."""
        model = self.model
        add = pointer.holds(Qt.KeyboardModifier.ShiftModifier) or pointer.holds(
            Qt.KeyboardModifier.ControlModifier
        )
        if found.on_node:
            if add:
                model.select(model.selection ^ {found.node})
            elif found.node not in model.selection:
                model.select([found.node])
        elif found.part is Part.WIRE and found.wire is not None:
            model.select([])
            self._painter.selected_wire = self.mirror.wires.index[found.wire]
            self.repaint_node(found.wire.target)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer(event)
        self._pointer_view = pointer.view
        if self._press is not None and self._gesture is None:
            pressed, found = self._press
            far = (pointer.view - pressed.view).manhattanLength() >= QApplication.startDragDistance()
            if far:
                self._press = None
                self._begin(self._gesture_for(pressed, found))
        if self._gesture is not None:
            self._gesture.move(pointer)
        elif self._press is None:
            self._hover(self._hit(pointer.scene))

    def _gesture_for(self, pressed: Pointer, found: Hit) -> Gesture:
        if found.part is Part.OUTPUT:
            return Wiring(self, pressed, (found.node, found.port), forward=True)
        if found.part is Part.INPUT:
            wires = [w for w in self.model.graph.wires_into(found.node) if w.input == found.port]
            if wires:
                return Wiring(self, pressed, wires[-1].tail, forward=True, moved=wires[-1])
            return Wiring(self, pressed, (found.node, found.port), forward=False)
        if found.wire is not None and found.near == "head":
            return Wiring(self, pressed, found.wire.tail, forward=True, moved=found.wire)
        if found.wire is not None and found.near == "tail":
            return Wiring(self, pressed, found.wire.head, forward=False, moved=found.wire)
        if found.on_node and found.node in self.model.selection:
            return Move(self, pressed)
        return Marquee(self, pressed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer(event)
        if self._gesture is not None:
            if event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton):
                return
            gesture, self._gesture = self._gesture, None
            self._set_cursor(None)
            gesture.finish(pointer)
        elif self._press is not None:
            pressed, found = self._press
            self._press = None
            self._click(pressed, found)

    def _click(self, pointer: Pointer, found: Hit) -> None:
        if found.part is Part.BADGE:
            self.popup_menu(menus.fixes_menu(self, found.node), pointer.view)
        elif found.on_node and not pointer.modifiers:
            self.model.select([found.node])
        elif found.part is Part.NOTHING and not pointer.modifiers:
            self._select_wire(-1)
            self.model.select([])

    def _select_wire(self, slot: int) -> None:
        before, self._painter.selected_wire = self._painter.selected_wire, slot
        wire = self.mirror.wires.keys[before] if before >= 0 else None
        if wire is not None:
            self.repaint_node(wire.target)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        pointer = self._pointer(event)
        found = self._hit(pointer.scene)
        self._press = None
        if found.part is Part.TITLE:
            self.rename(found.node)
        elif found.on_node:
            self.activated.emit(found.node)
        elif found.part is Part.WIRE:
            self.open_search(pointer.scene, wire=found.wire)
        elif found.part is Part.NOTHING:
            self.open_search(pointer.scene)

    def popup_menu(self, menu: QMenu, at: QPoint) -> None:
        """Show a menu at a point of the view; it is gone once closed."""
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(at))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._gesture is not None:
            return
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.model.selection:
            name = min(self.model.selection)
            x, y = self.mirror.rects[self.mirror.nodes.index[name], :2].tolist()
            at = self.mapFromScene(x + style.NODE_WIDTH / 2, y + style.NODE_HEIGHT / 2)
        point = self.mapToScene(at)
        found = self._hit(point)
        if found.node and found.node not in self.model.selection:
            self.model.select([found.node])
        self.popup_menu(menus.menu_for(self, found, point), at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        pans = self.wheel_pans != bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.scroll_to(self.scroll_position() - QPoint(turned.y() or turned.x(), 0))
        elif pans:
            self.scroll_to(self.scroll_position() - (event.pixelDelta() or turned))
        else:
            self.set_zoom(self.zoom * 1.0015 ** turned.y(), event.position().toPoint())
        event.accept()

    def _begin(self, gesture: Gesture) -> None:
        self._gesture = gesture
        self._set_cursor(gesture.cursor)

    def cancel_gesture(self) -> None:
        """Take back what a gesture has shown so far."""
        gesture, self._gesture = self._gesture, None
        self._press = None
        if gesture is not None:
            self._set_cursor(None)
            gesture.cancel()

    def _set_cursor(self, shape: Qt.CursorShape | None) -> None:
        if shape is not None:
            self.viewport().setCursor(shape)
        elif self._space_held:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.viewport().unsetCursor()

    def _hover(self, found: Hit) -> None:
        if found.node != self._hovered:
            self._hovered = found.node
            changed = self.mirror.mark(State.HOVERED, [found.node] if found.node else [])
            self.repaint_area(self.mirror.extent(changed))
        self._hover_wire(self.mirror.wires.index[found.wire] if found.wire is not None else -1)
        over_port = found.on_port or bool(found.near)
        self._set_cursor(Qt.CursorShape.CrossCursor if over_port and not self._space_held else None)

    # Keys, focus, drops ---------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self._gesture is not None or self._press is not None):
            self.cancel_gesture()
        elif event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_held = True
            self._set_cursor(None)
        elif not keyboard.press(self, event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space_held = False
            self._set_cursor(self._gesture.cursor if self._gesture else None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space_held = False
        super().focusOutEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab opens the search; Shift+Tab leaves the canvas."""
        return False if next else super().focusNextPrevChild(next)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self._hit(self.mapToScene(event.pos()))
            text = "" if self._gesture else words.tip(self.model.graph, self.model.workspace.report, found)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        if event.type() == QEvent.Type.Leave and self._gesture is None:
            self._hover(NOTHING)
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.set_zoom(self.zoom * (1.0 + event.value()), event.position().toPoint())
            return True
        return super().viewportEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        drops.enter(self, event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        drops.move(self, event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.show_drop_wire(None)

    def dropEvent(self, event: QDropEvent) -> None:
        drops.drop(self, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_empty_words()
        if self._fit_pending:
            self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._fit_pending = False  # from now on the person decides what is seen
        super().paintEvent(event)

    # Pictures -------------------------------------------------------------------------------------

    def render_thumbnail(self, size: QSize, dark: bool) -> QImage:
        """The whole network as a small picture."""
        return snapshot.thumbnail(self.model.document.main_network, self.model.workspace.report, size, dark)

    def export_image(self, path: Path) -> None:
        """Write the whole network as a picture: SVG or PNG, by the name's ending.

        Raises:
            UserError: The file cannot be written, or its ending is another.
        """
        snapshot.export(self.mirror, self.palette_colors, path)
