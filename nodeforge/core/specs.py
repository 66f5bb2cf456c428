"""Tensor specifications: what flows along a wire, without any tensor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BATCH = "N"
"""The symbol of the batch axis. A dimension is a positive integer or this symbol."""

DTYPES: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "bool")
FLOATS = frozenset({"float32", "float64", "float16", "bfloat16"})
INTEGERS = frozenset({"int64", "int32"})

SPLITS = ("train", "validation", "test")
"""The parts of the data: to learn from, to watch the training with, to judge the result."""

Dim = int | str


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Shape and element type of a tensor; the batch axis is written `BATCH`.

    Example:
        `TensorSpec(("N", 1, 28, 28))` is a batch of grey images.
    """

    shape: tuple[Dim, ...]
    dtype: str = "float32"

    @property
    def rank(self) -> int:
        """Number of axes, the batch axis included."""
        return len(self.shape)

    @property
    def sample_shape(self) -> tuple[Dim, ...]:
        """The shape without its leading batch axis."""
        return self.shape[1:] if self.shape[:1] == (BATCH,) else self.shape

    @property
    def sample_size(self) -> int:
        """Number of elements of one sample (the batch axis counts as one)."""
        return math.prod(d for d in self.shape if isinstance(d, int))

    def with_shape(self, shape: Iterable[Dim]) -> TensorSpec:
        """The same element type with another shape."""
        return TensorSpec(tuple(shape), self.dtype)

    def __str__(self) -> str:
        return format_shape(self.shape)


def format_shape(shape: Iterable[Dim]) -> str:
    """A shape as people write it: ``N×1×28×28``."""
    return "×".join(str(d) for d in shape) or "scalar"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts:
    """What one field of a data source holds.

    Attributes:
        name: The field's name ("features", "image", "target", ...).
        spec: Shape with the batch axis, and element type, of a batch of it.
        classes: Names of the classes when the field is a class label, else empty.
        role: "input" or "target".
        vocabulary: For texts: how many numbers letters or words have, from 0 on; else 0.
        span: Least and greatest value of the training samples, as the network gets them; None when unknown or
            a class label.
    """

    name: str
    spec: TensorSpec
    role: str = "input"
    classes: tuple[str, ...] = ()
    vocabulary: int = 0
    # Not in the text that tells one form of data from another: values of the same form may differ.
    span: tuple[float, float] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFinding:
    """Something about the data that makes results mean less than they seem.

    Attributes:
        code: Stable and searchable: "equal-samples".
        message: One sentence with the remedy.
        reason: Why it matters.
        serious: Whether it is more than a hint.
        preparation: Settings of the preparation that mend it, by name.
        column: The column of a table to ignore, which would mend it; "" for others.
    """

    code: str
    message: str
    reason: str = ""
    serious: bool = False
    preparation: tuple[tuple[str, str], ...] = ()
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """What the checker needs to know of the data: no values, only shapes, types and counts."""

    title: str
    fields: tuple[FieldFacts, ...]
    sizes: Mapping[str, int]
    """Number of samples by split: "train", "validation", "test"."""
    findings: tuple[DataFinding, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences on what was done to the data while they were read and prepared."""

    def field(self, name: str, role: str) -> FieldFacts | None:
        """The field called `name`, or the first one of the role when the name is empty."""
        for known in self.fields:
            if known.role == role and name in ("", known.name):
                return known
        return None
