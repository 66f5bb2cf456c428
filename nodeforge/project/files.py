"""Opening and saving projects. A save is whole or not at all, whatever kills it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError, system_reason
from nodeforge.project import custom_code, schema, shipped

PROJECT_FILE = "project.json"
RUNS_FOLDER = "runs"
MAX_BYTES = 100_000_000
"""No drawing comes near this: a larger file was not written by NodeForge."""

_STALE_SECONDS = 600.0


def project_folder(path: str | os.PathLike[str]) -> Path:
    """The folder of a project that is named by its folder or its project.json.

    Raises:
        UserError: There is no project.
    """
    path = Path(path)
    if path.is_file():
        if path.name != PROJECT_FILE:
            raise UserError(f"{path} is not a project: name a project folder or its {PROJECT_FILE}.")
        return path.absolute().parent
    if not path.exists():
        raise UserError(f"There is no project at {path}: no such file or folder.")
    if not (path / PROJECT_FILE).is_file():
        raise UserError(f"The folder {path} holds no {PROJECT_FILE}, so it is not a project.")
    return path.absolute()


def load(path: str | os.PathLike[str]) -> Document:
    """The document of a project, named by its folder or its project.json.

    Raises:
        UserError: There is no project, or it cannot be read.
    """
    file = project_folder(path) / PROJECT_FILE
    try:
        if file.stat().st_size > MAX_BYTES:
            raise UserError(f"{file} cannot be opened: it is larger than {MAX_BYTES // 1_000_000} MB.")
        data = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {system_reason(error)}.") from None
    document = schema.decode(data, str(file))
    custom_code.fill(document, file.parent)
    return document


def fingerprint(folder: Path) -> str:
    """A mark of what a folder's project file holds now; "" when there is none that can be read."""
    try:
        return hashlib.sha256((folder / PROJECT_FILE).read_bytes()).hexdigest()
    except OSError:
        return ""


def save(document: Document, folder: str | os.PathLike[str]) -> Path:
    """Write the project file, and the code of its own layers, into the folder, which is made if need be.

    Returns:
        The file written.

    Raises:
        UserError: It cannot be written; an older file there is as it was.
    """
    folder = Path(folder)
    make_folder(folder)
    file = folder.absolute() / PROJECT_FILE
    save_code(document, file.parent)
    write_atomic(file, schema.encode(document, with_code=False))
    return file


def save_code(document: Document, folder: Path) -> None:
    """Write the code of a document's own layers into their files; one that says the same stays untouched.

    Raises:
        UserError: A file cannot be written, or its place leads out of the folder.
    """
    there = custom_code.texts(document, folder)
    for name, code in document.custom.items():
        if code.text and code.text != there.get(name):
            path = custom_code.place_of(folder, name)
            make_folder(path.parent)
            write_atomic(path, code.text.encode("utf-8", "replace"))


def copy_example(name: str, folder: str | os.PathLike[str]) -> Path:
    """Copy a shipped project, without any runs, into a folder that is new or empty.

    Returns:
        The folder.

    Raises:
        UserError: There is no such example, the folder is in use, or it cannot be written.
    """
    source = shipped.project(name)
    folder = Path(folder).absolute()
    if folder.is_dir() and any(folder.iterdir()):
        raise UserError(f"The folder {folder} is not empty; name a new one.")
    # The project file comes last: a folder that has one is complete.
    parts = sorted(_own_files(source), key=lambda part: part.name == PROJECT_FILE)
    try:
        for part in parts:
            make_folder((folder / part).parent)
            write_atomic(folder / part, (source / part).read_bytes())
    except UserError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _own_files(project: Path) -> Iterator[Path]:
    """The files of a project but for its runs and hidden ones, relative to its folder."""
    for path in project.rglob("*"):
        part = path.relative_to(project)
        if path.is_file() and part.parts[0] != RUNS_FOLDER and not part.name.startswith("."):
            yield part


def copy_own_data(document: Document, old: Path, new: Path) -> None:
    """Bring the data file that lies in a project's folder along to another folder.

    A path that is absolute, or leads out of the folder, is not the project's own.

    Raises:
        UserError: It cannot be copied.
    """
    path = document.data.source.parameters.get("path") if document.data else None
    if not isinstance(path, str) or not path or Path(path).is_absolute() or ".." in Path(path).parts:
        return
    source, target = old / path, new / path
    if source.is_file() and not target.exists():
        make_folder(target.parent)
        write_atomic(target, source.read_bytes())


def make_folder(folder: Path) -> None:
    """Make a folder and its parents.

    Raises:
        UserError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(f"{folder} cannot be a folder: a file of that name is in the way.") from None
    except OSError as error:
        raise UserError(f"The folder {folder} cannot be made: {system_reason(error)}.") from None


def write_atomic(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace a file's contents so that a crash at any moment leaves the old or the new, never a mix.

    Args:
        path: The file; a link is followed.
        data: All it shall hold.
        durable: Wait until the disk has it, so that it also outlives a power cut. Takes a moment.

    Raises:
        UserError: It cannot be written (full disk, no permission); the old file is as it was.
    """
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            _write_new(temporary, data, durable=durable)
            if path.exists():
                shutil.copymode(path, temporary)
            _replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        kept = " The file there is as it was." if path.exists() else ""
        raise UserError(f"{path} could not be saved: {system_reason(error)}.{kept}") from error
    _remove_stale(path)


def _write_new(path: Path, data: bytes, *, durable: bool) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        if durable:
            os.fsync(file.fileno())


def _replace(source: Path, target: Path) -> None:
    """`os.replace`; on Windows tried again for a second: virus scanners hold files for moments."""
    for _ in range(20 if os.name == "nt" else 0):
        try:
            return os.replace(source, target)
        except PermissionError:
            time.sleep(0.05)
    return os.replace(source, target)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself last through a power cut. Windows cannot open folders, and needs not."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems do not sync folders
            raise
    finally:
        os.close(descriptor)


def _remove_stale(path: Path) -> None:
    """Sweep up what killed saves left beside the file."""
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
                leftover.unlink()
