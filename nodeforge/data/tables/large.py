"""Tables that do not fit into memory: read once, a block of rows at a time, and kept as numbers in a temporary file."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from nodeforge.core.document import Column
from nodeforge.data.source import Array, RawField
from nodeforge.data.streams import NpyRows, Stream
from nodeforge.data.tables.fields import feature_layout
from nodeforge.data.tables.reading import CategoryReader, Reader, batched, check_width
from nodeforge.data.tables.text import Record
from nodeforge.data.words import agreeing, counted

_BLOCK_ROWS = 5_000


def read_large(
    stream: Iterable[Record], columns: Sequence[Column], readers: Sequence[Reader | None], place: str
) -> tuple[RawField | None, list[Array | None], list[str]]:
    """The features as a stream, all other columns in memory, and sentences on what was done.

    Rows that miss a feature are left out: what stands for a missing value is known only when all have been read.

    Args:
        stream: The records after the header.
        columns: How each column is used.
        readers: What reads it; None for those to leave out.
        place: The file's name.

    Raises:
        UserError: A row has too few or too many cells, or a cell does not fit its column.
    """
    chosen = [index for index, column in enumerate(columns) if _is_feature(column, readers[index])]
    descriptor, name = tempfile.mkstemp(prefix="nodeforge-table-", suffix=".npy")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            kept = _spill(file, stream, readers, chosen, place)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    data = [_rest(reader, kept, index in chosen) for index, reader in enumerate(readers)]
    features = _features(path, columns, readers, chosen, kept)
    left = int((~kept).sum())
    notes = [
        f"The table is larger than memory_mb, so its features lie in a temporary file of {len(kept):,} rows."
    ]
    if left:
        notes.append(
            f"{counted(left, 'row')} with missing values {agreeing(left, 'are')} left out: in a table on disk none are filled."
        )
    return features, data, notes


def _spill(
    file: BinaryIO,
    stream: Iterable[Record],
    readers: Sequence[Reader | None],
    chosen: Sequence[int],
    place: str,
) -> Array:
    """Read everything and write the chosen columns to the file; by row, whether it misses nothing."""
    complete: list[Array] = []
    _write_header(file, 0, len(chosen))
    for block in batched(stream, _BLOCK_ROWS):
        rows, cells = zip(*block, strict=True)
        for row, some in block:
            check_width(row, some, len(readers), place)
        for reader, column in zip(readers, zip(*cells, strict=True), strict=True):
            if reader is not None:
                reader.add(column, rows)
        numbers = [_newest(readers[index]) for index in chosen]
        values = np.stack(numbers, axis=1) if numbers else np.empty((len(rows), 0))
        complete.append(~np.isnan(values).any(axis=1))
        file.write(values.tobytes())
    kept = np.concatenate(complete)
    _write_header(file, len(kept), len(chosen))
    return kept


def _is_feature(column: Column, reader: Reader | None) -> bool:
    return column.role == "feature" and reader is not None


def _newest(reader: Reader | None) -> Array:
    """The block that a reader has just read, taken out of its memory; float64, NaN where a value is missing."""
    assert reader is not None
    values = reader.blocks.pop()
    return np.where(values < 0, np.nan, values) if isinstance(reader, CategoryReader) else values


def _rest(reader: Reader | None, kept: Array, is_feature: bool) -> Array | None:
    """A column that stays in memory."""
    return None if reader is None or is_feature else reader.finish()[kept]


def _write_header(file: BinaryIO, rows: int, columns: int) -> None:
    """numpy leaves room in a header for its first axis to grow, so it can be written again over itself."""
    file.seek(0)
    np.lib.format.write_array_header_1_0(
        file,
        {"descr": "<f8", "fortran_order": False, "shape": (rows, columns)},
    )


def _features(
    path: Path,
    columns: Sequence[Column],
    readers: Sequence[Reader | None],
    chosen: Sequence[int],
    kept: Array,
) -> RawField | None:
    if not chosen:
        path.unlink(missing_ok=True)
        return None
    orders = [_order(readers[index]) for index in chosen]
    stored = NpyRows(path, _one_hot(orders))
    weakref.finalize(stored, path.unlink, missing_ok=True)
    used = [columns[index] for index in chosen]
    names, one_hot = feature_layout(used, [readers[index] for index in chosen])
    values: Stream = stored if kept.all() else stored[kept]
    return RawField(name="features", values=values, columns=names, one_hot=one_hot)


def _order(reader: Reader | None) -> Array | None:
    """By code of a category as it was met, its place among the sorted ones; None for numbers."""
    return reader.settle() if isinstance(reader, CategoryReader) else None


def _one_hot(orders: Sequence[Array | None]) -> Callable[[Array], Array]:
    """Rows as they are stored with each category as its own columns."""
    tables = [None if order is None else np.eye(len(order) - 1)[order[:-1]] for order in orders]

    def arrange(rows: Array) -> Array:
        parts = (
            rows[:, place, None] if table is None else table[np.nan_to_num(rows[:, place]).astype(np.int64)]
            for place, table in enumerate(tables)
        )
        return np.concatenate(list(parts), axis=1)

    return arrange


def too_large(path: Path, memory: int) -> bool:
    """Whether the numbers of a table are likely to need more than so many bytes: about as many as its text."""
    return path.stat().st_size > memory
