"""Pictures of clothes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Choice, Parameter
from nodeforge.data import vendored
from nodeforge.data.idx import read_idx
from nodeforge.data.source import Array, Samples, Source, SourceCall
from nodeforge.data.source_kinds.images import CHOSEN_CLASSES, LAYOUT, grey_images

CLASSES = (
    "T-shirt",
    "trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
SUBSET_TEST = 2_000
"""So many images at the end of the shipped file are the first ones of the test part."""
PACKAGE = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts all 70,000."""


def _load(call: SourceCall) -> Samples:
    if call.text("part") == "full":
        images, labels, test = _full()
    else:
        content = vendored.arrays("fashion-mnist-14k.npz")
        images, labels, test = content["images"], content["labels"], SUBSET_TEST
    return grey_images(
        call,
        title="Fashion-MNIST" if call.text("part") == "full" else "Fashion-MNIST, 14,000 images",
        images=images,
        labels=labels,
        classes=CLASSES,
        white=255.0,
        test=test,
    )


def _full() -> tuple[Array, Array, int]:
    """All images, the 10,000 of the test last.

    Raises:
        UserError: They are not on this computer.
    """
    if not PACKAGE.is_dir():
        raise UserError(
            f"All 70,000 images of Fashion-MNIST are looked for in {PACKAGE}, and are not there: install Debian's "
            "package dataset-fashion-mnist, or set part to subset."
        )
    parts = [
        (
            read_idx(PACKAGE / f"{name}-images-idx3-ubyte.gz"),
            read_idx(PACKAGE / f"{name}-labels-idx1-ubyte.gz"),
        )
        for name in ("train", "t10k")
    ]
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return images, labels, len(parts[1][0])


FASHION_MNIST = Source(
    name="fashion-mnist",
    title="Fashion-MNIST",
    summary="14,000 pictures of clothes, 28×28 grey pixels, 10 classes: 12,000 to train with, 2,000 to test.",
    doc="The first images of the training part and of the test part; the split is the makers' own. A linear model "
    "gets 84 %, which makes it a better yardstick for networks than handwritten digits. With part set to full, all "
    "70,000 are read from Debian's package dataset-fashion-mnist.",
    source="H. Xiao, K. Rasul, R. Vollgraf (2017). https://github.com/zalandoresearch/fashion-mnist",
    licence="MIT (Zalando SE)",
    keywords=("image", "classification", "clothes", "zalando"),
    parameters=(
        LAYOUT,
        CHOSEN_CLASSES,
        Parameter(
            "part",
            Choice(options=("subset", "full")),
            "subset",
            "subset: the 14,000 images that come with NodeForge. full: all 70,000, where Debian's package is "
            "installed.",
        ),
    ),
    load=_load,
)
