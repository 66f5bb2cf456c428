"""Edits of what belongs to a drawing alone: frames, the ways of wires, bookmarks, direction, small nodes."""

from __future__ import annotations

from nodeforge.core.changes import NetworkChange
from nodeforge.core.drawing import DIRECTIONS, check_frame, way
from nodeforge.core.edits.values import (
    Bend,
    Collapse,
    Edit,
    SetBookmark,
    SetDirection,
    SetFrames,
)
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Graph


def draw(graph: Graph, edit: Edit, touched: NetworkChange) -> Edit:
    """Carry out an edit of a drawing; returns what undoes it.

    Raises:
        EditError: It names what is not there, or cannot be drawn.
    """
    drawing = graph.drawing
    match edit:
        case Bend(network, ways):
            for wire in ways:
                if not graph.has_wire(wire):
                    raise EditError(f"There is no wire {wire} in network {graph.name}.")
            after = {wire: way(wire, bends) for wire, bends in ways.items()}
            before = {wire: graph._bend(wire, bends) for wire, bends in after.items()}
            touched.drawn |= before != after
            return Bend(network, before)
        case SetFrames(network, frames):
            for name, frame in frames.items():
                check_frame(name, frame)
            past = drawing.frames
            drawing.frames = dict(frames)
            touched.drawn |= list(frames.items()) != list(past.items())
            return SetFrames(network, past)
        case SetBookmark(network, name, bookmark):
            last = drawing.bookmarks.pop(name, None)
            if bookmark is not None:
                drawing.bookmarks[name] = bookmark
            touched.drawn |= last != bookmark
            return SetBookmark(network, name, last)
        case SetDirection(network, direction):
            if direction not in DIRECTIONS:
                raise EditError(f"Wires cannot run {direction!r}; choose {' or '.join(DIRECTIONS)}.")
            was, drawing.direction = drawing.direction, direction
            touched.drawn |= was != direction
            return SetDirection(network, was)
        case Collapse(network, collapsed):
            for name in collapsed:
                if name not in graph:
                    raise EditError(f"Network {graph.name} has no node {name}.")
            state = {name: name in drawing.collapsed for name in collapsed}
            touched.moved |= {name for name, small in collapsed.items() if small != state[name]}
            drawing.collapsed -= collapsed.keys()
            drawing.collapsed |= {name for name, small in collapsed.items() if small}
            return Collapse(network, state)
        case _:
            raise TypeError(f"not an edit: {edit!r}")
