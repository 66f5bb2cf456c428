"""Any Parquet table of the user."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Parameter, Text
from nodeforge.data.paths import check_file, chosen_file
from nodeforge.data.source import OWN, Array, Samples, Source, SourceCall, TableHead
from nodeforge.data.tables.columns import plan_columns
from nodeforge.data.tables.fields import features_of, refuse_empty, table_fields
from nodeforge.data.tables.groups import GROUPS, add_group_reader, take_groups, without_group
from nodeforge.data.tables.reading import CategoryReader, Reader, gap_notes, make_reader
from nodeforge.data.tables.schema import Schema, schema_readers

if TYPE_CHECKING:
    import pyarrow.parquet

WHAT = "Parquet file"
_GUESSED_ROWS = 1_000
_SHOWN_ROWS = 200
_BATCH_ROWS = 65_536


def _load(call: SourceCall) -> Samples:
    path = chosen_file(call, WHAT)
    with _opened(path) as file:
        names, first = _first_rows(file, path)
        columns, notes = plan_columns(
            names,
            first,
            place=path.name,
            target=call.text("target").strip(),
            wishes=without_group(call, names, path.name),
        )
        readers = [make_reader(column, path.name, comma=False) for column in columns]
        grouping = add_group_reader(call, names, readers, path.name)
        data = _read(file, readers, path)
        rows = file.metadata.num_rows
    groups, group_names = take_groups(grouping, names, data, path.name)
    refuse_empty(columns, data, path.name)
    fields = table_fields(path.name, columns, readers, data)
    schema = Schema.of(columns, readers)
    return Samples(
        title=path.name,
        fields=tuple(fields),
        notes=(*notes, *gap_notes(readers)),
        groups=groups,
        group_names=group_names,
        head=_shown(columns, first, rows),
        read=partial(_read_more, schema=schema),
    )


def _head(call: SourceCall) -> TableHead:
    """The first rows alone; roles and types as set, or as guessed where those do not fit the file."""
    path = chosen_file(call, WHAT)
    with _opened(path) as file:
        names, first = _first_rows(file, path)
    plan = partial(plan_columns, names, first, place=path.name)
    try:
        columns, _ = plan(target=call.text("target").strip(), wishes=call.columns)
    except UserError:
        columns, _ = plan()
    return _shown(columns, first, len(first))


def _shown(columns: Sequence[Column], first: Sequence[Sequence[str]], rows: int) -> TableHead:
    shown = tuple(tuple(row) for row in first[:_SHOWN_ROWS])
    return TableHead(columns=tuple(columns), rows=shown, total_rows=rows)


def _opened(path: Path) -> pyarrow.parquet.ParquetFile:
    """
    Raises:
        UserError: The file is no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(
            f"{path.name} cannot be read as Parquet: choose another file, or save it again."
        ) from error


def _first_rows(file: pyarrow.parquet.ParquetFile, path: Path) -> tuple[list[str], list[list[str]]]:
    """Column names, and the first rows as text.

    Raises:
        UserError: There are no rows.
    """
    names = list(file.schema_arrow.names)
    batch = next(file.iter_batches(_GUESSED_ROWS), None)
    if batch is None or not batch.num_rows:
        raise UserError(f"{path.name} has no rows: add rows of values.")
    columns = [_cells(column) for column in batch.columns]
    return names, [list(row) for row in zip(*columns, strict=True)]


def _cells(column: Any) -> list[str]:
    """Values as text; "" where there is none."""
    return ["" if value is None else str(value) for value in column.to_pylist()]


def _read(
    file: pyarrow.parquet.ParquetFile, readers: Sequence[Reader | None], path: Path
) -> list[Array | None]:
    """Every column that has a reader, a batch of rows at a time.

    Raises:
        UserError: A value does not fit its column, or a batch is damaged.
    """
    import pyarrow as pa

    row = 1
    try:
        for batch in file.iter_batches(_BATCH_ROWS):
            for reader, column in zip(readers, batch.columns, strict=True):
                if reader is not None:
                    _add(reader, column, row)
            row += batch.num_rows
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{path.name} is damaged from row {row:,} on: copy it again.") from error
    return [None if reader is None else reader.finish() for reader in readers]


def _add(reader: Reader, column: Any, row: int) -> None:
    """A batch of one column, whose first row has the number `row`."""
    import pyarrow as pa

    numeric = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
    if numeric and not isinstance(reader, CategoryReader):
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        reader.add_numbers(np.where(column.is_null().to_numpy(zero_copy_only=False), np.nan, values), row)
    else:
        reader.add(_cells(column), range(row, row + len(column)))


def _read_more(path: Path, *, schema: Schema) -> dict[str, Array]:
    """The features of another file with the same columns in any order; targets may be absent."""
    check_file(path, WHAT)
    with _opened(path) as file:
        names, _ = _first_rows(file, path)
        readers = schema_readers(schema, names, path)
        data = dict(zip(names, _read(file, [readers.get(name) for name in names], path), strict=True))
    return features_of(schema, readers, data)


PARQUET = Source(
    name="parquet",
    title="Parquet file",
    summary="A table of your own in a Parquet file, one sample a row.",
    doc="As a CSV file: columns are features, the target, or ignored; numbers or categories. Rows are counted from 1.",
    keywords=("table", "arrow", "pandas", "own data"),
    parameters=(
        Parameter("path", Text(path=True), "", "The file; a relative path starts from the project's folder."),
        Parameter("target", Text(), "", "The column to predict. Empty: as set in the columns, else guessed."),
        GROUPS,
    ),
    load=_load,
    files=lambda call: (chosen_file(call, WHAT),),
    head=_head,
    licence=OWN,
)
