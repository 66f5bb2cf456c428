"""Any table of the user: comma-separated text and its relatives."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Boolean, Choice, Parameter, Text
from nodeforge.data.source import Array, RawField, Samples, Source, SourceCall, TableHead
from nodeforge.data.tables.columns import plan_columns, writes_commas
from nodeforge.data.tables.reading import (
    CategoryReader,
    NumberReader,
    check_width,
    make_reader,
    read_columns,
)
from nodeforge.data.tables.text import DELIMITERS, ENCODINGS, Form, form_of, records

_GUESSED_ROWS = 1_000
_SHOWN_ROWS = 200

Reader = NumberReader | CategoryReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What reading a table has found out, so that another file can be read the same way."""

    form: Form
    header: bool
    comma: bool
    columns: tuple[Column, ...]


def _path(call: SourceCall) -> Path:
    """The file, which exists.

    Raises:
        UserError: It does not, or is a folder.
    """
    text = call.text("path").strip()
    if not text:
        raise UserError("No CSV file is chosen: choose one under data, or set data.path.")
    path = call.folder / Path(text).expanduser()
    check_file(path)
    return path


def check_file(path: Path) -> None:
    """
    Raises:
        UserError: There is no such file.
    """
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder: choose a CSV file in it.")
        if not path.exists():
            raise UserError(f"There is no file {path}: check its name and place.")
    except (OSError, ValueError) as error:
        raise UserError(f"{str(path)!r} cannot be the path of a file: choose a CSV file.") from error


def _load(call: SourceCall) -> Samples:
    path = _path(call)
    form = form_of(path, call.text("encoding"), call.text("delimiter"))
    stream = records(path, form)
    names, first = _header(
        path, list(itertools.islice(stream, _GUESSED_ROWS + 1)), header=bool(call.values["header"])
    )
    if not first:
        raise UserError(f"{path.name} has a header and no rows: add rows of values.")
    cells = [cells for _, cells in first]
    comma = call.text("decimal") == "comma" or (
        call.text("decimal") == "auto" and form.delimiter != "," and writes_commas(cells)
    )
    columns, notes = plan_columns(
        names, cells, place=path.name, target=call.text("target").strip(), wishes=call.columns, comma=comma
    )
    readers = [make_reader(column, path.name, comma=comma) for column in columns]
    data = read_columns(itertools.chain(first, stream), readers, width=len(names), place=path.name)
    for column, values in zip(columns, data, strict=True):
        if values is not None and (values < 0 if column.type == "category" else np.isnan(values)).all():
            raise UserError(
                f"Column {column.name} of {path.name} is empty: fill it, or set its role to ignore."
            )
    if form.encoding == "windows-1252" and call.text("encoding") == "auto":
        notes.insert(0, "The file is not UTF-8; it was read as Windows-1252.")
    total = next(len(values) for values in data if values is not None) if any(readers) else 0
    fields = _fields(path.name, columns, readers, data)
    schema = Schema(form=form, header=bool(call.values["header"]), comma=comma, columns=tuple(columns))
    known = [reader.categories if isinstance(reader, CategoryReader) else () for reader in readers]
    return Samples(
        title=path.name,
        fields=tuple(fields),
        notes=tuple(notes),
        head=TableHead(
            columns=tuple(columns), rows=tuple(tuple(row) for row in cells[:_SHOWN_ROWS]), total_rows=total
        ),
        read=lambda other: _read_more(other, schema, known),
    )


