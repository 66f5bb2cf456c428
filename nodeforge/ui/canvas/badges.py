"""Badges that speak: pointed at, one says what is wrong and why on a card, with buttons that mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from nodeforge.core.diagnostics import Diagnostic, Severity
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry.hit import Hit, Part
from nodeforge.ui.canvas.geometry.mirror import Mirror, State
from nodeforge.ui.canvas.painting.discs import draw_discs
from nodeforge.ui.canvas.painting.wire_painter import Frame
from nodeforge.ui.inspector.findings import Findings
from nodeforge.ui.project_model import ProjectModel

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_WIDTH = 380
_GAP = 10
_LINGERS_MS = 220
"""So long a card waits for the pointer that has left its badge."""
_DOT_PX = 7.0
"""Size of the dot that stands for a badge where that would be too small to see."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a card is about: a node or a wire of the shown network."""

    node: str = ""
    wire: Wire | None = None


class Badges(QObject):
    """Shows a card while the pointer is on a badge, and goes through the findings of the project.

    Attributes:
        card: The card, hidden while there is nothing to tell.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._subject = Subject()
        self._last: Diagnostic | None = None
        self._leaving = QTimer(self, singleShot=True, interval=_LINGERS_MS)
        self._leaving.timeout.connect(self.close)
        self.card = FindingsCard(canvas.model, canvas)
        self.card.installEventFilter(self)
        canvas.viewport().installEventFilter(self)
        canvas.zoom_changed.connect(self.close)
        canvas.horizontalScrollBar().valueChanged.connect(self.close)
        canvas.verticalScrollBar().valueChanged.connect(self.close)
        canvas.model.network_changed.connect(self.close)
        canvas.model.checked.connect(self._refresh)

    def hover(self, found: Hit) -> None:
        """Take in what the pointer is over."""
        subject = self._subject_of(found)
        if subject == self._subject and self.card.isVisible():
            self._leaving.stop()
        elif self._findings(subject):
            self._show(subject)
        elif self.card.isVisible() and not self.card.holds_focus and not self._leaving.isActive():
            self._leaving.start()

    def open(self, node: str) -> None:
        """Show the card of a node with the focus on its first button; Esc closes it."""
        subject = Subject(node)
        if self._findings(subject):
            self._show(subject)
            self.card.take_focus()

    def close(self) -> None:
        """Take the card away, and give the focus back to the canvas if the card had it."""
        self._leaving.stop()
        held = self.card.holds_focus
        self._subject = Subject()
        self.card.hide()
        if held:
            self._canvas.setFocus()

    def go(self, step: int) -> None:
        """Show the next finding of the project (or, with -1, the one before), wherever it is, with its card."""
        model = self._canvas.model
        found = [d for d in model.report.diagnostics if d.network in model.document.networks and _places(d)]
        if not found:
            model.complained.emit("No problems on the canvas.")
            return
        place = found.index(self._last) if self._last in found else -1 if step > 0 else 0
        self._last = chosen = found[(place + step) % len(found)]
        model.reveal(chosen.network, _places(chosen)[0])
        self.open(_places(chosen)[0])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self.card:
            if kind == QEvent.Type.Enter:
                self._leaving.stop()
            elif kind == QEvent.Type.Leave and not self.card.holds_focus:
                self._leaving.start()
            elif kind == QEvent.Type.KeyPress and _is_escape(event):
                self.close()
                return True
        elif kind == QEvent.Type.MouseButtonPress:
            self.close()
        elif kind == QEvent.Type.Leave and self.card.isVisible() and not self.card.holds_focus:
            self._leaving.start()
        return False

    def _subject_of(self, found: Hit) -> Subject:
        if found.part in (Part.WIRE, Part.DOT):
            return Subject(wire=found.wire)
        small = self._canvas.zoom < style.TEXT_FROM and found.on_node  # its badge is too small to be met
        return Subject(found.node) if found.part is Part.BADGE or small else Subject()

    def _findings(self, subject: Subject) -> list[Diagnostic]:
        model = self._canvas.model
        if subject.node:
            return model.report.of_node(model.network, subject.node)
        if subject.wire is None:
            return []
        mine = (d for d in model.report.diagnostics if d.network == model.network)
        return [d for d in mine if d.severity is Severity.ERROR and subject.wire in d.wires]

    def _show(self, subject: Subject) -> None:
        self._leaving.stop()
        self._subject = subject
        self.card.show_findings(self._findings(subject), self._anchor(subject))

    def _anchor(self, subject: Subject) -> QPoint:
        """The point of the canvas that the card is to stand below."""
        canvas = self._canvas
        if subject.wire is not None:
            return canvas.mouse.place
        left, top, width, _ = canvas.mirror.rects[canvas.mirror.nodes.index[subject.node]].tolist()
        aside, below = style.BADGE_INSET
        return canvas.mapFromScene(QPointF(left + width - aside, top + below + style.BADGE_RADIUS))

    def _refresh(self) -> None:
        """The findings have changed: show what is left, or nothing."""
        if not self.card.isVisible():
            return
        gone = self._subject.node and self._subject.node not in self._canvas.mirror.nodes.index
        found = [] if gone else self._findings(self._subject)
        if found:
            self._show(self._subject)
        else:
            self.close()


class FindingsCard(QFrame):
    """A small card with findings, over the canvas."""

    def __init__(self, model: ProjectModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._home = parent
        self.setObjectName("findingsCard")
        self.setProperty("role", "legend")
        self.setAccessibleName("What is wrong here")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._findings = Findings(model)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._findings)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self._scroll)
        self.hide()

    @property
    def holds_focus(self) -> bool:
        """Whether the keyboard is in the card."""
        focused = self.focusWidget()
        return self.isVisible() and (self.hasFocus() or (focused is not None and focused.hasFocus()))

    def show_findings(self, findings: Sequence[Diagnostic], below: QPoint) -> None:
        """Show findings below a point of the parent, moved so that all of them can be seen."""
        self._findings.show_findings(findings)
        room = self._home.size() - QSize(2 * _GAP, 2 * _GAP)
        width = min(_WIDTH, room.width())
        wanted = self._findings.heightForWidth(width - 14) + 14
        self.resize(width, min(wanted, room.height()))
        x = max(_GAP, min(below.x() - 24, room.width() + _GAP - self.width()))
        above = below.y() - 2 * int(style.BADGE_RADIUS) - self.height() - _GAP
        fits_below = below.y() + _GAP + self.height() <= room.height() + _GAP
        y = below.y() + _GAP if fits_below else max(_GAP, above)
        self.move(x, y)
        self.show()
        self.raise_()

    def take_focus(self) -> None:
        """Put the keyboard on the first button, or on the card where nothing can be mended."""
        buttons = self.findChildren(QPushButton)
        (buttons[0] if buttons else self).setFocus(Qt.FocusReason.ShortcutFocusReason)


def paint_marks(painter: QPainter, mirror: Mirror, frame: Frame, palette: style.CanvasPalette) -> None:
    """Dots of one size on the screen for badges that are too small to be seen at a zoom; in canvas units."""
    if frame.zoom >= style.DOTS_FROM:
        return
    area, reach = frame.area, _DOT_PX / frame.zoom
    aside, below = style.BADGE_INSET
    x, y = mirror.rects[:, 0] + mirror.rects[:, 2] - aside, mirror.rects[:, 1] + below
    near = (x > area.left() - reach) & (x < area.right() + reach)
    near &= (y > area.top() - reach) & (y < area.bottom() + reach)
    for state, color in ((State.WARNING, palette.warning), (State.ERROR, palette.error)):
        slots = np.flatnonzero(near & (mirror.states & np.uint8(state) != 0))
        draw_discs(painter, np.column_stack((x[slots], y[slots])), color, _DOT_PX, frame.ratio)


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape


def _places(finding: Diagnostic) -> Sequence[str]:
    return [finding.node] if finding.node else finding.nodes
