"""Chains of items that lie on one line: the straight parts of a drawing.

After Brandes and Köpf (2001): an item may lie on one line with one neighbour on each side, and lines do not cross.
Which neighbour follows from what a reader follows: a long wire goes on straight; the longest way through the
network is the main one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass

from nodeforge.session.layout.ladder import Ladder, Link


@dataclass(slots=True)
class Blocks:
    """Items that move together.

    Attributes:
        of: The block of each item.
        shift: Where each item begins across, from where its block is.
        count: How many there are.
    """

    of: list[int]
    shift: list[float]
    count: int


def blocks_of(ladder: Ladder) -> Blocks:
    """The straight chains of a ladder whose rungs are in order."""
    straight = _straight_links(ladder)
    of = [-1] * len(ladder.layer)
    shift = [0.0] * len(ladder.layer)
    count = 0
    for rung in ladder.rungs:
        for item in rung:
            if of[item] >= 0:
                continue
            of[item] = count
            while (link := straight.get(item)) is not None:
                shift[link.target] = shift[item] + link.leaves - link.enters
                item = link.target
                of[item] = count
            count += 1
    return Blocks(of, shift, count)


def _straight_links(ladder: Ladder) -> dict[int, Link]:
    """By the item that it leaves, each link that is straight. They cross no other that is.

    The edges of fences are; then those that both ends like best; then those that one end likes best, where the other was refused by its own
    favourite (a loss by what leads on to the output: then the target lies on its line).
    """
    places = ladder.positions()
    found = dict(ladder.edges)
    for rung in ladder.rungs:
        kept = [
            (places[edge.source], places[edge.target])
            for item in rung
            if (edge := ladder.edges.get(item)) is not None
        ]
        onward = {item: _favourite(ladder, ladder.out_of[item], places, onward=True) for item in rung}
        targets = {link.target for item in rung for link in ladder.out_of[item]}
        back = {item: _favourite(ladder, ladder.into[item], places, onward=False) for item in targets}
        mutual = [link for link in onward.values() if link is not None and back[link.target] == link]
        _keep(ladder, mutual, places, kept, found)
        taken = {found[item].target for item in rung if item in found}
        second = [
            link
            for link in {*onward.values(), *back.values()} - {None}
            if link is not None
            and link.source not in found
            and link.target not in taken
            and onward[link.source] is not None
            and back[link.target] is not None
        ]
        _keep(ladder, second, places, kept, found)
    return found


def _keep(
    ladder: Ladder,
    wishes: list[Link],
    places: list[int],
    kept: list[tuple[int, int]],
    found: dict[int, Link],
) -> None:
    """Add those links to `found`, the weightier first, that cross none in `kept` and share no end with one."""
    for link in sorted(wishes, key=lambda link: (_rank(ladder, link), link), reverse=True):
        ends = (places[link.source], places[link.target])
        at = bisect_left(kept, ends)
        before, behind = kept[at - 1 : at] if at else [], kept[at : at + 1]
        if all(a < ends[0] and b < ends[1] for a, b in before) and all(
            ends[0] < a and ends[1] < b for a, b in behind
        ):
            insort(kept, ends)
            found[link.source] = link


def _rank(ladder: Ladder, link: Link) -> tuple[bool, int]:
    """Which of two links that cross is rather straight."""
    lanes = ladder.is_lane(link.source) and ladder.is_lane(link.target)
    nodes = [item for item in (link.source, link.target) if not ladder.is_lane(item)]
    return (lanes, max((ladder.lengths[node] for node in nodes), default=0))


def _favourite(ladder: Ladder, links: list[Link], places: list[int], *, onward: bool) -> Link | None:
    """The link at one side of an item that is rather straight than the others there.

    Of several that are as good the one in the middle; none if two are, so that the item lies between them.
    """
    if len(links) < 2:
        return links[0] if links else None

    def other(link: Link) -> int:
        return link.target if onward else link.source

    at_lane = ladder.is_lane(links[0].source if onward else links[0].target)

    def weight(item: int) -> tuple[bool, bool, int]:
        if ladder.is_lane(item):
            return (at_lane, False, 0)
        return (not at_lane, not ladder.sketch.aside[item], ladder.lengths[item])

    best = max(weight(other(link)) for link in links)
    items = sorted({other(link) for link in links if weight(other(link)) == best}, key=places.__getitem__)
    if len(items) % 2 == 0:
        return None
    chosen = items[len(items) // 2]
    same = sorted(link for link in links if other(link) == chosen)
    return same[len(same) // 2]
