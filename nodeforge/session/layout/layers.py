"""In which layer each node stands: behind all that feed it, and no further from them than need be."""

from __future__ import annotations

from collections.abc import Sequence

_SWEEPS = 8

Arc = tuple[int, int]


def against(count: int, arcs: Sequence[Arc]) -> list[bool]:
    """Which arcs close a loop, so that without them (and arcs from a node to itself) there is none.

    Arcs that lead back to a node on the present way of a walk through all nodes (depth first).
    """
    leaving: list[list[int]] = [[] for _ in range(count)]
    for number, (source, _) in enumerate(arcs):
        leaving[source].append(number)
    closing = [False] * len(arcs)
    entering = [0] * count
    for _, target in arcs:
        entering[target] += 1
    unseen, on_way, done = 0, 1, 2
    state = [unseen] * count
    for start in sorted(range(count), key=lambda node: entering[node] > 0):  # sources first
        if state[start] != unseen:
            continue
        state[start] = on_way
        way = [(start, iter(leaving[start]))]
        while way:
            node, rest = way[-1]
            for number in rest:
                target = arcs[number][1]
                if state[target] == on_way:
                    closing[number] = True
                elif state[target] == unseen:
                    state[target] = on_way
                    way.append((target, iter(leaving[target])))
                    break
            else:
                state[node] = done
                way.pop()
    return closing


class Neighbours:
    """Who feeds whom in a drawing without loops, and an order in which sources come before targets."""

    def __init__(self, count: int, arcs: Sequence[Arc]) -> None:
        self.before: list[list[int]] = [[] for _ in range(count)]
        self.behind: list[list[int]] = [[] for _ in range(count)]
        for source, target in dict.fromkeys(arcs):  # parallel wires count once
            self.behind[source].append(target)
            self.before[target].append(source)
        waiting = [len(sources) for sources in self.before]
        self.order = [node for node in range(count) if not waiting[node]]
        for node in self.order:
            for target in self.behind[node]:
                waiting[target] -= 1
                if not waiting[target]:
                    self.order.append(target)


def layers_of(near: Neighbours) -> list[int]:
    """The layer of each node, from 0.

    The longest way from a source decides. Then nodes move within their slack where that makes wires shorter:
    one with more wires behind than before it moves on; and so does one whose sources feed nothing else, since
    they can follow it (a target that waits for its loss, an embedding for the sum). At last nodes beside each
    other move together in the same way.
    """
    layer = [0] * len(near.order)
    for node in near.order:
        layer[node] = max((layer[source] + 1 for source in near.before[node]), default=0)
    loose = [False] * len(layer)
    for node in near.order:
        loose[node] = all(loose[source] and len(near.behind[source]) == 1 for source in near.before[node])
    for _ in range(_SWEEPS):
        past = list(layer)
        for node in reversed(near.order):
            behind, before = near.behind[node], near.before[node]
            if behind and (loose[node] or len(behind) > len(before)):
                layer[node] = min(layer[target] for target in behind) - 1
        for node in near.order:
            behind, before = near.behind[node], near.before[node]
            if before and not loose[node] and len(behind) <= len(before):
                layer[node] = max(layer[source] for source in before) + 1
        if layer == past:
            break
    for _ in range(_SWEEPS):
        past = list(layer)
        for piece in _close_pieces(layer, near):
            _move(piece, layer, near)
        if layer == past:
            break
    first = min(layer, default=0)
    return [each - first for each in layer]


def _close_pieces(layer: list[int], near: Neighbours) -> list[set[int]]:
    """The nodes that wires to the next layer join with each other."""
    found, seen = [], [False] * len(layer)
    for start in near.order:
        if seen[start]:
            continue
        piece, waiting = set(), [start]
        seen[start] = True
        while waiting:
            node = waiting.pop()
            piece.add(node)
            for other in (*near.behind[node], *near.before[node]):
                if not seen[other] and abs(layer[other] - layer[node]) == 1:
                    seen[other] = True
                    waiting.append(other)
        found.append(piece)
    return found


def _move(piece: set[int], layer: list[int], near: Neighbours) -> None:
    """Move nodes together, as far as they can be, to where more of the long wires at them lead."""
    ahead = [layer[t] - layer[n] - 1 for n in piece for t in near.behind[n] if t not in piece]
    back = [layer[n] - layer[s] - 1 for n in piece for s in near.before[n] if s not in piece]
    if len(ahead) == len(back):
        return
    way = min(ahead) if len(ahead) > len(back) else -min(back)
    for node in piece:
        layer[node] += way


def lengths(near: Neighbours) -> list[int]:
    """How many nodes the longest way through each node leads over."""
    ahead, back = [0] * len(near.order), [0] * len(near.order)
    for node in near.order:
        back[node] = max((back[source] + 1 for source in near.before[node]), default=0)
    for node in reversed(near.order):
        ahead[node] = max((ahead[target] + 1 for target in near.behind[node]), default=0)
    return [1 + a + b for a, b in zip(ahead, back, strict=True)]
