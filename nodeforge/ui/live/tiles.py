"""A sheet of small pictures, painted whole by one widget."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from nodeforge.engine.messages import Tile
from nodeforge.ui.live.colours import image_of
from nodeforge.ui.plots.style import PlotStyle, format_number

GAP = 4.0
LABEL_PX = 10
LEAST_FOR_LABEL_PX = 24.0
LARGEST_CELL = 40.0
"""Side of one number at most, so that a row of ten does not fill the panel."""

_STRETCHED = frozenset({"spikes"})
"""Views whose axes have nothing to do with each other, so that their pictures fill the room."""


class TileSheet(QWidget):
    """Pictures side by side, as large as there is room for; tells the number under the pointer.

    Signals:
        pointed: What is under the pointer, in words; "" for nothing.
    """

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: Sequence[Tile] = ()
        self._images: list[QImage] = []
        self._view, self._across = "", 0
        self._style = PlotStyle.of(self.palette())
        self._at: QPointF | None = None
        self.setMouseTracking(True)

    def set_tiles(self, tiles: Sequence[Tile], view: str, across: int) -> None:
        """Show these; `across` of them side by side, or as fits when 0."""
        self.tiles, self._view, self._across = tiles, view, across
        self._images = [image_of(tile, view, self._style) for tile in tiles]
        self.update()
        self._tell()

    def restyle(self, style: PlotStyle) -> None:
        self._style = style
        self.set_tiles(self.tiles, self._view, self._across)

    def rects(self) -> list[QRectF]:
        """Where each picture is painted."""
        if not self.tiles:
            return []
        if self._view in _STRETCHED:
            height = self.height() / len(self.tiles)
            room = QRectF(GAP, GAP, self.width() - 2 * GAP, height - 2 * GAP - LABEL_PX - 3)
            return [room.translated(0, place * height) for place in range(len(self.tiles))]
        wide = max(tile.width for tile in self.tiles)
        high = max(tile.height for tile in self.tiles)
        columns = self._across or self._best_columns(wide, high)
        rows = -(-len(self.tiles) // columns)
        label = self._label_height(columns, rows, wide, high)
        scale = self._scale(columns, rows, wide, high, label)
        cell_width, cell_height = wide * scale + GAP, high * scale + GAP + label
        left = (self.width() - columns * cell_width + GAP) / 2
        top = max(0.0, (self.height() - rows * cell_height + GAP) / 2)
        found = []
        for place, tile in enumerate(self.tiles):
            row, column = divmod(place, columns)
            # Smaller ones (a bias among filters) are enlarged to the width of the others.
            own = min(wide * scale / tile.width, high * scale / tile.height, LARGEST_CELL)
            found.append(
                QRectF(
                    left + column * cell_width, top + row * cell_height, tile.width * own, tile.height * own
                )
            )
        return found

    def _best_columns(self, wide: int, high: int) -> int:
        counts = range(1, len(self.tiles) + 1)
        return max(counts, key=lambda c: self._scale(c, -(-len(self.tiles) // c), wide, high, LABEL_PX + 3))

    def _scale(self, columns: int, rows: int, wide: int, high: int, label: float) -> float:
        """Pixels for one number."""
        across = (self.width() - GAP * (columns + 1)) / (columns * wide)
        down = (self.height() - (GAP + label) * rows - GAP) / (rows * high)
        return max(0.1, min(across, down, LARGEST_CELL))

    def _label_height(self, columns: int, rows: int, wide: int, high: int) -> float:
        if not any(tile.label for tile in self.tiles):
            return 0.0
        roomy = self._scale(columns, rows, wide, high, LABEL_PX + 3) * wide >= LEAST_FOR_LABEL_PX
        return LABEL_PX + 3.0 if roomy else 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._style.background)
        font = self.font()
        font.setPixelSize(LABEL_PX)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        rects = self.rects()
        labelled = bool(rects) and self._has_labels(rects)
        painter.setPen(self._style.muted)
        for tile, image, rect in zip(self.tiles, self._images, rects, strict=True):
            painter.drawImage(rect, image)
            if labelled and tile.label:
                room = QRectF(rect.x() - 2, rect.bottom() + 1, max(rect.width() + 4, 30), LABEL_PX + 3)
                words = metrics.elidedText(tile.label, Qt.TextElideMode.ElideRight, room.width())
                painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)
        place = self._place()
        if place is not None:
            painter.setPen(self._style.text)
            painter.drawRect(rects[place[0]].adjusted(-1, -1, 1, 1))

    def _has_labels(self, rects: list[QRectF]) -> bool:
        if self._view in _STRETCHED:
            return True
        wide, high = (max(getattr(tile, side) for tile in self.tiles) for side in ("width", "height"))
        columns = self._across or self._best_columns(wide, high)
        return self._label_height(columns, -(-len(rects) // columns), wide, high) > 0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._at = event.position()
        self._tell()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._at = None
        self._tell()
        self.update()

    def value_at(self, tile: Tile, x: int, y: int) -> float:
        """A number of a tile, as near as 8 bits tell it; of colours the mean."""
        start = (y * tile.width + x) * tile.channels
        level = sum(tile.pixels[start : start + tile.channels]) / tile.channels
        return tile.low + level / 255 * (tile.high - tile.low)

    def _place(self) -> tuple[int, int, int] | None:
        """(picture, column, row) under the pointer."""
        if self._at is None:
            return None
        for place, rect in enumerate(self.rects()):
            if rect.contains(self._at):
                tile = self.tiles[place]
                x = int((self._at.x() - rect.x()) / rect.width() * tile.width)
                y = int((self._at.y() - rect.y()) / rect.height() * tile.height)
                return place, min(x, tile.width - 1), min(y, tile.height - 1)
        return None

    def _tell(self) -> None:
        found = self._place()
        if found is None:
            self.pointed.emit("")
            return
        place, x, y = found
        tile = self.tiles[place]
        name = f"{tile.label}, " if tile.label else ""
        value = format_number(self.value_at(tile, x, y))
        self.pointed.emit(f"{name}row {y}, column {x}: {value}")
