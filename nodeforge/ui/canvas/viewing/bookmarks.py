"""Bookmarks: places of the drawings to come back to, nine of them by a key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QToolTip

from nodeforge.core.document import Document
from nodeforge.core.drawing import BOOKMARK_KEYS, Bookmark
from nodeforge.core.edits import Batch, Edit, SetBookmark
from nodeforge.session.whereabouts import way_to

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas
    from nodeforge.ui.project_model import ProjectModel


@dataclass(frozen=True, slots=True)
class Place:
    """A bookmark and where it is."""

    network: str
    name: str
    bookmark: Bookmark

    @property
    def words(self) -> str:
        """What lies there."""
        return self.bookmark.title or self.name


def places(document: Document) -> list[Place]:
    """Every bookmark of the project, by name; those with keys first."""
    found = [
        Place(network, name, bookmark)
        for network, graph in document.networks.items()
        for name, bookmark in graph.drawing.bookmarks.items()
    ]
    return sorted(found, key=lambda place: (place.name not in BOOKMARK_KEYS, place.name, place.network))


def set_here(canvas: Canvas, name: str = "") -> str:
    """Keep what is seen now as a bookmark; returns its name.

    Args:
        canvas: What is seen.
        name: "1" to "9", or any other name; "" for the lowest free number. A bookmark of that name moves here,
            from wherever it was.
    """
    model = canvas.model
    taken = {place.name: place for place in places(model.document)}
    number = 1
    while not name and str(number) in taken:
        number += 1
    name = name or str(number)
    centre = canvas.visible_area().center()
    mark = Bookmark(centre=(centre.x(), centre.y()), zoom=canvas.zoom, title=_title(canvas, centre))
    edits: list[Edit] = [SetBookmark(model.network, name, mark)]
    if name in taken and taken[name].network != model.network:
        edits.insert(0, SetBookmark(taken[name].network, name, None))
    if model.do(Batch(tuple(edits), f"Set bookmark {name}")):
        words = f"Bookmark {name}: {mark.title}" if mark.title else f"Bookmark {name}"
        QToolTip.showText(canvas.viewport().mapToGlobal(QPoint(12, 12)), words, canvas)
    return name


def _title(canvas: Canvas, centre: QPointF) -> str:
    """What lies in the middle of the view: the frame there, or else the nearest node in sight."""
    frame = canvas.frames.body_at(centre)
    if frame and (title := canvas.frames.frames[frame].title):
        return title
    mirror, seen = canvas.mirror, canvas.visible_area()
    middles = mirror.rects[:, :2] + mirror.rects[:, 2:] / 2
    gaps = np.hypot(middles[:, 0] - centre.x(), middles[:, 1] - centre.y())
    if np.isnan(gaps).all():
        return ""
    nearest = int(np.nanargmin(gaps))
    return (mirror.nodes.keys[nearest] or "") if seen.contains(QPointF(*middles[nearest].tolist())) else ""


def go_to(canvas: Canvas, name: str) -> bool:
    """Go to a bookmark, in whatever network it lies; False when there is none of that name."""
    model = canvas.model
    found = [place for place in places(model.document) if place.name == name]
    if not found:
        keys = QKeySequence(f"Ctrl+{name}").toString(QKeySequence.SequenceFormat.NativeText)
        model.complained.emit(f"There is no bookmark {name}: {keys} sets it to what is seen.")
        return False
    # A file edited by hand may have the name in several networks: the shown one goes first.
    place = min(found, key=lambda each: each.network != model.network)
    if place.network != model.network:
        model.go(way_to(model.document, place.network))
    canvas.flight.go(QPointF(*place.bookmark.centre), place.bookmark.zoom)
    return True


def retitle(model: ProjectModel, place: Place, title: str) -> None:
    """Say otherwise what lies at a bookmark."""
    mark = replace(place.bookmark, title=title)
    model.do(SetBookmark(place.network, place.name, mark), label=f"Rename bookmark {place.name}")


def remove(model: ProjectModel, place: Place) -> None:
    """One bookmark less."""
    model.do(SetBookmark(place.network, place.name, None), label=f"Remove bookmark {place.name}")
