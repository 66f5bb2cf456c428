"""Values that one module alone reads: neither too few are told of nor too many."""

from __future__ import annotations

import pytest

from nodeforge.analysis import check
from nodeforge.compiler import Passage, generate
from nodeforge.core.document import Document
from nodeforge.core.edits import SetMode, apply
from tests.drawings import drawing

CHAIN = """
    x = Input(shape=[2, 8, 8])
    conv = Conv2d(out_channels=4, kernel_size=3)
    act = ReLU()
    pool = MaxPool2d()
    y = Output()
    x -> conv -> act -> pool -> y
"""


def passages(document: Document) -> dict[str, tuple[Passage, ...]]:
    return dict(generate(document, check(document)).passages)


def told(text: str) -> list[tuple[str, str, str]]:
    (found,) = passages(drawing(text)).values()
    return [(passage.kind, passage.giver, passage.reader) for passage in found]


def test_a_chain_is_told_in_order():
    assert told(CHAIN) == [("Conv2d", "conv", "act"), ("ReLU", "act", "pool")]


@pytest.mark.parametrize(
    "more",
    [
        "z = Output()\nconv -> z",
        "other = Sigmoid()\nz = Output()\nconv -> other -> z",
        "skip = Add()\nz = Output()\ntanh = Tanh()\nconv -> skip\nconv -> tanh -> skip -> z",
        "t = Target(shape=[4, 6, 6], dtype='float32')\nloss = MSELoss()\nconv -> loss.input\nt -> loss.target",
    ],
    ids=["an output", "another layer", "a shortcut", "a loss"],
)
def test_a_value_with_another_reader_is_left_out(more):
    found = told(f"{CHAIN}\n{more}")
    assert ("ReLU", "act", "pool") in found
    assert not [giver for _, giver, _ in found if giver == "conv"]


def test_a_sum_is_told_by_its_kind_and_one_of_a_single_value_is_not():
    ends = "x = Input(shape=[4])\nsum = Add()\nact = ReLU()\ny = Output()\nx -> sum\nsum -> act -> y\n"
    assert told(ends) == []
    assert ("Add", "", "act") in told(f"{ends}other = Linear(out_features=4)\nx -> other -> sum")


def test_a_module_that_is_called_twice_reads_nothing_alone():
    text = """
        x = Input(shape=[4])
        first = Linear(out_features=4)
        act = ReLU()
        again = Linear(out_features=4, shares="first")
        last = Tanh()
        y = Output()
        x -> first -> act -> again -> last -> y
    """
    assert told(text) == [("Linear", "", "act"), ("Linear", "", "last")]


@pytest.mark.parametrize("mode", ["muted", "bypassed"])
@pytest.mark.parametrize("idle", ["conv", "act", "pool"])
def test_nodes_that_do_not_work_are_left_out(mode, idle):
    document = drawing(CHAIN)
    apply(document, SetMode("main", idle, mode))
    (found,) = passages(document).values()
    assert idle not in {name for passage in found for name in (passage.giver, passage.reader)}
    if mode == "bypassed" and idle == "act":
        assert found == (Passage(kind="Conv2d", giver="conv", reader="pool"),)


def test_every_class_has_its_own_and_networks_stand_in_none():
    document = drawing("""
        x = Input(shape=[2, 8, 8])
        first = block()
        act = ReLU()
        y = Output()
        x -> first -> act -> y
        network block()
        inside = Input(shape=[2, 8, 8])
        conv = Conv2d(out_channels=4, kernel_size=3)
        norm = BatchNorm2d()
        out = Output()
        inside -> conv -> norm -> out
    """)
    block, main = passages(document).values()
    assert block == (Passage(kind="Conv2d", giver="conv", reader="norm"),)
    assert main == ()


def test_a_network_named_like_a_kind_is_no_such_kind():
    document = drawing("""
        x = Input(shape=[2, 8, 8])
        first = BatchNorm2d()
        act = ReLU()
        y = Output()
        x -> first -> act -> y
        network BatchNorm2d()
        inside = Input(shape=[2, 8, 8])
        sigmoid = Sigmoid()
        out = Output()
        inside -> sigmoid -> out
    """)
    *_, main = passages(document).values()
    assert main == ()
