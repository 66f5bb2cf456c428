"""Columns of text, as they stand in a table."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path

from nodeforge.core.errors import UserError
from nodeforge.data.paths import check_file
from nodeforge.data.tables.opening import TABLE, header_of
from nodeforge.data.tables.text import form_of, records


def column_of(path: Path, name: str) -> list[str]:
    """All cells of one column of a table with a header.

    Raises:
        UserError: There is no such file or column.
    """
    check_file(path, TABLE)
    with contextlib.closing(records(path, form_of(path))) as stream:
        names, first = header_of(path, list(itertools.islice(stream, 2)), header=True)
        if name not in names:
            raise UserError(f"{path.name} has no column {name}, which the texts are read from: add it.")
        place = names.index(name)
        return [cells[place] if place < len(cells) else "" for _, cells in itertools.chain(first, stream)]
