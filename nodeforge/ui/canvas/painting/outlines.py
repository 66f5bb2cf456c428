"""Letters as shapes, for pictures that must look the same where the font is missing."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QStaticText, QTextBlock, QTextDocument

from nodeforge.core.drawing import Frame
from nodeforge.ui.canvas.painting.frame_painter import PADDING, FramePainter, text_document
from nodeforge.ui.canvas.style import CanvasPalette

_BULLET = 2.4
_INDENT = 18.0


class Outliner(QPainter):
    """A painter that fills the outlines of letters instead of naming a font.

    It catches what is written through Python, which is all that the canvas writes but the texts of notes
    (`OutlinedFrames` writes those).
    """

    def drawStaticText(self, place: QPointF, text: QStaticText) -> None:  # type: ignore[override]
        font = self._plain_font()
        self._fill(QPointF(place.x(), place.y() + QFontMetricsF(font).ascent()), font, text.text())

    def drawText(self, *arguments: Any) -> None:  # type: ignore[override]
        """Of the many forms, (place, text) and (area, alignment, text)."""
        font = self._plain_font()
        if len(arguments) == 2:
            self._fill(QPointF(arguments[0]), font, arguments[1])
            return
        area, alignment, text = QRectF(arguments[0]), Qt.AlignmentFlag(int(arguments[1]) & 0xFF), arguments[2]
        metrics = QFontMetricsF(font)
        spare = area.width() - metrics.horizontalAdvance(text)
        if alignment & Qt.AlignmentFlag.AlignHCenter:
            left = area.left() + spare / 2
        else:
            left = area.left() + (spare if alignment & Qt.AlignmentFlag.AlignRight else 0.0)
        middle = alignment & Qt.AlignmentFlag.AlignVCenter
        top = area.top() + ((area.height() - metrics.height()) / 2 if middle else 0.0)
        self._fill(QPointF(left, top + metrics.ascent()), font, text)

    def _plain_font(self) -> QFont:
        """The painter's font with its size in units of the picture."""
        font = QFont(self.font())
        if font.pointSizeF() > 0:
            font.setPixelSize(round(font.pointSizeF() * self.device().logicalDpiY() / 72))
        return font

    def _fill(self, baseline: QPointF, font: QFont, text: str) -> None:
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addText(baseline, font, text)
        self.fillPath(path, self.pen().brush())


class OutlinedFrames(FramePainter):
    """Frames whose notes are written in outlines."""

    def _write_text(self, painter: QPainter, frame: Frame, area: QRectF, palette: CanvasPalette) -> None:
        inside = QRectF(*frame.area).adjusted(PADDING, PADDING * 0.8, -PADDING, -PADDING * 0.4)
        if inside.width() < 20 or inside.height() < 8:
            return
        painter.save()
        painter.setClipRect(inside, Qt.ClipOperation.IntersectClip)
        painter.translate(inside.topLeft())
        painter.fillPath(_letters(text_document(frame.text, inside.width())), palette.title)
        painter.restore()


def _letters(document: QTextDocument) -> QPainterPath:
    """Every letter of a document, and the bullets of its lists."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    block = document.begin()
    while block.isValid():
        _add_block(path, document, block)
        block = block.next()
    return path


def _add_block(path: QPainterPath, document: QTextDocument, block: QTextBlock) -> None:
    corner = document.documentLayout().blockBoundingRect(block).topLeft()
    layout = block.layout()
    lines = [layout.lineAt(number) for number in range(layout.lineCount())]
    for run in (run for line in lines for run in line.glyphRuns()):
        font = run.rawFont()
        for glyph, place in zip(run.glyphIndexes(), run.positions(), strict=True):
            path.addPath(font.pathForGlyph(glyph).translated(corner + place))
    if block.textList() is not None and lines:
        line = lines[0]
        start = corner + QPointF(line.x() - _INDENT * 0.5, line.y() + line.ascent() * 0.68)
        path.addEllipse(start, _BULLET, _BULLET)
