"""Deep checks through the engine: beside other work, on the project's own data, and ended early."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from drawings import drawing

from nodeforge.core.document import Document
from nodeforge.engine import messages as m
from nodeforge.engine.client import InProcessEngine
from nodeforge.engine.deep_checking import deep_check
from nodeforge.project import files, schema, shipped
from nodeforge.project.runs import RunStore
from tests.training_jobs import iris

LIMIT_S = 60
AT_RANDOM = frozenset({"gan"})
"""Draws something else each time, as it should."""
BROKEN = """
    tokens = Input(shape=[7], dtype="int64")
    words = Embedding(num_embeddings=11, embedding_dim=8)
    first = MultiheadAttention(num_heads=2, causal=True)
    second = MultiheadAttention(num_heads=2)
    scores = Output()
    tokens -> words -> first -> second -> scores
"""


def request(document: Document, **more: object) -> m.DeepCheck:
    return msgspec.structs.replace(m.DeepCheck(document=schema.encode(document), folder="."), **more)


def check(asked: m.DeepCheck) -> m.DeepChecked:
    return deep_check(asked, lambda event: None, lambda: False)


@pytest.mark.parametrize("name", shipped.project_names())
def test_the_shipped_projects_pass_on_their_own_data(name: str) -> None:
    document = files.load(shipped.project(name))
    checked = check(request(document))
    broken = [(v.check, [f.code for f in v.findings]) for v in checked.verdicts if v.outcome == "broken"]
    assert broken == ([("modes", ["random-in-evaluation"])] if name in AT_RANDOM else [])
    held = {verdict.check: verdict for verdict in checked.verdicts if verdict.outcome == "held"}
    assert {"runs", "independent", "repeatable"} <= held.keys()
    if all(stage.rule == "gradient" for stage in document.recipe.stages) and name not in AT_RANDOM:
        assert {"gradients", "modes", "scale"} <= held.keys()
    assert "of the data" in held["independent"].note


def test_an_answer_and_its_progress_survive_the_wire() -> None:
    told: list[m.Event] = []
    checked = deep_check(request(drawing(BROKEN)), told.append, lambda: False)
    assert m.answer_decoder.decode(m.encode(checked)) == checked
    assert [len(event.verdicts) for event in told if isinstance(event, m.DeepCheckAdvanced)] == [*range(8)]
    assert m.answer_decoder.decode(m.encode(told[-1])) == told[-1]
    (finding,) = next(v for v in checked.verdicts if v.check == "causal").findings
    assert (finding.node, finding.remedies[0].parameter) == ("second", "causal")


def test_other_requests_are_answered_while_a_deep_check_runs() -> None:
    """Nobody lets the check go on until the other answer is there."""
    answered = threading.Event()

    def hold(event: m.Event) -> None:
        assert answered.wait(LIMIT_S)

    engine = InProcessEngine(hold)
    engine.start()
    try:
        checking = engine.request(request(drawing(BROKEN)))
        described = m.DescribeData(
            document=schema.encode(files.load(shipped.project("iris-mlp"))), folder="."
        )
        assert isinstance(engine.request(described).result(LIMIT_S), m.DataDescribed)
        answered.set()
        assert isinstance(checking.result(LIMIT_S), m.DeepChecked)
    finally:
        answered.set()
        engine.close()


def ended_early(end: m.Request) -> m.DeepChecked:
    """What a check says that another request ends right at its beginning."""
    begun, ended = threading.Event(), threading.Event()

    def hold(event: m.Event) -> None:
        begun.set()
        assert ended.wait(LIMIT_S)

    engine = InProcessEngine(hold)
    engine.start()
    try:
        checking = engine.request(request(drawing(BROKEN)))
        assert begun.wait(LIMIT_S)
        second = engine.request(end)
        ended.set()
        assert not isinstance(second.result(LIMIT_S), m.Failed)
        reply = checking.result(LIMIT_S)
        assert isinstance(reply, m.DeepChecked)
        return reply
    finally:
        ended.set()
        engine.close()


@pytest.mark.parametrize("end", [m.CancelDeepCheck(), request(drawing(BROKEN))])
def test_a_check_that_is_cancelled_or_replaced_answers_with_what_it_has(end: m.Request) -> None:
    reply = ended_early(end)
    assert {verdict.outcome for verdict in reply.verdicts} == {"unfinished"}
    assert reply.verdicts[0].note == "Cancelled."


def test_a_drawing_with_errors_is_the_persons_fault(tmp_path: Path) -> None:
    document = drawing("""
        x = Input(shape=[6])
        pick = Select(dim=4)
        out = Output()
        x -> pick -> out
    """)
    engine = InProcessEngine(lambda event: None)
    engine.start()
    reply = engine.request(request(document, folder=str(tmp_path))).result(LIMIT_S)
    engine.close()
    assert isinstance(reply, m.Failed)
    assert (reply.user_fault, reply.node) == (True, "pick")


def test_generators_of_random_numbers_are_left_as_they_were() -> None:
    import torch

    before = torch.get_rng_state()
    check(request(drawing(BROKEN)))
    assert torch.equal(before, torch.get_rng_state())


def test_a_training_learns_the_same_while_deep_checks_run_beside_it(tmp_path: Path) -> None:
    """Both draw random numbers from the one set of generators that torch has."""

    def result(folder: Path, *, checks: int) -> list[float]:
        ended = threading.Event()

        def listen(event: m.Event) -> None:
            if isinstance(event, m.RunFinished):
                ended.set()

        engine = InProcessEngine(listen)
        engine.start()
        started = m.StartTraining(document=schema.encode(iris(epochs=15)), folder=str(folder))
        engine.request(started).result(LIMIT_S)
        for _ in range(checks):
            assert isinstance(engine.request(request(iris())).result(LIMIT_S), m.DeepChecked)
        assert ended.wait(LIMIT_S)
        engine.close()
        store = RunStore(folder)
        return list(store.info(store.latest().id).metrics["train"].values())

    assert result(tmp_path / "beside", checks=2) == result(tmp_path / "alone", checks=0)
