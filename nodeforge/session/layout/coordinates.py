"""Where the items lie across: blocks as near to what they are wired with as the others let them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from nodeforge.session.layout.blocks import Blocks, blocks_of
from nodeforge.session.layout.clusters import Border
from nodeforge.session.layout.ladder import Ladder

_ROUNDS = (14, 40)
"""As few for a large drawing, as many for a small one."""
_WORK = 40_000
"""Blocks that are moved in all rounds together, as far as these bounds allow."""
_CLOSE = 0.25
"""A round in which no block moves further than this is the last."""
_NEARLY = 16.0
"""Wires that rise less than this look like a mistake."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """How far items of a layer keep from each other: two nodes, a node and a lane, two lanes.

    What is no lane keeps from the edges of fences as from nodes, unless it lies in them.
    """

    nodes: float
    node_lane: float
    lanes: float

    def between(self, ladder: Ladder, one: int, two: int) -> float:
        """The least room between an item and the next one in its layer."""
        above, below = ladder.borders.get(one), ladder.borders.get(two)
        fences = ladder.sketch.fences
        outside = 0.0
        if above and not above.upper:
            outside += fences[above.fence].outside[3]
        if below and below.upper:
            outside += fences[below.fence].outside[1]
        if above and above.upper:
            return fences[above.fence].margins[1] + outside
        if below and not below.upper:
            return fences[below.fence].margins[3] + outside
        lanes = ladder.is_lane(one) + ladder.is_lane(two)
        return (self.nodes, self.node_lane, self.lanes)[lanes] + outside


@dataclass(slots=True)
class _Field:
    """Blocks and what holds them.

    Attributes:
        above, below: By block, those that lie directly before and behind it in some layer, with the least distance.
        pulls: By block, the others that it is wired with, and where it would lie from there to make the wire straight.
        order: Blocks, so that those before come first.
        fences: By fence, the blocks of its upper and its lower edge.
    """

    above: list[list[tuple[int, float]]]
    below: list[list[tuple[int, float]]]
    pulls: list[list[tuple[int, float]]]
    order: list[int]
    fences: list[tuple[int, int]]


def across(ladder: Ladder, gaps: Gaps, pause: Callable[[], None]) -> list[float]:
    """Where each item of a ladder begins, across the way of the wires."""
    blocks = blocks_of(ladder)
    field = _field(ladder, blocks, gaps)
    places = [0.0] * blocks.count
    for block in field.order:
        places[block] = max((places[other] + least for other, least in field.above[block]), default=0.0)
    fewest, most = _ROUNDS
    for _ in range(max(fewest, min(most, _WORK // max(1, blocks.count)))):
        pause()
        wishes = [
            _median([places[other] + reach for other, reach in pulls], here)
            for pulls, here in zip(field.pulls, places, strict=True)
        ]
        _draw_in(field, places, wishes)
        # Pushed down or up, blocks keep their distances; so they do in the middle, which favours no side. Half the
        # way only: two that wish to be where the other is meet.
        goals = zip(_pushed_down(field, wishes), _pushed_up(field, wishes), strict=True)
        steps = [((down + up) / 2 - here) / 2 for (down, up), here in zip(goals, places, strict=True)]
        places = [here + step for here, step in zip(places, steps, strict=True)]
        if max(map(abs, steps), default=0.0) < _CLOSE:
            break
    _straighten(field, places)
    return [places[blocks.of[item]] + shift for item, shift in enumerate(blocks.shift)]


def _field(ladder: Ladder, blocks: Blocks, gaps: Gaps) -> _Field:
    least: list[dict[int, float]] = [{} for _ in range(blocks.count)]
    for rung in ladder.rungs:
        for one, two in pairwise(rung):
            gap = gaps.between(ladder, one, two)
            distance = blocks.shift[one] + ladder.sizes[one] + gap - blocks.shift[two]
            first, second = blocks.of[one], blocks.of[two]
            least[second][first] = max(distance, least[second].get(first, distance))
    field = _Field(
        above=[list(held.items()) for held in least],
        below=[[] for _ in range(blocks.count)],
        pulls=[[] for _ in range(blocks.count)],
        order=[],
        fences=[],
    )
    for block, held in enumerate(field.above):
        for other, distance in held:
            field.below[other].append((block, distance))
    for links in ladder.out_of:
        for link in links:
            source, target = blocks.of[link.source], blocks.of[link.target]
            if source != target:
                reach = blocks.shift[link.source] + link.leaves - blocks.shift[link.target] - link.enters
                field.pulls[target].append((source, reach))
                field.pulls[source].append((target, -reach))
    field.order = _from_above(field)
    ends = {border: item for item, border in ladder.borders.items()}
    field.fences = [
        (blocks.of[ends[Border(fence, True)]], blocks.of[ends[Border(fence, False)]])
        for fence in range(len(ladder.spans))
    ]
    return field


def _draw_in(field: _Field, places: list[float], wishes: list[float]) -> None:
    """The edges of fences wish to be close around what they hold."""
    for upper, lower in field.fences:
        wishes[upper] = min(places[other] - least for other, least in field.below[upper])
        wishes[lower] = max(places[other] + least for other, least in field.above[lower])


def _from_above(field: _Field) -> list[int]:
    waiting = [len(held) for held in field.above]
    order = [block for block, count in enumerate(waiting) if not count]
    for block in order:
        for other, _ in field.below[block]:
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    return order


def _pushed_down(field: _Field, wishes: list[float]) -> list[float]:
    """Every block where it wishes to be, or as far below as those above it make it."""
    places = list(wishes)
    for block in field.order:
        for other, least in field.above[block]:
            if places[other] + least > places[block]:
                places[block] = places[other] + least
    return places


def _pushed_up(field: _Field, wishes: list[float]) -> list[float]:
    places = list(wishes)
    for block in reversed(field.order):
        for other, least in field.below[block]:
            if places[other] - least < places[block]:
                places[block] = places[other] - least
    return places


def _straighten(field: _Field, places: list[float]) -> None:
    """Make wires straight that nearly are, where there is room for it."""
    for block in field.order:
        lowest = max((places[other] + least for other, least in field.above[block]), default=-inf)
        highest = min((places[other] - least for other, least in field.below[block]), default=inf)
        here = places[block]
        near = min(
            (places[other] + reach for other, reach in field.pulls[block]),
            key=lambda at: abs(at - here),
            default=here,
        )
        if abs(near - here) <= _NEARLY and lowest <= near <= highest:
            places[block] = near


def _median(wishes: list[float], here: float) -> float:
    """The number in the middle, or the mean of the two there; `here` if there is none."""
    if not wishes:
        return here
    wishes.sort()
    half = len(wishes) // 2
    return wishes[half] if len(wishes) % 2 else (wishes[half - 1] + wishes[half]) / 2
