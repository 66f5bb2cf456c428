"""The engine: answers requests one after another, trains on a background thread meanwhile.

Threads: `serve` runs on the engine's main thread and answers what needs torch. `submit` may be called from any
thread; it answers controls of a running training at once, so that Pause never waits behind an export. Training
runs on a thread of its own, and so does a deep check.
"""

from __future__ import annotations

import logging
import queue
import threading
import traceback
from collections.abc import Callable, Iterator
from functools import singledispatchmethod
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from nodeforge.core.errors import UserError, system_fault
from nodeforge.engine import messages as m
from nodeforge.engine.heap import give_back_memory, keep_memory

if TYPE_CHECKING:
    from nodeforge.core.document import Document
    from nodeforge.engine.live import LiveViews
    from nodeforge.training import Control, Training

logger = logging.getLogger(__name__)

ReplyTo = Callable[[m.AnyReply], object]
Emit = Callable[[m.Event], object]
Job = tuple[m.Request, ReplyTo]

LEAVING_S = 0.5
"""What a training has left to do on its thread after it told its end takes less than this."""


class Engine:
    """One engine with at most one training at a time."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._preparations: Iterator[None] = iter(())
        self._lock = threading.Lock()
        self._closed = False
        self._training: threading.Thread | None = None
        self._control: Control | None = None
        self._run = ""
        self._end_deep_check = threading.Event()
        """Ends the newest deep check when it is set."""
        self._views: LiveViews | None = None
        keep_memory()

    def submit(self, request: m.Request, reply_to: ReplyTo) -> None:
        """Queue a request; `reply_to` gets its one reply, on the thread that answers."""
        if isinstance(request, (m.ControlTraining, m.CancelDeepCheck)):
            reply_to(self._answer(request))
        elif isinstance(request, m.DeepCheck):
            self._start_deep_check(request, reply_to)
        else:
            self._jobs.put((request, reply_to))

    def serve(self) -> None:
        """Answer requests until `close`."""
        while (job := self._next_job()) is not None:
            request, reply_to = job
            reply_to(self._answer(request))
            if not self._is_training:
                give_back_memory()

    @property
    def _is_training(self) -> bool:
        return self._training is not None and self._training.is_alive()

    def _next_job(self) -> Job | None:
        """The next request; until one comes, what the first training needs is made ready."""
        while self._jobs.empty() and self._training is None:
            try:
                next(self._preparations)
            except StopIteration:
                break
            except Exception:  # a training that needs it will say what is wrong
                logger.exception("getting ready for the first training")
        return self._jobs.get()

    def close(self, grace_s: float = 30.0) -> None:
        """Stop training after its batch, wait for its checkpoint, end `serve`."""
        with self._lock:
            self._closed = True
            control, training = self._control, self._training
        self._end_deep_check.set()
        if self._views is not None:
            self._views.close()
        if control is not None:
            control.interrupt()
        if training is not None:
            training.join(grace_s)
        self._jobs.put(None)

    def _answer(self, request: m.Request) -> m.AnyReply:
        return _answered(request, lambda: self._handle(request))

    @singledispatchmethod
    def _handle(self, request: m.Request) -> m.AnyReply:
        raise TypeError(f"the engine has no answer to {type(request).__name__}")

    @_handle.register
    def _(self, request: m.Ping) -> m.AnyReply:
        from nodeforge.training.device import introduce
        from nodeforge.training.readiness import get_ready

        self._preparations = get_ready()
        return introduce()

    @_handle.register
    def _(self, request: m.DescribeData) -> m.AnyReply:
        from nodeforge.engine.data_replies import describe_data

        return describe_data(_document(request.document), Path(request.folder), request.rows)

    @_handle.register
    def _(self, request: m.StartTraining) -> m.AnyReply:
        from nodeforge.training import Control, TrainingJob, prepare

        with self._lock:
            if self._closed:
                raise UserError("The engine is closing: start the training again in a moment.")
            if self._training is not None:
                self._training.join(LEAVING_S)
                if self._training.is_alive():
                    raise UserError(f"Run {self._run} is still training: stop it first.")
            control = Control()
            if request.paused:
                control.pause()
            training = prepare(
                TrainingJob(
                    document=_document(request.document), folder=Path(request.folder), resume=request.resume
                )
            )
            self._control, self._run = control, training.run
            self._live_views().follow(training.run, control.live)
            self._training = threading.Thread(
                target=self._train, args=(training, control), name="engine-training", daemon=True
            )
        self._training.start()
        return m.TrainingStarted(run=training.run)

    def _train(self, training: Training, control: Control) -> None:
        """The training thread: whatever happens, the session hears how the run ended."""
        try:
            training.train(control, self._emit)
        except Exception as error:
            failed = failure(error)
            state = m.TrainingState(
                run=training.run,
                state="failed",
                message=failed.message,
                user_fault=failed.user_fault,
                details=failed.details,
            )
            self._emit(state)
        finally:
            self._live_views().leave(training.run)
            give_back_memory()

    @_handle.register
    def _(self, request: m.ControlTraining) -> m.AnyReply:
        with self._lock:
            control = self._control if request.run in ("", self._run) else None
        if control is None:
            raise UserError(f"Run {request.run} is not training any more.")
        actions = {
            "pause": control.pause,
            "resume": control.resume,
            "stop": control.stop,
            "step": control.step,
        }
        actions[request.action]()
        return m.Done()

    @_handle.register
    def _(self, request: m.ExportModel) -> m.AnyReply:
        from nodeforge.export import export_run

        return export_run(
            folder=Path(request.folder),
            run=request.run,
            checkpoint=request.checkpoint,
            format=request.format,
            output=Path(request.output),
            document=_document(request.document) if request.document else None,
        )

    @_handle.register
    def _(self, request: m.EvaluateRun) -> m.AnyReply:
        from nodeforge.training import evaluate_run

        return evaluate_run(Path(request.folder), request.run, request.split, request.without)

    @_handle.register
    def _(self, request: m.Predict) -> m.AnyReply:
        from nodeforge.training import predict_run

        return predict_run(folder=Path(request.folder), run=request.run, input=Path(request.input))

    @_handle.register
    def _(self, request: m.CustomShapes) -> m.AnyReply:
        from nodeforge.engine.custom_shapes import shapes_of

        return shapes_of(request)

    @_handle.register
    def _(self, request: m.WatchLive) -> m.AnyReply:
        self._live_views().watch(request)
        return m.Done()

    def _live_views(self) -> LiveViews:
        from nodeforge.engine.live import LiveViews

        if self._views is None:
            self._views = LiveViews(self._emit)
        return self._views

    @_handle.register
    def _(self, request: m.MatchWeights) -> m.AnyReply:
        from nodeforge.training.weights import match_weights

        return m.WeightsMatched(matches=match_weights(_document(request.document), Path(request.folder)))

    @_handle.register
    def _(self, request: m.TryRates) -> m.AnyReply:
        from nodeforge.training.rate_test import try_rates

        if self._is_training:
            raise UserError(f"Run {self._run} is training: stop it before learning rates are tested.")
        return try_rates(_document(request.document), Path(request.folder), request)

    def _start_deep_check(self, request: m.DeepCheck, reply_to: ReplyTo) -> None:
        """Answer on a thread of its own: drawing and exporting go on meanwhile. It replaces the check before it."""
        self._end_deep_check.set()
        self._end_deep_check = ended = threading.Event()

        def carry_out() -> None:
            from nodeforge.engine.deep_checking import deep_check

            reply_to(_answered(request, lambda: deep_check(request, self._emit, ended.is_set)))

        threading.Thread(target=carry_out, name="engine-deep-check", daemon=True).start()

    @_handle.register
    def _(self, request: m.CancelDeepCheck) -> m.AnyReply:
        self._end_deep_check.set()
        return m.Done()


def _answered(request: m.Request, handle: Callable[[], m.AnyReply]) -> m.AnyReply:
    """The reply to a request, also when it fails."""
    try:
        reply = handle()
    except Exception as error:
        reply = failure(error)
    return msgspec.structs.replace(reply, id=request.id)


def failure(error: BaseException) -> m.Failed:
    """What went wrong as a reply: one sentence, and whose fault it is."""
    if isinstance(error, UserError):
        return m.Failed(message=str(error), user_fault=True, node=error.node)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return m.Failed(
            message="There is not enough memory for this: try a smaller batch or smaller layers.",
            user_fault=True,
        )
    if isinstance(error, OSError) and error.errno is not None:
        return m.Failed(message=system_fault(error), user_fault=True)
    logger.error("bug in the engine", exc_info=error)
    return m.Failed(
        message=f"NodeForge made a mistake ({type(error).__name__}: {error}).",
        user_fault=False,
        details="".join(traceback.format_exception(error)),
    )


def _document(data: bytes) -> Document:
    from nodeforge.project.schema import decode

    return decode(data)
