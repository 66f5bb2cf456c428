"""A table of the user as a source opens it: where it lies, how it is written, its header and first rows."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Boolean, Choice, Parameter
from nodeforge.data.paths import chosen_file
from nodeforge.data.source import SourceCall
from nodeforge.data.tables.columns import writes_commas
from nodeforge.data.tables.reading import check_width
from nodeforge.data.tables.text import DELIMITERS, ENCODINGS, Form, Record, form_of, records

AUTO = "auto"
_GUESSED_ROWS = 1_000

FORM = (
    Parameter(
        "delimiter",
        Choice(options=(AUTO, *DELIMITERS)),
        AUTO,
        "What stands between two values.",
        advanced=True,
    ),
    Parameter("decimal", Choice(options=(AUTO, "point", "comma")), AUTO, "3.14 or 3,14.", advanced=True),
    Parameter("encoding", Choice(options=(AUTO, *ENCODINGS)), AUTO, "How letters are stored.", advanced=True),
    Parameter("header", Boolean(), True, "Whether the first row holds the column names.", advanced=True),
)
"""How a table is written; every source that reads one takes these."""


TABLE = "CSV file"


def table_path(call: SourceCall) -> Path:
    """The file, which exists.

    Raises:
        UserError: It does not, or is a folder.
    """
    return chosen_file(call, TABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTable:
    """A table of which the first rows were read.

    Attributes:
        names: The header.
        first: The first records under it.
        rest: The records after those, still in the file.
        comma: Whether decimals follow a comma.
    """

    path: Path
    form: Form
    names: list[str]
    first: list[Record]
    rest: Iterator[Record]
    comma: bool

    @property
    def cells(self) -> list[list[str]]:
        return [cells for _, cells in self.first]


@contextlib.contextmanager
def open_table(call: SourceCall) -> Iterator[OpenedTable]:
    """The table that a source is told of, by the parameters `path` and FORM, with its first rows read.

    Raises:
        UserError: There is no such file, or it is no table.
    """
    path = table_path(call)
    form = form_of(path, call.text("encoding"), call.text("delimiter"))
    with contextlib.closing(records(path, form)) as stream:
        names, first = header_of(
            path, list(itertools.islice(stream, _GUESSED_ROWS + 1)), header=bool(call.values["header"])
        )
        comma = _decimal_comma(call.text("decimal"), form, [cells for _, cells in first])
        yield OpenedTable(path=path, form=form, names=names, first=first, rest=stream, comma=comma)


def _decimal_comma(wish: str, form: Form, rows: Sequence[Sequence[str]]) -> bool:
    """Whether decimals follow a comma; between commas, a comma inside a number groups thousands."""
    return wish == "comma" or (wish == AUTO and form.delimiter != "," and writes_commas(rows))


def header_of(path: Path, first: list[Record], *, header: bool) -> tuple[list[str], list[Record]]:
    """Column names, and the first records under them.

    Raises:
        UserError: There are no rows, one is ragged, or two columns have one name.
    """
    if not first:
        raise UserError(f"{path.name} is empty: choose a file with a header and rows of values.")
    width = len(first[0][1])
    if header:
        names = [cell.strip() for cell in first[0][1]]
        first = first[1:]
    else:
        names = [f"column_{i}" for i in range(1, width + 1)]
    for name, count in Counter(names).items():
        if count > 1:
            shown = f"are called {name}" if name else "have no name"
            raise UserError(
                f"{count} columns of {path.name} {shown}: give each column its own name in the first row."
            )
    for row, cells in first:
        check_width(row, cells, width, path.name)
    if not first:
        raise UserError(f"{path.name} has a header and no rows: add rows of values.")
    return names, first
