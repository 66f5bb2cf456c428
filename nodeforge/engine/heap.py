"""Memory that tensors leave and take again, step after step.

The C library of most Linux systems fetches large blocks from the system one by one and hands each back when it is
freed; the system then clears every page of them anew. What that costs hangs on how tensors happen to lie: a
convolutional network loses a few hundredths of its time as a rule, and now and then a third. In a process that trains,
freed memory therefore stays with the process until the work is done. Other systems are left as they are.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

# Of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_NEVER = -1
_MIB = 1 << 20
_BLOCKS_KEPT = (1 << 10) * _MIB
"""Up to this size a block is taken from what was freed before; larger ones come and go."""
_BLOCKS_KEPT_AT_LEAST = 32 * _MIB
"""What older versions of the library take for the same."""


def keep_memory() -> None:
    """Have memory that is freed stay with this process. Threads that start later share what all have freed."""
    library = _glibc()
    if library is None:
        return
    library.mallopt(_ARENA_MAX, 1)
    library.mallopt(_TRIM_THRESHOLD, _NEVER)
    if not library.mallopt(_MMAP_THRESHOLD, _BLOCKS_KEPT):
        library.mallopt(_MMAP_THRESHOLD, _BLOCKS_KEPT_AT_LEAST)


def give_back_memory() -> None:
    """Hand what is free to the system: after work, so that an idle process holds no more than it needs."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    """The C library, if it is the one that this is about."""
    if platform.libc_ver()[0] != "glibc":
        return None
    library = ctypes.CDLL(None)
    library.malloc_trim.argtypes = [ctypes.c_size_t]
    return library
