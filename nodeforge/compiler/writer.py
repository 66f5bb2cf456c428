"""Collects the lines of the generated file and remembers whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ALIGN_LIMIT = 64
"""Comments line up behind the longest line of a method that is no wider than this."""


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
        """Add a line as it stands; it belongs to these nodes."""
        self._lines.append((text, nodes))

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
