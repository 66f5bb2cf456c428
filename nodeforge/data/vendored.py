"""Data files and weights shipped with the program, checked before use."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io

import numpy as np

from nodeforge.core.errors import UserError, system_reason
from nodeforge.data.source import Array
from nodeforge.project import shipped

SUMS = "SHA256SUMS"


def read(name: str, part: str = "data") -> bytes:
    """A shipped file's bytes.

    Args:
        name: The file's name.
        part: The folder of the resources it lies in, with the sums of its files.

    Raises:
        UserError: The file is missing or is not the one that was shipped.
    """
    folder = shipped.resources() / part
    remedy = "install NodeForge again."
    try:
        content = (folder / name).read_bytes()
        sums = (folder / SUMS).read_text("ascii")
    except OSError as error:
        raise UserError(
            f"The shipped file {folder / name} cannot be read ({system_reason(error)}): {remedy}"
        ) from error
    if f"{hashlib.sha256(content).hexdigest()}  {name}" not in sums.splitlines():
        raise UserError(f"The shipped file {folder / name} was changed or is damaged: {remedy}")
    return content


def arrays(name: str) -> dict[str, Array]:
    """The arrays of a shipped .npz file."""
    with np.load(io.BytesIO(read(name)), allow_pickle=False) as file:
        return dict(file)


def text(name: str) -> str:
    """A shipped text; one whose name ends in .gz is unpacked."""
    content = read(name)
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode("utf-8")


def table(name: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a shipped comma-separated file, in which text with commas is quoted."""
    header, *rows = csv.reader(io.StringIO(text(name), newline=""))
    return header, rows


def lines(name: str) -> list[list[str]]:
    """The cells of a shipped comma-separated file, header left out. Shipped files quote nothing."""
    return [line.split(",") for line in read(name).decode("utf-8").splitlines()[1:]]
