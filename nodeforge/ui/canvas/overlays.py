"""Nodes coloured by a number of theirs: what they cost, or how they fare while the network learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton, QWidget

from nodeforge.ui.attention import WhenSeen
from nodeforge.ui.calm import ComboBox
from nodeforge.ui.canvas.painting.heat import Heat, shade
from nodeforge.ui.canvas.view import Canvas
from nodeforge.ui.icons import icon
from nodeforge.ui.widgets import label

_MARGIN = 12
_NOTE_WIDTH = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Tint:
    """How nodes are coloured at one moment.

    Attributes:
        heat: By node of the shown network.
        least, most: What no colour and the warmest one stand for.
        note: What is seen, or why nothing is; may be empty.
    """

    heat: Mapping[str, Heat] = field(default_factory=dict)
    least: str = ""
    most: str = ""
    note: str = ""


class Colouring(QObject):
    """One number to colour nodes by. It works only between `begin` and `end`.

    Signals:
        changed: `tint` would give something else now.

    Attributes:
        name: In commands.
        title: For lists.
        doc: What it counts, in one sentence.
    """

    changed = Signal()

    def __init__(self, name: str, title: str, doc: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name, self.title, self.doc = name, title, doc

    def begin(self) -> None:
        """Nodes are coloured by it from now on; asked again whenever the canvas comes into sight or it is outdated."""

    def end(self) -> None:
        """Nobody looks any more."""

    def tint(self) -> Tint | None:
        """The colours now; None for those that are shown."""
        raise NotImplementedError


class Overlay(QObject):
    """Keeps the colours of the canvas up to date while they are shown.

    Signals:
        shown_changed: It was shown or hidden, or shows something else.

    Attributes:
        shown: Whether nodes are coloured.
        colouring: By what.
        legend: The legend on the canvas.
    """

    shown_changed = Signal()

    def __init__(self, canvas: Canvas, colourings: Sequence[Colouring]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.colourings = {colouring.name: colouring for colouring in colourings}
        self.shown = False
        self.colouring = colourings[0]
        self.legend = HeatLegend(canvas, colourings)
        self.legend.chosen.connect(self.choose)
        self.legend.closed.connect(lambda: self.show(False))
        self._asking = WhenSeen(canvas.viewport(), self._begin)
        for colouring in colourings:
            colouring.changed.connect(self._paint)
        canvas.model.network_changed.connect(self._paint)

    def show(self, shown: bool) -> None:
        """Colour the nodes, or no longer."""
        if shown == self.shown:
            return
        self.shown = shown
        self.legend.setVisible(shown)
        if shown:
            self._asking.ask()
            self._paint()
        else:
            self.colouring.end()
            self._canvas.set_heat({})
        self.shown_changed.emit()

    def choose(self, name: str) -> None:
        """Colour by another number."""
        if name != self.colouring.name:
            self.colouring.end()
            self.colouring = self.colourings[name]
            self._canvas.set_heat({})
            if self.shown:
                self._asking.ask()
        self._paint()
        self.shown_changed.emit()

    def toggle(self, name: str) -> None:
        """Colour by this, or, if that is so already, no longer."""
        if self.shown and self.colouring.name == name:
            self.show(False)
        else:
            self.choose(name)
            self.show(True)

    def shows(self, name: str) -> bool:
        """Whether nodes are coloured by this."""
        return self.shown and self.colouring.name == name

    def _begin(self) -> None:
        if self.shown:
            self.colouring.begin()

    def _paint(self, _: object = None) -> None:
        tint = self.colouring.tint() if self.shown else None
        if tint is not None:
            self.legend.show_tint(self.colouring, tint)
            self._canvas.set_heat(tint.heat)


class HeatLegend(QFrame):
    """What the colours mean, in the lower left corner of the canvas.

    Signals:
        chosen: The name of another `Colouring`.
        closed: The colours are no longer wanted.
    """

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, canvas: Canvas, colourings: Sequence[Colouring]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setProperty("role", "legend")
        self.setAccessibleName("Legend of the colours")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.choices = ComboBox()
        self.choices.setAccessibleName("By what nodes are coloured")
        for place, colouring in enumerate(colourings):
            self.choices.addItem(colouring.title, colouring.name)
            self.choices.setItemData(place, colouring.doc, Qt.ItemDataRole.ToolTipRole)
        self.choices.currentIndexChanged.connect(lambda _: self.chosen.emit(self.choices.currentData()))
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close", "muted"))
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip("No colours")
        self.close_button.setAccessibleName("No colours")
        self.close_button.clicked.connect(self.closed)
        self.least, self.most = label("", "muted"), label("", "muted")
        self.note = label("", "muted", wrap=True)
        self._scale = _Scale(canvas)
        layout = QGridLayout(self)
        layout.setContentsMargins(10, 8, 8, 8)
        layout.setVerticalSpacing(5)
        layout.addWidget(self.choices, 0, 0, 1, 2)
        layout.addWidget(self.close_button, 0, 2)
        layout.addWidget(self._scale, 1, 0, 1, 3)
        layout.addWidget(self.least, 2, 0)
        layout.addWidget(self.most, 2, 1, 1, 2, Qt.AlignmentFlag.AlignRight)
        layout.addWidget(self.note, 3, 0, 1, 3)
        canvas.installEventFilter(self)
        self.hide()

    def show_tint(self, colouring: Colouring, tint: Tint) -> None:
        """Say what is shown, and what its colours stand for."""
        self.choices.setCurrentIndex(self.choices.findData(colouring.name))
        self.least.setText(tint.least)
        self.most.setText(tint.most)
        self.note.setText(tint.note)
        self.note.setVisible(bool(tint.note))
        self.note.setFixedHeight(max(0, self.note.heightForWidth(_NOTE_WIDTH)))  # -1 without words
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self.adjustSize()
        self.move(_MARGIN, self._canvas.height() - self.height() - _MARGIN)


class _Scale(QWidget):
    """From no colour to the warmest."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self._canvas = canvas

    def sizeHint(self) -> QSize:
        return QSize(_NOTE_WIDTH, 10)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._canvas.palette_colors
        gradient = QLinearGradient(0, 0, self.width(), 0)
        for step in range(11):
            gradient.setColorAt(step / 10, shade(step / 10, palette))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(palette.border)
            painter.setBrush(palette.node)
            box = self.rect().adjusted(0, 0, -1, -1)
            painter.drawRoundedRect(box, 4, 4)
            painter.setBrush(gradient)
            painter.drawRoundedRect(box, 4, 4)
