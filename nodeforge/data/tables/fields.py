"""From columns to fields: the feature matrix and the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.data.source import Array, RawField
from nodeforge.data.tables.reading import CategoryReader, Reader
from nodeforge.data.tables.schema import Schema

MAX_CELLS = 1 << 28
"""Numbers in the feature matrix, of 8 bytes each."""


def table_fields(
    place: str,
    columns: Sequence[Column],
    readers: Sequence[Reader | None],
    data: Sequence[Array | None],
    features: RawField | None = None,
) -> list[RawField]:
    """Features as one matrix, unless they are given, and the target.

    Raises:
        UserError: No feature is left, or the targets do not go together.
    """
    features = features or feature_matrix(columns, readers, data)
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
        called = tuple(column.name for column, _, _ in targets)
        return [features, RawField(name="target", values=values, role="target", columns=called)]
    column, reader = categories[0]
    if len(targets) > 1:
        names = " and ".join(column.name for column, _, _ in targets)
        raise UserError(f"{place} has the targets {names}: a category must be the only target.")
    if len(reader.categories) == 1:
        raise UserError(
            f"The target {column.name} of {place} is always {reader.categories[0]}: "
            "there must be at least two classes to tell apart."
        )
    labels = RawField(
        name="target",
        values=targets[0][2],
        role="target",
        classes=reader.categories,
        columns=(column.name,),
    )
    return [features, labels]


def refuse_empty(columns: Sequence[Column], data: Sequence[Array | None], place: str) -> None:
    """
    Raises:
        UserError: A column that is used has no value at all.
    """
    for column, values in zip(columns, data, strict=True):
        if values is not None and (values < 0 if column.type == "category" else np.isnan(values)).all():
            raise UserError(f"Column {column.name} of {place} is empty: fill it, or set its role to ignore.")


def features_of(
    schema: Schema, readers: Mapping[str, Reader | None], data: Mapping[str, Array | None]
) -> dict[str, Array]:
    """The feature matrix of another file, by the name of its field, in the order of the schema."""
    columns = [column for column in schema.columns if column.name in readers]
    features = feature_matrix(columns, list(readers.values()), [data[column.name] for column in columns])
    assert features is not None
    return {"features": features.array}


def feature_matrix(
    columns: Sequence[Column], readers: Sequence[Reader | None], data: Sequence[Array | None]
) -> RawField | None:
    """Numbers as they are and categories one-hot, side by side, (N, F); a missing category is NaN."""
    _refuse_too_wide(columns, readers, data)
    parts = []
    for column, reader, values in zip(columns, readers, data, strict=True):
        if column.role != "feature" or values is None:
            continue
        if isinstance(reader, CategoryReader):
            # One row more than categories, reached by the code −1: nothing is known.
            table = np.vstack([np.eye(len(reader.categories)), np.full(len(reader.categories), np.nan)])
            parts.append(table[values])
        else:
            parts.append(values[:, None])
    if not parts:
        return None
    names, one_hot = feature_layout(columns, readers)
    return RawField(name="features", values=np.concatenate(parts, axis=1), columns=names, one_hot=one_hot)


def feature_layout(
    columns: Sequence[Column], readers: Sequence[Reader | None]
) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """What the columns of the feature matrix are called, and (start, stop) of those that are categories."""
    names: list[str] = []
    one_hot: list[tuple[int, int]] = []
    for column, reader in zip(columns, readers, strict=True):
        if column.role != "feature" or reader is None:
            continue
        if isinstance(reader, CategoryReader):
            one_hot.append((len(names), len(names) + len(reader.categories)))
            names += [f"{column.name}={category}" for category in reader.categories]
        else:
            names.append(column.name)
    return tuple(names), tuple(one_hot)


def _refuse_too_wide(
    columns: Sequence[Column], readers: Sequence[Reader | None], data: Sequence[Array | None]
) -> None:
    """
    Raises:
        UserError: One-hot columns would fill the memory.
    """
    widths = {
        column.name: len(reader.categories) if isinstance(reader, CategoryReader) else 1
        for column, reader in zip(columns, readers, strict=True)
        if column.role == "feature"
    }
    rows = max((len(values) for values in data if values is not None), default=0)
    if rows * sum(widths.values()) > MAX_CELLS:
        widest = max(widths, key=widths.__getitem__)
        raise UserError(
            f"{rows:,} rows of {sum(widths.values()):,} features do not fit into memory, and {widths[widest]:,} of them "
            f"are the categories of {widest}: set its role to ignore, or merge rare ones."
        )
