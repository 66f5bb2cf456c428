"""A folder of files put in place at once: written beside, looked at, then swapped."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from nodeforge.core.errors import UserError, system_reason
from nodeforge.project.files import make_folder

MARK = "nodeforge.json"
"""A folder that holds this file is a former export, which may be replaced."""

WRITTEN = frozenset(
    {
        MARK, "README.md", "__pycache__", "fields.json", "model.py", "predict.py", "requirements.txt", "samples.npz",
        "samples.py", "train.py", "weights.safetensors",
    }
)  # fmt: skip
"""What an export may hold; anything else in its folder is the person's own."""


def require_free(folder: Path) -> None:
    """See that an export may be put there.

    Raises:
        UserError: It is a file, or a folder that holds something else.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file: name a folder to write the code to.")
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
            raise UserError(
                f"The folder {folder} holds other files: name a new folder, or an earlier export."
            )
    except OSError as error:
        raise UserError(f"The folder {folder} cannot be read: {system_reason(error)}.") from None


@contextlib.contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """An empty folder beside to write to, which takes the place of `folder` when the block ends well.

    Of a former export, files that are the person's own stay. When the block fails, all is as it was.

    Raises:
        UserError: The system refuses.
    """
    folder = Path(os.path.realpath(folder))
    require_free(folder)
    make_folder(folder.parent)
    mark = secrets.token_hex(4)
    new, old = (folder.with_name(f".{folder.name}.{mark}.{end}") for end in ("new", "old"))
    try:
        new.mkdir()
        yield new
        _swap(folder, new, old)
    except OSError as error:
        raise UserError(f"{folder} could not be written: {system_reason(error)}.") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Put the new folder in place of the old one."""
    if not folder.exists():
        new.rename(folder)
        return
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    for own in old.iterdir():
        if own.name not in WRITTEN:
            own.rename(folder / own.name)
    shutil.rmtree(old, ignore_errors=True)
