"""Handwritten digits of 8×8 pixels."""

from __future__ import annotations

from functools import partial

from nodeforge.data.source import Source
from nodeforge.data.source_kinds.images import CHOSEN_CLASSES, LAYOUT, shipped_digits

DIGITS = Source(
    name="digits",
    title="Digits 8×8",
    summary="1,797 handwritten digits of 8×8 grey pixels, 10 classes.",
    doc="Small enough to train in seconds. Pixels run from 0 to 16. In file order, digits of one writer "
    "stand together: a shuffled split is an easier problem than a split in file order.",
    source="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
    licence="CC BY 4.0 (E. Alpaydin, C. Kaynak; UCI Machine Learning Repository)",
    keywords=("image", "classification", "optdigits", "uci"),
    parameters=(LAYOUT, CHOSEN_CLASSES),
    load=partial(shipped_digits, file="digits.npz", title="Digits 8×8", white=16.0),
)
