"""The canvas: a graphics view without an item per node, which paints the mirror of the shown network.

Everything a person does here becomes an edit given to the project model; everything shown is redrawn from the
changes that come back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMenu,
    QToolTip,
    QWidget,
)

from nodeforge.analysis.report import Report
from nodeforge.core.changes import Change
from nodeforge.core.drawing import Point
from nodeforge.core.graph import Endpoint, Wire
from nodeforge.core.parameters import Value
from nodeforge.ui.canvas import keyboard, menus, style, walking, words
from nodeforge.ui.canvas.badges import Badges, paint_marks
from nodeforge.ui.canvas.changing import dots
from nodeforge.ui.canvas.changing.arranging import Arranging
from nodeforge.ui.canvas.changing.operations import Operations
from nodeforge.ui.canvas.changing.preview import Preview
from nodeforge.ui.canvas.dropping.drops import Drops
from nodeforge.ui.canvas.framing.frames import FrameLayer
from nodeforge.ui.canvas.geometry.anatomy import manners_of
from nodeforge.ui.canvas.geometry.hit import NOTHING, Hit
from nodeforge.ui.canvas.geometry.mirror import Mirror, State
from nodeforge.ui.canvas.gestures.key_wiring import KeyWiring
from nodeforge.ui.canvas.looking import Looking
from nodeforge.ui.canvas.mouse import OUTSIDE, Mouse
from nodeforge.ui.canvas.painting.graph_view import GraphView
from nodeforge.ui.canvas.painting.grid import draw_grid
from nodeforge.ui.canvas.painting.resting import Resting
from nodeforge.ui.canvas.painting.wire_painter import Frame
from nodeforge.ui.canvas.searching import adding
from nodeforge.ui.canvas.searching.finder import Finder
from nodeforge.ui.canvas.searching.search_popup import SearchPopup
from nodeforge.ui.canvas.viewing import rolling, scrolling
from nodeforge.ui.canvas.viewing.flight import Flight, Passages
from nodeforge.ui.canvas.viewing.focus_ring import FocusRing
from nodeforge.ui.canvas.viewing.minimap import Minimap
from nodeforge.ui.canvas.viewing.zoom_view import Sight
from nodeforge.ui.project_model import ProjectModel

_EMPTY_WORDS = "Drag a layer here, or press Tab"


class Canvas(GraphView):
    """The drawing of the shown network.

    Signals:
        activated: A node was double-clicked or Enter was pressed on it: its settings are wanted.
        project_dropped: The folder of a project that is to be opened.
        weights_dropped: A file of weights, and the node that it was dropped on ("" for none).

    Attributes:
        model: The open project.
        frames: The frames below it.
        flight: Takes the view elsewhere.
        minimap: All of the drawing, in a corner.
        badges: What tells of findings.
        finder: What searches the drawing.
        mouse: What the hand is doing.
        arranging: What puts nodes in order.
        operations: What commands do with the selected nodes.
        preview: What shows what a fix would change.
        show_grid: Whether the ground is dotted.
        snaps_to_grid: Whether dragged nodes that nothing else catches keep to the grid.
        standing: The node that was walked to last by keys.
        translate_key: From a key press to the one that the canvas knows a command by, where a person has other keys.
        own_keys: From keys that the canvas knows a command by to those that the person has for it.
        wheel_pans: Whether two fingers move the canvas, as on a touchpad; else the wheel zooms.
    """

    activated = Signal(str)
    project_dropped = Signal(object)
    weights_dropped = Signal(object, str)

    def __init__(self, model: ProjectModel, dark: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(Mirror(model.graph, model.kinds), dark, parent)
        self.model = model
        self.show_grid = True
        self.wheel_pans = False
        self.standing = ""
        self.translate_key: Callable[[QKeyEvent], QKeyEvent] = lambda event: event
        self.own_keys: Callable[[QKeySequence], QKeySequence] = lambda keys: keys
        self.snaps_to_grid = False
        self.mouse = Mouse(self)
        self.looking = Looking(self)
        self.frames = FrameLayer(self)
        self.flight = Flight(self)
        self._passages = Passages(self)
        self.badges = Badges(self)
        self.finder = Finder(self)
        self.preview = Preview(self)
        self._drops = Drops(self)
        self.arranging = Arranging(self)
        self.operations: Operations = Operations(self)
        self._network = model.network
        self._left: dict[str, Sight] = {}
        """How each network was last seen, by its name."""
        self._search: SearchPopup | None = None
        self._exposed: list[QRect] = []
        """What is to be painted at the moment, in pixels of the view."""
        self._resting: Resting | None = None
        self._empty = QLabel(_EMPTY_WORDS, self.viewport())
        self._set_up_view()
        self.minimap = Minimap(self)
        FocusRing(self)
        self._connect_model()
        self.set_theme(dark)
        self._on_report(model.report)

    def _set_up_view(self) -> None:
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
        model.network_changed.connect(self._on_network)
        model.changed.connect(self._on_change)
        model.checked.connect(self._on_report)
        model.selection_changed.connect(self._on_selection)
        model.reveal_requested.connect(lambda _, node: self.reveal(node))

    # The model speaks -----------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self._left.clear()
        self._passages.reset()
        self._show_network()
        self.fit()

    def _on_network(self, name: str) -> None:
        """Show another network as it was last seen, or all of it the first time."""
        self._passages.leave()
        self._left[self._network] = self.sight()
        self._show_network()
        sight = self._left.get(name)
        if sight is None or sight.is_fitted:
            self.fit()
        else:
            self.look_as(sight)
        self._passages.arrive()

    def _show_network(self) -> None:
        self._network = self.model.network
        self.flight.stop()
        self.mouse.cancel()
        self.close_search()
        self.set_live({})
        self.forget_wires()
        self.mirror.rebuild(self.model.graph, self.model.kinds)
        self._on_report(self.model.report)
        self._on_selection(self.model.selection)
        self._show_empty_words()
        self.repaint_all()

    def _on_change(self, change: Change) -> None:
        self._network = self.model.network  # it may have been renamed
        self._passages.follow()
        if self.model.kinds is not self.mirror.known:
            self.repaint_area(self.mirror.extent(self.mirror.follow_kinds(self.model.kinds)))
        mine = change.networks.get(self.model.network)
        if mine is None:
            return
        if not mine.only_moved:
            self.mouse.cancel()
            self.forget_wires()
        area = self.mirror.update(self.model.graph, mine)
        self.mirror.mark(State.SELECTED, self.model.selection)
        if area is None:
            self.repaint_all()
        else:
            self.repaint_area(area)
        self._show_empty_words()

    def _on_report(self, report: Report) -> None:
        changed = self.mirror.take_report(self.model.network, report, self.model.place.report(report))
        self.repaint_area(self.mirror.extent(changed))
        is_main = self.model.network == self.model.document.main
        manners = manners_of(self.model.document.recipe) if is_main else {}
        if len(learning := self.mirror.follow_manners(manners)):
            self.repaint_area(self.mirror.extent(learning))
        self._describe()

    def _on_selection(self, names: frozenset[str]) -> None:
        changed = self.mirror.mark(State.SELECTED, names)
        if names or self.model.frames:
            self._painter.selected_wire = -1
        if len(changed):
            self.repaint_area(self.mirror.extent(changed))
        self._describe()

    def _describe(self) -> None:
        """Tell a screen reader what is selected, by the latest report: a new one follows soon after an edit."""
        model = self.model
        self.setAccessibleDescription(words.spoken(model.graph, model.report, model.selection, model.frames))

    # Painting -------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        self._exposed = scrolling.parts(event.region())
        super().paintEvent(event)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        parts = [self.mapToScene(part).boundingRect() for part in self._exposed]
        frame, size = Frame(parts, self.zoom, self.devicePixelRatioF()), QSizeF(self.viewport().size())
        resting = self._resting
        if not (resting and resting.paint(painter, frame, size, self._changes)):
            self._paint_ground(painter, frame)
            self._painter.paint(painter, frame)
        dots.paint_selected(painter, self)
        paint_marks(painter, self.mirror, frame, self.palette_colors)
        self.finder.paint(painter, frame.area, frame.zoom)

    def _paint_ground(self, painter: QPainter, frame: Frame) -> None:
        painter.fillRect(frame.area, self.palette_colors.background)
        if self.show_grid and frame.zoom >= 0.3:
            draw_grid(painter, frame, self.palette_colors.grid)
        self.frames.paint(painter, frame.parts, frame.zoom)

    def carry(self, slots: np.ndarray | None) -> None:
        """Expect that for some time hardly anything will change but where these nodes are; None: no longer."""
        ground = self._paint_ground
        self._resting = None if slots is None else Resting(self.mirror, self._painter, slots, ground)

    def set_theme(self, dark: bool) -> None:
        """Wear the colours of a theme."""
        super().set_theme(dark)
        self._empty.setStyleSheet(f"color: {self.palette_colors.text.name()}; background: transparent;")
        self._show_empty_words()

    def _show_empty_words(self) -> None:
        self._empty.setGeometry(self.viewport().rect())
        self._empty.setVisible(not len(self.model.graph) and not self.model.graph.drawing.frames)

    def fit(self) -> None:
        """Show the whole network, at most at its natural size, also after the next changes of the window's size."""
        self.fit_area(self.mirror.bounds().united(self.frames.bounds()))

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
            at: Where its middle comes to lie; None: a free place, which is brought into view.
            parameters: What to set.
            anchor: A port to wire it to.
            forward: Whether the anchor is an output.
        """
        place = adding.free_place(self) if at is None else at
        name = adding.add_node(self, kind, place, parameters or {}, anchor, forward)
        if at is None and self.is_fitted:
            self.fit()
        elif at is None:
            self.reveal(name)
        return name

    def open_search(
        self,
        at: QPointF | None = None,
        *,
        anchor: Endpoint | None = None,
        forward: bool = True,
        wire: Wire | None = None,
        bends: tuple[Point, ...] = (),
    ) -> SearchPopup:
        """Open the search for a node to add.

        Args:
            at: Where to add it; None: at the pointer, or a free place while it is elsewhere.
            anchor: A port to wire it to; only kinds that fit are offered.
            forward: Whether the anchor is an output.
            wire: A wire to put it on; the selected one if nothing is said.
            bends: The way of the wire from the anchor.
        """
        if at is None and anchor is None and wire is None and self.selected_wire is not None:
            wire = self.selected_wire
            at = self.port_place(wire.tail, output=True) / 2 + self.port_place(wire.head, output=False) / 2
        place = adding.place_for_new(self) if at is None else at
        popup = adding.NodeSearch(self, place, anchor, forward, wire, bends).popup
        self.show_search(popup, place)
        return popup

    def show_search(self, popup: SearchPopup, at: QPointF) -> None:
        """Open a search at a point in place of the one that is open, if any."""
        self.close_search()
        self._search = popup
        popup.closed.connect(self._on_search_closed)
        popup.open_at(self.viewport().mapTo(self.window(), self.mapFromScene(at)))

    def close_search(self) -> None:
        """Close the search if it is open."""
        if self._search is not None:
            self._search.dismiss()

    def _on_search_closed(self) -> None:
        self._search = None
        self.setFocus()

    def pointer_place(self) -> QPointF:
        """Where the pointer is, or the middle of the view when it is elsewhere."""
        inside = self.viewport().rect().contains(self.mouse.place)
        return self.mapToScene(self.mouse.place) if inside else self.visible_area().center()

    @property
    def has_selection(self) -> bool:
        """Whether a node, a frame or a wire is selected."""
        return bool(self.model.selection or self.model.frames) or self.selected_wire is not None

    # Events ---------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_search()
        self.flight.stop()
        self.arranging.arrive()
        self.mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.mouse.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.flight.stop()
        rolling.roll(self, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.mouse.busy:
            return
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.model.selection:
            x, y = self.mirror.rects[self.mirror.nodes.index[walking.here(self)], :2].tolist()
            at = self.mapFromScene(x + style.NODE_WIDTH / 2, y + style.NODE_HEIGHT / 2)
        point = self.mapToScene(at)
        found = self.mouse.hit(point)
        if found.node and found.node not in self.model.selection:
            self.model.select([found.node])
        elif found.frame and found.frame not in self.model.frames:
            self.model.select((), [found.frame])
        elif found.wire is not None:
            self.model.select(())
            self.select_wire(found.wire, found.index)
        self.popup_menu(menus.menu_for(self, found, point), at)

    def popup_menu(self, menu: QMenu, at: QPoint) -> None:
        """Show a menu at a point of the view; it is gone once closed."""
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setLayoutDirection(QApplication.layoutDirection())
        menu.popup(self.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event = self.translate_key(event)
        if event.key() == Qt.Key.Key_Escape and self.mouse.busy:
            self.mouse.cancel()
        elif isinstance(self.mouse.gesture, KeyWiring):
            self.mouse.gesture.key(event)
        elif event.key() == Qt.Key.Key_Escape and self.arranging.cancel():
            pass
        elif event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.mouse.hold_space(True)
        elif not keyboard.press(self, event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        is_space = event.key() == Qt.Key.Key_Space and not event.isAutoRepeat()
        if is_space and self.mouse.hold_space(False):
            self.open_search()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.mouse.hold_space(False)
        if isinstance(self.mouse.gesture, KeyWiring):
            self.mouse.cancel()
        super().focusOutEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab opens the search; Shift+Tab leaves the canvas."""
        return False if next or self.mouse.busy else super().focusNextPrevChild(next)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self.mouse.hit(self.mapToScene(event.pos()))
            text = "" if self.mouse.busy or self.badges.card.isVisible() else self._tip(found)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        if event.type() == QEvent.Type.Leave and not self.mouse.busy:
            self.mouse.place = OUTSIDE
            self.mouse.hover(NOTHING)
        if isinstance(event, QNativeGestureEvent):
            return rolling.pinch(self, event)
        return super().viewportEvent(event)

    def _tip(self, found: Hit) -> str:
        report = self.model.workspace.report
        return words.tip(self.model.graph, report, found, self.model.place.report(report))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drops.drop(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_empty_words()
        if self.is_fitted and not self.mouse.busy:
            self.fit()
