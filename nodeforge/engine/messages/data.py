"""What is asked and told about data."""

from __future__ import annotations

import msgspec

from nodeforge.engine.messages.base import Reply, Request, Table


class DescribeData(Request, frozen=True, kw_only=True, tag=True):
    """What the data holds, with the first rows for a preview. Answered with `DataDescribed`."""

    document: bytes
    folder: str
    rows: int = 100


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One sample to draw: 8-bit grey or RGB, row by row."""

    width: int
    height: int
    channels: int
    pixels: bytes
    label: str = ""


class TokenText(msgspec.Struct, frozen=True, kw_only=True):
    """One text of a preview: letters or words, and their numbers."""

    tokens: list[str]
    numbers: list[int]
    label: str = ""


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """One sound of a preview: 16-bit samples, low byte first, and a picture of its pitches over time."""

    rate: int
    samples: bytes
    spectrum: Picture
    label: str = ""
    name: str = ""


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """One sequence of a preview: a curve for each of its quantities."""

    curves: list[list[float]]
    label: str = ""


class FieldDescription(msgspec.Struct, frozen=True, kw_only=True):
    """Mirror of `core.specs.FieldFacts`."""

    name: str
    shape: list[int | str]
    dtype: str
    role: str
    classes: list[str] = []
    span: tuple[float, float] | None = None
    vocabulary: int = 0


class DataFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Mirror of `core.specs.DataFinding`."""

    code: str
    message: str
    reason: str = ""
    serious: bool = False
    preparation: tuple[tuple[str, str], ...] = ()
    column: str = ""


class DataDescribed(Reply, frozen=True, kw_only=True, tag=True):
    """What the data gives: see `core.specs.DataFacts`; plus a preview and statistics."""

    title: str
    fields: list[FieldDescription]
    sizes: dict[str, int]
    table: Table | None = None
    pictures: list[Picture] = []
    series: list[list[float]] = []
    class_counts: dict[str, list[int]] = {}
    """By split, the number of samples of each class."""
    notes: list[str] = []
    """What was done to the data, in sentences: "3 rows with missing values were left out"."""
    findings: list[DataFinding] = []
    texts: list[TokenText] = []
    curves: list[Curves] = []
    sounds: list[Sound] = []
    augmented: list[Picture] = []
    """The same pictures as `pictures`, as a training batch could hold them; empty without augmentation."""
    statistics: list[list[str]] = []
    """By quantity its name, then a text for each split that has samples, in their order."""
