"""What rests while nodes are dragged, as pictures, so that a step paints only what moves."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter

from nodeforge.ui.canvas.geometry.mirror import Mirror
from nodeforge.ui.canvas.painting.painter import GraphPainter
from nodeforge.ui.canvas.painting.stamps import blank
from nodeforge.ui.canvas.painting.wire_painter import Frame

_CALM = 3
"""Pictures are made when so many frames before differed by nothing but what moves: to make them takes as long as to
paint all."""
_MOST = 200
"""Where more nodes move, little rests."""


class Resting:
    """Two pictures of a view: of what lies below the wires that move, and of what lies above them.

    Args:
        mirror: What is painted.
        painter: Paints it.
        nodes: (k,) slots of the nodes that move.
        paint_ground: Paints what lies below all wires.
    """

    def __init__(
        self,
        mirror: Mirror,
        painter: GraphPainter,
        nodes: np.ndarray,
        paint_ground: Callable[[QPainter, Frame], None],
    ) -> None:
        self._mirror = mirror
        self._painter = painter
        self._paint_ground = paint_ground
        self._nodes = nodes
        # The shape of what a node gives lies where all its wires leave room.
        sources = np.zeros(len(mirror.rects), bool)
        sources[mirror.ends[mirror.wires_at(nodes), 0]] = True
        self._wires = np.flatnonzero(sources[mirror.ends[:, 0]])
        self._is_worth_it = len(nodes) <= _MOST
        self._circumstances: tuple[Hashable, ...] = ()
        self._calm = 0
        self._pictures: tuple[QImage, QImage] | None = None

    def paint(self, painter: QPainter, frame: Frame, view: QSizeF, changes: int) -> bool:
        """Paint a frame with the help of the pictures; False if there are none, and nothing was painted.

        Args:
            painter: Paints in canvas units, and only what is to be painted.
            frame: What is to be painted.
            view: The size of the view in pixels.
            changes: How often something else has changed than what moves.
        """
        base = painter.worldTransform()
        circumstances = (changes, view.toTuple(), base.m11(), base.dx(), base.dy(), frame.ratio)
        if circumstances != self._circumstances:
            self._circumstances, self._calm, self._pictures = circumstances, 0, None
        self._calm += 1
        if self._calm <= _CALM or not self._is_worth_it:
            return False
        if self._pictures is None:
            whole = base.inverted()[0].mapRect(QRectF(QPointF(), view))
            self._pictures = self._made(painter, Frame([whole], frame.zoom, frame.ratio), view)
        below, above = self._pictures
        _show(painter, below)
        stressed = self._painter.paint_wires(painter, frame, self._wires)
        _show(painter, above)
        self._painter.paint_nodes(painter, frame, self._nodes)
        self._painter.trace(painter, frame, stressed)
        return True

    def _made(self, screen: QPainter, frame: Frame, view: QSizeF) -> tuple[QImage, QImage]:
        nodes = np.setdiff1d(np.arange(len(self._mirror.rects)), self._nodes)
        wires = np.setdiff1d(np.arange(len(self._mirror.ends)), self._wires)
        dpi = screen.device().logicalDpiY()
        below, above = (blank(view, frame.ratio, dpi) for _ in range(2))
        with QPainter(below) as painter:
            painter.setWorldTransform(screen.worldTransform())
            self._paint_ground(painter, frame)
            stressed = self._painter.paint_wires(painter, frame, wires)
        with QPainter(above) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, frame.fine)
            painter.setWorldTransform(screen.worldTransform())
            self._painter.paint_nodes(painter, frame, nodes)
            self._painter.trace(painter, frame, stressed)
        return below, above


def _show(painter: QPainter, picture: QImage) -> None:
    """All of it: the painter is clipped to what is to be painted."""
    base = painter.worldTransform()
    painter.resetTransform()
    painter.drawImage(QPointF(), picture)
    painter.setWorldTransform(base)
