"""Which data source a file or folder of the person's is meant for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from nodeforge.core.errors import UserError
from nodeforge.data.audio.files import SUFFIXES as SOUNDS
from nodeforge.data.pictures import SUFFIXES as PICTURES
from nodeforge.data.tables.text import form_of, records

KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".npz": "arrays",
    ".npy": "arrays",
    ".idx": "idx",
    ".gz": "idx",
    ".md": "text",
}
FILTER = f"Data ({' '.join(f'*{suffix}' for suffix in (*KINDS, '.txt'))});;All files (*)"
_LOOKED_AT = 500
"""Files of a folder that are looked at to tell what it holds."""


def source_for(path: Path) -> str:
    """The name of the source that reads a file or folder; "" when none does."""
    if path.is_dir():
        return _of_folder(path)
    suffix = path.suffix.lower()
    if suffix == ".txt":
        return "csv" if _has_columns(path) else "text"
    return KINDS.get(suffix, "")


def _of_folder(path: Path) -> str:
    found = {file.suffix.lower(): file for file in itertools.islice(_files(path), _LOOKED_AT)}
    for suffixes, source in ((PICTURES, "image-folder"), (SOUNDS, "audio-folder")):
        if any(suffix in found for suffix in suffixes):
            return source
    texts = [found[suffix] for suffix in (".txt", ".md") if suffix in found]
    if texts:
        return "text" if texts[0].parent == path else "text-folder"
    return ""


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _has_columns(path: Path) -> bool:
    """Whether the first lines of a text fall into columns, all of them into as many."""
    try:
        widths = [len(cells) for _, cells in itertools.islice(records(path, form_of(path)), 20)]
    except UserError:
        return False
    return len(set(widths)) == 1 and widths[0] > 1
