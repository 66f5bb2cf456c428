"""The faults a person can cause. Everything else that is raised is a bug of ours."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodeforge.core.diagnostics import Suggestion

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class UserError(Exception):
    """A fault in the user's graph, data or file.

    The message is one clear sentence that names the place and the remedy; it is shown as it is,
    never with a traceback, and makes the command line exit with 1.

    Attributes:
        node: The node to blame, if one is.
    """

    def __init__(self, message: str, *, node: str = "") -> None:
        super().__init__(message)
        self.node = node


class EditError(UserError):
    """An edit that does not fit the document: the document is unchanged."""


class ShapeError(UserError):
    """Raised by a kind's shape rule: the inputs or parameters cannot work together.

    Attributes:
        port: The input port to blame, or "" for the node as a whole.
        suggestions: What would mend it (see `nodeforge.core.diagnostics.Suggestion`).
    """

    def __init__(self, message: str, *, port: str = "", suggestions: tuple[Suggestion, ...] = ()) -> None:
        super().__init__(message)
        self.port = port
        self.suggestions = suggestions


def system_reason(error: OSError) -> str:
    """Why the system refused a file or folder, with what to do, as the end of a sentence."""
    if error.errno in _FULL:
        return "there is no space left on the disk; free some or choose another place"
    if error.errno in _FORBIDDEN:
        return "you have no permission there; choose another place or change its permissions"
    return error.strerror or str(error)


def system_fault(error: OSError) -> str:
    """The sentence for a file or folder that the system refused where nobody expected it."""
    place = f"{error.filename}: " if error.filename else "A file cannot be used: "
    return f"{place}{system_reason(error)}."


def one_line(text: str) -> str:
    """The text without line breaks and control characters, which names in a stranger's file may hold."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
