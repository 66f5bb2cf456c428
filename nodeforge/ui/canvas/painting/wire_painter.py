"""Paints wires: by what they carry, with the shapes of it, and lit where somebody looks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from nodeforge.core.graph import Endpoint
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.geometry.mirror import Mirror, State, Tone
from nodeforge.ui.canvas.painting import batches
from nodeforge.ui.canvas.painting.discs import draw_discs
from nodeforge.ui.canvas.painting.lettering import Lettering
from nodeforge.ui.canvas.style import CanvasPalette

_WIDE = 1e4
_REACH = QMarginsF(4.0, 4.0, 4.0, 4.0)
"""How far a wire may stand out of its course."""
_THICKNESS = (0.8, 1.0, 1.35, 1.8)
"""Of wires, by the size of what they carry."""
_DIM = 0.3
"""What is left of other wires while some are looked at."""
_CHORDS_BELOW = style.FLAT_BELOW / 2
"""Below this zoom wires are straight lines."""
_VECTOR_ZOOM = 4.0
"""How far pictures in files may be enlarged until curves that are cut into lines show their corners."""
_STRESSED = max(Tone) + 1
"""Instead of a tone: picked, or at a selected node."""
_STEPS = 4
_THROUGH = 0.22
"""How much of a stressed wire is seen through the nodes that lie on it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one painting needs to know.

    Attributes:
        parts: What must be painted, in canvas units; nothing beside these areas is seen.
        zoom: Pixels per canvas unit.
        ratio: Device pixels per pixel.
        vector: Whether to draw curves and shapes instead of lines and pixmaps (pictures in files).
        shapes: Whether wires carry the shapes of what flows.
    """

    parts: Sequence[QRectF]
    zoom: float
    ratio: float = 1.0
    vector: bool = False
    shapes: bool = True

    @property
    def area(self) -> QRectF:
        """What holds all parts."""
        return reduce(QRectF.united, self.parts, QRectF())

    def holds(self, left: np.ndarray, top: np.ndarray, right: np.ndarray, bottom: np.ndarray) -> np.ndarray:
        """(k,) indices: which boxes, told by their edges, lie in any of the parts."""
        area = self.area
        near = np.flatnonzero((left <= area.right()) & (right >= area.left()))
        left, top, right, bottom = left[near], top[near], right[near], bottom[near]
        seen = np.zeros(len(near), bool)
        for part in self.parts:
            across = (left <= part.right()) & (right >= part.left())
            seen |= across & (top <= part.bottom()) & (bottom >= part.top())
        return np.asarray(near[seen])

    def grown(self, margins: QMarginsF) -> Frame:
        """The same with parts that reach further."""
        return replace(self, parts=[part.marginsAdded(margins) for part in self.parts])

    @property
    def fine(self) -> bool:
        """Whether edges are smoothed."""
        return self.zoom >= style.FLAT_BELOW or self.vector

    @property
    def wire_width(self) -> float:
        """In canvas units; 0 for one pixel."""
        return max(style.WIRE_WIDTH, 1.0 / self.zoom) if self.fine else 0.0


class WirePainter:
    """Paints the wires of one mirror; writes their shapes with a lettering that has begun the frame."""

    def __init__(self, mirror: Mirror, lettering: Lettering) -> None:
        self.mirror = mirror
        self._lettering = lettering
        self.looked_at: Collection[str] = ()
        """Nodes whose wires are lit; all others are dim then."""

    def paint(
        self,
        painter: QPainter,
        frame: Frame,
        palette: CanvasPalette,
        picked: Collection[int],
        chosen: np.ndarray | None = None,
    ) -> np.ndarray:
        """Draw the wires in the frame's area: all, or those of some slots.

        Returns:
            (k, 4): the lines of those that are stressed: picked, or at a selected node.
        """
        courses = self.mirror.courses
        rows = slice(None) if chosen is None else courses.rows_of(chosen)
        seen = frame.grown(_REACH).holds(*courses.boxes[:, rows])
        rows = seen if isinstance(rows, slice) else rows[seen]
        wires = courses.legs.wires[rows]
        stressed = self._stressed(wires, picked)
        lines, owners = self._lines(rows, frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, frame.fine)
        dim = bool(self.looked_at) and frame.fine
        tones = np.where(stressed, _STRESSED, self.mirror.tones[wires])
        keys = tones * _STEPS + self.mirror.sizes[wires]
        for key, alike in batches.grouped(keys if frame.vector else keys[owners]):
            tone, size = divmod(key, _STEPS)
            width = frame.wire_width * _THICKNESS[size]
            if tone == _STRESSED:
                pen = QPen(palette.selection, width, c=Qt.PenCapStyle.FlatCap)
            else:
                pen = _pen(Tone(tone), width, palette, dim=dim)
            if frame.vector:
                batches.draw_curves(painter, courses.legs.of(rows[alike]).controls, pen)
            else:
                batches.draw_lines(painter, lines[alike], pen)
        if frame.zoom >= style.DOTS_FROM and not frame.vector:
            self._paint_dots(painter, frame, palette, wires, picked)
        if frame.zoom >= style.SHAPES_FROM and frame.shapes:
            base = painter.worldTransform()
            self._lettering.place(painter, base)
            self._write_shapes(painter, rows)
            painter.setWorldTransform(base)
        return np.asarray(lines[stressed[owners]])

    def trace(self, painter: QPainter, frame: Frame, palette: CanvasPalette, lines: np.ndarray) -> None:
        """Let stressed wires shine through the nodes that lie on them, where nodes have a face."""
        if frame.fine and len(lines):
            color = QColor(palette.selection)
            color.setAlphaF(_THROUGH)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            batches.draw_lines(painter, lines, QPen(color, frame.wire_width, c=Qt.PenCapStyle.FlatCap))

    def _stressed(self, wires: np.ndarray, picked: Collection[int]) -> np.ndarray:
        """Which of the wires, a mask."""
        ends = self.mirror.ends[wires]
        stressed = (self.mirror.states[ends] & np.uint8(State.SELECTED)).any(axis=1)
        if self.looked_at:
            stressed |= np.isin(ends, self.mirror.slots_of(self.looked_at)).any(axis=1)
        for slot in picked:
            stressed |= wires == slot
        return np.asarray(stressed & (self.mirror.tones[wires] != Tone.ERROR))

    def _lines(self, rows: np.ndarray, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
        """The lines that draw legs, (k, 4), and of which of the legs each is one, (k,)."""
        courses = self.mirror.courses
        if frame.zoom < _CHORDS_BELOW and not frame.vector:
            return courses.chords[rows], np.arange(len(rows))
        return routing.segments(courses.legs.of(rows), _VECTOR_ZOOM if frame.vector else frame.zoom)

    def _paint_dots(
        self,
        painter: QPainter,
        frame: Frame,
        palette: CanvasPalette,
        wires: np.ndarray,
        picked: Collection[int],
    ) -> None:
        """Small discs where these wires bend, larger ones on those that are picked."""
        ways = self.mirror.ways
        bent = np.unique(wires[ways.counts[wires] > 0])
        if not len(bent):
            return
        points = np.concatenate([ways.of(slot) for slot in bent.tolist()])
        owners = np.repeat(bent, ways.counts[bent])
        across = 2 * style.DOT_RADIUS * frame.zoom
        for tone, alike in batches.grouped(self.mirror.tones[owners]):
            color = _pen(Tone(tone), 1.0, palette).color()
            draw_discs(painter, points[alike], color, across, frame.ratio)
        if any(slot >= 0 for slot in picked):
            chosen = points[np.isin(owners, list(picked))]
            draw_discs(painter, chosen, palette.selection, 1.5 * across, frame.ratio)

    def _write_shapes(self, painter: QPainter, rows: np.ndarray) -> None:
        """Write once for each output port what flows out of it, beside the start of its wires, by the legs that are
        seen."""
        courses = self.mirror.courses
        seen = sorted({*courses.legs.wires[rows].tolist()})
        found = courses.of(np.array(seen, np.intp))
        starts: dict[int, list[float]] = {}
        for slot, controls in zip(found.wires.tolist(), found.controls.tolist(), strict=True):
            starts.setdefault(slot, controls)
        fans: dict[Endpoint, list[list[float]]] = {}
        for slot, controls in starts.items():
            wire = self.mirror.wires.keys[slot]
            assert wire is not None
            fans.setdefault(wire.tail, []).append(controls)
        for tail, fan in fans.items():
            spec = self.mirror.spec_of(tail)
            if spec is not None:
                x, y = fan[0][:2]
                rises = [leg[7] - y for leg in fan]
                self._lettering.write_shape(
                    painter,
                    spec,
                    x,
                    y,
                    min((leg[6] - x for leg in fan if leg[6] > x), default=_WIDE),
                    climbs=min(rises) < -8,
                    falls=max(rises) > 8,
                    down=self.mirror.down,
                )


def _pen(tone: Tone, width: float, palette: CanvasPalette, *, dim: bool = False) -> QPen:
    color = QColor(
        {
            Tone.UNKNOWN: palette.unknown,
            Tone.FLOATS: palette.wire,
            Tone.INTEGERS: palette.integers,
            Tone.BOOLEANS: palette.booleans,
            Tone.ERROR: palette.error,
        }[tone]
    )
    color.setAlphaF(_DIM if dim else 1.0)
    return QPen(color, width * (1.5 if tone == Tone.ERROR else 1.0), c=Qt.PenCapStyle.FlatCap)
