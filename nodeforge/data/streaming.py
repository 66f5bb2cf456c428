"""Which fields lie in memory and which are read from disk, and their preparation on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nodeforge.data.fitting import Fitted
from nodeforge.data.source import Array, RawField, Samples
from nodeforge.data.streams import Stream


class Prepared(Stream):
    """Another stream, ready for the network: float32."""

    def __init__(self, raw: Stream, fitted: Fitted) -> None:
        self._raw = raw
        self._fitted = fitted
        self.shape = raw.shape
        self.dtype = np.dtype(np.float32)

    def read(self, rows: Array) -> Array:
        return self._fitted.apply(self._raw.read(rows))

    @property
    def mark(self) -> bytes:
        return self._raw.mark


def in_memory(samples: Samples, limit: int) -> tuple[Samples, list[str]]:
    """The samples with every stream in memory that takes no more than `limit` bytes there, and a sentence on
    each that does not.
    """
    notes: list[str] = []
    fields: list[RawField] = []
    for field in samples.fields:
        if isinstance(field.values, Stream):
            size = len(field.values) * (field.values.sample_bytes + 4 * int(np.prod(field.values.shape[1:])))
            if size <= limit:
                field = replace(field, values=field.values.all())
            else:
                notes.append(
                    f"{field.name}: {size / (1 << 20):,.0f} MB would be needed in memory, so each batch is read from disk."
                )
        fields.append(field)
    return replace(samples, fields=tuple(fields)), notes
