"""Where a node that an edit adds comes to lie on the canvas."""

from __future__ import annotations

from nodeforge.core.graph import Graph, Node

WIDTH, HEIGHT = 160.0, 60.0
"""About the size of a node, in canvas units."""
GRID = 20.0
GAP = 60.0

Position = tuple[float, float]


def snap(position: Position) -> Position:
    """The nearest point of the grid."""
    x, y = position
    return (round(x / GRID) * GRID, round(y / GRID) * GRID)


def free_spot(graph: Graph, wish: Position) -> Position:
    """The wished position on the grid, or the first below it where the node covers no other."""
    x, y = snap(wish)
    columns = [node.position for node in graph.nodes.values() if abs(node.position[0] - x) < WIDTH]
    while any(abs(other - y) < HEIGHT for _, other in columns):
        y += GRID
    return (x, y)


def between(graph: Graph, left: Node, right: Node) -> Position:
    """A free spot halfway between two nodes."""
    (ax, ay), (bx, by) = left.position, right.position
    return free_spot(graph, ((ax + bx) / 2, (ay + by) / 2))


def right_of(graph: Graph, node: Node) -> Position:
    """A free spot behind a node."""
    x, y = node.position
    return free_spot(graph, (x + WIDTH + GAP, y))


def left_of(graph: Graph, node: Node) -> Position:
    """A free spot before a node."""
    x, y = node.position
    return free_spot(graph, (x - WIDTH - GAP, y))


def below_left_of(graph: Graph, node: Node) -> Position:
    """A free spot before and below a node: for what enters its second port."""
    x, y = node.position
    return free_spot(graph, (x - WIDTH - GAP, y + HEIGHT + GRID))


def below(graph: Graph, node: Node) -> Position:
    """A free spot below a node, with room for one between."""
    x, y = node.position
    return free_spot(graph, (x, y + 2 * HEIGHT))
