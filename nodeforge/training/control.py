"""The token by which another thread pauses, steps or ends a training."""

from __future__ import annotations

import threading

from nodeforge.training.live import LiveWeights


class Control:
    """Wishes of the person, read by the training between two batches. Every method may be called from any thread.

    Attributes:
        ending: "stopped" when a person ended it, "interrupted" when the engine closes; "" until then.
        live: Copies of the weights for those who look on.
        attention: Whether `proceed` must be asked before the next batch; a plain read, cheap enough for every step.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._steps = 0
        self.ending = ""
        self.live = LiveWeights()
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
        """End after the present batch, as a person wishes; cannot be taken back."""
        self._end("stopped")

    def interrupt(self) -> None:
        """End after the present batch, since the engine closes; cannot be taken back."""
        self._end("interrupted")

    @property
    def waiting(self) -> bool:
        """Whether `proceed` would block now."""
        with self._changed:
            return self._paused and not self._steps and not self.ending

    def proceed(self) -> bool:
        """Wait while paused; False: end the training. Called by the training thread before a batch."""
        with self._changed:
            self._changed.wait_for(lambda: self.ending or not self._paused or self._steps)
            if self._paused and self._steps:
                self._steps -= 1
            return not self.ending

    def _end(self, ending: str) -> None:
        with self._changed:
            self.ending = self.ending or ending  # the first to end it says why
        self._set(paused=self._paused)

    def _set(self, *, paused: bool) -> None:
        with self._changed:
            self._paused = paused
            if not paused:
                self._steps = 0
            self.attention = paused or bool(self.ending)
            self._changed.notify_all()
