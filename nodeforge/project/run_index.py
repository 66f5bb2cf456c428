"""The SQLite index over the runs' logs: it reads each log once, and answers for curves from then on.

Nothing lives here alone. An index that is broken is deleted; a log that has grown is read from where the
index stopped; one that was taken back (another generation) is read anew.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from nodeforge.core.errors import UserError
from nodeforge.project.run_log import EpochRecord, decode

T = TypeVar("T")
Query = Callable[[sqlite3.Connection, str], T]

_TABLES = """
CREATE TABLE IF NOT EXISTS logs (run TEXT PRIMARY KEY, generation INTEGER, bytes INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epochs (run TEXT, record TEXT);
CREATE TABLE IF NOT EXISTS steps (run TEXT, name TEXT, data BLOB);
CREATE INDEX IF NOT EXISTS epochs_of_run ON epochs (run);
CREATE INDEX IF NOT EXISTS steps_of_run ON steps (run, name);
"""
_BUSY_S = 10.0
_CHUNK_BYTES = 1 << 24


def read(index: Path, log: Path, run: str, generation: int, query: Query[T]) -> T:
    """Bring the index up to date with one log, then ask it.

    Raises:
        UserError: The index can be neither used nor built anew.
    """
    try:
        return _read(index, log, run, generation, query)
    except sqlite3.OperationalError as error:
        raise UserError(f"The index of the runs, {index}, cannot be used: {error}.") from error
    except sqlite3.DatabaseError:
        for file in index.parent.glob(f"{index.name}*"):
            file.unlink(missing_ok=True)
        return _read(index, log, run, generation, query)


def epochs(database: sqlite3.Connection, run: str) -> list[EpochRecord]:
    """The epochs of a run, in order."""
    rows = database.execute("SELECT record FROM epochs WHERE run = ? ORDER BY rowid", (run,))
    return [EpochRecord(**json.loads(record)) for (record,) in rows]


def steps(database: sqlite3.Connection, run: str, column: str) -> tuple[array[int], array[float]]:
    """(steps, values) of one column; both empty when it was never logged."""
    names = f"{column}/step", column
    where, values = (b"".join(_blobs(database, run, name)) for name in names)
    return _unpacked(array("i"), where), _unpacked(array("f"), values)


def forget(index: Path, run: str) -> None:
    """Drop what is known of a run that was deleted."""
    with contextlib.suppress(sqlite3.DatabaseError), _opened(index) as database:
        _drop(database, run)


@contextlib.contextmanager
def _opened(index: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(index, timeout=_BUSY_S, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_TABLES)
        yield database


def _drop(database: sqlite3.Connection, run: str) -> None:
    for table in ("logs", "epochs", "steps"):
        database.execute(f"DELETE FROM {table} WHERE run = ?", (run,))


def _read(index: Path, log: Path, run: str, generation: int, query: Query[T]) -> T:
    with _opened(index) as database:
        while _catch_up(database, log, run, generation):
            pass
        return query(database, run)


def _catch_up(database: sqlite3.Connection, log: Path, run: str, generation: int) -> bool:
    """Take in the next part of the log in one transaction; whether there was any."""
    if not log.exists() or _known(database, run) == (generation, log.stat().st_size):
        return False
    database.execute("BEGIN IMMEDIATE")
    with _transaction(database):
        was_generation, start = _known(database, run)
        if was_generation != generation or start > log.stat().st_size:
            start = 0
            _drop(database, run)
        with open(log, "rb") as file:
            file.seek(start)
            part = b"".join(file.readlines(_CHUNK_BYTES))
        whole = part[: part.rfind(b"\n") + 1]  # a last line without its end is still being written
        _take_in(database, run, whole)
        database.execute("REPLACE INTO logs VALUES (?, ?, ?)", (run, generation, start + len(whole)))
        return bool(whole)


def _take_in(database: sqlite3.Connection, run: str, part: bytes) -> None:
    columns: dict[str, bytearray] = {}
    for line in part.splitlines():
        record = decode(line)
        if isinstance(record, EpochRecord):
            database.execute("INSERT INTO epochs VALUES (?, ?)", (run, json.dumps(asdict(record))))
        elif record is not None and "step" in record:
            where = record.pop("step")
            for name, values in record.items():
                if len(values) == len(where):
                    columns.setdefault(name, bytearray()).extend(values)
                    columns.setdefault(f"{name}/step", bytearray()).extend(where)
    rows = [(run, name, bytes(data)) for name, data in columns.items()]
    database.executemany("INSERT INTO steps VALUES (?, ?, ?)", rows)


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _known(database: sqlite3.Connection, run: str) -> tuple[int, int]:
    """(generation, bytes) of a log that were taken in."""
    row = database.execute("SELECT generation, bytes FROM logs WHERE run = ?", (run,)).fetchone()
    return (row[0], row[1]) if row else (-1, 0)


def _blobs(database: sqlite3.Connection, run: str, name: str) -> Iterator[bytes]:
    query = "SELECT data FROM steps WHERE run = ? AND name = ? ORDER BY rowid"
    return (data for (data,) in database.execute(query, (run, name)))


def _unpacked(values: array[T], data: bytes) -> array[T]:  # type: ignore[type-var]
    values.frombytes(data[: len(data) // values.itemsize * values.itemsize])
    if sys.byteorder == "big":
        values.byteswap()
    return values
