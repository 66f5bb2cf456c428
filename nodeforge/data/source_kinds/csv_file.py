"""Any table of the user: comma-separated text and its relatives."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Parameter, Text
from nodeforge.data.paths import check_file
from nodeforge.data.source import OWN, Array, Samples, Source, SourceCall, TableHead
from nodeforge.data.tables.columns import plan_columns
from nodeforge.data.tables.fields import features_of, refuse_empty, table_fields
from nodeforge.data.tables.groups import GROUPS, add_group_reader, take_groups, without_group
from nodeforge.data.tables.large import read_large, too_large
from nodeforge.data.tables.opening import (
    AUTO,
    FORM,
    TABLE,
    OpenedTable,
    header_of,
    open_table,
    table_path,
)
from nodeforge.data.tables.reading import gap_notes, make_reader, read_columns
from nodeforge.data.tables.schema import Schema, schema_readers
from nodeforge.data.tables.text import form_of, records

_SHOWN_ROWS = 200


def _load(call: SourceCall) -> Samples:
    with open_table(call) as table:
        return _read(table, call)


def _read(table: OpenedTable, call: SourceCall) -> Samples:
    place = table.path.name
    columns, notes = plan_columns(
        table.names,
        table.cells,
        place=place,
        target=call.text("target").strip(),
        wishes=without_group(call, table.names, place),
        comma=table.comma,
    )
    readers = [make_reader(column, place, comma=table.comma) for column in columns]
    grouping = add_group_reader(call, table.names, readers, place)
    stream = itertools.chain(table.first, table.rest)
    features = None
    if too_large(table.path, call.memory):
        features, data, done = read_large(stream, columns, readers, place)
        notes += done
    else:
        data = read_columns(stream, readers, width=len(table.names), place=place)
    groups, group_names = take_groups(grouping, table.names, data, place)
    refuse_empty(columns, data, place)
    fields = table_fields(place, columns, readers, data, features)
    notes += gap_notes(readers)
    if table.form.encoding == "windows-1252" and call.text("encoding") == AUTO:
        notes.insert(0, "The file is not UTF-8; it was read as Windows-1252.")
    schema = Schema.of(columns, readers, header=bool(call.values["header"]), comma=table.comma)
    return Samples(
        title=place,
        fields=tuple(fields),
        notes=tuple(notes),
        groups=groups,
        group_names=group_names,
        head=_shown(columns, table, total_rows=len(fields[0].values)),
        read=partial(_read_more, schema=schema),
    )


def _head(call: SourceCall) -> TableHead:
    """The first rows alone; roles and types as set, or as guessed where those do not fit the file."""
    with open_table(call) as table:
        plan = partial(plan_columns, table.names, table.cells, place=table.path.name, comma=table.comma)
        try:
            columns, _ = plan(target=call.text("target").strip(), wishes=call.columns)
        except UserError:
            columns, _ = plan()
        return _shown(columns, table, total_rows=len(table.first))


def _shown(columns: Sequence[Column], table: OpenedTable, *, total_rows: int) -> TableHead:
    rows = tuple(tuple(row) for row in table.cells[:_SHOWN_ROWS])
    first_row, _ = table.first[0]
    return TableHead(columns=tuple(columns), rows=rows, total_rows=total_rows, first_row=first_row)


def _read_more(path: Path, *, schema: Schema) -> dict[str, Array]:
    """The features of another file with the same columns in any order; targets may be absent."""
    check_file(path, TABLE)
    with contextlib.closing(records(path, form_of(path))) as stream:
        names, first = header_of(
            path, list(itertools.islice(stream, 1 + schema.header)), header=schema.header
        )
        readers = schema_readers(schema, names, path)
        read = read_columns(
            itertools.chain(first, stream),
            [readers.get(name) for name in names],
            width=len(names),
            place=path.name,
        )
    data = dict(zip(names, read, strict=True))
    return features_of(schema, readers, data)


CSV = Source(
    name="csv",
    title="CSV file",
    summary="A table of your own: comma-separated text, one sample a row.",
    doc="Columns are features, the target, or ignored; numbers or categories. Both are guessed and can be "
    "changed under data. Categories become one column each (one-hot); a category to predict becomes a class.",
    keywords=("table", "tsv", "excel", "text", "own data"),
    parameters=(
        Parameter("path", Text(path=True), "", "The file; a relative path starts from the project's folder."),
        Parameter("target", Text(), "", "The column to predict. Empty: as set in the columns, else guessed."),
        GROUPS,
        *FORM,
    ),
    load=_load,
    files=lambda call: (table_path(call),),
    head=_head,
    licence=OWN,
)
