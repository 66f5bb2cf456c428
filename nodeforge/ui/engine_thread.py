"""The engine as the window sees it: signals on the UI thread, commands that never wait.

A background QThread owns the child process and reads its answers. The window drains them on its own thread, at
most 30 times a second, so a fast training can never flood the event loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from nodeforge.engine.client import ChildEngine, EngineClient, EngineDiedError, InProcessEngine, describe_exit
from nodeforge.engine.messages import AnyReply, Event, Failed, Ping, Pong, Request
from nodeforge.engine.outbox import Outbox

DRAIN_INTERVAL_MS = 33

OnReply = Callable[[AnyReply], None]


class _EngineThread(QThread):
    """Owns the child process: starts it, then reads its answers until it ends."""

    def __init__(self, engine: ChildEngine, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("engine")
        self._engine = engine

    def run(self) -> None:
        self._engine.read_until_closed()


class EngineController(QObject):
    """Starts, asks, watches and restarts the engine. Lives on the UI thread.

    Signals:
        event_received: An `engine.messages.Event`.
        state_changed: State ("starting", "ready", "dead", "closed") and a sentence about it.
    """

    event_received = Signal(object)
    state_changed = Signal(str, str)
    _mail_arrived = Signal()
    _replied = Signal(object, object)
    _died = Signal(object, int)

    def __init__(self, host: str = "child", log: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = "closed"
        self._host = host
        self._log = log
        self._engine: EngineClient | None = None
        self._thread: _EngineThread | None = None
        self._outbox = Outbox()
        self._last_drain = 0.0
        self._drain_timer = QTimer(self)
        self._drain_timer.setSingleShot(True)
        self._drain_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._drain_timer.timeout.connect(self._drain)
        queued = Qt.ConnectionType.QueuedConnection
        self._mail_arrived.connect(self._schedule_drain, queued)
        self._replied.connect(self._deliver_reply, queued)
        self._died.connect(self._on_death, queued)

    def start(self) -> None:
        """Start the engine and warm it; `state_changed("ready", …)` follows within seconds."""
        self._set_state("starting", "The engine is starting.")
        if self._host == "child":
            engine = ChildEngine(self._post, lambda code: self._died.emit(engine, code), self._log)
            engine.start(read=False)
            self._engine = engine
            self._thread = _EngineThread(engine, self)
            self._thread.start()
        else:
            self._engine = InProcessEngine(self._post)
            self._engine.start()
        self.request(Ping(), self._on_pong)

    def request(self, message: Request, on_reply: OnReply) -> None:
        """Ask the engine; `on_reply` is called on the UI thread, with `Failed` if the engine is dead."""
        if self._engine is None:
            self._replied.emit(on_reply, Failed(message="The engine is not running.", user_fault=True))
            return
        self._engine.request(message).add_done_callback(
            lambda future: self._replied.emit(on_reply, _reply_of(future))
        )

    def restart(self) -> None:
        """Put a fresh engine in place of a dead one."""
        self.close()
        self.start()

    def close(self) -> None:
        """Let a training write its checkpoint and end the engine; returns when it is gone."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        if self._thread is not None:
            self._thread.wait()
            self._thread.deleteLater()
            self._thread = None
        self._drain()
        self._set_state("closed", "The engine is closed.")

    @property
    def pid(self) -> int:
        """Process id of a child engine; 0 for none."""
        return self._engine.pid if isinstance(self._engine, ChildEngine) else 0

    def _set_state(self, state: str, sentence: str) -> None:
        self.state = state
        self.state_changed.emit(state, sentence)

    def _on_pong(self, reply: AnyReply) -> None:
        if isinstance(reply, Pong):
            self._set_state("ready", f"The engine is ready: torch {reply.torch_version} on {reply.device}.")
        elif self.state == "starting" and isinstance(reply, Failed):
            self._set_state("dead", reply.message)

    @Slot(object, int)
    def _on_death(self, engine: object, exit_code: int) -> None:
        if engine is self._engine:
            self._set_state("dead", f"The engine stopped: {describe_exit(exit_code)}. Your project is safe.")

    # Reading thread -> UI thread ------------------------------------------------------------------

    def _post(self, event: Event) -> None:
        if self._outbox.put(event):
            self._mail_arrived.emit()

    @Slot()
    def _schedule_drain(self) -> None:
        if not self._drain_timer.isActive():
            since_ms = (time.monotonic() - self._last_drain) * 1000
            self._drain_timer.start(max(0, round(DRAIN_INTERVAL_MS - since_ms)))

    @Slot()
    def _drain(self) -> None:
        self._last_drain = time.monotonic()
        for message in self._outbox.take(timeout_s=0):
            self.event_received.emit(message)

    @Slot(object, object)
    def _deliver_reply(self, on_reply: OnReply, reply: AnyReply) -> None:
        self._drain()  # what happened before the answer is told before it
        on_reply(reply)


def _reply_of(future: Future[AnyReply]) -> AnyReply:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, EngineDiedError):
        return Failed(message=f"The engine stopped before it answered: {error}.", user_fault=True)
    return Failed(message=str(error), user_fault=False)
