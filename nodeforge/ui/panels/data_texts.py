"""Texts as the network gets them: every letter or word with its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from nodeforge.engine.messages import TokenText
from nodeforge.ui import theme
from nodeforge.ui.plots.style import PlotStyle

GAP = 8
PAD = 4
BETWEEN = 3
SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
"""How letters are shown that cannot be seen."""


class TokenTexts(QWidget):
    """Texts below one another, cut into boxes with their numbers under them; as high as it takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: list[TokenText] = []
        self._boxes: list[list[QRect]] = []
        self._tops: list[int] = []
        self.setAccessibleName("First training texts, cut into letters or words with their numbers")

    def set_texts(self, texts: Sequence[TokenText]) -> None:
        self._texts = list(texts)
        self._arrange()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(6.0, self.font().pointSizeF() * 0.72))
        return font

    def _label_width(self) -> int:
        widest = max((self.fontMetrics().horizontalAdvance(text.label) for text in self._texts), default=0)
        return min(widest, self.width() // 4) + 2 * GAP if widest else GAP

    def _arrange(self) -> None:
        """Where every box of every text lies."""
        large, small = self.fontMetrics(), QFontMetrics(self._small())
        height, left, top = large.height() + small.height() + PAD, self._label_width(), GAP
        self._boxes, self._tops = [], []
        for text in self._texts:
            self._tops.append(top)
            boxes, x = [], left
            for token, number in zip(text.tokens, text.numbers, strict=True):
                wide = max(large.horizontalAdvance(_seen(token)), small.horizontalAdvance(str(number)))
                wide += 2 * PAD
                if x > left and x + wide > self.width() - GAP:
                    x, top = left, top + height + BETWEEN
                boxes.append(QRect(x, top, wide, height))
                x += wide + BETWEEN
            self._boxes.append(boxes)
            top += height + 2 * GAP
        self.setMinimumHeight(top)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style, small = PlotStyle.of(self.palette()), self._small()
        for text, boxes, top in zip(self._texts, self._boxes, self._tops, strict=True):
            if not boxes or boxes[-1].bottom() < event.rect().top() or top > event.rect().bottom():
                continue
            painter.setFont(self.font())
            painter.setPen(theme.color("accent"))
            room = QRect(GAP, top, self._label_width() - 2 * GAP, boxes[0].height())
            elided = self.fontMetrics().elidedText(text.label, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, elided)
            for box, token, number in _each(boxes, text):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("hover"))
                painter.drawRoundedRect(box, 3, 3)
                painter.setFont(self.font())
                painter.setPen(style.muted if token in SIGNS or token.startswith("<") else style.text)
                centre = Qt.AlignmentFlag.AlignHCenter
                painter.drawText(box.adjusted(0, 1, 0, 0), centre | Qt.AlignmentFlag.AlignTop, _seen(token))
                painter.setFont(small)
                painter.setPen(style.muted)
                painter.drawText(
                    box.adjusted(0, 0, 0, -1), centre | Qt.AlignmentFlag.AlignBottom, str(number)
                )


def _seen(token: str) -> str:
    return SIGNS.get(token, token)


def _each(boxes: Sequence[QRect], text: TokenText) -> Iterator[tuple[QRect, str, int]]:
    return zip(boxes, text.tokens, text.numbers, strict=True)
