"""Columns of numbers and categories from a stream of records; a block at a time, so memory holds no text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.data.source import Array
from nodeforge.data.tables.columns import is_missing, number
from nodeforge.data.tables.gaps import Gaps
from nodeforge.data.tables.text import Record

MAX_CATEGORIES = 1_000
_BLOCK_ROWS = 500
"""Few enough that a block's cells stay in the processor's cache."""


@dataclass(slots=True)
class NumberReader:
    """A column of numbers; NaN where one is missing."""

    name: str
    place: str
    comma: bool = False
    blocks: list[Array] = field(default_factory=list)
    gaps: Gaps = field(default_factory=Gaps)

    def add(self, cells: Sequence[str], rows: Sequence[int]) -> None:
        try:
            values = np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            values = np.array([self._read(cell, row) for cell, row in zip(cells, rows, strict=True)])
        self._keep(values, rows, cells)

    def add_numbers(self, values: Array, row: int) -> None:
        """Values that are numbers already, the first of them in the row of that number."""
        self._keep(values, range(row, row + len(values)), ())

    def _keep(self, values: Array, rows: Sequence[int], cells: Sequence[str]) -> None:
        endless = np.isinf(values)
        if endless.any():
            where = int(endless.argmax())
            shown = _short(cells[where]) if cells else str(values[where])
            raise UserError(
                f"Row {rows[where]} of {self.place}: column {self.name} holds {shown}, "
                "which is no finite number. Correct it, or leave the cell empty."
            )
        self.gaps.add(np.isnan(values), rows)
        self.blocks.append(values)

    def _read(self, cell: str, row: int) -> float:
        value = number(cell, comma=self.comma)
        if value is not None:
            return value
        if is_missing(cell):
            return float("nan")
        raise UserError(
            f"Row {row} of {self.place}: column {self.name} holds {_short(cell)}, which is no number. "
            "Correct it, leave the cell empty, or set the column's type to category."
        )

    def finish(self) -> Array:
        return np.concatenate(self.blocks)


@dataclass(slots=True)
class CategoryReader:
    """A column of categories: codes in the order of `categories`; −1 where the value is missing.

    Attributes:
        known: The categories there are, when they were found before: another is an error.
        limit: How many there may be.
        categories: After `finish`: sorted, numbers by size.
    """

    name: str
    place: str
    known: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    limit: int = MAX_CATEGORIES
    codes: dict[str, int] = field(default_factory=dict)
    blocks: list[Array] = field(default_factory=list)
    gaps: Gaps = field(default_factory=Gaps)

    def __post_init__(self) -> None:
        self.codes = {category: code for code, category in enumerate(self.known)}

    def add(self, cells: Sequence[str], rows: Sequence[int]) -> None:
        block = np.empty(len(cells), dtype=np.int64)
        for i, cell in enumerate(cells):
            category = cell.strip()
            code = self.codes.get(category)
            if code is None:
                code = -1 if is_missing(category) else self._meet(category, rows[i])
            block[i] = code
        self.gaps.add(block < 0, rows)
        self.blocks.append(block)

    def _meet(self, category: str, row: int) -> int:
        if self.known:
            raise UserError(
                f"Row {row} of {self.place}: column {self.name} holds {_short(category)}, "
                f"which the training data does not have (it has {', '.join(self.known[:10])}). Correct it."
            )
        if len(self.codes) == self.limit:
            raise UserError(
                f"Column {self.name} of {self.place} has more than {self.limit:,} different values "
                f"(row {row}): set its type to number, or its role to ignore."
            )
        return self.codes.setdefault(category, len(self.codes))

    def finish(self) -> Array:
        result: Array = self.settle()[np.concatenate(self.blocks)]
        return result

    def settle(self) -> Array:
        """Put the categories in order: by code as it was given, the place in `categories`; −1 last."""
        self.categories = tuple(sorted(self.codes, key=category_order))
        order = np.empty(len(self.codes) + 1, dtype=np.int64)
        order[[self.codes[category] for category in self.categories]] = np.arange(len(self.codes))
        order[-1] = -1
        return order


Reader = NumberReader | CategoryReader


def read_columns(
    stream: Iterable[Record], readers: Sequence[Reader | None], *, width: int, place: str
) -> list[Array | None]:
    """Every column that has a reader, over all records.

    Args:
        stream: The records after the header.
        readers: One by column; None for those to leave out.
        width: Number of columns.
        place: The file's name.

    Raises:
        UserError: A row has too few or too many cells, or a cell does not fit its column.
    """
    for block in batched(stream, _BLOCK_ROWS):
        rows, cells = zip(*block, strict=True)
        if set(map(len, cells)) != {width}:
            for row, some in block:
                check_width(row, some, width, place)
        for reader, column in zip(readers, zip(*cells, strict=True), strict=True):
            if reader is not None:
                reader.add(column, rows)
    return [None if reader is None else reader.finish() for reader in readers]


def check_width(row: int, cells: Sequence[str], width: int, place: str) -> None:
    """
    Raises:
        UserError: The row is ragged.
    """
    if len(cells) != width:
        raise UserError(
            f"Row {row} of {place} has {_values(len(cells))}, and the header has {width}: "
            "add what is missing, or put text with delimiters in quotes."
        )


def gap_notes(readers: Iterable[Reader | None]) -> list[str]:
    """A sentence for each column that was read and has gaps."""
    found = (reader.gaps.sentence(reader.name, reader.place) for reader in readers if reader is not None)
    return [sentence for sentence in found if sentence]


def batched(stream: Iterable[Record], size: int) -> Iterator[list[Record]]:
    iterator = iter(stream)
    while block := list(itertools.islice(iterator, size)):
        yield block


def make_reader(column: Column, place: str, *, comma: bool) -> Reader | None:
    """The reader that a column's role and type ask for."""
    if column.role == "ignore":
        return None
    if column.type == "category":
        return CategoryReader(column.name, place)
    return NumberReader(column.name, place, comma)


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count:,} values"


def _short(cell: str) -> str:
    text = cell.strip()
    return repr(text if len(text) <= 40 else text[:39] + "…")


def category_order(category: str) -> tuple[int, float, str]:
    value = number(category)
    # NaN never gets here: such cells are missing values.
    return (1, 0.0, category) if value is None else (0, value, category)
