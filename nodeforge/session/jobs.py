"""Torch work on a project, done when the call returns: for the command line and the Python API."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from nodeforge.analysis.evaluation import Answer
from nodeforge.catalog import Kind
from nodeforge.catalog.custom import CustomKind
from nodeforge.core.document import Document
from nodeforge.core.errors import ShapeError, UserError
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec
from nodeforge.engine import messages as m
from nodeforge.engine.client import EngineClient, InProcessEngine, reply_or_raise
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.session.custom_shapes import answer_of, question

OnEvent = Callable[[m.Event], None]
ReplyType = TypeVar("ReplyType", bound=m.Reply)

_POLL_SECONDS = 0.2
"""Waits are cut into pieces, since Windows delivers Ctrl-C only between them."""

_EVENT_SECONDS = 0.05
"""How soon the end of a short job is noticed."""


class TrainingError(UserError):
    """A training that could not go on.

    Attributes:
        run: Its run, which keeps what was reached.
    """

    def __init__(self, message: str, *, run: str, node: str = "") -> None:
        super().__init__(message, node=node)
        self.run = run


class Jobs:
    """An engine of one's own and what it can be asked. Use it in a `with` block, from one thread."""

    def __init__(self, make_engine: Callable[[OnEvent], EngineClient] = InProcessEngine) -> None:
        self._events: queue.SimpleQueue[m.Event] = queue.SimpleQueue()
        self._engine = make_engine(self._events.put)

    def __enter__(self) -> Jobs:
        self._engine.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.close()

    def train(
        self, document: Document, folder: Path, *, resume: str = "", on_event: OnEvent = lambda event: None
    ) -> m.RunFinished:
        """Train to the end. Ctrl-C stops after the batch, with a checkpoint; a second one gives up at once.

        Args:
            document: What to train; the project's file need not say the same.
            folder: The project's folder; the run is written there.
            resume: Run to go on with.
            on_event: Told of all that happens, on the calling thread.

        Raises:
            TrainingError: It could not go on.
            UserError: It could not start.
        """
        request = m.StartTraining(document=schema.encode(document), folder=str(folder), resume=resume)
        run = self._ask(request, m.TrainingStarted).run
        try:
            return self._follow(run, on_event)
        except KeyboardInterrupt:
            self._ask(m.ControlTraining(run=run, action="stop"), m.Done)
            return self._follow(run, on_event)

    def evaluate(
        self, folder: Path, run: str, split: str = "test", without: Sequence[str] = ()
    ) -> m.Evaluated:
        """Metrics and baselines of a run on a split, with some nodes muted."""
        request = m.EvaluateRun(folder=str(folder), run=run, split=split, without=list(without))
        return self._ask(request, m.Evaluated)

    def export(self, folder: Path, run: str, format: str, output: Path) -> m.Exported:
        """Write a run's network to a file that was proven to compute the same."""
        request = m.ExportModel(folder=str(folder), run=run, format=format, output=str(output.absolute()))
        return self._ask(request, m.Exported)

    def predict(self, folder: Path, run: str, input: Path) -> m.Predicted:
        """A run's predictions for the samples in a file."""
        request = m.Predict(folder=str(folder), run=run, input=str(input.absolute()))
        return self._ask(request, m.Predicted)

    def match_weights(self, document: Document, folder: Path) -> list[m.WeightMatch]:
        """What would become of the weights that the recipe begins with."""
        request = m.MatchWeights(document=schema.encode(document), folder=str(folder))
        return self._ask(request, m.WeightsMatched).matches

    def try_rates(
        self,
        document: Document,
        folder: Path,
        *,
        stage: str = "",
        low: float = m.LOW_RATE,
        high: float = m.HIGH_RATE,
        steps: int = m.RATE_STEPS,
    ) -> m.RatesTried:
        """The learning-rate range test of a stage; see `engine.messages.TryRates`."""
        request = m.TryRates(
            document=schema.encode(document), folder=str(folder), stage=stage, low=low, high=high, steps=steps
        )
        return self._ask(request, m.RatesTried)

    def deep_check(
        self,
        document: Document,
        folder: Path,
        *,
        causal: bool = False,
        limit_s: float = 60.0,
        on_event: OnEvent = lambda event: None,
    ) -> m.DeepChecked:
        """Try the running network. Ctrl-C ends it with what was found so far.

        Args:
            document: What to check, without errors.
            folder: Where relative paths of its data start.
            causal: Whether no output may look ahead, also without a causal layer.
            limit_s: What is not done by then stays unfinished.
            on_event: Told how far it is, on the calling thread.
        """
        request = m.DeepCheck(
            document=schema.encode(document), folder=str(folder), causal=causal, limit_s=limit_s
        )
        future = self._engine.request(request)
        try:
            self._pass_on_events(future, on_event)
        except KeyboardInterrupt:
            self._ask(m.CancelDeepCheck(), m.Done)
        reply = reply_or_raise(_result(future))
        assert isinstance(reply, m.DeepChecked)
        return reply

    def shapes(
        self, kind: Kind, values: Mapping[str, Value], inputs: Mapping[str, tuple[TensorSpec, ...]]
    ) -> Answer | None:
        """The oracle of a check: what a layer of the project's own gives.

        Raises:
            ShapeError: It has something against the input.
        """
        if not isinstance(kind, CustomKind):
            return None
        answer = answer_of(self._ask(question(kind, values, inputs), m.ShapesFound))
        if isinstance(answer, str):
            raise ShapeError(answer)
        return answer

    def _pass_on_events(self, future: Future[m.AnyReply], on_event: OnEvent) -> None:
        """Tell of events until there is an answer."""
        while not (future.done() and self._events.empty()):
            with contextlib.suppress(queue.Empty):
                on_event(self._events.get(timeout=_EVENT_SECONDS))

    def _ask(self, request: m.Request, expected: type[ReplyType]) -> ReplyType:
        reply = reply_or_raise(_result(self._engine.request(request)))
        if not isinstance(reply, expected):
            raise TypeError(f"{type(request).__name__} was answered with {type(reply).__name__}")
        return reply

    def _follow(self, run: str, on_event: OnEvent) -> m.RunFinished:
        while True:
            try:
                event = self._events.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                if not self._engine.alive:
                    raise RuntimeError(f"the engine ended while run {run} was training") from None
                continue
            on_event(event)
            if isinstance(event, m.RunFinished) and event.run == run:
                return event
            if isinstance(event, m.TrainingState) and event.run == run and event.state == "failed":
                if not event.user_fault:
                    raise RuntimeError(f"{event.message}\n{event.details}")
                raise TrainingError(event.message, run=run, node=event.node)


def find_run(folder: Path, run: str = "") -> str:
    """The id of a run that is named by its id or by the name a person gave it; "" for the newest trained one.

    Raises:
        UserError: There is none.
    """
    store = RunStore(folder)
    if not run:
        return store.latest().id
    named = [info.id for info in store.runs() if info.name == run]
    return named[0] if named else store.info(run).id


def _result(future: Future[m.AnyReply]) -> m.AnyReply:
    while True:
        try:
            return future.result(timeout=_POLL_SECONDS)
        except TimeoutError:
            if future.done():
                return future.result()
