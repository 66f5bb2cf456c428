"""Samples that are too many for the memory: read from disk when they are wanted, so that memory stays bounded."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.core.errors import UserError

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


class NpyRows(Stream):
    """The rows of a .npy file; each is read from its place, and nothing of the file stays in memory.

    Args:
        path: The file, its rows one after another (C order).
        arrange: What is done to the axes of rows that were read.

    Raises:
        ValueError: It is no such file.
    """

    def __init__(self, path: Path, arrange: Callable[[Array], Array] = np.asarray) -> None:
        self._path = path
        self._arrange = arrange
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            shape, columns_first, dtype = read(file)
            self._offset = file.tell()
        if columns_first or dtype.hasobject or not shape:
            raise ValueError(f"{path} is not stored row by row")
        self._row: tuple[int, ...] = shape[1:]
        self._bytes = math.prod(self._row) * dtype.itemsize
        self._stored: np.dtype[Any] = dtype
        self.dtype = dtype.newbyteorder("=")
        self.shape = (shape[0], *arrange(np.zeros((1, *self._row), dtype)).shape[1:])

    def read(self, rows: Array) -> Array:
        found = np.empty((len(rows), *self._row), self._stored)
        places = found.data.cast("B") if len(rows) else memoryview(b"")
        with self._path.open("rb", buffering=0) as file:
            for place, row in enumerate(rows.tolist()):
                file.seek(self._offset + row * self._bytes)
                part = places[place * self._bytes : (place + 1) * self._bytes]
                if file.readinto(part) != self._bytes:
                    raise UserError(f"{self._path.name} is cut off before sample {row + 1:,}: copy it again.")
        return self._arrange(found).astype(self.dtype, copy=False)

    @property
    def mark(self) -> bytes:
        stat = self._path.stat()
        return repr((self._path.name, stat.st_size, stat.st_mtime_ns)).encode()
