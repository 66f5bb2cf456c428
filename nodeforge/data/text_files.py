"""Running text from files, whatever their encoding."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.errors import UserError, system_reason
from nodeforge.data.tables.text import encoding_of


def read_text(path: Path, encoding: str = "auto") -> str:
    """All of a text file; line ends as "\\n".

    Raises:
        UserError: It cannot be read, or is written in another encoding.
    """
    codec = encoding_of(path) if encoding == "auto" else encoding
    try:
        return path.read_text("utf-8-sig" if codec == "utf-8" else codec)
    except UnicodeError as error:
        raise UserError(
            f"{path.name} is not written in {codec} (byte {getattr(error, 'start', 0):,} cannot be read): "
            "choose its encoding, or save it as UTF-8."
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {system_reason(error)}.") from error
