"""Autosave of unsaved edits, so that a killed app offers the work back on its next start.

Each open document has one file in the user's state folder, named by the process and the project; it is
removed when the document is saved or closed. A file whose process is dead is what a crash left behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.project import files, processes, schema
from nodeforge.project.places import state_folder

INTERVAL_SECONDS = 1.0
"""At most so often is a journal written."""


class _Entry(msgspec.Struct, kw_only=True):
    """A journal file. The document is project JSON, as text."""

    process: str
    saved_at: float
    title: str
    folder: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Unsaved work of a process that died.

    Attributes:
        title: Of the project.
        folder: Where the project is saved; None when it never was.
        saved_at: When the journal was last written, in seconds since 1970.
        document: The work itself.
        path: The journal file.
    """

    title: str
    folder: Path | None
    saved_at: float
    document: Document
    path: Path

    def discard(self) -> None:
        """Forget it: the person took the work over or does not want it."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


class Journal:
    """The journal of one open document. Belongs to one thread, and writes on another: disks may be slow.

    Args:
        folder: Where the project is saved; None while it never was.
        place: Folder of all journals; the user's state folder when None.
    """

    def __init__(self, folder: Path | None = None, place: Path | None = None) -> None:
        self.folder = folder
        key = hashlib.sha256(str(folder).encode()).hexdigest()[:16] if folder else "untitled"
        self.path = (place or journal_folder()) / f"{key}-{os.getpid()}-{secrets.token_hex(3)}.json"
        self._pending = False
        self._written_at = float("-inf")
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        # Guarded by the lock, as is whether the file is there:
        self._wanted = False
        self._fault: UserError | None = None

    def touch(self) -> None:
        """The document has unsaved edits that the journal lacks."""
        self._pending = True

    def tick(self, document: Document) -> bool:
        """Begin to write the journal if there is something new and the last time is long enough ago.

        Returns:
            Whether it is being written now; `flush` waits for it.

        Raises:
            UserError: The last time, it could not be written; tried again after the usual interval.
        """
        with self._lock:
            fault, self._fault = self._fault, None
        if fault is not None:
            self._pending = True
            raise fault
        is_due = time.monotonic() - self._written_at >= INTERVAL_SECONDS
        if not self._pending or not is_due or (self._writer is not None and self._writer.is_alive()):
            return False
        self._written_at = time.monotonic()
        self._pending = False
        with self._lock:
            self._wanted = True
        self._writer = threading.Thread(target=self._write_behind, args=(document.copy(),), name="journal")
        self._writer.start()
        return True

    def write(self, document: Document) -> None:
        """Write the journal now.

        Raises:
            UserError: It cannot be written.
        """
        entry = _Entry(
            process=processes.this_process(),
            saved_at=time.time(),
            title=document.title,
            folder=str(self.folder) if self.folder else "",
            document=schema.encode(document).decode(),
        )
        files.make_folder(self.path.parent)
        files.write_atomic(self.path, msgspec.json.encode(entry))

    def flush(self) -> None:
        """Wait until what is being written is on the disk."""
        if self._writer is not None:
            self._writer.join()

    def clear(self) -> None:
        """Nothing is unsaved any more: the file goes, at once or as soon as it has been written."""
        self._pending = False
        with self._lock:
            self._wanted = False
            self._fault = None
            self._remove()

    def close(self) -> None:
        """Remove the file, and return when it is gone."""
        self.clear()
        self.flush()

    def _write_behind(self, document: Document) -> None:
        """The writing thread."""
        fault: UserError | None = None
        try:
            self.write(document)
        except UserError as error:
            fault = error
        with self._lock:
            if self._wanted:
                self._fault = fault
            else:
                self._remove()

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def journal_folder() -> Path:
    """Where the journals of all open documents lie."""
    return state_folder() / "journal"


def recoverable(place: Path | None = None) -> list[Leftover]:
    """What dead processes left unsaved, the newest first. Unreadable journals are passed over."""
    found = []
    for path in (place or journal_folder()).glob("*.json"):
        leftover = _read(path)
        if leftover is not None:
            found.append(leftover)
    return sorted(found, key=lambda leftover: -leftover.saved_at)


def _read(path: Path) -> Leftover | None:
    try:
        entry = msgspec.json.decode(path.read_bytes(), type=_Entry)
        if processes.is_alive(entry.process):
            return None
        document = schema.decode(entry.document.encode(), "The unsaved work")
    except (OSError, ValueError, UserError):
        return None
    return Leftover(
        title=entry.title,
        folder=Path(entry.folder) if entry.folder else None,
        saved_at=entry.saved_at,
        document=document,
        path=path,
    )
