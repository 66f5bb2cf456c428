"""The order of the items within their layers, so that few wires cross."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable

from nodeforge.session.layout.ladder import Ladder, Link, present_order

Rungs = list[list[int]]

_PATIENCE = 3
"""Sweeps to and fro without fewer crossings after which it is enough."""
_WORK = 300_000
"""Links that are looked at in all sweeps from one start, at most."""
_CLEARLY = 0.8
"""An order made from nothing takes the place of the present one when it leaves less than this share of its crossings."""


def order(ladder: Ladder, pause: Callable[[], None]) -> None:
    """Set the rungs of a ladder.

    The present order of the drawing is improved as far as it goes. One made from nothing takes its place only if
    that is clearly better, so that a small edit does not turn the drawing over.
    """
    ladder.rungs = present_order(ladder)
    kept = _improve(ladder, pause)
    if not kept:
        return
    best, ladder.rungs = ladder.rungs, first_order(ladder)
    if _improve(ladder, pause) >= _CLEARLY * kept:
        ladder.rungs = best


def first_order(ladder: Ladder) -> Rungs:
    """Items as a walk along the wires meets them: long wires first, what stands aside last."""
    aside = ladder.sketch.aside
    rungs: Rungs = [[] for _ in ladder.rungs]
    seen = [False] * len(ladder.layer)

    def rank(item: int) -> tuple[bool, bool]:
        return (not ladder.is_lane(item), not ladder.is_lane(item) and bool(aside[item]))

    for start in sorted((item for rung in ladder.rungs for item in rung if not ladder.into[item]), key=rank):
        waiting = [start]
        while waiting:
            item = waiting.pop()
            if not seen[item]:
                seen[item] = True
                rungs[ladder.layer[item]].append(item)
                waiting += sorted((link.target for link in ladder.out_of[item]), key=rank, reverse=True)
    return rungs


def crossings(ladder: Ladder) -> int:
    """How often links cross."""
    places = ladder.positions()
    return sum(_crossings(ladder, _links_behind(ladder, rung), places) for rung in ladder.rungs)


def _links_behind(ladder: Ladder, rung: Iterable[int]) -> list[Link]:
    return [link for item in rung for link in ladder.out_of[item]]


def _crossings(ladder: Ladder, links: Iterable[Link], places: list[int]) -> int:
    """How often links between two layers cross; wires at one port do not."""
    found = 0
    ends: list[float] = []
    for _, end in sorted((_leaves(ladder, link, places), _enters(ladder, link, places)) for link in links):
        found += len(ends) - bisect_right(ends, end)
        insort(ends, end)
    return found


def _leaves(ladder: Ladder, link: Link, places: list[int]) -> float:
    """Where a link leaves its layer, in places: ports lie between the place of their node and the next."""
    size = ladder.sizes[link.source]
    return places[link.source] + (0.9 * link.leaves / size if size else 0.45)


def _enters(ladder: Ladder, link: Link, places: list[int]) -> float:
    size = ladder.sizes[link.target]
    return places[link.target] + (0.9 * link.enters / size if size else 0.45)


def _improve(ladder: Ladder, pause: Callable[[], None]) -> int:
    """Sweep to and fro, and swap neighbours, while that helps; returns how many crossings are left."""
    links = sum(map(len, ladder.out_of))
    best, rungs = crossings(ladder), ladder.rungs
    waited = 0
    for _ in range(max(2, _WORK // max(1, 4 * links))):
        if not best or waited == _PATIENCE:
            break
        pause()
        ladder.rungs = [list(rung) for rung in ladder.rungs]
        _sweep(ladder, onward=True)
        _sweep(ladder, onward=False)
        _swap_neighbours(ladder)
        found = crossings(ladder)
        waited += 1
        if found < best:
            best, rungs, waited = found, ladder.rungs, 0
    ladder.rungs = rungs
    return best


def _sweep(ladder: Ladder, *, onward: bool) -> None:
    """Order each layer by the mean of where the wires from the layer before (or behind) it begin."""
    places = ladder.positions()
    for rung in ladder.rungs if onward else reversed(ladder.rungs):
        wish = {}
        for item in rung:
            if onward:
                near = [_leaves(ladder, link, places) for link in ladder.into[item]]
            else:
                near = [_enters(ladder, link, places) for link in ladder.out_of[item]]
            wish[item] = sum(near) / len(near) if near else None
        _arrange(rung, wish)
        for place, item in enumerate(rung):
            places[item] = place


def _arrange(rung: list[int], wish: dict[int, float | None]) -> None:
    """Sort the items that have a wish among themselves; the others keep their places."""
    movable = [item for item in rung if wish[item] is not None]
    movable.sort(key=lambda item: wish[item] or 0.0)
    following = iter(movable)
    rung[:] = [item if wish[item] is None else next(following) for item in rung]


def _swap_neighbours(ladder: Ladder) -> None:
    """Swap items beside each other while that takes crossings away."""
    places = ladder.positions()
    for rung in ladder.rungs:
        better = True
        while better:
            better = False
            for place in range(len(rung) - 1):
                one, two = rung[place], rung[place + 1]
                if _between(ladder, one, two, places) > _between(ladder, two, one, places):
                    rung[place], rung[place + 1] = two, one
                    places[one], places[two] = place + 1, place
                    better = True


def _between(ladder: Ladder, first: int, second: int, places: list[int]) -> int:
    """Crossings among the links of two items, were the first before the second."""
    found = 0
    for ends, others in (
        (
            [_leaves(ladder, link, places) for link in ladder.into[first]],
            [_leaves(ladder, link, places) for link in ladder.into[second]],
        ),
        (
            [_enters(ladder, link, places) for link in ladder.out_of[first]],
            [_enters(ladder, link, places) for link in ladder.out_of[second]],
        ),
    ):
        found += sum(end > other for end in ends for other in others)
    return found
