"""A series of the user: one column of a table, row after row in time."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Choice, Integer, Parameter, Text
from nodeforge.data.source import OWN, Array, Samples, Source, SourceCall
from nodeforge.data.tables.columns import guessed_type
from nodeforge.data.tables.opening import FORM, OpenedTable, open_table, table_path
from nodeforge.data.tables.reading import gap_notes, make_reader, read_columns
from nodeforge.data.windows import windowed


def _load(call: SourceCall) -> Samples:
    with open_table(call) as table:
        numbers = _number_columns(table)
        name = _column(table, call.text("column").strip(), numbers)
        names = numbers if call.text("inputs") == "all" else [name]
        columns = _values(table, names)
    samples = windowed(
        table.path.name,
        columns[:, names.index(name)],
        window=call.integer("window"),
        horizon=call.integer("horizon"),
        name=name,
        period=call.integer("period"),
        seen=columns,
    )
    seen = f" The network sees {', '.join(names)}." if len(names) > 1 else ""
    return replace(samples, notes=(f"The series is column {name}, row after row.{seen}",))


def _number_columns(table: OpenedTable) -> list[str]:
    columns = zip(table.names, zip(*table.cells, strict=True), strict=True)
    return [name for name, cells in columns if guessed_type(cells, table.comma) == "number"]


def _column(table: OpenedTable, wish: str, numbers: list[str]) -> str:
    """The column that holds the series: the one that was named, else the last one of numbers.

    Raises:
        UserError: There is no such column of numbers.
    """
    if not numbers:
        raise UserError(f"{table.path.name} has no column of numbers: a series needs one.")
    if wish and wish not in numbers:
        fault = "holds text" if wish in table.names else "is not there"
        raise UserError(
            f"Column {wish} of {table.path.name} {fault}: choose the series among {', '.join(numbers)}."
        )
    return wish or numbers[-1]


def _values(table: OpenedTable, names: list[str]) -> Array:
    """The columns' numbers side by side, (T, F).

    Raises:
        UserError: One of them is missing: a gap would shift all that comes after it.
    """
    place = table.path.name
    readers = [
        make_reader(Column(name=column), place, comma=table.comma) if column in names else None
        for column in table.names
    ]
    stream = itertools.chain(table.first, table.rest)
    read = read_columns(stream, readers, width=len(table.names), place=place)
    values = np.stack([column for column in read if column is not None], axis=1)
    if gaps := gap_notes(readers):
        raise UserError(f"{gaps[0]} A series has no gaps: fill it in, or leave out the rows before it.")
    return values


CSV_SERIES = Source(
    name="csv-series",
    title="Series from a CSV file",
    summary="A column of a table of your own, in order of time; predict some steps ahead.",
    doc="Each sample is a window of rows; the target is the value `horizon` rows after the window's last one. "
    "The rows must be in order of time and equally far apart. Split it by time: the test lies after everything "
    "the network has seen.",
    keywords=("series", "forecast", "time", "regression", "own data"),
    parameters=(
        Parameter("path", Text(path=True), "", "The file; a relative path starts from the project's folder."),
        Parameter("column", Text(), "", "The column with the series. Empty: the last one of numbers."),
        Parameter(
            "inputs",
            Choice(options=("same", "all")),
            "same",
            "What the network sees: only the column that it predicts, or all columns of numbers side by side.",
        ),
        Parameter(
            "window", Integer(minimum=1, maximum=10_000), 24, "How many rows the network sees.", unit="rows"
        ),
        Parameter(
            "horizon", Integer(minimum=1, maximum=10_000), 1, "How far ahead it predicts.", unit="rows"
        ),
        Parameter(
            "period",
            Integer(minimum=0, maximum=100_000),
            0,
            "Rows of one season, such as 12 for months or 7 for days, which the mean of the season is compared "
            "by. 0: it has none.",
            unit="rows",
            advanced=True,
        ),
        *FORM,
    ),
    load=_load,
    files=lambda call: (table_path(call),),
    licence=OWN,
)
