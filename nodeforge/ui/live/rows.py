"""What is told of each node, one below the other: words, a small picture, a bar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from nodeforge.engine.messages import Row
from nodeforge.ui.live.colours import image_of
from nodeforge.ui.plots.style import PlotStyle, mix

ROW_PX, PICTURE_ROW_PX = 22, 40
_SIDE = 8.0
_BETWEEN = 14.0
_PICTURE_WIDTH = 72.0


class _Rows(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Row] = ()
        self.headings: Sequence[str] = ()
        self.style_now = PlotStyle.of(self.palette())

    @property
    def row_height(self) -> int:
        return PICTURE_ROW_PX if any(row.tile for row in self.rows) else ROW_PX

    @property
    def needed_width(self) -> int:
        """Room for all columns."""
        return round(self._columns()[-1] - _BETWEEN + _SIDE)

    def sizeHint(self) -> QSize:
        return QSize(240, ROW_PX + len(self.rows) * self.row_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.style_now.background)
        columns = self._columns()
        painter.setPen(self.style_now.muted)
        self._write(painter, ("", *self.headings), columns, 0, ROW_PX)
        height = self.row_height
        for place, row in enumerate(self.rows):
            top = ROW_PX + place * height
            if top + height < event.rect().top() or top > event.rect().bottom():
                continue
            if place % 2 == 0:
                stripe = mix(self.style_now.background, self.style_now.text, 0.03)
                painter.fillRect(QRectF(0, top, self.width(), height), stripe)
            painter.setPen(self.style_now.text)
            self._write(painter, (row.name, *row.cells), columns, top, height)
            self._picture(painter, row, top, height)
            self._bar(painter, row, columns[-1], top, height)

    def _columns(self) -> list[float]:
        """Where each column begins, and where the words end."""
        metrics = QFontMetricsF(self.font())
        table = [("", *self.headings), *((row.name, *row.cells) for row in self.rows)]
        columns, left = [], _SIDE
        if self.row_height == PICTURE_ROW_PX:
            left += _PICTURE_WIDTH + _SIDE
        for column in range(len(self.headings) + 1):
            columns.append(left)
            left += max((metrics.horizontalAdvance(line[column]) for line in table), default=0.0) + _BETWEEN
        return [*columns, left]

    def _write(
        self, painter: QPainter, words: Sequence[str], columns: Sequence[float], top: float, height: float
    ) -> None:
        for place, word in enumerate(words):
            room = QRectF(columns[place], top, columns[place + 1] - columns[place] - _BETWEEN, height)
            side = Qt.AlignmentFlag.AlignLeft if place == 0 else Qt.AlignmentFlag.AlignRight
            painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, word)

    def _picture(self, painter: QPainter, row: Row, top: float, height: float) -> None:
        if row.tile is None:
            return
        scale = min((height - 6) / row.tile.height, _PICTURE_WIDTH / row.tile.width)
        size = QRectF(_SIDE, top, row.tile.width * scale, max(4.0, row.tile.height * scale))
        size.moveTop(top + (height - size.height()) / 2)
        painter.drawImage(size, image_of(row.tile, "forward", self.style_now))

    def _bar(self, painter: QPainter, row: Row, left: float, top: float, height: float) -> None:
        room = self.width() - left - _SIDE
        if row.bar >= 0 and room > 0:
            bar = QRectF(left, top + 5, room * min(1.0, row.bar), height - 10)
            painter.fillRect(bar, self.style_now.accent)


class RowList(QScrollArea):
    """The rows, to be scrolled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = _Rows()
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)

    @property
    def rows(self) -> Sequence[Row]:
        return self._inside.rows

    def set_rows(self, headings: Sequence[str], rows: Sequence[Row]) -> None:
        """Show these rows."""
        grown = len(rows) != len(self._inside.rows)
        self._inside.headings, self._inside.rows = headings, rows
        # Numbers change their width with every step: the room for them only grows.
        before = 0 if grown else self._inside.minimumWidth()
        self._inside.setMinimumSize(max(before, self._inside.needed_width), self._inside.sizeHint().height())
        self._inside.update()

    def restyle(self, style: PlotStyle) -> None:
        self._inside.style_now = style
        self._inside.update()
