"""What sources of small grey images have in common."""

from __future__ import annotations

import numpy as np

from nodeforge.core.parameters import Choice, Parameter
from nodeforge.data import vendored
from nodeforge.data.source import Layout, RawField, Samples, SourceCall

LAYOUT = Parameter(
    "layout",
    Choice(options=("image", "flat")),
    "image",
    "image: channels, height, width, as Conv2d wants it. flat: all pixels in one row, as Linear wants it.",
)


def shipped_digits(call: SourceCall, *, file: str, title: str, white: float) -> Samples:
    """Images of handwritten digits from a shipped file with the arrays `images` (N, H, W) and `labels` (N,).

    Args:
        white: The greatest value a pixel can have.
    """
    content = vendored.arrays(file)
    images = content["images"]
    if call.text("layout") == "flat":
        field = RawField(name="features", values=images.reshape(len(images), -1), value_range=(0.0, white))
    else:
        field = RawField(name="image", values=images[:, None], layout=Layout.IMAGE, value_range=(0.0, white))
    labels = content["labels"].astype(np.int64)
    classes = tuple(str(digit) for digit in range(10))
    return Samples(
        title=title, fields=(field, RawField(name="target", values=labels, role="target", classes=classes))
    )
