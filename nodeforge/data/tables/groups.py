"""The column of a table that says which rows belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Parameter, Text
from nodeforge.data.source import Array, SourceCall
from nodeforge.data.tables.reading import CategoryReader, Reader

GROUPS = Parameter(
    "groups",
    Text(),
    "",
    "A column whose equal rows belong together, such as a person or a recording: they are never divided between splits, and "
    "the network does not see it. Empty: every row stands by itself.",
    advanced=True,
)
_MOST = 1 << 31


def without_group(call: SourceCall, names: Sequence[str], place: str) -> tuple[Column, ...]:
    """What the person has set of the columns, that of the groups ignored.

    Raises:
        UserError: There is no such column.
    """
    name = call.text("groups").strip()
    if not name:
        return call.columns
    if name not in names:
        raise UserError(f"{place} has no column {name} for the groups: choose among {', '.join(names[:12])}.")
    others = tuple(column for column in call.columns if column.name != name)
    return (*others, Column(name=name, role="ignore", type="category"))


def add_group_reader(
    call: SourceCall, names: Sequence[str], readers: list[Reader | None], place: str
) -> CategoryReader | None:
    """Let the column of the groups be read, although it is no feature; None when there is none."""
    name = call.text("groups").strip()
    if not name:
        return None
    reader = CategoryReader(name, place, limit=_MOST)
    readers[names.index(name)] = reader
    return reader


def take_groups(
    reader: CategoryReader | None, names: Sequence[str], data: list[Array | None], place: str
) -> tuple[Array | None, tuple[str, ...]]:
    """By row its group, and what the groups are called; the column is taken out of the data.

    Raises:
        UserError: A row says nothing.
    """
    if reader is None:
        return None, ()
    index = names.index(reader.name)
    codes = data[index]
    assert codes is not None
    data[index] = None
    gaps = np.flatnonzero(codes < 0)
    if len(gaps):
        raise UserError(
            f"Value {gaps[0] + 1:,} of column {reader.name} of {place} is missing, and it says which rows belong together: "
            "fill it in."
        )
    return codes, reader.categories
