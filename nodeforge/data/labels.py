"""Class labels from words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nodeforge.data.source import RawField
from nodeforge.data.tables.reading import category_order


def class_labels(words: Sequence[str], *, column: str = "") -> RawField:
    """The target field of samples whose classes are given by name; classes in alphabetical order, numbers by size.

    Args:
        words: One a sample.
        column: What the classes are called together.
    """
    classes = tuple(sorted(set(words), key=category_order))
    numbers = {name: number for number, name in enumerate(classes)}
    values = np.fromiter((numbers[word] for word in words), np.int64, len(words))
    return RawField(
        name="target",
        values=values,
        role="target",
        classes=classes,
        columns=(column,) if column else (),
    )
