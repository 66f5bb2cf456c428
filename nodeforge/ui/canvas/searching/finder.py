"""The bar that searches the drawing: hits are lit, all else is dimmed, Enter goes from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QToolButton

from nodeforge.session.drawing_search import Found, find_beside, find_networks
from nodeforge.session.node_search import find
from nodeforge.session.whereabouts import Whereabouts, way_to
from nodeforge.ui.canvas import style
from nodeforge.ui.icons import icon
from nodeforge.ui.widgets import label

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_MARGIN = 12
_WIDTH = 560
_VEIL = 0.66
_RING_PX = 2.5
_EXAMPLES = "Find: conv, 28x28, kernel_size=3, params>1000, error"


@dataclass(frozen=True, slots=True)
class _Sight:
    """What was seen when the search began."""

    place: Whereabouts
    selection: frozenset[str]
    zoom: float
    scroll: QPoint
    fitted: bool


class Finder(QObject):
    """Searches while its bar is open.

    Attributes:
        bar: The bar at the top of the canvas.
        hits: All that fits, in the order in which it is gone through.
        current: Which of them is shown; -1 before the first.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._before: _Sight | None = None
        self._going = False
        self.hits: list[Found] = []
        self.current = -1
        self.bar = FinderBar(canvas)
        self.bar.field.textChanged.connect(self._search_anew)
        self.bar.everywhere.toggled.connect(self._search_anew)
        self.bar.next_button.clicked.connect(lambda: self.go(1))
        self.bar.previous_button.clicked.connect(lambda: self.go(-1))
        self.bar.close_button.clicked.connect(lambda: self.close(restore=False))
        self.bar.field.installEventFilter(self)
        canvas.installEventFilter(self)
        canvas.model.checked.connect(self._search)
        canvas.model.network_changed.connect(self._search)
        canvas.model.opened.connect(lambda: self.close(restore=False))

    @property
    def is_open(self) -> bool:
        """Whether the bar is there, so that hits are lit."""
        return self._before is not None

    def open(self) -> None:
        """Open the bar, or, if it is open, put the keyboard there again."""
        canvas = self._canvas
        if not self.is_open:
            self._before = _Sight(
                canvas.model.place,
                canvas.model.selection,
                canvas.zoom,
                canvas.scroll_position(),
                canvas.is_fitted,
            )
            self.bar.everywhere.setVisible(len(canvas.model.document.networks) > 1)
            self.bar.place()
            self.bar.show()
            self.bar.raise_()
            self._search_anew()
        self.bar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.field.selectAll()

    def close(self, *, restore: bool) -> None:
        """Close the bar; with `restore`, everything is seen again as before the search."""
        before, self._before = self._before, None
        if before is None:
            return
        self.hits, self.current = [], -1
        canvas = self._canvas
        self.bar.hide()
        canvas.setFocus()
        canvas.repaint_all()
        if restore:
            canvas.model.go(before.place)
            canvas.model.select(before.selection)
            if before.fitted:
                canvas.fit()
            else:
                canvas.set_zoom(before.zoom)
                canvas.scroll_to(before.scroll)

    def go(self, step: int) -> None:
        """Show the next hit, or, with -1, the one before; after the last comes the first."""
        if not self.hits:
            return
        start = self.current if self.current >= 0 or step > 0 else 0
        self.current = (start + step) % len(self.hits)
        self._going = True  # a hit may lie in another network, and all hits stay as they are
        self._reveal(self.hits[self.current])
        self._going = False
        self._tell()

    def _reveal(self, hit: Found) -> None:
        canvas, model = self._canvas, self._canvas.model
        if hit.what == "node":
            model.reveal(hit.network, hit.name)
        elif hit.what == "bookmark":
            canvas.operations.go_to_bookmark(hit.name)
        else:
            if hit.network != model.network:
                model.go(way_to(model.document, hit.network))
            if hit.what == "network":
                canvas.fit()
            else:
                model.select((), [hit.name])
                canvas.reveal_area(QRectF(*model.graph.drawing.frames[hit.name].area))

    def paint(self, painter: QPainter, area: QRectF, zoom: float) -> None:
        """Dim what is no hit and ring what is one; the painter is in canvas units."""
        if not self.is_open or not self.bar.field.text().strip():
            return
        canvas = self._canvas
        palette = canvas.palette_colors
        veil = QPainterPath()
        veil.setFillRule(Qt.FillRule.OddEvenFill)
        veil.addRect(area)
        rings = {hit: ring for hit in self.hits if (ring := self._place(hit)).intersects(area)}
        for ring in rings.values():
            veil.addRoundedRect(ring, style.CORNER, style.CORNER)
        shade = QColor(palette.background)
        shade.setAlphaF(_VEIL)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(veil, shade)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        shown = self.hits[self.current] if self.current >= 0 else None
        for hit, ring in rings.items():
            is_shown = shown == hit
            width = (_RING_PX + is_shown * 1.5) / zoom
            painter.setPen(QPen(palette.selection if is_shown else palette.lit, width))
            gap = width / 2 + 2 / zoom
            painter.drawRoundedRect(
                ring.adjusted(-gap, -gap, gap, gap), style.CORNER + gap, style.CORNER + gap
            )

    def _place(self, hit: Found) -> QRectF:
        """Where a node or a frame lies that is found in the shown network; empty for all else."""
        canvas = self._canvas
        index, frames = canvas.mirror.nodes.index, canvas.frames.frames
        if hit.network == canvas.model.network:
            if hit.what == "node" and hit.name in index:
                return QRectF(*canvas.mirror.rects[index[hit.name]].tolist())
            if hit.what == "frame" and hit.name in frames:
                return QRectF(*frames[hit.name].area)
        return QRectF()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._canvas:
            if event.type() == QEvent.Type.Resize:
                self.bar.place()
            keys = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F3)
            if not keys or not self.is_open or self._canvas.mouse.busy:
                return False
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._on_key(event)

    def _on_key(self, event: QKeyEvent) -> bool:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Escape:
                self.close(restore=True)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F3:
                self.go(-1 if back else 1)
            case Qt.Key.Key_Down:
                self.go(1)
            case Qt.Key.Key_Up:
                self.go(-1)
            case _:
                return False
        return True

    def _search_anew(self) -> None:
        self.current = -1
        self._search()

    def _search(self, _: object = None) -> None:
        """Find again; the hit that is shown stays the same while it is one."""
        if not self.is_open or self._going:
            return
        shown = self.hits[self.current] if 0 <= self.current < len(self.hits) else None
        model = self._canvas.model
        everywhere = self.bar.everywhere.isChecked() and len(model.document.networks) > 1
        # From the network that is shown on; what is found there comes first.
        names = list(model.document.networks) if everywhere else [model.network]
        self.hits = [hit for name in names for hit in self._found_in(name)]
        if len(model.document.networks) > 1:
            self.hits += find_networks(self.bar.field.text(), model.document.networks)
        self.current = self.hits.index(shown) if shown in self.hits else -1
        self._tell()

    def _found_in(self, network: str) -> list[Found]:
        model, query = self._canvas.model, self.bar.field.text()
        graph = model.document.networks[network]
        known = model.network_report if network == model.network else model.report.networks.get(network)
        nodes = find(query, graph, known, model.report.diagnostics, model.kinds)
        return [*(Found(network, node) for node in nodes), *find_beside(query, graph)]

    def _tell(self) -> None:
        self.bar.tell(self.current, self.hits)
        self._canvas.repaint_all()


