"""The files that hold a project's own layers: `custom/NAME.py`. They are read and written as text, never run."""

from __future__ import annotations

import os
from pathlib import Path

from nodeforge.core.document import CustomCode, Document
from nodeforge.core.edits import SetCustom, apply
from nodeforge.core.errors import UserError, system_reason

FOLDER = "custom"
MAX_BYTES = 100_000
"""A layer is a page of text; what is much longer nobody reads before they trust it."""


def file_of(name: str) -> str:
    """The file of a layer, relative to the project's folder."""
    return f"{FOLDER}/{name}.py"


def place_of(folder: Path, name: str) -> Path:
    """Where a layer's file is, or shall be.

    Raises:
        UserError: A link on the way leads out of the project's folder.
    """
    path = folder / FOLDER / f"{name}.py"
    real = Path(os.path.realpath(folder))
    if Path(os.path.realpath(path)) != real / FOLDER / path.name:
        raise UserError(f"{file_of(name)} is a link to another place: put the file itself there.")
    return path


def read(folder: Path, name: str) -> CustomCode:
    """A layer's code, or why it cannot be read."""
    try:
        path = place_of(folder, name)
        if not path.is_file():
            return CustomCode(fault=f"There is no file {file_of(name)} in the project's folder.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except UserError as error:
        return CustomCode(fault=str(error))
    except OSError as error:
        return CustomCode(fault=f"{file_of(name)} cannot be read: {system_reason(error)}.")
    if len(data) > MAX_BYTES:
        return CustomCode(fault=f"{file_of(name)} is larger than {MAX_BYTES // 1000} kB: split the layer.")
    try:
        return CustomCode(text=data.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        return CustomCode(fault=f"{file_of(name)} is not UTF-8 text: save it as UTF-8 in your editor.")


def fill(document: Document, folder: Path) -> None:
    """Take the code of a document's own layers from their files, as far as there are such."""
    if document.custom:
        found = {name: read(folder, name) for name in document.custom}
        kept = {
            n: found[n] if found[n].text or not code.text else code for n, code in document.custom.items()
        }
        apply(document, SetCustom(kept))


def texts(document: Document, folder: Path) -> dict[str, str]:
    """What the files of a document's own layers hold now, by layer, as far as they can be read."""
    found = {name: read(folder, name).text for name in document.custom}
    return {name: text for name, text in found.items() if text}
