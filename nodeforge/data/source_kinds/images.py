"""What sources of small grey images have in common."""

from __future__ import annotations

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Choice, Parameter, Text
from nodeforge.data import vendored
from nodeforge.data.source import Array, Layout, RawField, Samples, SourceCall

LAYOUT = Parameter(
    "layout",
    Choice(options=("image", "flat")),
    "image",
    "image: channels, height, width, as Conv2d wants it. flat: all pixels in one row, as Linear wants it.",
)
CHOSEN_CLASSES = Parameter(
    "classes",
    Text(),
    "",
    "Names of the classes that are used, with commas between them; the others are left out. Empty: all.",
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
    """Grey images of the chosen classes.

    Args:
        call: Gives layout and classes.
        title: What people call the data.
        images: (N, H, W).
        labels: (N,).
        classes: Names of the classes.
        white: The greatest value a pixel can have.
        test: How many at the end the makers keep for the test; 0 when they do not say.

    Raises:
        UserError: There is no class of a name that was given.
    """
    given = np.arange(len(images)) >= len(images) - test if test else None
    wanted = _wanted(call.text("classes"), classes, title)
    if len(wanted) < len(classes):
        kept = np.isin(labels, wanted)
        images, labels = images[kept], np.searchsorted(wanted, labels[kept])
        given = None if given is None else given[kept]
        classes = tuple(classes[number] for number in wanted)
        title = f"{title}: {', '.join(classes)}"
    if call.text("layout") == "flat":
        field = RawField(name="features", values=images.reshape(len(images), -1), value_range=(0.0, white))
    else:
        field = RawField(name="image", values=images[:, None], layout=Layout.IMAGE, value_range=(0.0, white))
    target = RawField(name="target", values=labels.astype(np.int64), role="target", classes=classes)
    return Samples(title=title, fields=(field, target), given_test=given)


def _wanted(names: str, classes: tuple[str, ...], title: str) -> list[int]:
    """Numbers of the classes that are named, in their own order; all if none is.

    Raises:
        UserError: There is no such class, or only one is left.
    """
    asked = {name.strip() for name in names.split(",") if name.strip()}
    unknown = sorted(asked.difference(classes))
    if unknown:
        raise UserError(f"{title} has no class {unknown[0]}: choose among {', '.join(classes)}.")
    if len(asked) == 1:
        raise UserError(f"{title} is cut down to one class: name at least two of {', '.join(classes)}.")
    return [number for number, name in enumerate(classes) if name in asked or not asked]


def shipped_digits(call: SourceCall, *, file: str, title: str, white: float) -> Samples:
    """Images of handwritten digits from a shipped file with the arrays `images` (N, H, W) and `labels` (N,).

    Args:
        call: Gives layout and classes.
        file: The file's name.
        title: What people call the data.
        white: The greatest value a pixel can have.
    """
    content = vendored.arrays(file)
    return grey_images(
        call, title=title, images=content["images"], labels=content["labels"], classes=DIGITS, white=white
    )
