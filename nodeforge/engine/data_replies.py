"""What the data holds, as a message."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.data import Dataset, Preview, PreviewPicture, PreviewTable, describe, glimpse, load
from nodeforge.engine.messages import (
    Curves,
    DataDescribed,
    DataFinding,
    Failed,
    FieldDescription,
    Picture,
    Sound,
    Table,
    TokenText,
)


def describe_data(document: Document, folder: Path, rows: int) -> DataDescribed | Failed:
    """Load the document's data and say what is in it; of a table at fault, what is wrong and its first rows.

    Raises:
        UserError: There is no data, or nothing of it can be shown.
    """
    document = document.computed()
    if document.data is None:
        raise UserError("The project has no data yet: choose a source in the Data panel.")
    try:
        dataset = load(document.data, folder)
        return _message(describe(dataset, rows), _augmented(document, dataset, rows))
    except UserError as error:
        table = glimpse(document.data, folder, rows)
        if table is None:
            raise
        return Failed(message=str(error), user_fault=True, table=_table(table))


def _augmented(document: Document, dataset: Dataset, count: int) -> tuple[PreviewPicture, ...]:
    """The pictures of the preview, changed as a training could; none without augmentation."""
    if document.data is None or not document.data.augmentation:
        return ()
    from nodeforge.training.augmentation import augmented_pictures  # brings torch

    return augmented_pictures(document, dataset, count)


def _message(preview: Preview, augmented: tuple[PreviewPicture, ...] = ()) -> DataDescribed:
    return DataDescribed(
        title=preview.facts.title,
        fields=[
            FieldDescription(
                name=field.name,
                shape=list(field.spec.shape),
                dtype=field.spec.dtype,
                role=field.role,
                classes=list(field.classes),
                span=field.span,
                vocabulary=field.vocabulary,
            )
            for field in preview.facts.fields
        ],
        sizes=dict(preview.facts.sizes),
        table=None if preview.table is None else _table(preview.table),
        pictures=list(map(_picture, preview.pictures)),
        augmented=list(map(_picture, augmented)),
        texts=[
            TokenText(tokens=list(text.tokens), numbers=list(text.numbers), label=text.label)
            for text in preview.texts
        ],
        curves=[
            Curves(curves=[list(curve) for curve in one.curves], label=one.label) for one in preview.curves
        ],
        sounds=[
            Sound(
                rate=sound.rate,
                samples=sound.samples,
                spectrum=_picture(sound.spectrum),
                label=sound.label,
                name=sound.name,
            )
            for sound in preview.sounds
        ],
        statistics=[[row.name, *row.cells] for row in preview.statistics],
        series=[list(curve) for curve in preview.series],
        class_counts={split: list(counts) for split, counts in preview.class_counts.items()},
        notes=list(preview.notes),
        findings=[
            DataFinding(
                code=finding.code,
                message=finding.message,
                reason=finding.reason,
                serious=finding.serious,
                preparation=finding.preparation,
                column=finding.column,
            )
            for finding in preview.facts.findings
        ],
    )


def _picture(picture: PreviewPicture) -> Picture:
    return Picture(
        width=picture.width,
        height=picture.height,
        channels=picture.channels,
        pixels=picture.pixels,
        label=picture.label,
    )


def _table(table: PreviewTable) -> Table:
    return Table(
        columns=list(table.columns),
        types=list(table.types),
        roles=list(table.roles),
        rows=[list(row) for row in table.rows],
        total_rows=table.total_rows,
        first_row=table.first_row,
    )
