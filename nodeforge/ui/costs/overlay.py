"""Costs on the canvas: nodes coloured by one of them, with a legend that says by which."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QToolButton, QWidget

from nodeforge.ui.attention import WhenSeen
from nodeforge.ui.calm import ComboBox
from nodeforge.ui.canvas.heat import Heat, shade
from nodeforge.ui.canvas.view import Canvas
from nodeforge.ui.costs.measures import MACS, MEASURES, Measure
from nodeforge.ui.costs.source import CostSource
from nodeforge.ui.icons import icon
from nodeforge.ui.widgets import label

_MARGIN = 12


class CostOverlay(QObject):
    """Keeps the colours of the canvas up to date while they are shown.

    Signals:
        shown_changed: It was shown or hidden.

    Attributes:
        shown: Whether nodes are coloured.
        measure: By what.
        legend: The legend on the canvas.
    """

    shown_changed = Signal()

    def __init__(self, canvas: Canvas, source: CostSource) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._source = source
        self.shown = False
        self.measure = MACS
        self.legend = HeatLegend(canvas)
        self.legend.chosen.connect(self.choose)
        self.legend.closed.connect(lambda: self.show(False))
        self._asking = WhenSeen(canvas.viewport(), self._ask)
        source.outdated.connect(self._asking.ask)
        source.measured.connect(self._paint)

    def show(self, shown: bool) -> None:
        """Colour the nodes, or no longer."""
        if shown == self.shown:
            return
        self.shown = shown
        self.legend.setVisible(shown)
        if shown:
            self._paint()
            self._asking.ask()
        else:
            self._canvas.set_heat({})
        self.shown_changed.emit()

    def choose(self, measure: Measure) -> None:
        """Colour by another cost."""
        self.measure = measure
        self._paint()

    def _ask(self) -> None:
        if self.shown:
            self._source.ask()

    def _paint(self) -> None:
        picture = self._source.picture
        if not self.shown or picture is None:
            return
        values = {name: self.measure.of(costs) for name, costs in picture.costs.nodes.items() if costs.known}
        most = max(values.values(), default=0)
        self.legend.show_range(self.measure, most)
        self._canvas.set_heat(
            {name: Heat(value / most, self.measure.text(value)) for name, value in values.items() if value}
        )


class HeatLegend(QFrame):
    """What the colours mean, in the lower left corner of the canvas.

    Signals:
        chosen: Another `Measure`.
        closed: The colours are no longer wanted.
    """

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setProperty("role", "legend")
        self.setAccessibleName("Legend of costs")
        self.measures = ComboBox()
        self.measures.setAccessibleName("Cost by which nodes are coloured")
        for measure in MEASURES:
            self.measures.addItem(measure.title, measure)
            self.measures.setItemData(self.measures.count() - 1, measure.doc, Qt.ItemDataRole.ToolTipRole)
        self.measures.setCurrentIndex(MEASURES.index(MACS))
        self.measures.currentIndexChanged.connect(lambda place: self.chosen.emit(MEASURES[place]))
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close", "muted"))
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip("No colours")
        self.close_button.setAccessibleName("No colours")
        self.close_button.clicked.connect(self.closed)
        self._least, self._most = label("0", "muted"), label("", "muted")
        self._scale = _Scale(canvas)
        layout = QGridLayout(self)
        layout.setContentsMargins(10, 8, 8, 8)
        layout.setVerticalSpacing(5)
        layout.addWidget(self.measures, 0, 0, 1, 2)
        layout.addWidget(self.close_button, 0, 2)
        layout.addWidget(self._scale, 1, 0, 1, 3)
        layout.addWidget(self._least, 2, 0)
        layout.addWidget(self._most, 2, 1, 1, 2, Qt.AlignmentFlag.AlignRight)
        canvas.installEventFilter(self)
        self.hide()

    def show_range(self, measure: Measure, most: int) -> None:
        """Say what is shown, and how much the warmest colour is."""
        self.measures.setCurrentIndex(MEASURES.index(measure))
        self._least.setText(measure.text(0))
        self._most.setText(measure.text(most))
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
        return QSize(190, 10)

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
