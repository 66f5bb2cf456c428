"""What every message is, those that open and close the conversation with the engine, and how it fails."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of everything that crosses."""


class Request(Message, frozen=True, kw_only=True, tag=True):
    """Asked by the session. `id` is given by the client."""

    id: int = 0


class Reply(Message, frozen=True, kw_only=True, tag=True):
    id: int = 0


class Event(Message, frozen=True, kw_only=True, tag=True):
    """Tells something nobody asked for at that moment."""


class Ping(Request, frozen=True, kw_only=True, tag=True):
    """Answered with `Pong` when the engine is warm (torch imported, first operation run)."""


class Pong(Reply, frozen=True, kw_only=True, tag=True):
    torch_version: str
    device: str
    threads: int


class Done(Reply, frozen=True, kw_only=True, tag=True):
    pass


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows for a preview: everything already text."""

    columns: list[str]
    types: list[str]
    rows: list[list[str]]
    total_rows: int
    roles: list[str] = []
    """By column "feature", "target" or "ignore"."""
    first_row: int = 1
    """Number of the first of them in the file, as errors count: the header is row 1."""


class Failed(Reply, frozen=True, kw_only=True, tag=True):
    """The request could not be carried out.

    Attributes:
        message: One sentence for a person.
        user_fault: Whether graph, data or file is at fault (else it is a bug of ours).
        node: Node to blame, where one is.
        details: A traceback for the log when it is a bug.
        table: When a table of data is at fault: its first rows, so that columns can be mended.
    """

    message: str
    user_fault: bool
    node: str = ""
    details: str = ""
    table: Table | None = None


class Shutdown(Request, frozen=True, kw_only=True, tag=True):
    """Stop training after its batch, write the checkpoint, end. Answered with `Done`."""
