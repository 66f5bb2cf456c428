"""The first page: examples to start from, recent projects, an empty one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nodeforge.core.graph import Graph
from nodeforge.session.workspace import Workspace
from nodeforge.ui import theme
from nodeforge.ui.icons import app_icon, icon
from nodeforge.ui.widgets import clear, label

CARD = QSize(276, 248)
PICTURE = QSize(CARD.width() - 2, 148)
LEAST_CUT = 1.5
"""A drawing that is only a little too long is shown whole."""

NODE = QSize(180, 90)
"""About the size of a node, in canvas units."""

LONGEST = 940
"""Canvas units across that a card can show and be read."""

_GAP = 16


class WelcomePage(QWidget):
    """Recent projects on the left, cards of examples on the right.

    Signals:
        new_requested, open_requested: A button was clicked.
        example_chosen: Name of a shipped project.
        recent_chosen: Folder of a recent project.
    """

    new_requested = Signal()
    open_requested = Signal()
    example_chosen = Signal(str)
    recent_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[ExampleCard] = []
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setContentsMargins(44, 34, 30, 30)
        columns.setSpacing(44)
        columns.addLayout(self._left())
        columns.addLayout(self._right(), 1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        self._area = area
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.show_recent([])

    def show_recent(self, folders: Sequence[Path]) -> None:
        """List recent projects, the last one first."""
        clear(self._recent)
        for folder in folders:
            button = QPushButton(folder.name)
            button.setProperty("quiet", True)
            button.setIcon(icon("open", "muted"))
            button.setToolTip(str(folder))
            button.clicked.connect(lambda _=False, folder=folder: self.recent_chosen.emit(folder))
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        if not folders:
            self._recent.addWidget(label("Projects you save appear here.", "muted", wrap=True))

    def add_example(self, name: str) -> None:
        """Add the card of a shipped project."""
        workspace = Workspace.from_example(name)
        card = ExampleCard(workspace)
        card.clicked.connect(lambda: self.example_chosen.emit(name))
        self.cards.append(card)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _left(self) -> QVBoxLayout:
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(QSize(64, 64)))
        name = label("NodeForge", "title")
        tagline = label("Draw a neural network, train it, watch it, take it away.", "muted")
        tagline.setWordWrap(True)
        tagline.setFixedWidth(236)
        self.new_button = QPushButton("New empty project")
        self.new_button.setIcon(icon("new"))
        self.new_button.clicked.connect(self.new_requested)
        self.open_button = QPushButton("Open a project…")
        self.open_button.setIcon(icon("open"))
        self.open_button.clicked.connect(self.open_requested)
        column = QVBoxLayout()
        column.setSpacing(8)
        for widget in (picture, name, tagline):
            column.addWidget(widget)
        column.addSpacing(14)
        for button in (self.new_button, self.open_button):
            button.setFixedWidth(236)
            button.setMinimumHeight(32)
            column.addWidget(button)
        column.addSpacing(18)
        column.addWidget(label("RECENT", "section"))
        column.addLayout(self._recent)
        column.addStretch(1)
        return column

    def _right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(14)
        column.addWidget(label("Start from an example", "heading"))
        hint = "Each is a network that trains in seconds to minutes on this computer. You work on a copy."
        column.addWidget(label(hint, "muted", wrap=True))
        column.addLayout(self._grid)
        column.addStretch(1)
        return column

    def _arrange(self) -> None:
        """As many cards beside each other as there is room for."""
        room = self._area.viewport().width() - 236 - 44 * 2 - 30
        columns = max(1, (room + _GAP) // (CARD.width() + _GAP))
        for index, card in enumerate(self.cards):
            self._grid.addWidget(card, index // columns, index % columns)


class ExampleCard(QAbstractButton):
    """A picture of the drawing, the title and what it teaches."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._description = workspace.document.description
        self._picture = QImage()
        self._is_cut = False
        self.setText(workspace.document.title)
        self.setAccessibleDescription(self._description)
        self.setToolTip(self._description)
        self.setFixedSize(CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        """Draw the network anew in the present theme."""
        from nodeforge.ui.canvas.painting.snapshot import (
            thumbnail,  # numpy waits until the window has been painted
        )

        ratio = self.devicePixelRatioF()
        workspace = self._workspace
        graph = workspace.document.main_network
        stretch = _stretch(graph)
        size = QSize(round(PICTURE.width() * stretch * ratio), round(PICTURE.height() * ratio))
        picture = thumbnail(graph, workspace.report, workspace.kinds, size, theme.is_dark())
        self._is_cut = stretch > 1
        self._picture = picture.copy(0, 0, round(PICTURE.width() * ratio), size.height())
        self.update()

    def sizeHint(self) -> QSize:
        return CARD

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(frame, 9, 9)
        painter.fillPath(shape, theme.color("raised"))
        painter.save()
        painter.setClipPath(shape)
        top = QRectF(frame.left(), frame.top(), frame.width(), PICTURE.height())
        painter.fillRect(top, theme.color("base"))
        if not self._picture.isNull():
            painter.drawImage(top, self._picture, QRectF(self._picture.rect()))
            if self._is_cut:
                painter.fillRect(top, _fade(top, self._picture.pixelColor(0, 0)))
        painter.restore()
        lively = self.underMouse() or self.hasFocus()
        painter.setPen(QPen(theme.color("accent" if lively else "border"), 2 if lively else 1))
        painter.drawPath(shape)
        self._paint_words(painter, frame)

    def _paint_words(self, painter: QPainter, frame: QRectF) -> None:
        words = frame.adjusted(13, PICTURE.height() + 10, -13, -9)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(theme.color("text"))
        metrics = painter.fontMetrics()
        painter.drawText(
            words, 0, metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, int(words.width()))
        )
        painter.setFont(self.font())
        painter.setPen(theme.color("muted"))
        below = words.adjusted(0, metrics.height() + 5, 0, 0)
        painter.setClipRect(below.adjusted(0, 0, 0, -(below.height() % metrics.lineSpacing())))
        painter.drawText(below, Qt.TextFlag.TextWordWrap, self._description)


def _stretch(graph: Graph) -> float:
    """How many cards wide the drawing is to be, of which one is shown: a long flat chain is shown from its
    beginning, large enough to see what it is made of."""
    places = [node.position for node in graph.nodes.values()]
    if not places:
        return 1.0
    xs, ys = zip(*places, strict=True)
    width, height = max(xs) - min(xs) + NODE.width(), max(ys) - min(ys) + NODE.height()
    flatness = (width / height) / (PICTURE.width() / PICTURE.height())
    stretch = float(min(width / LONGEST, flatness))
    return stretch if stretch > LEAST_CUT else 1.0


def _fade(area: QRectF, background: QColor) -> QLinearGradient:
    """Into the background on the right, where a drawing goes on."""
    gradient = QLinearGradient(area.right() - 56, 0, area.right(), 0)
    gradient.setColorAt(0, QColor(background.red(), background.green(), background.blue(), 0))
    gradient.setColorAt(1, background)
    return gradient
