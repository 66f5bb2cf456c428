"""Samples that are too many for the memory: read from disk when they are wanted, so that memory stays bounded."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BLOCK_BYTES = 1 << 24
"""How much is read at once where all samples pass by."""


class Stream(ABC):
    """One field of all samples, read by row number. Any thread may read; nothing is kept.

    Attributes:
        shape: (N, …), as of an array.
        dtype: Of the values.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @abstractmethod
    def read(self, rows: Array) -> Array:
        """The values of some rows, in their order.

        Raises:
            UserError: A file is damaged; it is named.
        """

    @property
    @abstractmethod
    def mark(self) -> bytes:
        """Changes when what it reads from changes."""

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Array) -> Stream:
        """Some rows, by number or by a bool of each; nothing is read."""
        numbers = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Rows(self, numbers)

    @property
    def sample_bytes(self) -> int:
        """Of one sample."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize

    def blocks(self) -> Iterator[Array]:
        """All rows in order, some at a time."""
        size = max(1, BLOCK_BYTES // max(1, self.sample_bytes))
        for start in range(0, len(self), size):
            yield self.read(np.arange(start, min(start + size, len(self))))

    def all(self) -> Array:
        """Everything in memory."""
        result = np.empty(self.shape, self.dtype)
        start = 0
        for block in self.blocks():
            result[start : start + len(block)] = block
            start += len(block)
        return result


class Rows(Stream):
    """Some rows of another stream."""

    def __init__(self, base: Stream, rows: Array) -> None:
        self._base = base
        self._rows = rows
        self.shape = (len(rows), *base.shape[1:])
        self.dtype = base.dtype

    def read(self, rows: Array) -> Array:
        return self._base.read(self._rows[rows])

    @property
    def mark(self) -> bytes:
        return self._base.mark + self._rows.tobytes()


class Memory(Stream):
    """An array, most often one that lies in a file and is only mapped."""

    def __init__(self, values: Array, mark: bytes) -> None:
        self._values = values
        self._mark = mark
        self.shape = values.shape
        self.dtype = values.dtype

    def read(self, rows: Array) -> Array:
        return np.asarray(self._values[rows])

    @property
    def mark(self) -> bytes:
        return self._mark
