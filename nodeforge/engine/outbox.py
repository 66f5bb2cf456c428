"""Messages waiting to be read: newest progress and newest views win, samples merge, everything else is kept in order."""

from __future__ import annotations

import threading
from array import array
from collections import deque

import msgspec

from nodeforge.engine.messages import LiveShown, Message, Progress, StepSamples

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
            if isinstance(message, Progress | LiveShown):
                self._drop_older(message)
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

    def _drop_older(self, new: Progress | LiveShown) -> None:
        for index, waiting in enumerate(self._pending):
            if isinstance(waiting, Progress | LiveShown) and _subject(waiting) == _subject(new):
                del self._pending[index]
                return

    def _merge_samples(self, new: StepSamples) -> StepSamples:
        for index in range(len(self._pending) - 1, -1, -1):
            waiting = self._pending[index]
            if isinstance(waiting, Progress | LiveShown):
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


def _subject(message: Progress | LiveShown) -> tuple[str, int]:
    """What a message is about: a run as a whole, or one view of it."""
    return message.run, message.key if isinstance(message, LiveShown) else -1


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
