"""The token by which another thread pauses, steps or stops a training."""

from __future__ import annotations

import threading


class Control:
    """Wishes of the person, read by the training between two batches. Every method may be called from any thread.

    Attributes:
        attention: Whether `proceed` must be asked before the next batch; a plain read, cheap enough for every step.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._stopped = False
        self._steps = 0
        self.attention = False

    def pause(self) -> None:
        """Wait before the next batch."""
        self._set(paused=True)

    def resume(self) -> None:
        """Go on."""
        self._set(paused=False)

    def step(self) -> None:
        """Pause, but for one more batch."""
        with self._changed:
            self._steps += 1
        self._set(paused=True)

    def stop(self) -> None:
        """End after the present batch; cannot be taken back."""
        with self._changed:
            self._stopped = True
        self._set(paused=self._paused)

    @property
    def waiting(self) -> bool:
        """Whether `proceed` would block now."""
        with self._changed:
            return self._paused and not self._steps and not self._stopped

    def proceed(self) -> bool:
        """Wait while paused; False: end the training. Called by the training thread before a batch."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._paused or self._steps)
            if self._paused and self._steps:
                self._steps -= 1
            return not self._stopped

    def _set(self, *, paused: bool) -> None:
        with self._changed:
            self._paused = paused
            if not paused:
                self._steps = 0
            self.attention = paused or self._stopped
            self._changed.notify_all()
