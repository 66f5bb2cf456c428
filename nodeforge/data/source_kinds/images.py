"""What sources of small grey images have in common."""

from __future__ import annotations

import numpy as np

from nodeforge.core.parameters import Choice, Parameter
from nodeforge.data import vendored
from nodeforge.data.source import Array, Layout, RawField, Samples, SourceCall

LAYOUT = Parameter(
    "layout",
    Choice(options=("image", "flat")),
    "image",
    "image: channels, height, width, as Conv2d wants it. flat: all pixels in one row, as Linear wants it.",
)
DIGITS = tuple(str(digit) for digit in range(10))


def grey_images(
    call: SourceCall,
    *,
    title: str,
    images: Array,
    labels: Array,
    classes: tuple[str, ...],
    white: float,
    test: int = 0,
) -> Samples:
    """Grey images with their classes.

    Args:
        call: Gives the layout.
        title: What people call the data.
        images: (N, H, W).
        labels: (N,).
        classes: Names of the classes.
        white: The greatest value a pixel can have.
        test: How many at the end the makers keep for the test; 0 when they do not say.
    """
    if call.text("layout") == "flat":
        field = RawField(name="features", values=images.reshape(len(images), -1), value_range=(0.0, white))
    else:
        field = RawField(name="image", values=images[:, None], layout=Layout.IMAGE, value_range=(0.0, white))
    target = RawField(name="target", values=labels.astype(np.int64), role="target", classes=classes)
    given = np.arange(len(images)) >= len(images) - test if test else None
    return Samples(title=title, fields=(field, target), given_test=given)


def shipped_digits(call: SourceCall, *, file: str, title: str, white: float) -> Samples:
    """Images of handwritten digits from a shipped file with the arrays `images` (N, H, W) and `labels` (N,).

    Args:
        call: Gives the layout.
        file: The file's name.
        title: What people call the data.
        white: The greatest value a pixel can have.
    """
    content = vendored.arrays(file)
    return grey_images(
        call, title=title, images=content["images"], labels=content["labels"], classes=DIGITS, white=white
    )
