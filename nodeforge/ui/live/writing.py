"""Text that the network goes on with, and how it is asked to."""

from __future__ import annotations

import html

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from nodeforge.ui.calm import DoubleSpinBox
from nodeforge.ui.plots.style import PlotStyle


class TextSheet(QWidget):
    """The prompt muted, what was written behind it.

    Signals:
        asked: Prompt or temperature have changed.
    """

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = PlotStyle.of(self.palette())
        self._text, self._given = "", 0
        self.browser = QTextBrowser()
        self.prompt = QLineEdit()
        self.prompt.setPlaceholderText("How the text begins; empty: like the sample")
        self.prompt.setAccessibleName("Prompt")
        self.temperature = DoubleSpinBox()
        self.temperature.setRange(0.0, 3.0)
        self.temperature.setSingleStep(0.1)
        self.temperature.setValue(0.8)
        self.temperature.setAccessibleName("Temperature")
        self.temperature.setPrefix("T = ")
        self.temperature.setToolTip("Temperature: 0 always takes the likeliest; higher numbers dare more")
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 4)
        row.addWidget(self.prompt, 1)
        row.addWidget(self.temperature)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.browser, 1)
        layout.addLayout(row)
        self.prompt.editingFinished.connect(self.asked)
        self.temperature.valueChanged.connect(self.asked)

    def set_text(self, text: str, given: int) -> None:
        """Show a text whose first `given` letters are the prompt."""
        self._text, self._given = text, given
        begin, rest = (html.escape(part).replace("\n", "<br>") for part in (text[:given], text[given:]))
        muted = self._style.muted.name()
        self.browser.setHtml(f"<p><span style='color:{muted}'>{begin}</span>{rest}</p>")

    def restyle(self, style: PlotStyle) -> None:
        self._style = style
        self.set_text(self._text, self._given)
