"""Jobs over an engine: replies, events, failures, Ctrl-C. The engine here is a script of answers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.engine import messages as m
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.session.jobs import Jobs, OnEvent, TrainingError, find_run

FINISHED = m.RunFinished(
    run="r1",
    status="finished",
    epochs=2,
    seconds=1.0,
    samples_per_second=10.0,
    metrics={"test": {"loss": 0.5}},
)
STOPPED = m.RunFinished(
    run="r1", status="stopped", epochs=1, seconds=0.5, samples_per_second=10.0, metrics={}
)
PROGRESS = m.Progress(
    run="r1", stage="train", epoch=1, epochs=2, batch=1, batches=4, step=1, seconds=0.1, seconds_left=1.0,
    samples_per_second=10.0,
)  # fmt: skip


class ScriptedEngine:
    """Answers each request as the script says, and tells events of a training at once."""

    def __init__(self, answer: Callable[[m.Request, OnEvent], m.AnyReply]) -> None:
        self._answer = answer
        self._on_event: OnEvent = lambda event: None
        self.alive = False
        self.asked: list[m.Request] = []

    def connect(self, on_event: OnEvent) -> ScriptedEngine:
        self._on_event = on_event
        return self

    def start(self) -> None:
        self.alive = True

    def close(self) -> None:
        self.alive = False

    def request(self, message: m.Request) -> Future[m.AnyReply]:
        self.asked.append(message)
        future: Future[m.AnyReply] = Future()
        future.set_result(self._answer(message, self._on_event))
        return future


def training(*events: m.Event) -> ScriptedEngine:
    def answer(request: m.Request, tell: OnEvent) -> m.AnyReply:
        if isinstance(request, m.ControlTraining):
            tell(STOPPED)
            return m.Done()
        for event in events:
            tell(event)
        return m.TrainingStarted(run="r1")

    return ScriptedEngine(answer)


def test_training_tells_its_events_and_returns_the_last(tmp_path: Path) -> None:
    engine, heard = training(PROGRESS, FINISHED), []
    with Jobs(engine.connect) as jobs:
        assert jobs.train(Document(title="mine"), tmp_path, resume="r0", on_event=heard.append) == FINISHED
    assert heard == [PROGRESS, FINISHED]
    (request,) = engine.asked
    assert isinstance(request, m.StartTraining)
    assert schema.decode(request.document).title == "mine"
    assert (request.folder, request.resume) == (str(tmp_path), "r0")
    assert not engine.alive


def test_ctrl_c_stops_the_run_and_waits_for_its_checkpoint(tmp_path: Path) -> None:
    engine = training(PROGRESS)

    def press_ctrl_c(event: m.Event) -> None:
        if isinstance(event, m.Progress):
            raise KeyboardInterrupt

    with Jobs(engine.connect) as jobs:
        assert jobs.train(Document(), tmp_path, on_event=press_ctrl_c) == STOPPED
    assert engine.asked[-1] == m.ControlTraining(run="r1", action="stop")


@pytest.mark.parametrize("user_fault", [True, False])
def test_a_training_that_fails_says_whose_fault_it_is(tmp_path: Path, user_fault: bool) -> None:
    failed = m.TrainingState(
        run="r1", state="failed", message="The loss is NaN.", node="fc", user_fault=user_fault
    )
    with (
        Jobs(training(failed).connect) as jobs,
        pytest.raises(TrainingError if user_fault else RuntimeError, match=r"The loss is NaN\.") as caught,
    ):
        jobs.train(Document(), tmp_path)
    if isinstance(caught.value, TrainingError):
        assert (caught.value.run, caught.value.node) == ("r1", "fc")


def test_an_engine_that_ends_does_not_leave_the_caller_waiting(tmp_path: Path) -> None:
    engine = training()
    with Jobs(engine.connect) as jobs:

        def dies(request: m.Request, tell: OnEvent) -> m.AnyReply:
            engine.alive = False
            return m.TrainingStarted(run="r1")

        engine._answer = dies
        with pytest.raises(RuntimeError, match="the engine ended"):
            jobs.train(Document(), tmp_path)


def test_a_refusal_is_the_user_s_fault_and_a_bug_is_not(tmp_path: Path) -> None:
    for user_fault, kind in ((True, UserError), (False, RuntimeError)):
        reply = m.Failed(message="No.", user_fault=user_fault, details="trace")
        engine = ScriptedEngine(lambda request, tell, reply=reply: reply)
        with Jobs(engine.connect) as jobs, pytest.raises(kind, match=r"No\."):
            jobs.evaluate(tmp_path, "r1")


def test_an_answer_to_another_question_is_a_bug(tmp_path: Path) -> None:
    engine = ScriptedEngine(lambda request, tell: m.Done())
    with Jobs(engine.connect) as jobs, pytest.raises(TypeError, match="EvaluateRun was answered with Done"):
        jobs.evaluate(tmp_path, "r1")


def test_relative_files_are_named_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    engine = ScriptedEngine(lambda request, tell: m.Exported(output="", format="onnx"))
    with Jobs(engine.connect) as jobs:
        jobs.export(tmp_path, "r1", "onnx", Path("model.onnx"))
    (request,) = engine.asked
    assert isinstance(request, m.ExportModel)
    assert request.output == str(tmp_path / "model.onnx")


def test_runs_are_found_by_id_by_name_or_as_the_newest(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    with pytest.raises(UserError, match="no trained run yet"):
        find_run(tmp_path)
    first, second = (store.create(schema.encode(Document()), seed=0, environment={}) for _ in range(2))
    store.rename(first.id, "good one")
    (store.path(second.id) / "last.safetensors").write_bytes(b"")
    assert find_run(tmp_path, "good one") == first.id
    assert find_run(tmp_path, first.id) == first.id
    assert find_run(tmp_path) == second.id
    with pytest.raises(UserError, match="nothing"):
        find_run(tmp_path, "nothing")


def test_a_deep_check_tells_how_far_it_is_and_ctrl_c_ends_it_with_what_it_has(tmp_path: Path) -> None:
    pending: Future[m.AnyReply] = Future()
    reply = m.DeepChecked(verdicts=[], seconds=0.1, device="processor")

    class Checking(ScriptedEngine):
        def request(self, message: m.Request) -> Future[m.AnyReply]:
            self.asked.append(message)
            if isinstance(message, m.DeepCheck):
                self._on_event(m.DeepCheckAdvanced(titles=["Any"], verdicts=[]))
                return pending
            pending.set_result(reply)
            done: Future[m.AnyReply] = Future()
            done.set_result(m.Done())
            return done

    engine = Checking(lambda message, on_event: m.Done())

    def interrupt(event: m.Event) -> None:
        assert isinstance(event, m.DeepCheckAdvanced)
        raise KeyboardInterrupt

    with Jobs(engine.connect) as jobs:
        checked = jobs.deep_check(Document(), tmp_path, causal=True, limit_s=5.0, on_event=interrupt)
    assert checked is reply
    first, second = engine.asked
    assert isinstance(first, m.DeepCheck)
    assert (first.causal, first.limit_s) == (True, 5.0)
    assert isinstance(second, m.CancelDeepCheck)
