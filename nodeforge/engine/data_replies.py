"""What the data holds, as a message."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.data import Preview, describe, load
from nodeforge.engine.messages import DataDescribed, FieldDescription, Picture, Table


def describe_data(document: Document, folder: Path, rows: int) -> DataDescribed:
    """Load the document's data and say what is in it.

    Raises:
        UserError: There is no data, or it cannot be used.
    """
    if document.data is None:
        raise UserError("The project has no data yet: choose a source in the Data panel.")
    return _message(describe(load(document.data, folder), rows))


def _message(preview: Preview) -> DataDescribed:
    table = preview.table
    return DataDescribed(
        title=preview.facts.title,
        fields=[
            FieldDescription(
                name=field.name,
                shape=list(field.spec.shape),
                dtype=field.spec.dtype,
                role=field.role,
                classes=list(field.classes),
            )
            for field in preview.facts.fields
        ],
        sizes=dict(preview.facts.sizes),
        table=None
        if table is None
        else Table(
            columns=list(table.columns),
            types=list(table.types),
            roles=list(table.roles),
            rows=[list(row) for row in table.rows],
            total_rows=table.total_rows,
        ),
        pictures=[
            Picture(
                width=picture.width,
                height=picture.height,
                channels=picture.channels,
                pixels=picture.pixels,
                label=picture.label,
            )
            for picture in preview.pictures
        ],
        series=[list(curve) for curve in preview.series],
        class_counts={split: list(counts) for split, counts in preview.class_counts.items()},
        notes=list(preview.notes),
    )