class FinderBar(QFrame):
    """The field with its buttons, in the middle of the canvas' upper edge."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setObjectName("finder")
        self.setProperty("role", "legend")
        self.setAccessibleName("Find on the canvas")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.field = QLineEdit()
        self.field.setPlaceholderText(_EXAMPLES)
        self.field.setAccessibleName(
            "What to find: a name, a kind, a shape, a parameter, a problem, a frame, a bookmark or a network"
        )
        self.field.setClearButtonEnabled(True)
        self.field.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.count = label("", "muted")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.everywhere = QCheckBox("All networks")
        self.everywhere.setToolTip("Search every network of the project")
        self.previous_button = _button("previous", "Previous (Shift+Enter)")
        self.next_button = _button("next", "Next (Enter)")
        self.close_button = _button("close", "Close and stay here (Esc goes back to where you were)")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 6, 6)
        layout.setSpacing(6)
        layout.addWidget(self.field, 1)
        for part in (
            self.count,
            self.previous_button,
            self.next_button,
            self.everywhere,
            self.close_button,
        ):
            layout.addWidget(part)
        self.hide()

    def place(self) -> None:
        """Stand at the top of the canvas, as wide as there is room."""
        width = min(_WIDTH, self._canvas.width() - 2 * _MARGIN)
        self.resize(width, self.sizeHint().height())
        self.move((self._canvas.width() - width) // 2, _MARGIN)

    def tell(self, current: int, hits: list[Found]) -> None:
        """Say how many hits there are, and which one is shown."""
        if not self.field.text().strip():
            self.count.setText("")
        elif not hits:
            self.count.setText("Nothing found")
        else:
            self.count.setText(f"{current + 1} of {len(hits):,}" if current >= 0 else f"{len(hits):,} found")
        self.count.setProperty("role", "muted" if hits or not self.field.text().strip() else "error")
        self.count.style().polish(self.count)
        for button in (self.previous_button, self.next_button):
            button.setEnabled(bool(hits))


def _button(sign: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(sign))
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
