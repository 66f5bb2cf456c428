"""Collects the lines of the generated file and remembers whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

ALIGN_LIMIT = 64
"""Comments line up behind the longest line of a method that is no wider than this."""


WIDTH = 110
"""Longer lines are folded."""


def folded(text: str) -> list[str]:
    """A line, or, if it is too long, the same with what is in its first brackets on lines of its own."""
    cuts = _cuts(text) if len(text) > WIDTH else []
    if len(cuts) < 2:
        return [text]
    indent = text[: len(text) - len(text.lstrip())]
    head, tail = text[: cuts[0] + 1], indent + text[cuts[-1] :]
    inner = text[cuts[0] + 1 : cuts[-1]].strip()
    if len(indent) + 4 + len(inner) <= WIDTH:
        return [head, f"{indent}    {inner}", tail]
    parts = [text[one + 1 : other].strip() for one, other in pairwise(cuts)]
    return [head, *(f"{indent}    {part}," for part in parts if part), tail]


def _cuts(text: str) -> list[int]:
    """Places of the first bracket, of the commas that part what is in it, and of the bracket that ends it."""
    cuts: list[int] = []
    depth, quote = 0, ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[place - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
            if depth == 1 and not cuts:
                cuts.append(place)
        elif letter in ")]}":
            depth -= 1
            if depth == 0 and cuts:
                return [*cuts, place]
        elif letter == "," and depth == 1:
            cuts.append(place)
    return []


@dataclass(frozen=True, slots=True)
class Line:
    """A line of code, the comment behind it, and the nodes it belongs to."""

    code: str
    note: str = ""
    nodes: tuple[str, ...] = ()


class Writer:
    """The file's lines without its imports, which depend on what the lines use."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, tuple[str, ...]]] = []

    @property
    def body(self) -> str:
        return "\n".join(text for text, _ in self._lines)

    def line(self, text: str, *nodes: str) -> None:
        """Add a line, folded at its brackets if it is long; it belongs to these nodes."""
        self._lines += [(part, nodes) for part in folded(text)]

    def blank(self, count: int = 1) -> None:
        """Add empty lines."""
        self._lines += [("", ())] * count

    def block(self, text: str) -> None:
        """Add several lines that belong to no node."""
        self._lines += [(line, ()) for line in text.strip("\n").split("\n")]

    def method(self, lines: Sequence[Line]) -> None:
        """Add the lines of a method with their comments lined up."""
        widths = [len(line.code) for line in lines if line.note]
        column = max((width for width in widths if width <= ALIGN_LIMIT), default=0)
        for line in lines:
            text = f"{line.code:<{column}}  # {line.note}" if line.note else line.code
            self.line(text, *line.nodes)

    def finish(self, imports: Sequence[str]) -> tuple[str, dict[int, tuple[str, ...]]]:
        """The text with its imports in front, and the nodes of each line that has some, counted from 1."""
        head = [*imports, "", ""]
        text = "\n".join([*head, self.body, ""])
        nodes = {number: nodes for number, (_, nodes) in enumerate(self._lines, len(head) + 1) if nodes}
        return text, nodes
