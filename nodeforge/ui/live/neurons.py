"""Small dense layers drawn neuron by neuron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from nodeforge.engine.messages import NeuronLayer
from nodeforge.ui.live.colours import signed_colour
from nodeforge.ui.plots.style import PlotStyle, format_number

_SIDE, _TOP = 34.0, 8.0
LABEL_PX = 14.0
MOST_TERMS = 4


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    function: str
    inputs: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    sums: np.ndarray
    outputs: np.ndarray


def _unpacked(layer: NeuronLayer) -> _Layer:
    inputs, bias, sums, outputs = (
        np.frombuffer(data, "<f4") for data in (layer.inputs, layer.bias, layer.sums, layer.outputs)
    )
    weights = np.frombuffer(layer.weights, "<f4").reshape(len(bias), len(inputs))
    return _Layer(layer.name, layer.function, inputs, weights, bias, sums, outputs)


class NeuronSheet(QWidget):
    """Neurons as circles, as bright as what they give; connections coloured by their weight.

    Signals:
        pointed: What the neuron under the pointer adds up, in words; "" for none.
    """

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: list[_Layer] = []
        self._style = PlotStyle.of(self.palette())
        self._hovered: tuple[int, int] | None = None
        self.setMouseTracking(True)

    def set_layers(self, layers: Sequence[NeuronLayer]) -> None:
        """Show these; the first takes what arrives."""
        self._layers = [_unpacked(layer) for layer in layers]
        if self._hovered is not None and not self._exists(*self._hovered):
            self._hovered = None
        self.update()
        self._tell()

    def restyle(self, style: PlotStyle) -> None:
        self._style = style
        self.update()

    def words(self, layer: int, neuron: int) -> str:
        """What a neuron adds up, in numbers. Layer 0 is what arrives."""
        if layer == 0:
            return f"input {neuron}: {format_number(float(self._layers[0].inputs[neuron]))}"
        at = self._layers[layer - 1]
        terms = at.weights[neuron] * at.inputs
        largest = sorted(np.argsort(-np.abs(terms))[:MOST_TERMS].tolist())
        told = " + ".join(
            f"{format_number(float(at.weights[neuron, i]))}·{format_number(float(at.inputs[i]))}"
            for i in largest
        )
        more = " + …" if len(terms) > MOST_TERMS else ""
        total = format_number(float(at.sums[neuron]))
        bias = format_number(float(at.bias[neuron]))
        given = f", {at.function} gives {format_number(float(at.outputs[neuron]))}" if at.function else ""
        return f"{at.name}[{neuron}]: w·x = {told}{more} = {format_number(float(terms.sum()))}, + b {bias} = {total}{given}"

    def centre(self, layer: int, neuron: int) -> QPointF:
        """Where a neuron is painted."""
        count = self._count(layer)
        room = max(10.0, self.height() - 2 * _TOP - LABEL_PX)
        step = room / count
        across = (self.width() - 2 * _SIDE) / max(1, len(self._layers))
        return QPointF(_SIDE + layer * across, _TOP + LABEL_PX + (neuron + 0.5) * step)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._style.background)
        if not self._layers:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in range(1, len(self._layers) + 1):
            self._paint_wires(painter, number)
        for number in range(len(self._layers) + 1):
            self._paint_neurons(painter, number)

    def _paint_wires(self, painter: QPainter, number: int) -> None:
        layer = self._layers[number - 1]
        largest = float(np.abs(layer.weights).max()) or 1.0
        starts = [self.centre(number - 1, place) for place in range(len(layer.inputs))]
        for neuron, weights in enumerate(layer.weights / largest):
            end = self.centre(number, neuron)
            chosen = self._hovered == (number, neuron)
            for start, share in zip(starts, weights.tolist(), strict=True):
                colour = QColor(signed_colour(1 if share > 0 else -1, self._style))
                faint = 0.25 if self._hovered and self._hovered[0] == number and not chosen else 1.0
                colour.setAlphaF(min(1.0, (0.06 + 0.8 * abs(share)) * faint))
                painter.setPen(QPen(colour, 2.0 if chosen else 0.6 + 1.2 * abs(share)))
                painter.drawLine(QLineF(start, end))

    def _paint_neurons(self, painter: QPainter, number: int) -> None:
        values = self._layers[0].inputs if number == 0 else self._layers[number - 1].outputs
        largest = float(np.abs(values).max()) or 1.0
        radius = self._radius(number)
        for neuron, share in enumerate((values / largest).tolist()):
            painter.setBrush(signed_colour(share, self._style))
            chosen = self._hovered == (number, neuron)
            painter.setPen(QPen(self._style.text if chosen else self._style.muted, 1.6 if chosen else 0.8))
            painter.drawEllipse(self.centre(number, neuron), radius, radius)
        self._paint_name(painter, number)

    def _paint_name(self, painter: QPainter, number: int) -> None:
        """Above its neurons the layer, with its activation where there is room."""
        layer = self._layers[number - 1]
        metrics = QFontMetricsF(painter.font())
        width = (self.width() - 2 * _SIDE) / len(self._layers) - 4
        names = (
            ["input"] if number == 0 else [" → ".join(filter(None, (layer.name, layer.function))), layer.name]
        )
        name = next((name for name in names if metrics.horizontalAdvance(name) <= width), names[-1])
        room = QRectF(self.centre(number, 0).x() - width / 2, 2, width, LABEL_PX)
        room.moveLeft(min(max(2.0, room.x()), self.width() - room.width() - 2))
        side = Qt.AlignmentFlag.AlignHCenter
        if number in (0, len(self._layers)):
            side = Qt.AlignmentFlag.AlignLeft if number == 0 else Qt.AlignmentFlag.AlignRight
        painter.setPen(self._style.muted)
        words = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width)
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._neuron_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def _hover(self, neuron: tuple[int, int] | None) -> None:
        if neuron != self._hovered:
            self._hovered = neuron
            self.update()
            self._tell()

    def _neuron_at(self, position: QPointF) -> tuple[int, int] | None:
        for layer in range(len(self._layers) + 1 if self._layers else 0):
            for neuron in range(self._count(layer)):
                if QLineF(position, self.centre(layer, neuron)).length() <= self._radius(layer) + 2:
                    return layer, neuron
        return None

    def _tell(self) -> None:
        self.pointed.emit(self.words(*self._hovered) if self._hovered is not None else "")

    def _exists(self, layer: int, neuron: int) -> bool:
        return layer <= len(self._layers) and bool(self._layers) and neuron < self._count(layer)

    def _count(self, layer: int) -> int:
        return len(self._layers[0].inputs) if layer == 0 else len(self._layers[layer - 1].bias)

    def _radius(self, layer: int) -> float:
        room = (self.height() - 2 * _TOP - LABEL_PX) / self._count(layer)
        return max(2.0, min(11.0, room * 0.4))
