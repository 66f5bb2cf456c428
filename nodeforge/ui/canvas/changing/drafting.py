"""A network as numbers to be laid out, and the edit that a plan for it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from nodeforge.analysis.placement import HEIGHT, WIDTH
from nodeforge.catalog import Kind
from nodeforge.core.edits import Batch, Bend, Edit, MoveNodes, SetDirection, SetFrames
from nodeforge.core.graph import Graph, Wire, reached
from nodeforge.session.layout import BETWEEN_LAYERS, GAPS, Plan, Sketch
from nodeforge.ui.canvas.changing.fencing import clearance, fences_of, frames_after, swallows
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.geometry.anatomy import anatomy_of
from nodeforge.ui.canvas.style import NODE_WIDTH

COLUMN = NODE_WIDTH + BETWEEN_LAYERS["right"]
"""How far behind each other nodes stand."""
ROW_GAP = GAPS["right"].nodes
"""How much room there is between nodes below each other."""

_STEPS = 16
"""Into how many pieces a leg is cut to see whether it touches a node."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be arranged.

    Attributes:
        network: Its name.
        direction: Which way its wires shall run.
        names: The nodes to arrange; all when None.
        rows: Whether a long drawing is broken into rows.
    """

    network: str
    direction: str
    names: frozenset[str] | None = None
    rows: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A network as numbers.

    Attributes:
        nodes: Names, by their number in the sketch.
        wires: Likewise.
        sketch: Sizes, ports and places.
        frames: Names of those that are arranged with their nodes, by the number of their fence.
    """

    nodes: list[str]
    wires: list[Wire]
    sketch: Sketch
    frames: list[str]

    def fits(self, graph: Graph) -> bool:
        """Whether a plan for the draft still fits the network."""
        known = set(self.nodes)
        joined = (wire for name in self.nodes if name in graph for wire in graph.wires_from(name))
        return (
            known <= graph.nodes.keys()
            and set(self.frames) <= graph.drawing.frames.keys()
            and set(self.wires) == {w for w in joined if w.target in known}
        )


def draft_of(graph: Graph, known: Mapping[str, Kind], wish: Wish) -> Draft:
    """What is to be laid out, with the sizes and ports that nodes have when the wires run as wished."""
    shown, axes = graph, [0, 1]
    if wish.direction != graph.drawing.direction:
        shown, axes = graph.copy(), [1, 0]  # what lay above now lies to the left
        shown.drawing.direction = wish.direction
    chosen = graph.nodes.keys() if wish.names is None else wish.names
    nodes = [node.name for node in graph.ordered_nodes() if node.name in chosen]
    number = {name: i for i, name in enumerate(nodes)}
    anatomies = {name: anatomy_of(shown, shown.nodes[name], known) for name in nodes}
    wires = [wire for wire in graph.ordered_wires() if wire.source in number and wire.target in number]
    aside = _aside(graph, known)
    sketch = Sketch(
        sizes=np.array([(anatomies[n].width, anatomies[n].height) for n in nodes], float).reshape(-1, 2),
        edges=np.array([(number[w.source], number[w.target]) for w in wires], int).reshape(-1, 2),
        ports=np.array(
            [
                (*anatomies[w.source].output_place(w.output), *anatomies[w.target].input_place(w.input))
                for w in wires
            ],
            float,
        ).reshape(-1, 4),
        places=np.array([graph.nodes[name].position for name in nodes], float).reshape(-1, 2)[:, axes],
        aside=np.array([name in aside for name in nodes], bool),
        bends={
            i: tuple((point[axes[0]], point[axes[1]]) for point in graph.drawing.bends[wire])
            for i, wire in enumerate(wires)
            if wire in graph.drawing.bends
        },
        direction=wish.direction,
        rows=wish.rows,
        trace=_trace_down if wish.direction == "down" else _trace_right,
    )
    fences = fences_of(graph, sketch, nodes, wires)
    return Draft(nodes, wires, replace(sketch, fences=tuple(fences.values())), list(fences))


