"""Work that would hold up the window, on a thread of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Background(QObject):
    """Does one job at a time; of those asked for meanwhile only the newest. Lives on the UI thread.

    Jobs must not touch Qt nor anything that the UI thread changes. Their faults are raised on the UI thread.
    """

    _done = Signal(object, object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._busy = False
        self._next: tuple[Callable[[], Any], Callable[[Any], None]] | None = None
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self, work: Callable[[], Any], take: Callable[[Any], None]) -> None:
        """Do the work on another thread and give its answer to `take` on this one, unless a newer job follows."""
        self._next = (work, take)
        if not self._busy:
            self._begin()

    def _begin(self) -> None:
        assert self._next is not None
        job, self._next = self._next, None
        self._busy = True
        # A daemon: nobody waits for an answer that the closed window no longer wants.
        Thread(target=self._run, args=job, name="background", daemon=True).start()

    def _run(self, work: Callable[[], Any], take: Callable[[Any], None]) -> None:
        answer, fault = None, None
        try:
            answer = work()
        except Exception as error:
            fault = error
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._done.emit(take, answer, fault)

    @Slot(object, object, object)
    def _deliver(self, take: Callable[[Any], None], answer: Any, fault: Exception | None) -> None:
        self._busy = False
        if self._next is not None:
            self._begin()
        elif fault is not None:
            raise fault
        else:
            take(answer)
