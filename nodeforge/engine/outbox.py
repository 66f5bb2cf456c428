"""Messages waiting to be read: newest progress wins, samples merge, everything else is kept in order."""

from __future__ import annotations

import threading
from array import array
from collections import deque

import msgspec

from nodeforge.engine.messages import Message, Progress, StepSamples

MAX_SAMPLES = 1 << 18
"""Steps in one merged message; beyond it every second one is left out."""


class Outbox:
    """A mailbox between a thread that must not wait and one that reads when it can.

    A slow reader costs resolution of the curves, never an end of epoch, a reply or an error.
    """

    def __init__(self) -> None:
        self._pending: deque[Message] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, message: Message) -> bool:
        """Add a message; returns whether the box was empty before."""
        with self._changed:
            was_empty = not self._pending
            if isinstance(message, Progress):
                self._drop_progress(message.run)
            elif isinstance(message, StepSamples):
                message = self._merge_samples(message)
            self._pending.append(message)
            self._changed.notify()
            return was_empty

    def take(self, timeout_s: float | None = None) -> list[Message]:
        """Everything that waits; waits for the first when there is none. Empty: closed, or timed out."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._closed, timeout_s)
            messages = list(self._pending)
            self._pending.clear()
            return messages

    def close(self) -> None:
        """Wake the reader for the last time; what waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _drop_progress(self, run: str) -> None:
        for index, waiting in enumerate(self._pending):
            if isinstance(waiting, Progress) and waiting.run == run:
                del self._pending[index]
                return

    def _merge_samples(self, new: StepSamples) -> StepSamples:
        for index in range(len(self._pending) - 1, -1, -1):
            waiting = self._pending[index]
            if isinstance(waiting, Progress):
                continue
            if (
                isinstance(waiting, StepSamples)
                and waiting.run == new.run
                and waiting.columns.keys() == new.columns.keys()
            ):
                del self._pending[index]
                return _thinned(
                    msgspec.structs.replace(
                        new,
                        steps=waiting.steps + new.steps,
                        columns={name: waiting.columns[name] + data for name, data in new.columns.items()},
                    )
                )
            break
        return new


def _thinned(samples: StepSamples) -> StepSamples:
    if len(samples.steps) // 4 <= MAX_SAMPLES:
        return samples
    return msgspec.structs.replace(
        samples,
        steps=_every_second(samples.steps),
        columns={name: _every_second(data) for name, data in samples.columns.items()},
    )


def _every_second(packed: bytes) -> bytes:
    """Of a packed array of 4-byte items, those at odd places, so that the newest stays."""
    return array("i", packed)[1::2].tobytes()
