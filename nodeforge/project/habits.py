"""Which kinds of nodes a person adds, in whatever project: what they are likely to mean next."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from nodeforge.core.errors import UserError
from nodeforge.project import files
from nodeforge.project.places import state_folder

LIMIT = 300
"""Older additions are forgotten."""


class AddedKinds:
    """The kinds added last, in a file of the user's state folder.

    It is a convenience: when its file cannot be read or written, nothing is remembered and nobody is bothered.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or state_folder() / "added.json"
        self._names = self._read()

    def counts(self) -> Counter[str]:
        """How often each kind was added."""
        return Counter(self._names)

    def latest(self, number: int) -> list[str]:
        """The kinds added last, the last one first, each once."""
        return list(dict.fromkeys(reversed(self._names)))[:number]

    def add(self, kind: str) -> None:
        """A node of a kind was added."""
        self._names = [*self._read(), kind][-LIMIT:]  # another window may have written meanwhile
        try:
            files.make_folder(self.path.parent)
            files.write_atomic(self.path, msgspec.json.encode(self._names), durable=False)
        except UserError:
            return

    def _read(self) -> list[str]:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=list[str])
        except (OSError, ValueError):
            return []