def _aside(graph: Graph, known: Mapping[str, Kind]) -> set[str]:
    """The nodes from which no wire leads to an output: losses and what only they need."""
    outputs = [name for name, node in graph.nodes.items() if node.kind == "Output"]
    main = reached(graph.predecessors, outputs)
    return graph.nodes.keys() - main if main else set()


def _trace_right(ends: np.ndarray, counts: np.ndarray, bends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _trace(routing.legs(ends, counts, bends))


def _trace_down(ends: np.ndarray, counts: np.ndarray, bends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _trace(routing.legs(ends, counts, bends, down=True))


def _trace(legs: routing.Legs) -> tuple[np.ndarray, np.ndarray]:
    """Points along wires as they are painted, and which wire each lies on."""
    return routing.points(legs, _STEPS).reshape(-1, 2), np.repeat(legs.wires, _STEPS + 1)


def edit_of(graph: Graph, draft: Draft, wish: Wish, plan: Plan) -> Batch | None:
    """The edit that carries out a plan; None if all is as planned.

    Arranged by themselves, some nodes stay around the point where their middle was, unless a frame of theirs would
    take others in. Wires that join them with others run straight.
    """
    move = _move(graph, draft, plan) if wish.names else np.zeros(2)
    places = {n: (float(x), float(y)) for n, (x, y) in zip(draft.nodes, plan.places + move, strict=True)}
    moved = {name: at for name, at in places.items() if graph.nodes[name].position != at}
    ways = {
        wire: tuple((x + float(move[0]), y + float(move[1])) for x, y in plan.bends.get(i, ()))
        for i, wire in enumerate(draft.wires)
    }
    bends = graph.drawing.bends
    ways |= {w: () for w in bends if w not in ways and (w.source in places or w.target in places)}
    ways = {wire: way for wire, way in ways.items() if way != bends.get(wire, ())}
    areas = dict(zip(draft.frames, _boxes(plan.areas, move), strict=True))
    sizes = {name: (w, h) for name, (w, h) in zip(draft.nodes, draft.sketch.sizes.tolist(), strict=True)}
    frames = frames_after(graph, places, sizes, areas)
    edits: list[Edit] = []
    if wish.direction != graph.drawing.direction:
        edits.append(SetDirection(graph.name, wish.direction))
    if moved:
        edits.append(MoveNodes(graph.name, moved))
    if ways:
        edits.append(Bend(graph.name, ways))
    if frames != graph.drawing.frames:
        edits.append(SetFrames(graph.name, frames))
    return Batch(tuple(edits), "Arrange nodes") if edits else None


def _move(graph: Graph, draft: Draft, plan: Plan) -> np.ndarray:
    """How far some nodes that were arranged by themselves are moved all together."""
    sizes = draft.sketch.sizes
    move = np.round(_middle(draft.sketch.places, sizes) - _middle(plan.places, sizes))
    chosen = set(draft.nodes)
    others = [(*node.position, WIDTH, HEIGHT) for name, node in graph.nodes.items() if name not in chosen]
    areas = _boxes(plan.areas, move)
    if swallows(areas, others):
        corners = np.concatenate((plan.places, plan.places + sizes, plan.areas.reshape(-1, 2)))
        (whole,) = _boxes(np.concatenate((corners.min(axis=0), corners.max(axis=0)))[None], move)
        move[1] += clearance(whole, others)
    return np.asarray(move)


def _boxes(areas: np.ndarray, move: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Left, top, width and height of areas (k, 4) from corner to corner, elsewhere."""
    boxes = np.concatenate((areas[:, :2] + move, areas[:, 2:] - areas[:, :2]), axis=1)
    return [(x, y, width, height) for x, y, width, height in boxes.tolist()]


def _middle(places: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.asarray((places.min(axis=0) + (places + sizes).max(axis=0)) / 2)
