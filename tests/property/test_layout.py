"""Layouts of any drawing with any frames: nodes lie apart, frames hold their own and no others."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeforge.session.layout import BETWEEN_LAYERS, GAPS, Fence, Plan, Sketch, arrange

GAP = 10.0
"""Much less than what a layout leaves between nodes, or between a frame and what does not belong to it."""

Boxes = np.ndarray
"""(k, 4): left, top, right and bottom."""


@st.composite
def fences(draw: st.DrawFn, nodes: list[int], depth: int = 0) -> list[Fence]:
    """Frames around some of these nodes, those within others first."""
    found: list[Fence] = []
    rest = draw(st.permutations(nodes)) if draw(st.booleans()) else list(nodes)
    while rest and draw(st.booleans()):
        count = draw(st.integers(1, len(rest)))
        mine, rest = rest[:count], rest[count:]
        if depth < 2:
            found += draw(fences(mine, depth + 1))
        margins = draw(st.tuples(*[st.sampled_from((20.0, 35.0, 80.0))] * 4))
        title = draw(st.sampled_from((0.0, 32.0)))
        found.append(Fence(nodes=frozenset(mine), margins=margins, outside=(0.0, title, 0.0, 0.0)))
    return found


@st.composite
def sketches(draw: st.DrawFn) -> Sketch:
    """Nodes of several sizes anywhere, wires between them that may close loops, and frames."""
    count = draw(st.integers(1, 14))
    node = st.integers(0, count - 1)
    edges = np.array(draw(st.lists(st.tuples(node, node), max_size=2 * count)), int).reshape(-1, 2)
    heights = draw(st.lists(st.sampled_from((24.0, 56.0, 136.0)), min_size=count, max_size=count))
    sizes = np.array([(160.0, height) for height in heights])
    place = st.tuples(st.integers(0, 50), st.integers(0, 30))
    places = np.array(draw(st.lists(place, min_size=count, max_size=count)), float) * 20
    down = draw(st.booleans())
    out, into = ((0.5, 1.0), (0.5, 0.0)) if down else ((1.0, 0.5), (0.0, 0.5))
    return Sketch(
        sizes=sizes,
        edges=edges,
        ports=np.concatenate((sizes[edges[:, 0]] * out, sizes[edges[:, 1]] * into), axis=1),
        places=places,
        aside=np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count))),
        direction="down" if down else "right",
        rows=draw(st.booleans()),
        fences=tuple(draw(fences(list(range(count))))),
    )


def boxes_of(drawn: Sketch, plan: Plan) -> Boxes:
    return np.concatenate((plan.places, plan.places + drawn.sizes), axis=1)


def meet(one: np.ndarray, two: np.ndarray, gap: float = 0.0) -> bool:
    return bool((one[:2] < two[2:] + gap).all() and (two[:2] < one[2:] + gap).all())


def holds(outer: np.ndarray, inner: np.ndarray) -> bool:
    return bool((outer[:2] <= inner[:2]).all() and (inner[2:] <= outer[2:]).all())


@settings(max_examples=150, deadline=None)
@given(sketches())
def test_nodes_lie_apart_and_frames_hold_their_own_and_no_others(drawn: Sketch) -> None:
    plan = arrange(drawn)
    boxes = boxes_of(drawn, plan)
    for node, box in enumerate(boxes):
        assert not any(meet(box, other, GAP) for other in boxes[:node])
    for number, (fence, area) in enumerate(zip(drawn.fences, plan.areas, strict=True)):
        for node, box in enumerate(boxes):
            assert holds(area, box) if node in fence.nodes else not meet(area, box, GAP)
        for inner, inside in zip(drawn.fences[:number], plan.areas, strict=False):
            assert holds(area, inside) if inner.nodes <= fence.nodes else not meet(area, inside, GAP)


@settings(max_examples=40, deadline=None)
@given(sketches())
def test_the_same_drawing_is_laid_out_in_the_same_way(drawn: Sketch) -> None:
    one, two = arrange(drawn), arrange(replace(drawn))
    assert np.array_equal(one.places, two.places)
    assert one.bends == two.bends
    assert np.array_equal(one.areas, two.areas)


@settings(max_examples=60, deadline=None)
@given(sketches())
def test_frames_are_drawn_as_close_around_what_they_hold_as_they_say(drawn: Sketch) -> None:
    """Each edge stands off by its margin from a node, a bend or the edge of a frame within."""
    plan = arrange(drawn)
    boxes = boxes_of(drawn, plan)
    for number, (fence, area) in enumerate(zip(drawn.fences, plan.areas, strict=True)):
        held = [boxes[node] for node in fence.nodes]
        held += [plan.areas[i] for i, inner in enumerate(drawn.fences[:number]) if inner.nodes <= fence.nodes]
        held += [
            np.array((*point, *point))
            for edge, way in plan.bends.items()
            if fence.nodes.issuperset(drawn.edges[edge].tolist())
            for point in way
        ]
        content = np.array(held)
        tight = np.concatenate((content[:, :2].min(axis=0), content[:, 2:].max(axis=0)))
        assert np.allclose(area, tight + np.array(fence.margins) * (-1, -1, 1, 1))


@settings(max_examples=60, deadline=None)
@given(sketches())
def test_drawn_downwards_all_is_the_same_with_the_axes_exchanged(drawn: Sketch) -> None:
    """As long as both directions have the same gaps."""
    right = replace(drawn if drawn.direction == "right" else drawn.turned(), direction="right")
    with (
        patch.dict(GAPS, down=GAPS["right"]),
        patch.dict(BETWEEN_LAYERS, down=BETWEEN_LAYERS["right"]),
    ):
        one, two = arrange(right), arrange(replace(right.turned(), direction="down"))
    assert np.array_equal(one.places, two.places[:, ::-1])
    assert np.array_equal(one.areas, two.areas[:, [1, 0, 3, 2]])
    assert one.bends == {edge: tuple((y, x) for x, y in way) for edge, way in two.bends.items()}
