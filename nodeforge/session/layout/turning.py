"""The ways of wires from the end of a row to the beginning of the next one."""

from __future__ import annotations

from dataclasses import dataclass

from nodeforge.session.layout.wires import Way

TRACK = 18.0
"""Between lines beside each other."""
_CLEAR = 20.0
"""Above and below a wire that runs back between two rows."""
_TURN = 48.0
"""How far such a wire stands out of the rows."""
_STEM = 24.0
"""How far before a row lines part that lead to several nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The room between two rows.

    Attributes:
        far, near: Where the first row ends, and where the second one begins, along.
        bottom, top: The same across.
    """

    far: float
    near: float
    bottom: float
    top: float

    def turn(self, leaves: float, enters: float) -> Way:
        """The bends of the only wire, between ports at these heights; none where it turns round by itself."""
        if self.bottom + _CLEAR <= (leaves + enters) / 2 <= self.top - _CLEAR:
            return []
        return self._loop(leaves, enters, self.near, 0, 1)

    def way(self, leaves: float, enters: float, place: int, count: int) -> Way:
        """The bends of one of several lines. It begins and ends straight, clear of the rows.

        The uppermost turns round furthest out at the end of the row, passes lowest between the rows, and turns round
        furthest in where the next one begins: so none crosses another.

        Args:
            leaves, enters: Its heights in the two rows.
            place: Which of the lines it is, from above.
            count: How many there are.
        """
        near = self.near - _STEM
        return [(self.far, leaves), *self._loop(leaves, enters, near, place, count), (near, enters)]

    def _loop(self, leaves: float, enters: float, near: float, place: int, count: int) -> Way:
        below = count - 1 - place
        height = (self.bottom + self.top) / 2 + (below - (count - 1) / 2) * TRACK
        return [
            (self.far + _TURN + below * TRACK, (leaves + height) / 2),
            (self.far, height),
            (near, height),
            (near - _TURN - place * TRACK, (height + enters) / 2),
        ]
