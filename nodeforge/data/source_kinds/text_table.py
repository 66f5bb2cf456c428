"""Texts of the user in a column of a table, with the answers in another."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Parameter, Text
from nodeforge.data.labels import class_labels
from nodeforge.data.source import OWN, RawField, Samples, Source, SourceCall, TableHead
from nodeforge.data.tables.columns import guessed_type, is_missing
from nodeforge.data.tables.opening import FORM, OpenedTable, open_table, table_path
from nodeforge.data.tables.reading import NumberReader, read_columns
from nodeforge.data.texts import TEXT_FORM, labelled_texts, length_parameter

_SHOWN_ROWS = 200
_TARGET_NAMES = ("label", "class", "target", "category", "language", "rating", "sentiment")


def _load(call: SourceCall) -> Samples:
    with open_table(call) as table:
        text_name, target_name = _columns(table, call)
        texts, answers, rows = _read(table, text_name, target_name)
        target = _target(table, target_name, answers, rows)
    samples = labelled_texts(table.path.name, texts, target, call, column=text_name)
    notes = [f"Texts are column {text_name}, answers column {target_name}."]
    return replace(samples.noting(notes), head=_head(table, text_name, target_name, len(texts)))


def _columns(table: OpenedTable, call: SourceCall) -> tuple[str, str]:
    """The column with the longest texts and that of the answers, unless they are named.

    Raises:
        UserError: There are no such columns.
    """
    text, target = call.text("text").strip(), call.text("target").strip()
    for wish in filter(None, (text, target)):
        if wish not in table.names:
            raise UserError(f"{table.path.name} has no column {wish}: choose among {', '.join(table.names)}.")
    if len(table.names) < 2:
        raise UserError(f"{table.path.name} has one column: it needs one of texts and one of answers.")
    lengths = {
        name: sum(map(len, cells))
        for name, cells in zip(table.names, zip(*table.cells, strict=True), strict=True)
        if name != target
    }
    text = text or max(lengths, key=lengths.__getitem__)
    others = [name for name in table.names if name != text]
    named = next((name for name in others if name.strip().lower() in _TARGET_NAMES), others[-1])
    return text, target or named


def _read(table: OpenedTable, text: str, target: str) -> tuple[list[str], list[str], list[int]]:
    """Texts, answers and row numbers.

    Raises:
        UserError: A row lacks one of them.
    """
    first, second = table.names.index(text), table.names.index(target)
    texts, answers, rows = [], [], []
    for row, cells in itertools.chain(table.first, table.rest):
        if len(cells) <= max(first, second) or not cells[first].strip() or is_missing(cells[second]):
            gap = target if len(cells) > first and cells[first].strip() else text
            raise UserError(f"Row {row} of {table.path.name} has nothing in column {gap}: fill it in.")
        texts.append(cells[first])
        answers.append(cells[second].strip())
        rows.append(row)
    return texts, answers, rows


def _target(table: OpenedTable, name: str, answers: list[str], rows: list[int]) -> RawField:
    """Classes; or numbers, where the column holds numbers that are not few whole ones."""
    numbers = guessed_type(answers, table.comma) == "number" and len(set(answers)) > 20
    if not numbers:
        return class_labels(answers, column=name)
    reader = NumberReader(name, table.path.name, table.comma)
    (values,) = read_columns(
        ((row, [answer]) for row, answer in zip(rows, answers, strict=True)),
        [reader],
        width=1,
        place=table.path.name,
    )
    assert values is not None
    return RawField(name="target", values=np.asarray(values)[:, None], role="target", columns=(name,))


def _head(table: OpenedTable, text: str, target: str, rows: int) -> TableHead:
    roles = {text: "feature", target: "target"}
    columns = tuple(
        Column(name=name, role=roles.get(name, "ignore"), type="category") for name in table.names
    )
    first_row, _ = table.first[0]
    shown = tuple(tuple(cells) for cells in table.cells[:_SHOWN_ROWS])
    return TableHead(columns=columns, rows=shown, total_rows=rows, first_row=first_row)


TEXT_TABLE = Source(
    name="text-table",
    title="Texts in a table",
    summary="Texts of your own in one column of a table, what to tell about them in another.",
    doc="The answers are classes; numbers of more than twenty different values are predicted as values.",
    keywords=("text", "classification", "sentiment", "csv", "own data"),
    parameters=(
        Parameter("path", Text(path=True), "", "The file; a relative path starts from the project's folder."),
        Parameter("text", Text(), "", "The column with the texts. Empty: that with the longest ones."),
        Parameter(
            "target", Text(), "", "The column to predict. Empty: one called label or so, else the last."
        ),
        length_parameter(64, "words"),
        *TEXT_FORM,
        *FORM,
    ),
    load=_load,
    files=lambda call: (table_path(call),),
    licence=OWN,
)
