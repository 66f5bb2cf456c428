"""Sounds to look at and to hear: the wave, its pitches over time, and a button that plays it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import wave
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from nodeforge.engine.messages import Picture, Sound
from nodeforge.ui.icons import icon
from nodeforge.ui.plots.style import PlotStyle
from nodeforge.ui.widgets import clear, label

ROW_PX = 72
WAVE_SHARE = 0.42
LABEL_PX = 130


class SoundList(QWidget):
    """Sounds below one another.

    Qt's own player is not among the parts of Qt that NodeForge installs, so a sound is written to a file of the
    system's temporary folder and given to the player that the system uses for WAV.
    """

    def __init__(self, parent: QWidget | None = None, *, play: Callable[[Path], None] | None = None) -> None:
        super().__init__(parent)
        self._play = play or _open_outside
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(4, 4, 8, 4)
        self._rows.setSpacing(6)
        self.setAccessibleName("Some training sounds")

    def set_sounds(self, sounds: Sequence[Sound]) -> None:
        clear(self._rows)
        for sound in sounds:
            self._rows.addWidget(self._row(sound))
        self._rows.addStretch(1)

    def _row(self, sound: Sound) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        button = QToolButton()
        button.setIcon(icon("train"))
        button.setAutoRaise(True)
        button.setToolTip("Play in the system's player")
        button.setAccessibleName(f"Play {sound.name or sound.label}")
        button.clicked.connect(lambda: self.play(sound))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        seconds = len(sound.samples) / 2 / sound.rate
        for text, role in (
            (sound.label, ""),
            (sound.name, "muted"),
            (f"{seconds:.2f} s, {sound.rate:,} Hz", "muted"),
        ):
            if text:
                line = label(text, role)
                line.setFixedWidth(LABEL_PX)
                line.setToolTip(text)
                line.setText(line.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, LABEL_PX))
                words.addWidget(line)
        words.addStretch(1)
        layout.addWidget(button)
        layout.addLayout(words)
        layout.addWidget(SoundSketch(sound), 1)
        return row

    def play(self, sound: Sound) -> None:
        """Let the system play a sound."""
        path = _folder() / f"sound-{abs(hash(sound.samples)):x}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(sound.rate)
            file.writeframes(sound.samples)
        self._play(path)


@cache
def _folder() -> Path:
    """Where sounds to play are written; goes when the program ends, for a player may be at it until then."""
    path = tempfile.mkdtemp(prefix="nodeforge-sounds-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)


def _open_outside(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


class SoundSketch(QWidget):
    """The wave above its pitches, both over the same time."""

    def __init__(self, sound: Sound, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wave = np.frombuffer(sound.samples, "<i2").astype(np.float64) / 32768
        self._spectrum = coloured(sound.spectrum)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Wave and pitches of {sound.name or sound.label}")

    def sizeHint(self) -> QSize:
        return QSize(240, ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        style = PlotStyle.of(self.palette())
        split = self.height() * WAVE_SHARE
        self._paint_wave(painter, style, QRectF(0, 0, self.width(), split))
        painter.drawImage(QRectF(0, split + 1, self.width(), self.height() - split - 1), self._spectrum)

    def _paint_wave(self, painter: QPainter, style: PlotStyle, area: QRectF) -> None:
        """For every pixel across, from the least to the greatest value that falls on it."""
        middle, columns = area.center().y(), max(1, round(area.width()))
        painter.setPen(QPen(style.grid, 1))
        painter.drawLine(0, round(middle), columns, round(middle))
        if not len(self._wave):
            return
        loudest = max(float(np.abs(self._wave).max()), 1e-3)
        edges = np.linspace(0, len(self._wave), columns + 1).astype(np.int64)
        starts = np.minimum(edges[:-1], len(self._wave) - 1)
        scale = area.height() / 2 / loudest * 0.95
        tops = middle - np.maximum.reduceat(self._wave, starts) * scale
        bottoms = middle - np.minimum.reduceat(self._wave, starts) * scale
        painter.setPen(QPen(style.accent, 1))
        for x, (top, bottom) in enumerate(zip(tops.tolist(), bottoms.tolist(), strict=True)):
            painter.drawLine(x, round(top), x, round(bottom))


@cache
def _heat() -> list[int]:
    """256 colours from dark to bright, which people with any colour vision can put in order."""
    import pyqtgraph

    table = pyqtgraph.colormap.get("magma").getLookupTable(nPts=256)
    return [0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in table]


def coloured(picture: Picture) -> QImage:
    """An 8-bit picture in colours of heat."""
    image = QImage(
        picture.pixels, picture.width, picture.height, picture.width, QImage.Format.Format_Indexed8
    ).copy()
    image.setColorTable(_heat())
    return image
