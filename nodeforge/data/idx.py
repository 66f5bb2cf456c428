"""The format of MNIST's files: http://yann.lecun.com/exdb/mnist, "the IDX file format"."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError, system_reason
from nodeforge.data.source import Array

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: Path) -> Array:
    """The array in an idx file, compressed with gzip or not.

    Raises:
        UserError: It cannot be read, is no idx file, or ends too soon.
    """
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "it is damaged"
        raise UserError(f"{path} cannot be read: {reason}.") from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES or not content[3]:
        raise UserError(f"{path.name} is no idx file: its first four bytes do not say what it holds.")
    kind, axes = np.dtype(_TYPES[content[2]]), content[3]
    shape = (
        tuple(np.frombuffer(content, ">u4", count=axes, offset=4).tolist())
        if len(content) >= 4 + 4 * axes
        else (-1,)
    )
    there, needed = len(content) - 4 - 4 * axes, math.prod(shape) * kind.itemsize
    if there != needed:
        raise UserError(
            f"{path.name} is damaged: it should hold {needed:,} bytes of values and holds {max(there, 0):,}."
        )
    values = np.frombuffer(content, kind, offset=4 + 4 * axes).reshape(shape)
    return values.astype(kind.newbyteorder("="))
