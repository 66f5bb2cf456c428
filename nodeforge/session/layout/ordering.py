"""The order of the items within their layers, so that few wires cross."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Mapping
from itertools import groupby

from nodeforge.session.layout.ladder import Ladder, gathered, present_order

Rungs = list[list[int]]

_PATIENCE = 2
"""Sweeps to and fro without fewer crossings after which it is enough."""
_TRIAL = 2
"""Sweeps after which it is decided from which order to go on."""
_WORK = 100_000
"""Links that are looked at in all sweeps that follow, at most."""
_CLEARLY = 0.8
"""Another order takes the place of the present one when it leaves less than this share of its crossings."""


def order(ladder: Ladder, pause: Callable[[], None]) -> None:
    """Set the rungs of a ladder.

    The present order of the drawing stays, but for neighbours whose wires cross for nothing. One that was made by
    sweeps from there, or from nothing, takes its place only if that is clearly better, so that a small edit does not
    turn the drawing over.
    """
    wiring = _Wiring(ladder)
    present = present_order(ladder)
    ladder.rungs, left = wiring.untangled(present)
    best = None
    for start in (present, first_order(ladder)):
        if left:
            rungs, crossing = wiring.improved(start, _TRIAL, pause)
            if crossing < _CLEARLY * left:
                best, left = rungs, crossing
    if best is not None:
        ladder.rungs, _ = wiring.improved(best, max(_TRIAL, _WORK // wiring.links), pause)


def first_order(ladder: Ladder) -> Rungs:
    """Items as a walk along the wires meets them: long wires first, what stands aside last."""
    rungs: Rungs = [[] for _ in ladder.rungs]
    seen = [False] * len(ladder.layer)
    for start in sorted(
        (item for rung in ladder.rungs for item in rung if not ladder.into[item]), key=ladder.rank
    ):
        waiting = [start]
        while waiting:
            item = waiting.pop()
            if not seen[item]:
                seen[item] = True
                rungs[ladder.layer[item]].append(item)
                waiting += sorted(
                    (link.target for link in ladder.out_of[item]), key=ladder.rank, reverse=True
                )
    if not ladder.borders:
        return rungs
    places = [0.0] * len(ladder.layer)
    for rung in rungs:
        for place, item in enumerate(rung):
            places[item] = place - len(rung) / 2
    return gathered(ladder, ladder.rungs, places)


def crossings(ladder: Ladder) -> int:
    """How often links cross."""
    return _Wiring(ladder).crossings(ladder.rungs)


class _Wiring:
    """What is wired with what, for sorting.

    A port lies between the place of its node in the layer and the next place, so that the order of the ports counts.

    Attributes:
        before, behind: By item, its neighbours in the layer before (behind), each with where the port lies there.
        out_of: By item, for each link where it leaves here, its target, and where it enters there.
        places: The place of each item in its layer.
        links: How many there are.
        layer: Of each item.
        fenced: The layers that fences reach.
        groups: By depth, the fence around each item in so many others, as ~fence; the item itself where there is none.
        feeding: By fence, what it is wired with outside, each with where the port lies there.
    """

    def __init__(self, ladder: Ladder) -> None:
        count = len(ladder.layer)
        self.before: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        self.behind: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        self.out_of: list[list[tuple[float, int, float]]] = [[] for _ in range(count)]
        self.places = [0] * count
        for links in ladder.out_of:
            for link in links:
                leaves = _share(link.leaves, ladder.sizes[link.source])
                enters = _share(link.enters, ladder.sizes[link.target])
                self.before[link.target].append((link.source, leaves))
                self.behind[link.source].append((link.target, enters))
                self.out_of[link.source].append((leaves, link.target, enters))
        self.links = sum(map(len, self.out_of))
        self.layer = ladder.layer
        self.fenced = {layer for first, last in ladder.spans for layer in range(first, last + 1)}
        depth = max(map(len, ladder.paths), default=0)
        self.groups = [
            [~path[level] if len(path) > level else item for item, path in enumerate(ladder.paths)]
            for level in range(depth + 1)
        ]
        self.feeding: list[list[tuple[int, float]]] = [[] for _ in ladder.spans]
        if ladder.borders:
            self._add_fences(ladder)

    def _add_fences(self, ladder: Ladder) -> None:
        for source, links in enumerate(self.out_of):
            for leaves, target, enters in links:
                inside, behind = set(ladder.paths[source]), set(ladder.paths[target])
                for fence in inside - behind:
                    self.feeding[fence].append((target, enters))
                for fence in behind - inside:
                    self.feeding[fence].append((source, leaves))
        for edge in ladder.edges.values():  # so that it counts when a wire crosses it
            self.out_of[edge.source].append((0.45, edge.target, 0.45))

    def _take(self, rungs: Rungs) -> None:
        for rung in rungs:
            for place, item in enumerate(rung):
                self.places[item] = place

    def crossings(self, rungs: Rungs) -> int:
        """How often links cross; those at one port do not."""
        self._take(rungs)
        places, found = self.places, 0
        for rung in rungs:
            links = sorted(
                (places[item] + leaves, places[target] + enters)
                for item in rung
                for leaves, target, enters in self.out_of[item]
            )
            ends: list[float] = []
            for _, end in links:
                found += len(ends) - bisect_right(ends, end)
                insort(ends, end)
        return found

    def untangled(self, rungs: Rungs) -> tuple[Rungs, int]:
        """The same order with neighbours swapped where that helps, and how many crossings it has."""
        rungs = [list(rung) for rung in rungs]
        self._take(rungs)
        self._swap_neighbours(rungs)
        return rungs, self.crossings(rungs)

    def improved(self, rungs: Rungs, sweeps: int, pause: Callable[[], None]) -> tuple[Rungs, int]:
        """Sweep to and fro, and swap neighbours, while that helps; the best order, and how many crossings it has."""
        best, left, waited = rungs, self.crossings(rungs), 0
        for sweep in range(sweeps):
            if not left or waited == _PATIENCE:
                break
            pause()
            rungs = [list(rung) for rung in rungs]
            self._sweep(rungs, self.before, turn_ties=sweep % 2 == 1)
            self._sweep(rungs[::-1], self.behind, turn_ties=sweep % 2 == 1)
            self._swap_neighbours(rungs)
            found = self.crossings(rungs)
            waited += 1
            if found < left:
                best, left, waited = rungs, found, 0
        return best, left

    def _sweep(self, rungs: Rungs, near: list[list[tuple[int, float]]], *, turn_ties: bool) -> None:
        """Order each layer by the mean of the ports that it is wired with on one side.

        Items with the same mean keep their order, or turn it round: a long wire and a chain from one node may run
        either way about each other, and only one of them may end well.
        """
        places = self.places
        drawn_to = self._fences_wishes(rungs)
        past = 0
        for rung in rungs:
            middle, past = past / 2, len(rung)
            if len(rung) == 1:
                continue
            wishes = {}
            for item in rung:
                if ends := near[item]:
                    wishes[item] = sum([places[other] + port for other, port in ends]) / len(ends)
            if self.layer[rung[0]] in self.fenced:
                for fence, wish in drawn_to.items():
                    wishes[~fence] = wish + middle
                rung[:] = self._sorted_by_fences(rung, wishes, turn_ties, 0)
            else:
                rung[:] = _sorted(rung, wishes, turn_ties)
            for place, item in enumerate(rung):
                places[item] = place

    def _fences_wishes(self, rungs: Rungs) -> dict[int, float]:
        """How far below the middle of the layers each fence wants to lie: in all of them the same."""
        below = {}
        if self.feeding:
            below = {item: place - len(rung) / 2 for rung in rungs for place, item in enumerate(rung)}
        return {
            fence: sum([below[other] + port for other, port in ends]) / len(ends) if ends else 0.0
            for fence, ends in enumerate(self.feeding)
        }

    def _sorted_by_fences(
        self, items: list[int], wishes: Mapping[int, float], turn_ties: bool, depth: int
    ) -> list[int]:
        """Items of a layer that have `depth` fences around them in common: fences among them move as a whole."""
        groups = {group: list(held) for group, held in groupby(items, self.groups[depth].__getitem__)}
        if len(groups) == len(items):
            return _sorted(items, wishes, turn_ties)
        found: list[int] = []
        for group in _sorted(list(groups), wishes, turn_ties):
            held = groups[group]
            found += held if group >= 0 else self._sorted_by_fences(held, wishes, turn_ties, depth + 1)
        return found

    def _swap_neighbours(self, rungs: Rungs) -> None:
        """Swap items beside each other while that takes crossings away."""
        places = self.places
        for rung in rungs:
            before = [sorted([places[other] + port for other, port in self.before[item]]) for item in rung]
            behind = [sorted([places[other] + port for other, port in self.behind[item]]) for item in rung]
            place = 0
            while place < len(rung) - 1:
                following = place + 1
                here = _crossing(before[place], before[following]) + _crossing(
                    behind[place], behind[following]
                )
                if here and here > _crossing(before[following], before[place]) + _crossing(
                    behind[following], behind[place]
                ):
                    for ends in (before, behind):
                        ends[place], ends[following] = ends[following], ends[place]
                    rung[place], rung[following] = rung[following], rung[place]
                    place = max(0, place - 1)
                else:
                    place += 1
            for place, item in enumerate(rung):
                places[item] = place


def _sorted(entries: list[int], wishes: Mapping[int, float], turn_ties: bool) -> list[int]:
    """Entries sorted by their wishes; those without one keep their places."""
    wishing = [entry for entry in entries if entry in wishes]
    following = iter(sorted(reversed(wishing) if turn_ties else wishing, key=wishes.__getitem__))
    return [next(following) if entry in wishes else entry for entry in entries]


def _share(port: float, size: float) -> float:
    """How far along its item a port lies, below one."""
    return 0.9 * port / size if size else 0.45


def _crossing(first: list[float], second: list[float]) -> int:
    """How often the wires of an item cross those of the next, from the sorted ports where they end."""
    if not first or not second or first[-1] <= second[0]:
        return 0
    return sum([bisect_left(second, end) for end in first])
