"""Work that would hold up the window, on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid


class _Post(QObject):
    """Brings answers to the UI thread. It outlives every window: an object that is being deleted must not emit."""

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._hand_out, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _hand_out(self, deliver: Callable[[], None]) -> None:
        deliver()


@cache
def _post() -> _Post:
    return _Post()


class Background(QObject):
    """Does one job at a time; of those asked for meanwhile only the newest. Lives on the UI thread.

    Jobs must not touch Qt nor anything that the UI thread changes. Their faults are raised on the UI thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._busy = False
        self._next: tuple[Callable[[], Any], Callable[[Any], None]] | None = None
        self._post = _post()  # made on this thread

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
        self._post.arrived.emit(partial(self._deliver, take, answer, fault))

    def _deliver(self, take: Callable[[Any], None], answer: Any, fault: Exception | None) -> None:
        if not isValid(self):  # the window is gone
            return
        self._busy = False
        if self._next is not None:
            self._begin()
        elif fault is not None:
            raise fault
        else:
            take(answer)
