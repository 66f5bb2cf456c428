"""How well a name answers what was typed: one ranking for the layer palette, the commands and the canvas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

from nodeforge.catalog.kind import Kind
from nodeforge.ui import library

Item = TypeVar("Item")
Score = tuple[int, int]
"""How it matches, then 0 for the whole title and 1 for less. Smaller is better."""

_BY_KEYWORD = 3
"""How a kind matches of which what was typed is a word or a keyword: better than by a part of one."""
_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
"""Where a word begins within a name."""


def score(query: str, title: str, keywords: Iterable[str] = (), common: bool = False) -> Score | None:
    """How a title matches; None when it does not at all.

    The best is when all that was typed are words of the title ("pool" in MaxPool2d, "cross entropy"), then
    its beginning, beginnings of its words, a keyword, beginnings of its words written as one ("c2d", "msel"), a part
    of the title, the beginning of a keyword, and last its letters in order ("cv2" finds Conv2d). The beginning of a common title is as good as a word: who types
    "drop" means Dropout rather than DropPath, and who types "ce" CrossEntropyLoss rather than CELU.
    """
    wanted, text = _words(query), _words(title)
    typed, whole = "".join(wanted), "".join(text)
    if not query.strip() or typed == whole:
        return 0, 0
    if not typed:
        return None
    other = [" ".join(_words(keyword)) for keyword in keywords]
    letters = iter(whole)
    ways: tuple[Callable[[], bool], ...] = (
        lambda: set(wanted) <= set(text) or (common and whole.startswith(typed)),
        lambda: whole.startswith(typed) or (common and _abbreviates(typed, text)),
        lambda: all(any(word.startswith(part) for word in text) for part in wanted),
        lambda: " ".join(wanted) in other,
        lambda: _abbreviates(typed, text),
        lambda: typed in whole,
        lambda: any(keyword.startswith(" ".join(wanted)) for keyword in other),
        lambda: all(letter in letters for letter in typed),
    )
    return next(((place, 1) for place, holds in enumerate(ways) if holds()), None)


def ranked(
    query: str,
    items: Iterable[Item],
    text: Callable[[Item], tuple[str, Iterable[str]] | tuple[str, Iterable[str], bool]],
    rank: Callable[[Item], int] = lambda _: 0,
) -> list[Item]:
    """The items that match, best first; equals keep their order.

    Args:
        query: What was typed; everything matches the empty text.
        items: What to choose from.
        text: From an item to its title and keywords, and whether it is a common one.
        rank: The smaller, the earlier among those that match in the same way.
    """
    scored = [(score(query, *text(item)), item) for item in items]
    found = [((points[0], rank(item), points[1]), item) for points, item in scored if points is not None]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def ranked_kinds(
    query: str, kinds: Sequence[Kind], used: Mapping[str, int] = MappingProxyType({})
) -> list[Kind]:
    """The kinds that answer what was typed, best first; everything answers the empty text, in its order.

    Args:
        query: What was typed.
        kinds: What to choose from, the likeliest first.
        used: How often a kind is used already: among those that match in the same way, used ones come
            first, then those that people mean most often. Blocks of the library come after the layers that a
            person who types this may well mean.
    """
    if not query.strip():
        return list(kinds)
    blocks = [kind for kind in kinds if kind.category == library.CATEGORY]
    layers = [kind for kind in kinds if kind.category != library.CATEGORY]
    rest = ranked(query, layers, _text, lambda kind: -2 * min(used.get(kind.name, 0), 9) - kind.common)
    meant = [kind for kind in rest if (points := score(query, *_text(kind))) and points[0] <= _BY_KEYWORD]
    return [*meant, *ranked(query, blocks, _text), *rest[len(meant) :]]


def _text(kind: Kind) -> tuple[str, tuple[str, ...], bool]:
    return kind.label, (kind.name, *kind.keywords, kind.category), kind.common


def _abbreviates(typed: str, words: Sequence[str]) -> bool:
    """Whether letters are beginnings of the first words of a title, one after the other."""
    if not typed:
        return True
    if not words:
        return False
    lengths = range(1, len(words[0]) + 1)
    return any(
        _abbreviates(typed[length:], words[1:]) for length in lengths if typed.startswith(words[0][:length])
    )


@lru_cache(4096)
def _words(text: str) -> tuple[str, ...]:
    """The words of a title or name: of MaxPool2d max, pool and 2d."""
    return tuple(re.findall(r"\w+", _BORDER.sub(" ", text).casefold()))
