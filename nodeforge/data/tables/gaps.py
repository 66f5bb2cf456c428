"""Cells of a table without a value: they are counted, and the first of them named by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from nodeforge.data.source import Array
from nodeforge.data.words import listed

_NAMED = 5


@dataclass(slots=True)
class Gaps:
    """Rows in which a column has no value.

    Attributes:
        count: How many.
        first: Numbers of the first of them.
    """

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, missing: Array, rows: Sequence[int]) -> None:
        """Take in a block of a column: whether each value is missing, and the numbers of their rows."""
        if not missing.any():
            return
        places = np.flatnonzero(missing).tolist()
        self.count += len(places)
        self.first += [rows[place] for place in places[: _NAMED - len(self.first)]]

    def sentence(self, column: str, place: str) -> str:
        """Where column `column` of file `place` has gaps; "" where it has none."""
        if not self.count:
            return ""
        rows = "row" if self.count == 1 else "rows"
        named = listed([f"{row:,}" for row in self.first], self.count)
        return f"Column {column} of {place} has no value in {rows} {named}."
