"""Projects opened lately, the last one first."""

from __future__ import annotations

from pathlib import Path

import msgspec

from nodeforge.core.errors import UserError
from nodeforge.project import files
from nodeforge.project.places import state_folder

LIMIT = 12


class RecentProjects:
    """A short list of folders in the user's state folder.

    It is a convenience: when its file cannot be read or written, the list is empty and nobody is bothered.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or state_folder() / "recent.json"

    def folders(self) -> list[Path]:
        """Folders that still hold a project."""
        return [folder for folder in self._read() if (folder / files.PROJECT_FILE).is_file()]

    def add(self, folder: Path) -> None:
        """Put a folder in front."""
        folder = folder.absolute()
        self._write([folder, *(other for other in self._read() if other != folder)][:LIMIT])

    def remove(self, folder: Path) -> None:
        self._write([other for other in self._read() if other != folder.absolute()])

    def clear(self) -> None:
        self._write([])

    def _read(self) -> list[Path]:
        try:
            return [Path(text) for text in msgspec.json.decode(self.path.read_bytes(), type=list[str])]
        except (OSError, ValueError):
            return []

    def _write(self, folders: list[Path]) -> None:
        data = msgspec.json.encode([str(folder) for folder in folders])
        try:
            files.make_folder(self.path.parent)
            files.write_atomic(self.path, data, durable=False)
        except UserError:
            return
