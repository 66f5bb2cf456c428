"""What tables that come with the program have in common."""

from __future__ import annotations

import numpy as np

from nodeforge.core.document import Column
from nodeforge.data import vendored
from nodeforge.data.source import RawField, Samples, SourceCall, TableHead


def shipped_table(
    call: SourceCall, *, file: str, title: str, target: str, classes: tuple[str, ...] = ()
) -> Samples:
    """A shipped table of numbers whose last column is the target.

    Args:
        call: What the source was asked.
        file: The file's name; its first line names the columns.
        title: What people call the data.
        target: What the target is called.
        classes: The classes in order; empty when the target is a number.
    """
    names, rows = vendored.table(file)
    features = np.array([row[:-1] for row in rows], dtype=np.float64)
    if classes:
        answers = np.array([classes.index(row[-1]) for row in rows], dtype=np.int64)
    else:
        answers = np.array([[row[-1]] for row in rows], dtype=np.float64)
    columns = (
        *(Column(name=name) for name in names[:-1]),
        Column(name=target, role="target", type="category" if classes else "number"),
    )
    return Samples(
        title=title,
        fields=(
            RawField(name="features", values=features, columns=tuple(names[:-1])),
            RawField(name="target", values=answers, role="target", classes=classes, columns=(target,)),
        ),
        head=TableHead(columns=columns, rows=tuple(map(tuple, rows)), total_rows=len(rows)),
    )
