"""Which code of strangers a person has read and trusts, on this machine: by the hash of its text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from nodeforge.core.errors import UserError
from nodeforge.project import files
from nodeforge.project.places import state_folder

FILE = "trusted.json"
_last: tuple[object, Mapping[str, str]] = (None, {})
"""What the file held when it was last read, with its place, time of change and size then."""


def digest(text: str) -> str:
    """The hash by which a text is trusted: one letter changed, and it is another."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_trusted(hash: str) -> bool:
    """Whether the person trusts the text of this hash."""
    return hash in _trusted()


def require(hashes: Mapping[str, str]) -> None:
    """Let code through that is trusted.

    Args:
        hashes: Of each text, by the name of its layer.

    Raises:
        UserError: One is not trusted.
    """
    for name, hash in hashes.items():
        if not is_trusted(hash):
            raise UserError(f"The code of {name} is not trusted on this machine: {REMEDY}.")


REMEDY = "read it, then trust it in the inspector or with `nodeforge trust`"


def trust(text: str, name: str) -> None:
    """Remember that the person trusts a text.

    Args:
        text: The whole file.
        name: What the list of trusted texts shall call it.

    Raises:
        UserError: It cannot be written down.
    """
    path = state_folder() / FILE
    files.make_folder(path.parent)
    record = {**_trusted(), digest(text): name}
    files.write_atomic(path, (json.dumps(record, indent=2) + "\n").encode())


def _trusted() -> Mapping[str, str]:
    """Names by hash; nothing is trusted where the list is missing or damaged."""
    global _last
    path = state_folder() / FILE
    try:
        state = path.stat()
        key = (path, state.st_mtime_ns, state.st_size)
        known, record = _last  # one look, since several threads ask
        if known != key:
            found = json.loads(path.read_text("utf-8"))
            record = found if isinstance(found, dict) else {}
            _last = (key, record)
        return record
    except (OSError, ValueError, RecursionError):
        return {}
