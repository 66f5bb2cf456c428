"""Samples, split and prepared, and the way back to their own units."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.specs import DataFacts
from nodeforge.data.fitting import Fitted
from nodeforge.data.source import Array, Samples
from nodeforge.data.streams import Stream
from nodeforge.data.tokens import Vocabulary

Preparation = Fitted | Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """What a project is trained on. Shared between threads and cached: nobody writes into the arrays.

    Attributes:
        facts: What the checker needs to know.
        splits: By split ("train", "validation", "test"; empty ones are absent), by field: float32, int64 for
            class labels and texts, bool for a mask; (N, …).
        streams: By split, by field: those that do not fit into memory. They are read a batch at a time, prepared as
            in `splits`, where they are absent.
        samples: What the source gave, less the rows that were left out.
        indices: By split, the rows of `samples` it holds, in order.
        fitted: By field that is no class label nor mask, how its values were prepared.
    """

    facts: DataFacts
    splits: Mapping[str, Mapping[str, Array]]
    streams: Mapping[str, Mapping[str, Stream]] = field(default_factory=dict)
    samples: Samples
    indices: Mapping[str, Array]
    fitted: Mapping[str, Preparation]

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was done to the data."""
        return self.facts.notes

    def split(self, name: str) -> Mapping[str, Array]:
        """The fields of one split.

        Raises:
            UserError: The project keeps no samples for it.
        """
        if name not in self.splits:
            known = ", ".join(self.splits)
            if name not in self.facts.sizes:
                raise UserError(f"There is no split {name}: choose one of {known}.")
            raise UserError(
                f"{self.facts.title} has no {name} split (it has: {known}): "
                f"set preparation.{name}_fraction above 0."
            )
        return self.splits[name]

    @property
    def fingerprint(self) -> str:
        """A short mark of the training samples as they were read: another one means that the data has changed."""
        digest = hashlib.blake2b(repr(self.facts.fields).encode(), digest_size=8)
        for raw in self.samples.fields:
            training = raw.values[self.indices["train"]]
            if raw.tokens is not None:  # codes mean nothing without what they stand for
                digest.update("\0".join(raw.tokens.alphabet).encode("utf-8", "surrogatepass"))
            digest.update(
                training.mark if isinstance(training, Stream) else np.ascontiguousarray(training).tobytes()
            )
        return digest.hexdigest()

    def columns_of(self, field: str) -> tuple[str, ...]:
        """What a field's quantities are called in the data; empty when nobody has named them."""
        return next((raw.columns for raw in self.samples.fields if raw.name == field), ())

    def vocabulary(self, field: str) -> Vocabulary | None:
        """Which letter or word each number of a text field stands for; None for other fields."""
        found = self.fitted.get(field)
        return found if isinstance(found, Vocabulary) else None

    def restore(self, field: str, values: Array) -> Array:
        """Prepared values of a field, or predictions of them, in the field's own unit."""
        return self.fitted[field].invert(values) if field in self.fitted else values

    def read(self, path: Path) -> dict[str, Array]:
        """Samples from a file, prepared like the training samples, by input field.

        Raises:
            UserError: The file does not hold such samples.
        """
        from nodeforge.data.incoming import read_samples

        return read_samples(self, path)
