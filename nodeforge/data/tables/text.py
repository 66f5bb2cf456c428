"""The records of a delimited text file, whatever its encoding and delimiter."""

from __future__ import annotations

import codecs
import csv
import itertools
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from nodeforge.core.errors import UserError, system_reason

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
ENCODINGS = ("utf-8", "utf-16", "windows-1252", "latin-1")

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_BLOCK = 1 << 20
_SNIFFED_RECORDS = 50

Record = tuple[int, list[str]]
"""(row, cells). Rows are counted as a spreadsheet does: the header is row 1, empty rows count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the file is written: a Python codec and one character."""

    encoding: str
    delimiter: str


def form_of(path: Path, encoding: str = "auto", delimiter: str = "auto") -> Form:
    """The file's form: as told, or found out where "auto".

    Args:
        path: An existing file.
        encoding: One of ENCODINGS, or "auto".
        delimiter: A key of DELIMITERS, or "auto".

    Raises:
        UserError: The file is no text.
    """
    codec = encoding_of(path) if encoding == "auto" else encoding
    if codec == "utf-8":
        codec = "utf-8-sig"  # the same, less a mark at the start
    if delimiter != "auto":
        return Form(encoding=codec, delimiter=DELIMITERS[delimiter])
    return Form(encoding=codec, delimiter=_delimiter(path, codec))


def records(path: Path, form: Form) -> Generator[Record]:
    """All records that are not empty.

    Raises:
        UserError: The text cannot be decoded, or a quote is left open.
    """
    row = 0
    try:
        with path.open(encoding=form.encoding, newline="") as file:
            for row, cells in enumerate(csv.reader(file, delimiter=form.delimiter, strict=True), start=1):
                if cells:
                    yield row, cells
    except UnicodeError as error:
        raise UserError(
            f"{path.name} is not written in {form.encoding.removesuffix('-sig')} "
            f"(line {_undecodable_line(path, form.encoding)} cannot be read): "
            "choose its encoding, or save it as UTF-8."
        ) from error
    except csv.Error as error:
        raise UserError(
            f"Row {row + 1} of {path.name} has quotation marks that do not match ({error}): "
            "close the quotes, or take them out."
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {system_reason(error)}.") from error


def _undecodable_line(path: Path, encoding: str) -> int:
    """The line with the first bytes that are no text; 1 where lines cannot be told apart."""
    with path.open("rb") as file:
        for line, content in enumerate(file, start=1):
            try:
                content.decode(encoding)
            except UnicodeError:
                return line
    return 1


def encoding_of(path: Path) -> str:
    """By its mark; else UTF-8 when all of it is valid, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = True
    try:
        with path.open("rb") as file:
            block = file.read(_BLOCK)
            for mark, codec in _MARKS.items():
                if block.startswith(mark):
                    return codec
            if b"\0" in block:
                raise UserError(
                    f"{path.name} is not a text file: save the table as CSV (comma-separated text)."
                )
            while block and utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    utf8 = False
                block = file.read(_BLOCK)
            if utf8:
                decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        utf8 = False
    except OSError as error:
        raise UserError(f"{path} cannot be read: {system_reason(error)}.") from error
    return "utf-8" if utf8 else "windows-1252"


def _delimiter(path: Path, encoding: str) -> str:
    """The one that cuts most of the first records into as many cells as the header, and into the most.

    A space counts only where nothing else does, since names and texts hold spaces; a comma when nothing does.
    """
    scores = {}
    for delimiter in DELIMITERS.values():
        try:
            form = Form(encoding=encoding, delimiter=delimiter)
            widths = [len(cells) for _, cells in itertools.islice(records(path, form), _SNIFFED_RECORDS)]
        except UserError:
            continue
        alike = sum(width == widths[0] for width in widths)
        enough = len(widths) if delimiter == " " else len(widths) / 2
        if widths and widths[0] > 1 and alike >= enough:
            scores[delimiter] = (delimiter != " ", alike, widths[0])
    return max(scores, key=scores.__getitem__, default=",")
