"""Numbers and lists in sentences."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """ "1 picture", "1,200 pictures"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def agreeing(number: int, plural: str) -> str:
    """A verb that goes with a number of things: "are" or "is", "stand" or "stands"."""
    irregular = {"are": "is", "have": "has", "lie": "lies"}
    return plural if number != 1 else irregular.get(plural, f"{plural}s")


def listed(first: Sequence[str], count: int) -> str:
    """Things of which the first are named: "a", "a and b", "a, b and 7 more"."""
    parts = [*first] if len(first) == count else [*first, f"{count - len(first):,} more"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def counted_names(names: Sequence[str], noun: str, most: int = 3) -> str:
    """ "1 file (a.wav)", "7 files (a.wav, b.wav, c.wav and 4 more)"."""
    return f"{counted(len(names), noun)} ({listed(names[:most], len(names))})"
