"""Small drawings of data: pictures in a grid, a series as a curve, classes as bars. Plain Qt alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nodeforge.engine.messages import Picture
from nodeforge.ui import theme
from nodeforge.ui.plots.series import Series
from nodeforge.ui.plots.style import PlotStyle, format_number

PICTURE_PX = 52
GAP = 8
_LEAST_BAR = 70
"""Names of classes take all the room that leaves the longest bar so much, in pixels."""
SPLIT_SHARES = {"train": 1.0, "validation": 0.6, "test": 0.3}
"""How strong the colour of each split is in the bars."""


class PictureGrid(QWidget):
    """Samples side by side with their labels; as high as it takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[tuple[QImage, str]] = []
        self.setAccessibleName("Pictures of the first training samples")

    def set_pictures(self, pictures: Sequence[Picture]) -> None:
        self._pictures = [(image_of(picture), picture.label) for picture in pictures]
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.color("muted"))
        columns, step = self._columns(), self._step()
        for index, (image, text) in enumerate(self._pictures):
            left = GAP + index % columns * (PICTURE_PX + GAP)
            top = GAP + index // columns * step
            if not event.rect().intersects(QRect(left, top, PICTURE_PX, step)):
                continue
            painter.drawImage(_fitted(image.size(), QRect(left, top, PICTURE_PX, PICTURE_PX)), image)
            elided = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, PICTURE_PX)
            place = QRect(left, top + PICTURE_PX, PICTURE_PX, step - PICTURE_PX - GAP // 2)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, elided)

    def _columns(self) -> int:
        return max(1, (self.width() - GAP) // (PICTURE_PX + GAP))

    def _step(self) -> int:
        return PICTURE_PX + self.fontMetrics().height() + GAP // 2

    def _fit(self) -> None:
        rows = -(-len(self._pictures) // self._columns())
        self.setMinimumHeight(GAP + rows * self._step())


class SeriesSketch(QWidget):
    """Series over their index, with the least and greatest value written at the side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: list[Series] = []
        self.setMinimumHeight(90)
        self.setAccessibleName("Curve of the series")

    def set_series(self, series: Sequence[Sequence[float]]) -> None:
        self._series = [_series_of(values) for values in series]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = [series for series in self._series if np.isfinite(series.low)]
        if not shown:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = PlotStyle.of(self.palette())
        low, high = min(s.low for s in shown), max(s.high for s in shown)
        length = max(len(s) for s in shown)
        metrics = QFontMetrics(self.font())
        texts = format_number(high), format_number(low)
        left = max(map(metrics.horizontalAdvance, texts)) + 2 * GAP
        area = QRectF(
            left, GAP, max(1, self.width() - left - GAP), max(1, self.height() - 3 * GAP - metrics.height())
        )
        painter.setPen(style.grid)
        painter.drawRect(area)
        painter.setPen(style.muted)
        right = Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, area.top(), left - GAP, metrics.height()), right, texts[0])
        painter.drawText(
            QRectF(0, area.bottom() - metrics.height(), left - GAP, metrics.height()), right, texts[1]
        )
        below = QRectF(area.left(), area.bottom() + GAP / 2, area.width(), metrics.height() + 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "first value")
        painter.drawText(below, right, f"value {length:,}")
        for index, series in enumerate(shown):
            x, y = series.view(0, length, round(area.width()))
            x = area.left() + x / max(1, length - 1) * area.width()
            y = area.bottom() - 4 - (y - low) / ((high - low) or 1.0) * (area.height() - 8)
            painter.setPen(QPen(style.color(index), 1.2))
            painter.drawPolyline(
                QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
            )


class ClassBars(QWidget):
    """How many samples of each class every split holds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: list[str] = []
        self._counts: Mapping[str, Sequence[int]] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_counts(self, classes: Sequence[str], counts: Mapping[str, Sequence[int]]) -> None:
        self._classes, self._counts = list(classes), counts
        totals = [sum(values[i] for values in counts.values()) for i in range(len(self._classes))]
        words = ", ".join(f"{name}: {total:,}" for name, total in zip(self._classes, totals, strict=True))
        self.setToolTip(words)
        self.setAccessibleName(f"Samples by class. {words}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(180, self._line() * (len(self._classes) + 1) if self._classes else 0)

    def _line(self) -> int:
        return self.fontMetrics().height() + 4

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._classes:
            return
        painter = QPainter(self)
        style, metrics, line = PlotStyle.of(self.palette()), self.fontMetrics(), self._line()
        self._paint_key(painter, style, line)
        totals = [sum(values[i] for values in self._counts.values()) for i in range(len(self._classes))]
        number = max(metrics.horizontalAdvance(f"{total:,}") for total in totals)
        free = self.width() - number - 2 * GAP
        names = min(max(map(metrics.horizontalAdvance, self._classes)), max(free - _LEAST_BAR, free // 2))
        room = max(10, free - names)
        for index, name in enumerate(self._classes):
            top = line * (index + 1)
            painter.setPen(style.text)
            elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRect(0, top, names, line), Qt.AlignmentFlag.AlignVCenter | RIGHT, elided)
            x = float(names + GAP)
            for split, values in self._counts.items():
                width = room * values[index] / max(1, max(totals))
                painter.fillRect(QRectF(x, top + 3, width, line - 6), _tint(style, split))
                x += width
            painter.setPen(style.muted)
            count = QRectF(x + GAP / 2, top, number + GAP, line)
            painter.drawText(count, Qt.AlignmentFlag.AlignVCenter, f"{totals[index]:,}")

    def _paint_key(self, painter: QPainter, style: PlotStyle, line: int) -> None:
        x = 0
        for split in self._counts:
            painter.fillRect(QRect(x, 5, line - 10, line - 10), _tint(style, split))
            painter.setPen(style.muted)
            width = self.fontMetrics().horizontalAdvance(split)
            painter.drawText(QRect(x + line - 5, 0, width + 2, line), Qt.AlignmentFlag.AlignVCenter, split)
            x += line + width + GAP


RIGHT = Qt.AlignmentFlag.AlignRight


def image_of(picture: Picture) -> QImage:
    """A picture as Qt draws it."""
    form = QImage.Format.Format_Grayscale8 if picture.channels == 1 else QImage.Format.Format_RGB888
    stride = picture.width * picture.channels
    return QImage(picture.pixels, picture.width, picture.height, stride, form).copy()


def _fitted(size: QSize, room: QRect) -> QRect:
    fitted = QRect(room.topLeft(), size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio))
    fitted.moveCenter(room.center())
    return fitted


def _series_of(values: Sequence[float]) -> Series:
    series = Series()
    series.append(np.arange(len(values)), values)
    return series


def _tint(style: PlotStyle, split: str) -> QColor:
    color = style.accent
    color.setAlphaF(SPLIT_SHARES.get(split, 1.0))
    return color
