"""Keeps live views going: takes weights as they come, draws what somebody looks at, and rests in between.

Threads: `watch` and `follow` may be called from any; one thread of its own draws. A training hands over copies of its
weights between two steps and is otherwise left alone; looks draw random numbers under the lock of all who do.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nodeforge.core.errors import UserError
from nodeforge.engine.messages import LiveShown, WatchLive, Wish
from nodeforge.training.live import LiveWeights

if TYPE_CHECKING:
    from nodeforge.engine.live.scene import Scene
    from nodeforge.training.material import Material

logger = logging.getLogger(__name__)

PERIOD_S = 1 / 30
CHECKPOINT = -1
"""Stands for the step of a checkpoint."""
SLOW = frozenset({"text"})
"""Views that others do not wait for."""
LEISURE = 3.0
"""After a look it rests so many times as long as the look took, so that a training keeps most of the machine."""


class LiveViews:
    """At most one network at a time is looked at: the one that trains, or one of a run that has ended."""

    def __init__(self, emit: Callable[[LiveShown], object]) -> None:
        self._emit = emit
        self._changed = threading.Condition()
        self._requests: dict[str, WatchLive] = {}
        """By watcher, those that have wishes."""
        self._is_new = False
        self._has_weights = False
        self._run, self._live = "", LiveWeights()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._scene: Scene | None = None
        self._memory: Any = None
        self._shown = "", CHECKPOINT

    def watch(self, request: WatchLive) -> None:
        """Show this from now on."""
        with self._changed:
            self._requests.pop(request.watcher, None)
            self._is_new = True
            if request.wishes:
                self._requests[request.watcher] = request
            if not self._requests:
                self._live.wanted = False
            elif self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._serve, name="engine-live", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def follow(self, run: str, live: LiveWeights) -> None:
        """A training has begun whose weights can be followed."""
        with self._changed:
            self._run, self._live = run, live
            live.listener = self._on_weights
            self._is_new = True
            self._changed.notify_all()

    def leave(self, run: str) -> None:
        """A training has ended: from now on its checkpoint is what is shown of it."""
        with self._changed:
            if run == self._run:
                self._run, self._live = "", LiveWeights()
                self._is_new = True
                self._changed.notify_all()

    def close(self) -> None:
        """Show nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _on_weights(self) -> None:
        with self._changed:
            self._has_weights = True
            self._changed.notify_all()

    def _serve(self) -> None:
        while (requests := self._next()) is not None:
            started = time.perf_counter()
            for request in requests:
                self._show_all(request)
            took = time.perf_counter() - started
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._is_new, max(PERIOD_S, LEISURE * took))

    def _next(self) -> list[WatchLive] | None:
        """What to show, once there is something new to show of it; None when it is closed."""
        with self._changed:
            if self._of_training():
                self._live.ask()
            self._changed.wait_for(
                lambda: (
                    self._closed
                    or (self._is_new and self._requests)
                    or (self._has_weights and self._of_training())
                )
            )
            found = list(self._requests.values()) if self._is_new else self._of_training()
            self._is_new = self._has_weights = False
            return None if self._closed else found

    def _of_training(self) -> list[WatchLive]:
        return [request for request in self._requests.values() if request.run == self._run]

    def _show_all(self, request: WatchLive) -> None:
        try:
            ready = self._set_scene(request)
        except Exception as error:
            for wish in request.wishes:
                self._emit(LiveShown(run=request.run, key=wish.key, step=-1, fault=_sentence(error)))
            return
        if ready:
            for wish in sorted(request.wishes, key=lambda wish: wish.view in SLOW):
                if self._is_new or self._closed:  # somebody wants something else by now
                    return
                self._emit(self._draw(request.run, wish))

    def _set_scene(self, request: WatchLive) -> bool:
        """Put the newest weights in place; False while a training has none yet."""
        if request.run == self._run:
            taken = self._live.take()
            if taken is None:
                return False
            material, snapshot = taken
            scene = self._scene_of(request.run, material)
            if snapshot.step != scene.step:
                scene.take(snapshot.weights, snapshot.step, snapshot.gradients)
        elif self._shown != (request.run, CHECKPOINT):
            from nodeforge.training import load_run
            from nodeforge.training.material import gather

            folder = Path(request.folder)
            trained = load_run(folder, request.run)
            scene = self._scene_of(request.run, gather(trained.document, folder))
            scene.take(trained.module.state_dict(), CHECKPOINT, {})
        assert self._scene is not None
        self._shown = request.run, self._scene.step
        return True

    def _scene_of(self, run: str, material: Material) -> Scene:
        """The network of a run; what is remembered of it stays when its training ends."""
        from nodeforge.engine.live.scene import Scene
        from nodeforge.engine.live.showing.memory import Memory

        if self._scene is None or self._scene.material is not material:
            self._scene = Scene(material)
        if self._shown[0] != run:
            self._memory = Memory()
        return self._scene

    def _draw(self, run: str, wish: Wish) -> LiveShown:
        from nodeforge.engine.live.showing import SHOWING

        assert self._scene is not None
        try:
            shown = SHOWING[wish.view](self._scene, wish, self._memory)
        except Exception as error:
            shown = LiveShown(run=run, key=wish.key, step=CHECKPOINT, fault=_sentence(error))
        return msgspec.structs.replace(
            shown, run=run, key=wish.key, step=self._scene.step, samples=self._scene.count(wish.split)
        )


def _sentence(error: Exception) -> str:
    """Why nothing can be shown; a bug of ours goes to the log."""
    if isinstance(error, UserError):
        return str(error)
    logger.error("bug in a live view", exc_info=error)
    return f"This view failed ({type(error).__name__}: {error}). The training goes on undisturbed."
