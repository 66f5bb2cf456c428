"""Lists and amounts as people write them."""

from __future__ import annotations

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """a, b and c; or the first few and how many more."""
    if len(names) > 5:
        return f"{', '.join(names[:4])} and {len(names) - 4} more nodes"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def were(things: Sequence[object], one: str, many: str) -> str:
    """The form of a verb that suits so many things."""
    return one if len(things) == 1 else many


def amount(size_bytes: int) -> str:
    """A size of memory: 206 MB, 1.6 GB."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= scale:
            return f"{size_bytes / scale:.3g} {unit}"
    return f"{size_bytes} bytes"
