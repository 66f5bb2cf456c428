"""Running text from files, whatever their encoding."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nodeforge.core.errors import UserError, system_reason
from nodeforge.data.tables.text import encoding_of
from nodeforge.data.words import counted_names

AUTO = "auto"


def decoded_as(files: Iterable[tuple[str, Path]], encoding: str) -> list[str]:
    """Which files (name, path) are not UTF-8 and were read as something else, when nobody has said how they are written."""
    if encoding != AUTO:
        return []
    names = [name for name, path in files if encoding_of(path) == "windows-1252"]
    if not names:
        return []
    if len(names) == 1:
        return [f"{names[0]} is not UTF-8; it was read as Windows-1252."]
    return [f"{counted_names(names, 'file')} are not UTF-8; they were read as Windows-1252."]


def read_text(path: Path, encoding: str = AUTO) -> str:
    """All of a text file; line ends as "\\n".

    Raises:
        UserError: It cannot be read, or is written in another encoding.
    """
    codec = encoding_of(path) if encoding == AUTO else encoding
    try:
        return path.read_text("utf-8-sig" if codec == "utf-8" else codec)
    except UnicodeError as error:
        raise UserError(
            f"{path.name} is not written in {codec} (byte {getattr(error, 'start', 0):,} cannot be read): "
            "choose its encoding, or save it as UTF-8."
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {system_reason(error)}.") from error
