"""Fair comparison on a machine that does other things too: contenders take turns, and rounds are compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Contender = Callable[[], float]
"""Works once and returns what that cost, in any unit."""


def take_turns(
    contenders: Mapping[str, Contender], rounds: int, *, unmeasured: int = 1
) -> dict[str, list[float]]:
    """What each cost in every round; who goes first moves on from round to round.

    Args:
        contenders: By name.
        rounds: That count.
        unmeasured: Rounds before them, in which everything that is loaded late, is.
    """
    costs: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(-unmeasured, rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            cost = contenders[name]()
            if number >= 0:
                costs[name].append(cost)
    return costs


def ratio(costs: Sequence[float], others: Sequence[float]) -> float:
    """Median of the rounds' ratios: what slows the machine for a while slows both."""
    return statistics.median(a / b for a, b in zip(costs, others, strict=True))


def cpu_seconds(action: Callable[[], object], times: int = 1) -> float:
    """Processor time of one call, of this process with all its threads."""
    start = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - start) / times


def median_cpu_ms(action: Callable[[], object], calls: int) -> float:
    """Median processor time of single calls."""
    return statistics.median(cpu_seconds(action) for _ in range(calls)) * 1e3
