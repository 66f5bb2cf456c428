"""Messages on a byte stream: four bytes of length, then msgpack."""

from __future__ import annotations

import struct
from typing import IO

from nodeforge.engine.messages import Message, encode

_LENGTH = struct.Struct("<I")
MAX_FRAME = 1 << 30


def write_frame(stream: IO[bytes], message: Message) -> None:
    """Write one message and flush.

    Raises:
        OSError: The other side is gone.
    """
    data = encode(message)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The bytes of the next message; None at the end of the stream, also in the middle of a frame."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(header)
    if length > MAX_FRAME:
        return None
    data = stream.read(length)
    return data if len(data) == length else None
