"""Walking from node to node by arrow keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


def walk(canvas: Canvas, dx: int, dy: int, *, keep: bool = False) -> None:
    """Select the next node in a direction; with `keep`, the selected ones stay so."""
    name = neighbour(canvas, dx, dy)
    if name:
        canvas.model.select([*canvas.model.selection, name] if keep else [name])
        canvas.standing = name
        canvas.reveal(name)


def here(canvas: Canvas) -> str:
    """The selected node from which keys go on; "" when none is selected."""
    chosen = canvas.model.selection
    return canvas.standing if canvas.standing in chosen else min(chosen, default="")


def neighbour(canvas: Canvas, dx: int, dy: int) -> str:
    """The node to select next: along a wire to the left or right, up or down among nodes of the same column."""
    graph, mirror = canvas.model.graph, canvas.mirror
    places = {name: mirror.rects[slot, :2].tolist() for name, slot in mirror.nodes.index.items()}
    if not places:
        return ""
    start = here(canvas)
    if not start:
        return min(places, key=lambda name: (places[name], name))
    x, y = places[start]
    if dx:
        near = graph.successors(start) if dx > 0 else graph.predecessors(start)
        return min(near, key=lambda name: (abs(places[name][1] - y), abs(places[name][0] - x)), default="")
    ahead = [name for name, (_, top) in places.items() if (top - y) * dy > 0]
    return min(ahead, key=lambda n: abs(places[n][1] - y) + 2 * abs(places[n][0] - x), default="")
