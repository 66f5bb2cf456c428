"""Layouts of drawings as numbers: what holds for every one of them, and what a reader expects of well-known ones."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from nodeforge.session.layout import CancelledError, Plan, Sketch, arrange
from nodeforge.session.layout.ladder import ladder_of, present_order
from nodeforge.session.layout.ordering import crossings, order
from nodeforge.session.layout.turning import Between
from nodeforge.session.layout.wires import CLEAR

Pair = tuple[int, int]
COLUMN, ROW = 240.0, 100.0


def sketch(
    edges: Iterable[Pair],
    *,
    heights: Sequence[float] = (),
    places: np.ndarray | None = None,
    aside: Iterable[int] = (),
    direction: str = "right",
) -> Sketch:
    """Nodes of one size (or of these heights) with a port in the middle of each side."""
    pairs = np.array(list(edges), int).reshape(-1, 2)
    count = max(int(pairs.max(initial=-1)) + 1, len(heights))
    sizes = np.array([(160.0, heights[i] if len(heights) else 56.0) for i in range(count)]).reshape(-1, 2)
    half = sizes / 2
    if direction == "right":
        leaves = np.stack((sizes[:, 0], half[:, 1]), axis=1)
        enters = np.stack((np.zeros(count), half[:, 1]), axis=1)
    else:
        leaves = np.stack((half[:, 0], sizes[:, 1]), axis=1)
        enters = np.stack((half[:, 0], np.zeros(count)), axis=1)
    return Sketch(
        sizes=sizes,
        edges=pairs,
        ports=np.concatenate((leaves[pairs[:, 0]], enters[pairs[:, 1]]), axis=1),
        places=np.zeros((count, 2)) if places is None else places,
        aside=np.isin(np.arange(count), list(aside)),
        direction=direction,
    )


def chain(*nodes: int) -> list[Pair]:
    return list(pairwise(nodes))


def random_edges(seed: int, count: int = 40) -> list[Pair]:
    """Every node but the first is fed by an earlier one; some skip far."""
    rng = random.Random(seed)
    edges = {(rng.randrange(max(0, i - 5), i), i) for i in range(1, count)}
    edges |= {tuple(sorted(rng.sample(range(count), 2))) for _ in range(count // 3)}
    return sorted(edges)


def ends(drawn: Sketch, plan: Plan) -> np.ndarray:
    corners = (plan.places[drawn.edges[:, 0]], plan.places[drawn.edges[:, 1]])
    return np.concatenate(corners, axis=1) + drawn.ports


def overlaps(drawn: Sketch, plan: Plan) -> list[Pair]:
    low, high = plan.places, plan.places + drawn.sizes
    return [
        (i, j)
        for i, j in combinations(range(len(low)), 2)
        if (low[i] < high[j]).all() and (low[j] < high[i]).all()
    ]


def hidden(drawn: Sketch, plan: Plan) -> list[tuple[int, int]]:
    """(wire, node) for each wire that leads behind a node, straight from bend to bend."""
    ways = [plan.bends.get(edge, ()) for edge in range(len(drawn.edges))]
    counts = np.array([len(way) for way in ways])
    points, wires = drawn.trace(
        ends(drawn, plan), counts, np.array([p for way in ways for p in way]).reshape(-1, 2)
    )
    found = []
    for node, (corner, size) in enumerate(zip(plan.places, drawn.sizes, strict=True)):
        inside = ((points > corner) & (points < corner + size)).all(axis=1)
        touched = np.unique(wires[inside])
        found += [(int(wire), node) for wire in touched if node not in drawn.edges[wire]]
    return found


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("seed", range(8))
def test_no_node_covers_another_and_wires_run_onward_past_all_others(seed: int, direction: str) -> None:
    rng = random.Random(seed)
    heights = [rng.choice((24.0, 56.0, 96.0, 156.0)) for _ in range(40)]
    drawn = sketch(random_edges(seed), heights=heights, direction=direction)
    plan = arrange(drawn)
    assert overlaps(drawn, plan) == []
    start, end = (0, 2) if direction == "right" else (1, 3)
    way = ends(drawn, plan)
    assert (way[:, start] < way[:, end]).all()
    assert hidden(drawn, plan) == []


def test_bends_lead_onward_and_around_what_is_between() -> None:
    drawn = sketch([*chain(0, 1, 2, 3, 4, 5), (0, 5)])
    plan = arrange(drawn)
    assert list(plan.bends) == [5]
    (x0, y0), (x1, y1) = plan.bends[5]
    assert y0 == y1
    assert y0 + CLEAR < plan.places[1][1]
    assert plan.places[0][0] + 160 < x0 < x1 < plan.places[5][0]
    assert x0 <= plan.places[1][0]
    assert x1 >= plan.places[4][0] + 160


def test_a_wire_that_touches_nothing_has_no_bends() -> None:
    """Two ways of three and four nodes: the shorter one is a long wire, and there is nothing in its way."""
    assert arrange(sketch([*chain(0, 1, 2, 3, 5), *chain(0, 4, 5)])).bends.keys() <= {4, 5}
    assert arrange(sketch([(0, 1), (1, 2), (3, 2)])).bends == {}


@pytest.mark.parametrize("direction", ["right", "down"])
def test_a_chain_is_straight_though_its_nodes_differ_in_height(direction: str) -> None:
    drawn = sketch(chain(*range(9)), heights=[56, 96, 56, 136, 24, 56, 96, 56, 56], direction=direction)
    way = ends(drawn, arrange(drawn))
    across = 1 if direction == "right" else 0
    assert np.ptp(way[:, [across, across + 2]]) == 0


def test_residual_connections_go_around_on_one_side_and_the_main_way_is_straight() -> None:
    edges = []
    for block in range(0, 50, 5):
        edges += [*chain(*range(block, block + 6)), (block, block + 4)]
    drawn = sketch(edges)
    plan = arrange(drawn)
    assert np.ptp(plan.places[:, 1]) == 0
    assert len(plan.bends) == 10
    assert all(y < plan.places[0, 1] for way in plan.bends.values() for _, y in way)


def test_a_node_stands_in_the_middle_of_equal_branches() -> None:
    plan = arrange(sketch([(0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (2, 5), (3, 5), (4, 5)]))
    branches = np.sort(plan.places[1:5, 1])
    assert (np.diff(branches) >= 56 + 44).all()
    for node in (0, 5):
        assert plan.places[node, 1] == pytest.approx((branches[1] + branches[2]) / 2, abs=1)


def test_losses_and_targets_stand_below_the_main_way_next_to_each_other() -> None:
    output, loss, target = 4, 5, 6
    plan = arrange(sketch([*chain(0, 1, 2, 3, output), (3, loss), (target, loss)], aside=[loss, target]))
    assert np.ptp(plan.places[: output + 1, 1]) == 0
    assert plan.places[loss, 1] > plan.places[output, 1]
    assert plan.places[target, 1] > plan.places[3, 1]
    assert plan.places[target, 0] == plan.places[3, 0]


def test_what_feeds_two_ports_lies_in_the_order_of_the_ports() -> None:
    drawn = sketch([(1, 2), (0, 2)], heights=[56, 56, 96])
    drawn.ports[:, 3] = (60.0, 80.0)  # node 1 enters above node 0
    plan = arrange(drawn)
    assert plan.places[1, 1] < plan.places[0, 1]


def test_a_long_wire_ends_at_the_lower_port_without_crossing_the_chain() -> None:
    """An autoencoder: the input is the target, too, and the target is the second port of the loss."""
    drawn = sketch([(0, 1), (1, 2), (2, 3), (2, 4), (0, 4)], heights=[56, 56, 56, 56, 96])
    drawn.ports[3:, 3] = (60.0, 80.0)
    for places in (np.zeros((5, 2)), arrange(drawn).places * (1, -1)):
        ladder = ladder_of(replace(drawn, places=places))
        order(ladder, lambda: None)
        assert crossings(ladder) == 0


@pytest.mark.parametrize("seed", range(12))
def test_sorting_never_leaves_more_crossings_than_there_were(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = sketch(random_edges(seed), places=rng.uniform(0, 2000, (40, 2)))
    ladder = ladder_of(drawn)
    ladder.rungs = present_order(ladder)
    before = crossings(ladder)
    order(ladder, lambda: None)
    assert crossings(ladder) < before
    assert sorted(map(sorted, ladder.rungs)) == sorted(map(sorted, ladder_of(drawn).rungs))


def test_crossings_are_counted_as_a_person_counts_them() -> None:
    ladder = ladder_of(sketch([(0, 3), (0, 4), (1, 3), (1, 5), (2, 3)]))
    ladder.rungs = [[0, 1, 2], [3, 4, 5]]
    assert crossings(ladder) == 3  # 0-4 with 1-3 and 2-3, 1-5 with 2-3
    ladder.rungs = [[0, 2, 1], [4, 3, 5]]
    assert crossings(ladder) == 0


@pytest.mark.parametrize(
    "edges",
    [
        [*chain(*range(12)), (0, 4), (5, 9), (4, 11)],
        [*chain(*range(9)), (1, 7), (2, 6), (3, 5)],
        [(0, 1), (0, 2), (0, 3), (1, 4), (2, 5), (5, 4), (3, 4)],
        random_edges(0),
    ],
    ids=["skips", "nested skips", "branches", "random"],
)
def test_laid_out_again_nothing_moves(edges: list[Pair]) -> None:
    drawn = sketch(edges)
    first = arrange(drawn)
    again = arrange(replace(drawn, places=first.places, bends=first.bends))
    assert np.abs(again.places - first.places).max() <= 1
    assert again.bends.keys() == first.bends.keys()


@pytest.mark.parametrize("seed", range(4))
def test_after_a_node_more_most_stay_and_their_order_is_kept(seed: int) -> None:
    edges = random_edges(seed, 60)
    drawn = sketch(edges)
    first = arrange(drawn)
    source, target = edges[len(edges) // 2]
    wider = [edge for edge in edges if edge != (source, target)] + [(source, 60), (60, target)]
    bends = {wider.index(edges[i]): way for i, way in first.bends.items() if edges[i] in wider}
    middle = (first.places[source] + first.places[target]) / 2
    again = arrange(replace(sketch(wider, places=np.vstack((first.places, middle))), bends=bends))
    moved = np.median(np.abs(again.places[:60] - first.places), axis=0)
    assert moved[0] < COLUMN / 2
    assert moved[1] < 1.2 * ROW
    columns = {
        tuple(sorted((i, j)))
        for i, j in combinations(range(60), 2)
        if first.places[i, 0] == first.places[j, 0]
    }
    kept = [
        (first.places[i, 1] < first.places[j, 1]) == (again.places[i, 1] < again.places[j, 1])
        for i, j in columns
        if again.places[i, 0] == again.places[j, 0]
    ]
    assert np.mean(kept) > 0.9


def test_a_longer_branch_moves_nothing_else() -> None:
    edges = [*chain(0, 1, 2, 3, 4, 5), *chain(0, 6, 5)]
    first = arrange(sketch(edges))
    longer = [*chain(0, 1, 2, 3, 4, 5), *chain(0, 6, 7, 5)]
    places = np.vstack((first.places, first.places[6] + (COLUMN, 0)))
    again = arrange(sketch(longer, places=places))
    assert np.abs(again.places[:7] - first.places).max() <= 2


def test_a_loop_is_laid_out_and_no_wire_is_lost() -> None:
    drawn = sketch([*chain(0, 1, 2, 3), (3, 1), (2, 2)])
    plan = arrange(drawn)
    assert overlaps(drawn, plan) == []
    assert (np.diff(plan.places[:, 0]) > 0).all()


def test_pieces_that_no_wire_joins_stand_apart() -> None:
    drawn = sketch([*chain(0, 1, 2, 3), *chain(4, 5), (6, 7), (6, 8)], heights=[56] * 12)
    plan = arrange(drawn)
    assert overlaps(drawn, plan) == []
    assert plan.places[4, 1] > plan.places[:4, 1].max()


def test_nothing_and_one_node_are_drawings_too() -> None:
    assert arrange(sketch([])).places.shape == (0, 2)
    assert arrange(sketch([], heights=[56], places=np.array([(30.0, 40.0)]))).places.tolist() == [
        [30.0, 40.0]
    ]


def test_a_layout_that_nobody_wants_any_more_ends() -> None:
    asked = []

    def wanted() -> bool:
        asked.append(1)
        return len(asked) < 3

    with pytest.raises(CancelledError):
        arrange(sketch(random_edges(1)), wanted)
    assert len(asked) == 3


# Rows ---------------------------------------------------------------------------------------------


def rows_of(plan: Plan) -> list[list[int]]:
    """The nodes of a chain in the rows they stand in."""
    rows: list[list[int]] = [[0]]
    for node in range(1, len(plan.places)):
        if plan.places[node, 0] < plan.places[node - 1, 0]:
            rows.append([])
        rows[-1].append(node)
    return rows


@pytest.mark.parametrize("direction", ["right", "down"])
def test_a_long_chain_is_broken_into_rows_of_one_length(direction: str) -> None:
    drawn = replace(sketch(chain(*range(16)), direction=direction), rows=True)
    plan = arrange(drawn)
    assert overlaps(drawn, plan) == []
    if direction == "down":
        plan = replace(plan, places=plan.places[:, ::-1])
    rows = rows_of(plan)
    assert len(rows) > 1
    assert {len(row) for row in rows} <= {len(rows[0]), len(rows[0]) - 1}
    assert all(np.ptp(plan.places[row, 1]) == 0 for row in rows)
    width, height = np.ptp(plan.places, axis=0)
    assert width < 6 * height


def test_rows_are_cut_where_one_wire_leads_on_alone() -> None:
    edges = []
    for block in range(0, 24, 4):
        edges += [*chain(*range(block, block + 5)), (block, block + 3)]
    drawn = replace(sketch(edges), rows=True)
    plan = arrange(drawn)
    ends_of_rows = [row[-1] for row in rows_of(plan)][:-1]
    assert ends_of_rows
    assert all(node % 4 == 3 for node in ends_of_rows)
    assert overlaps(drawn, plan) == []


def test_a_wire_to_the_next_row_passes_below_what_hangs_in_the_row_above() -> None:
    """Losses below the first row: the middle between the ends of the wire lies behind them."""
    edges = [*chain(*range(12)), (2, 12), (2, 13), (2, 14)]
    drawn = replace(sketch(edges, aside=[12, 13, 14]), rows=True)
    plan = arrange(drawn)
    first, second = rows_of(replace(plan, places=plan.places[:12]))[:2]
    edge = edges.index((first[-1], second[0]))
    heights = [y for _, y in plan.bends[edge]]
    assert max(plan.places[12:, 1]) + 56 < heights[1] == heights[2] < plan.places[second[0], 1]


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("skips", [[(0, 15)], [(0, 15), (0, 14)], [(0, 15), (1, 14)], [(8, 11), (2, 13)]])
def test_a_few_wires_lead_on_together_and_lie_apart(skips: list[Pair], direction: str) -> None:
    edges = [*chain(*range(16)), *skips]
    drawn = replace(sketch(edges, direction=direction), rows=True)
    plan = arrange(drawn)
    along = 0 if direction == "right" else 1
    assert (np.diff(plan.places[:, along]) < 0).any()  # rows
    assert overlaps(drawn, plan) == []
    assert hidden(drawn, plan) == []


def test_lines_from_row_to_row_do_not_cross() -> None:
    between = Between(far=1000.0, near=0.0, bottom=200.0, top=340.0)
    ways = [between.way(height, height + 400.0, place, 3) for place, height in enumerate((60, 90, 150))]
    lines = [np.array([(900.0, way[0][1]), *way, (100.0, way[-1][1])]) for way in ways]
    for one, two in combinations(lines, 2):
        assert not any(meet(*a, *b) for a in pairwise(one) for b in pairwise(two))


def meet(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> bool:
    """Whether the line from a to b and the one from c to d cross."""

    def side(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> float:
        return float(np.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])))

    return side(a, b, c) != side(a, b, d) and side(c, d, a) != side(c, d, b)


def test_where_many_wires_lead_on_a_drawing_stays_in_one_row() -> None:
    edges = [edge for first in range(0, 40, 10) for edge in chain(40, *range(first, first + 10), 41)]
    plan = arrange(replace(sketch(edges), rows=True))
    assert np.array_equal(plan.places, arrange(sketch(edges)).places)
    short = arrange(replace(sketch(chain(0, 1, 2)), rows=True))
    assert np.ptp(short.places[:, 1]) == 0
