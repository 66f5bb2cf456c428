"""Paints the mirror: wires, then nodes, in as much detail as the zoom can show."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry.anatomy import Look
from nodeforge.ui.canvas.geometry.mirror import Mirror, State
from nodeforge.ui.canvas.painting import batches
from nodeforge.ui.canvas.painting.body import BLEED, paint_body
from nodeforge.ui.canvas.painting.heat import Heat, paint_tag, paint_veil, paint_veils
from nodeforge.ui.canvas.painting.lettering import Lettering
from nodeforge.ui.canvas.painting.sprites import Sprites
from nodeforge.ui.canvas.painting.stamps import Stamps
from nodeforge.ui.canvas.painting.wire_painter import Frame, WirePainter
from nodeforge.ui.canvas.style import CanvasPalette

_STANDING_OUT = QMarginsF(BLEED, 2 * BLEED, BLEED, BLEED)
"""What of nodes just beside an area may be seen in it: shadows and badges, and above it texts that stand below them."""
_MARGINS = (20.0, BLEED, 20.0, 20.0)
"""How far a node with its texts may stand out of its body: left, top, right, bottom, in canvas units."""
_MARGINS_TOLD = (60.0, BLEED, 20.0, 40.0)
"""The same while numbers are told of nodes."""


@dataclass(frozen=True, slots=True)
class Live:
    """What is told of a node while the network runs: a short text under it, and a glow (0 to 1)."""

    text: str = ""
    heat: float = 0.0


class GraphPainter:
    """Paints one mirror. Nothing is remembered between frames but caches.

    Attributes:
        live: What to tell of nodes while the network runs.
        heat: By what nodes are coloured; empty for no colours.
        wires: Paints the wires.
        hovered_wire, selected_wire: Slots of wires to stress, or -1.
    """

    def __init__(self, mirror: Mirror, palette: CanvasPalette) -> None:
        self.mirror = mirror
        self.palette = palette
        self.live: Mapping[str, Live] = {}
        self.heat: Mapping[str, Heat] = {}
        self.hovered_wire = -1
        self.selected_wire = -1
        self._sprites = Sprites()
        self._stamps = Stamps()
        """Nodes with their texts."""
        self._lettering = Lettering()
        self.wires = WirePainter(mirror, self._lettering)

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Paint wires and nodes that lie in the frame's area; the painter is in canvas units."""
        stressed = self.paint_wires(painter, frame)
        self.paint_nodes(painter, frame)
        self.trace(painter, frame, stressed)

    def paint_wires(self, painter: QPainter, frame: Frame, chosen: np.ndarray | None = None) -> np.ndarray:
        """Paint the wires alone, all or those of some slots; as `WirePainter.paint`."""
        self._lettering.begin(painter, self.palette, frame.zoom, scaled=frame.vector)
        return self.wires.paint(painter, frame, self.palette, (self.hovered_wire, self.selected_wire), chosen)

    def paint_nodes(self, painter: QPainter, frame: Frame, chosen: np.ndarray | None = None) -> None:
        """Paint the nodes alone, all or those of some slots."""
        self._lettering.begin(painter, self.palette, frame.zoom, scaled=frame.vector)
        slots = self._seen(frame, slice(None) if chosen is None else chosen)
        if frame.zoom < style.FLAT_BELOW and not frame.vector:
            self._paint_flat(painter, slots)
            self._paint_veils(painter, slots, bare=True)
        elif not frame.vector and (frame.zoom < style.TEXT_FROM or len(slots) > style.MOST_TEXTS):
            self._paint_sprites(painter, frame, slots)
            self._paint_veils(painter, slots)
        else:
            self._paint_fully(painter, frame, slots)

    def trace(self, painter: QPainter, frame: Frame, stressed: np.ndarray) -> None:
        """Let wires shine through the nodes that lie on them, from what `paint_wires` has told."""
        self.wires.trace(painter, frame, self.palette, stressed)

    def _seen(self, frame: Frame, chosen: np.ndarray | slice) -> np.ndarray:
        """Slots of those of the nodes that are in a frame, the topmost last."""
        x, y, width, height = self.mirror.rects[chosen].T
        seen = frame.grown(_STANDING_OUT).holds(x, y, x + width, y + height)
        seen = seen if isinstance(chosen, slice) else chosen[seen]
        order = np.argsort(self.mirror.stack[seen], kind="stable")
        return np.asarray(seen[order])

    def _paint_flat(self, painter: QPainter, slots: np.ndarray) -> None:
        """Rectangles without border, one call for each colour; those of bypassed nodes are empty."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        states = self.mirror.states[slots]
        plain = slots[states & np.uint8(State.SELECTED | State.ERROR | State.LIT) == 0]
        faces = [self._flat_face(look) for look in self.mirror.look_list]
        numbers = {face: number for number, face in enumerate(dict.fromkeys(faces))}
        table = np.array([numbers[face] for face in faces], np.uint8)
        for number, alike in batches.grouped(table[self.mirror.looks[plain]]):
            color, hollow = next(itertools.islice(numbers, number, None))
            rects = self.mirror.rects[plain[alike]]
            if hollow:
                painter.setPen(QPen(QColor(color), 0.0))
                batches.fill_rects(painter, rects, Qt.BrushStyle.NoBrush)
                painter.setPen(Qt.PenStyle.NoPen)
            else:
                batches.fill_rects(painter, rects, QColor(color))
        for state, signal in (
            (State.ERROR, self.palette.error),
            (State.LIT, self.palette.lit),
            (State.SELECTED, self.palette.selection),
        ):
            batches.fill_rects(painter, self.mirror.rects[slots[states & np.uint8(state) != 0]], signal)

    def _flat_face(self, look: Look) -> tuple[str, bool]:
        """Colour of a node without detail, and whether only its edge has it."""
        color = self.palette.border if look.mode == "muted" else self.palette.category(look.category)
        return color.name(), look.mode == "bypassed"

    def _paint_sprites(self, painter: QPainter, frame: Frame, slots: np.ndarray) -> None:
        """Bodies without texts, one call for each look and state."""
        self._sprites.prepare(frame.zoom, frame.ratio, self.palette)
        transform = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        keys = self.mirror.looks[slots] * 256 + self.mirror.states[slots]
        for key, alike in batches.grouped(keys):
            pixmap = self._sprites.get(self.mirror.look_list[key >> 8], key & 255)
            corners = self.mirror.rects[slots[alike], :2] - BLEED
            placed = corners * frame.zoom + (transform.dx(), transform.dy())
            batches.draw_fragments(painter, pixmap, batches.on_pixels(placed, frame.ratio), frame.ratio)
        painter.restore()

    def _paint_fully(self, painter: QPainter, frame: Frame, slots: np.ndarray) -> None:
        """Node by node with texts, so that what lies on top covers what lies below."""
        base = painter.worldTransform()
        if frame.vector:
            for slot in slots.tolist():
                x, y = self.mirror.rects[slot, :2].tolist()
                self._paint_node(painter, QTransform(base).translate(x, y), slot, frame)
        else:
            margins = _MARGINS_TOLD if self.heat or self.live else _MARGINS
            self._stamps.prepare(painter.device(), frame.zoom, self.palette, margins)
            self._sprites.prepare(frame.zoom, frame.ratio, self.palette)
            left, top, right, bottom = (
                np.ceil(np.array(margins) * frame.zoom * frame.ratio) / frame.ratio
            ).tolist()
            margin = QMarginsF(left, top, right, bottom)
            corners = self.mirror.rects[slots, :2] * frame.zoom + (base.dx(), base.dy())
            corners = batches.on_pixels(corners, frame.ratio) - (left, top)
            painter.resetTransform()
            for slot, corner in zip(slots.tolist(), corners.tolist(), strict=True):
                painter.drawImage(QPointF(*corner), self._stamp(slot, frame, margin))
        painter.setWorldTransform(base)

    def _stamp(self, slot: int, frame: Frame, margin: QMarginsF) -> QImage:
        """A node with its texts and what stands out of it, by a margin in pixels."""
        name = self.mirror.nodes.keys[slot]
        assert name is not None
        look, state = int(self.mirror.looks[slot]), int(self.mirror.states[slot])
        key = (look, state, self.mirror.caption(name), self.heat.get(name), self.live.get(name))
        width, height = self.mirror.rects[slot, 2:].tolist()
        size = (QSizeF(width, height) * frame.zoom).grownBy(margin)
        origin = QTransform.fromTranslate(margin.left(), margin.top()).scale(frame.zoom, frame.zoom)
        return self._stamps.get(key, size, lambda painter: self._paint_node(painter, origin, slot, frame))

    def _paint_node(self, painter: QPainter, here: QTransform, slot: int, frame: Frame) -> None:
        """A node whose corner is the origin of a transform."""
        name = self.mirror.nodes.keys[slot]
        assert name is not None
        look = self.mirror.look_list[self.mirror.looks[slot]]
        anatomy, state = look.anatomy, int(self.mirror.states[slot])
        size = QSizeF(anatomy.width, anatomy.height)
        caption, heat, live = self.mirror.caption(name), self.heat.get(name), self.live.get(name)
        detailed, named = frame.zoom >= style.SHAPES_FROM, frame.zoom >= style.TEXT_FROM
        painter.setWorldTransform(here)
        if frame.vector:
            paint_body(painter, look, state, self.palette)
        else:
            self._draw_sprite(painter, here, look, state, frame)
        if heat is not None:
            paint_veil(painter, heat, size, self.palette)
        if live is not None:
            self._paint_glow(painter, live.heat, size)
        self._lettering.place(painter, here)
        if named:
            faded = look.mode != "active"
            self._lettering.write_caption(
                painter, caption, anatomy, detailed, stressed=heat is not None, faded=faded
            )
        if caption.mark and detailed:
            self._lettering.write_mark(painter, caption.mark, anatomy)
        if anatomy.named and detailed:
            self._lettering.write_ports(painter, anatomy)
        if live is not None:
            self._lettering.write_live(painter, live.text, anatomy)
        if heat is not None and named:
            painter.setWorldTransform(here)
            paint_tag(painter, heat, size, self.palette, frame.zoom)

    def _draw_sprite(self, painter: QPainter, here: QTransform, look: Look, state: int, frame: Frame) -> None:
        bleed = BLEED * frame.zoom
        corner = batches.pixel_at(here.dx() - bleed, here.dy() - bleed, frame.ratio)
        painter.resetTransform()
        painter.drawPixmap(corner, self._sprites.get(look, state))
        painter.setWorldTransform(here)

    def _paint_veils(self, painter: QPainter, slots: np.ndarray, *, bare: bool = False) -> None:
        """Colour bodies that carry no texts; bare ones lose the colours of their kinds, which would mix with these."""
        if self.heat:
            if bare:
                painter.setPen(Qt.PenStyle.NoPen)
                plain = slots[self.mirror.states[slots] & np.uint8(State.SELECTED | State.ERROR) == 0]
                batches.fill_rects(painter, self.mirror.rects[plain], self.palette.border)
            names = (self.mirror.nodes.keys[slot] for slot in slots.tolist())
            shares = np.array([self.heat[n].share if n in self.heat else 0.0 for n in names])
            paint_veils(painter, self.mirror.rects[slots], shares, self.palette)

    def _paint_glow(self, painter: QPainter, heat: float, size: QSizeF) -> None:
        """A frame around a running node, the stronger the hotter."""
        if heat > 0:
            color = QColor(self.palette.lit)
            color.setAlphaF(min(1.0, heat) * 0.8)
            painter.setPen(QPen(color, 3.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(-3, -3, size.width() + 6, size.height() + 6), 11, 11)
