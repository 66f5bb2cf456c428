"""Images of the user in the format of MNIST."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Parameter, Text
from nodeforge.data.idx import read_idx
from nodeforge.data.paths import chosen_file
from nodeforge.data.source import OWN, Layout, RawField, Samples, Source, SourceCall
from nodeforge.data.source_kinds.images import CHOSEN_CLASSES, LAYOUT, grey_images

WHAT = "idx file"


def _load(call: SourceCall) -> Samples:
    path = chosen_file(call, WHAT)
    images = read_idx(path)
    if images.ndim != 3:
        raise UserError(
            f"{path.name} has {images.ndim} axes, and images have 3: choose the file of the images."
        )
    white = 255.0 if images.dtype == np.uint8 else float(images.max(initial=1))
    if not call.text("labels").strip():
        field = RawField(name="image", values=images[:, None], layout=Layout.IMAGE, value_range=(0.0, white))
        return Samples(title=path.name, fields=(field,))
    other = chosen_file(call, WHAT, "labels")
    numbers = read_idx(other)
    if numbers.ndim != 1 or len(numbers) != len(images):
        raise UserError(
            f"{other.name} holds {len(numbers):,} labels and {path.name} {len(images):,} images: "
            "choose the labels that belong to them."
        )
    classes, labels = np.unique(numbers, return_inverse=True)
    return grey_images(
        call,
        title=path.name,
        images=images,
        labels=labels,
        classes=tuple(f"{number:g}" for number in classes.tolist()),
        white=white,
    )


def _files(call: SourceCall) -> tuple[Path, ...]:
    wanted = ("path", "labels") if call.text("labels").strip() else ("path",)
    return tuple(chosen_file(call, WHAT, parameter) for parameter in wanted)


IDX = Source(
    name="idx",
    title="IDX images",
    summary="Grey images of your own in the format of MNIST, compressed with gzip or not.",
    doc="One file holds the images, another their labels; without labels there are only images.",
    source="http://yann.lecun.com/exdb/mnist/",
    keywords=("image", "mnist", "ubyte", "gz", "classification", "own data"),
    parameters=(
        Parameter("path", Text(path=True), "", "The file of the images, such as train-images-idx3-ubyte.gz."),
        Parameter(
            "labels", Text(path=True), "", "The file of the labels, such as train-labels-idx1-ubyte.gz."
        ),
        LAYOUT,
        CHOSEN_CLASSES,
    ),
    load=_load,
    files=_files,
    licence=OWN,
)
