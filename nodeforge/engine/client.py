"""The two ways to have an engine: as a child process, or in this one. Same API, same messages. No torch here."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import msgspec

from nodeforge.engine.framing import read_frame, write_frame
from nodeforge.engine.messages import (
    AnyReply,
    Event,
    Failed,
    Message,
    Reply,
    Request,
    Shutdown,
    answer_decoder,
)

if TYPE_CHECKING:
    from nodeforge.engine.service import Engine

OnEvent = Callable[[Event], None]
OnExit = Callable[[int], None]


class EngineDiedError(Exception):
    """The engine's process ended before it answered.

    Attributes:
        exit_code: As the operating system gave it; negative is a signal.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(describe_exit(exit_code))
        self.exit_code = exit_code


def describe_exit(exit_code: int) -> str:
    """What an exit code of the engine means, as a clause: "it was killed (signal 9)"."""
    if exit_code == -9 or exit_code == 137:
        return "it was killed, perhaps because memory ran out (signal 9)"
    if exit_code < 0:
        return f"it was ended by signal {-exit_code}"
    return f"it ended with exit code {exit_code}"


class EngineClient(Protocol):
    """What the session needs of an engine."""

    def start(self) -> None: ...
    def request(self, message: Request) -> Future[AnyReply]: ...
    def close(self) -> None: ...
    @property
    def alive(self) -> bool: ...


class ChildEngine:
    """An engine in a child process.

    `start` returns at once. Events and exits are told on the reading thread; requests may come from any thread and
    never block. `read_until_closed` is the reading loop, for a thread of the caller's; `start(read=True)` makes one.
    """

    def __init__(
        self, on_event: OnEvent, on_exit: OnExit = lambda code: None, log: Path | None = None
    ) -> None:
        self._on_event = on_event
        self._on_exit = on_exit
        self._log = log
        self._ids = itertools.count(1)
        self._waiting: dict[int, Future[AnyReply]] = {}
        self._lock = threading.Lock()
        self._outgoing: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._closing = False
        self._ended = False

    @property
    def alive(self) -> bool:
        return self._process is not None and not self._ended

    @property
    def pid(self) -> int:
        """Process id of the engine; 0 before `start`."""
        return self._process.pid if self._process else 0

    def start(self, *, read: bool = True) -> None:
        """Start the process; with `read`, also a daemon thread that reads its answers."""
        with contextlib.ExitStack() as stack:
            log: IO[Any] | int = subprocess.DEVNULL
            if self._log is not None:
                self._log.parent.mkdir(parents=True, exist_ok=True)
                log = stack.enter_context(self._log.open("wb"))
            self._process = subprocess.Popen(
                command_line(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # Waiting OpenMP threads that spin cost a small net 4 to 8 times its speed on a busy machine.
                env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        threading.Thread(target=self._write_all, name="engine-requests", daemon=True).start()
        if read:
            threading.Thread(target=self.read_until_closed, name="engine-answers", daemon=True).start()

    def request(self, message: Request) -> Future[AnyReply]:
        """Send a request. The future fails with `EngineDiedError` when the process ends before it answers."""
        future: Future[AnyReply] = Future()
        with self._lock:
            if self._ended or self._process is None:
                future.set_exception(EngineDiedError(self._process.returncode or 0 if self._process else 0))
                return future
            number = next(self._ids)
            self._waiting[number] = future
        self._outgoing.put(msgspec.structs.replace(message, id=number))
        return future

    def read_until_closed(self) -> None:
        """Deliver answers until the process ends, then tell everybody that waits."""
        assert self._process is not None
        assert self._process.stdout is not None
        while (frame := read_frame(self._process.stdout)) is not None:
            message = answer_decoder.decode(frame)
            if isinstance(message, Reply):
                self._resolve(message)
            else:
                self._on_event(message)
        self._process.stdout.close()
        exit_code = self._process.wait()
        with self._lock:
            self._ended = True
            waiting, self._waiting = self._waiting, {}
        self._outgoing.put(None)
        for future in waiting.values():
            with contextlib.suppress(InvalidStateError):
                future.set_exception(EngineDiedError(exit_code))
        if not self._closing:
            self._on_exit(exit_code)

    def close(self, timeout_s: float = 6.0) -> None:
        """Let training write its checkpoint and end the process; by force when it takes too long."""
        if self._process is None:
            return
        self._closing = True
        if not self._ended:
            self.request(Shutdown())
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._outgoing.put(None)

    def kill(self) -> None:
        """End the process at once, as a crash would."""
        if self._process is not None:
            self._process.kill()

    def _resolve(self, reply: Reply) -> None:
        with self._lock:
            future = self._waiting.pop(reply.id, None)
        if future is not None:
            with contextlib.suppress(InvalidStateError):
                future.set_result(reply)  # type: ignore[arg-type]

    def _write_all(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        stream = self._process.stdin
        # A broken pipe: the process is ending, and the reading thread says so.
        with contextlib.suppress(OSError):
            while (message := self._outgoing.get()) is not None:
                write_frame(stream, message)
        with contextlib.suppress(OSError):
            stream.close()


class InProcessEngine:
    """The same engine in this process, for the command line, the Python API and most tests."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._engine: Engine | None = None
        self._ids = itertools.count(1)

    @property
    def alive(self) -> bool:
        return self._engine is not None

    def start(self) -> None:
        """Import torch and start the thread that answers requests."""
        from nodeforge.engine.service import Engine

        self._engine = Engine(self._tell)
        threading.Thread(target=self._engine.serve, name="engine-jobs", daemon=True).start()

    def request(self, message: Request) -> Future[AnyReply]:
        """Send a request; see `ChildEngine.request`."""
        future: Future[AnyReply] = Future()
        if self._engine is None:
            future.set_exception(EngineDiedError(0))
        else:
            self._engine.submit(msgspec.structs.replace(message, id=next(self._ids)), future.set_result)
        return future

    def close(self) -> None:
        """Stop training after its batch, with a checkpoint."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _tell(self, message: Message) -> None:
        assert isinstance(message, Event)
        self._on_event(message)


def command_line() -> list[str]:
    """How to start this program as an engine, from a checkout, an installation or a frozen app."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--engine-child"]
    return [sys.executable, "-m", "nodeforge.engine.child"]


def reply_or_raise(reply: AnyReply) -> AnyReply:
    """The reply itself, or the fault it tells of, raised here.

    Raises:
        UserError: Graph, data or file is at fault.
        RuntimeError: A bug of ours, with the engine's traceback.
    """
    from nodeforge.core.errors import UserError

    if isinstance(reply, Failed):
        if reply.user_fault:
            raise UserError(reply.message)
        raise RuntimeError(f"{reply.message}\n{reply.details}")
    return reply
