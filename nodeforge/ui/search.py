"""How well a name answers what was typed: one ranking for the layer palette, the commands and the canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")


def score(query: str, title: str, keywords: Iterable[str] = ()) -> int | None:
    """Smaller is better; None when the title does not match at all.

    The best is the whole title, then its beginning, the beginning of one of its words, a part of it, the
    beginning of a keyword, and last its letters in order ("cv2" finds Conv2d).
    """
    wanted, text = query.casefold().strip(), title.casefold()
    if not wanted:
        return 0
    if text == wanted:
        return 1
    if text.startswith(wanted):
        return 10 + len(text)
    if any(word.startswith(wanted) for word in text.replace("-", " ").split()):
        return 200 + len(text)
    if wanted in text:
        return 400 + len(text)
    if any(word.casefold().startswith(wanted) for word in keywords):
        return 600 + len(text)
    letters = iter(text)
    if all(letter in letters for letter in wanted.replace(" ", "")):
        return 800 + len(text)
    return None


def ranked(
    query: str, items: Iterable[Item], text: Callable[[Item], tuple[str, Iterable[str]]]
) -> list[Item]:
    """The items that match, best first; equals keep their order.

    Args:
        query: What was typed; everything matches the empty text.
        items: What to choose from.
        text: From an item to its title and keywords.
    """
    scored = [(score(query, *text(item)), item) for item in items]
    return [
        item
        for points, item in sorted(((p, i) for p, i in scored if p is not None), key=lambda pair: pair[0])
    ]