def _header(
    path: Path, first: list[tuple[int, list[str]]], *, header: bool
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Column names, and the first records under them.

    Raises:
        UserError: There is nothing in the file, a row is ragged, or two columns have one name.
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
    return names, first


def _fields(
    place: str, columns: Sequence[Column], readers: Sequence[Reader | None], data: Sequence[Array | None]
) -> list[RawField]:
    """Features as one matrix, and the target.

    Raises:
        UserError: No feature is left, or the targets do not go together.
    """
    features = _features(columns, readers, data)
    if features is None:
        raise UserError(f"{place} has no feature column: give at least one column the role feature.")
    targets = [
        (column, reader, values)
        for column, reader, values in zip(columns, readers, data, strict=True)
        if column.role == "target" and values is not None
    ]
    if not targets:
        return [features]
    categories = [(column, reader) for column, reader, _ in targets if isinstance(reader, CategoryReader)]
    if not categories:
        values = np.stack([values for _, _, values in targets], axis=1)
        return [features, RawField(name="target", values=values, role="target")]
    column, reader = categories[0]
    if len(targets) > 1:
        names = " and ".join(column.name for column, _, _ in targets)
        raise UserError(f"{place} has the targets {names}: a category must be the only target.")
    if len(reader.categories) == 1:
        raise UserError(
            f"The target {column.name} of {place} is always {reader.categories[0]}: "
            "there must be at least two classes to tell apart."
        )
    return [features, RawField(name="target", values=targets[0][2], role="target", classes=reader.categories)]


def _features(
    columns: Sequence[Column], readers: Sequence[Reader | None], data: Sequence[Array | None]
) -> RawField | None:
    """Numbers as they are and categories one-hot, side by side, (N, F); a missing category is NaN."""
    parts, one_hot, width = [], [], 0
    for column, reader, values in zip(columns, readers, data, strict=True):
        if column.role != "feature" or values is None:
            continue
        if isinstance(reader, CategoryReader):
            # One row more than categories, reached by the code −1: nothing is known.
            table = np.vstack([np.eye(len(reader.categories)), np.full(len(reader.categories), np.nan)])
            parts.append(table[values])
            one_hot.append((width, width + len(reader.categories)))
        else:
            parts.append(values[:, None])
        width += parts[-1].shape[1]
    if not parts:
        return None
    return RawField(name="features", values=np.concatenate(parts, axis=1), one_hot=tuple(one_hot))


def _read_more(path: Path, schema: Schema, known: Sequence[tuple[str, ...]]) -> dict[str, Array]:
    """The features of another file with the same columns in any order; targets may be absent."""
    check_file(path)
    form = form_of(path, delimiter="auto")
    stream = records(path, form)
    names, first = _header(path, list(itertools.islice(stream, 1 + schema.header)), header=schema.header)
    wanted = {
        column.name: (column, categories) for column, categories in zip(schema.columns, known, strict=True)
    }
    for name, (column, _) in wanted.items():
        if column.role == "feature" and name not in names:
            raise UserError(f"{path.name} has no column {name}, which the network was trained on: add it.")
    readers: list[Reader | None] = []
    columns = []
    for name in names:
        column, categories = wanted.get(name, (Column(name=name, role="ignore"), ()))
        columns.append(column)
        reader = make_reader(column, path.name, comma=schema.comma) if column.role == "feature" else None
        readers.append(replace(reader, known=categories) if isinstance(reader, CategoryReader) else reader)
    if not first:
        raise UserError(f"{path.name} has a header and no rows: add rows of values.")
    data = read_columns(itertools.chain(first, stream), readers, width=len(names), place=path.name)
    order = sorted(
        range(len(names)), key=lambda i: list(wanted).index(names[i]) if names[i] in wanted else -1
    )
    features = _features([columns[i] for i in order], [readers[i] for i in order], [data[i] for i in order])
    assert features is not None
    return {"features": features.values}


_AUTO = "auto"

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
        Parameter(
            "delimiter",
            Choice(options=(_AUTO, *DELIMITERS)),
            _AUTO,
            "What stands between two values.",
            advanced=True,
        ),
        Parameter(
            "decimal", Choice(options=(_AUTO, "point", "comma")), _AUTO, "3.14 or 3,14.", advanced=True
        ),
        Parameter(
            "encoding", Choice(options=(_AUTO, *ENCODINGS)), _AUTO, "How letters are stored.", advanced=True
        ),
        Parameter("header", Boolean(), True, "Whether the first row holds the column names.", advanced=True),
    ),
    load=_load,
    files=lambda call: (_path(call),),
    tabular=True,
    licence="Yours",
)
