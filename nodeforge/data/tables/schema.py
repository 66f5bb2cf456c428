"""What reading a table has found out, so that another file can be read the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.data.tables.reading import CategoryReader, Reader, make_reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The form of a table.

    Attributes:
        columns: Role and type of every column.
        categories: By column, its categories; empty for numbers.
        header: For text: whether the first row holds the column names.
        comma: For text: whether decimals follow a comma.
    """

    columns: tuple[Column, ...]
    categories: tuple[tuple[str, ...], ...]
    header: bool = True
    comma: bool = False

    @classmethod
    def of(
        cls,
        columns: Sequence[Column],
        readers: Sequence[Reader | None],
        *,
        header: bool = True,
        comma: bool = False,
    ) -> Schema:
        """What the readers of a table have met."""
        return cls(
            columns=tuple(columns),
            categories=tuple(r.categories if isinstance(r, CategoryReader) else () for r in readers),
            header=header,
            comma=comma,
        )


def schema_readers(schema: Schema, names: Sequence[str], path: Path) -> dict[str, Reader | None]:
    """By feature column of the schema, what reads it from another file.

    Raises:
        UserError: The file lacks one.
    """
    readers: dict[str, Reader | None] = {}
    for column, categories in zip(schema.columns, schema.categories, strict=True):
        if column.role != "feature":
            continue
        if column.name not in names:
            raise UserError(
                f"{path.name} has no column {column.name}, which the network was trained on: add it."
            )
        reader = make_reader(column, path.name, comma=schema.comma)
        readers[column.name] = (
            replace(reader, known=categories) if isinstance(reader, CategoryReader) else reader
        )
    return readers
