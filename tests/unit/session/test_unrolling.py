"""A network that runs several times in a row is taken apart: its nodes stand there as often, and compute the same."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from drawings import drawing
from torch import nn

from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.core.document import Document
from nodeforge.core.drawing import Frame
from nodeforge.core.edits import Collapse, SetDirection, SetFrames, SetMode, SetParameter, SetVariables, apply
from nodeforge.core.errors import UserError
from nodeforge.project import schema
from nodeforge.session.ungrouping import ungroup
from nodeforge.torch_backend import build

BLOCK = """
    x = Input(shape=[6])
    z = Input(shape=[6])
    block = Block(repeat=3{more})
    y = Output()
    x -> block.state
    z -> block.skip
    block -> y
network Block(wide=4)
    state = Input(shape=[6])
    skip = Input(shape=[6])
    widen = Linear(out_features="=wide*2")
    act = Tanh()
    back = Linear(out_features=6)
    sum = Add()
    result = Output()
    state -> widen -> act -> back -> sum -> result
    skip -> sum
"""


def block(more: str = "") -> Document:
    return drawing(BLOCK.format(more=more))


def module_of(document: Document) -> nn.Module:
    report = check(document)
    assert report.ok, [finding.message for finding in report.diagnostics]
    return build(generate(document, report))


def computed(module: nn.Module) -> torch.Tensor:
    """What comes out with the same weights, given to the parameters in their order."""
    drawn = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=drawn))
        return module(*torch.randn(2, 5, 6, generator=drawn))


@pytest.mark.parametrize(("more", "learnt"), [("", 3), (", share_repeats=True", 1), (", wide=5", 3)])
def test_what_is_computed_and_learnt_stays_the_same(more: str, learnt: int) -> None:
    document = block(more)
    before, expected = schema.encode(document), module_of(document)
    inverse = apply(document, ungroup(document, "main", "block")).inverse
    assert list(document.networks) == ["main"]
    graph = document.main_network
    assert [node.name for node in graph.ordered_nodes() if node.kind == "Add"] == ["sum", "sum_2", "sum_3"]
    found = module_of(document)
    shapes = [[parameter.shape for parameter in module.parameters()] for module in (found, expected)]
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) == 4 * learnt
    torch.testing.assert_close(computed(found), computed(expected))
    apply(document, inverse)
    assert schema.encode(document) == before


def test_repeats_that_share_weights_call_the_modules_of_the_first() -> None:
    document = block(", share_repeats=True")
    apply(document, ungroup(document, "main", "block"))
    nodes = document.main_network.nodes
    owners = {name: nodes[name].shares for name in ("widen", "back_2", "widen_3", "sum_3")}
    assert owners == {"widen": "", "back_2": "back", "widen_3": "widen", "sum_3": ""}


@pytest.mark.parametrize(("direction", "axis"), [("right", 0), ("down", 1)])
def test_the_repeats_lie_in_a_row_along_their_wires(direction: str, axis: int) -> None:
    document = block()
    apply(document, SetDirection("Block", direction))
    apply(document, SetFrames("Block", {"f": Frame(area=(200, -40, 300, 160), title="Inside")}))
    apply(document, Collapse("Block", {"act": True}))
    apply(document, ungroup(document, "main", "block"))
    graph = document.main_network
    places = [graph.nodes[name].position for name in ("back", "back_2", "back_3")]
    assert len({place[1 - axis] for place in places}) == 1
    firsts = [graph.nodes[name].position[axis] for name in ("widen_2", "widen_3")]
    assert [place[axis] for place in places] < firsts, "each begins behind the one before"
    assert graph.drawing.collapsed == {"act", "act_2", "act_3"}
    lefts = [frame.area[axis] for frame in graph.drawing.frames.values()]
    steps = [
        (b - a, d - c)
        for (a, b), (c, d) in zip(pairwise(lefts), pairwise(p[axis] for p in places), strict=True)
    ]
    assert all(frame == node for frame, node in steps)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (
            SetParameter("main", "block", "repeat", "=deep"),
            "cannot be computed here: set its repeat to a number",
        ),
        (
            SetParameter("main", "block", "repeat", 900),
            "900 times, which would be 3,600 nodes: lower its repeat",
        ),
        (SetMode("main", "block", "bypassed"), "block is bypassed: let it work again"),
    ],
)
def test_what_cannot_be_unrolled_is_said_with_the_way_out(edit, sentence: str) -> None:
    document = block()
    apply(document, edit)
    with pytest.raises(UserError, match=sentence):
        ungroup(document, "main", "block")


def test_a_number_that_each_use_of_the_network_around_may_set_is_not_taken_for_fixed() -> None:
    document = block()
    apply(document, SetVariables("main", {"deep": 2}))
    apply(document, SetParameter("main", "block", "repeat", "=deep"))
    with pytest.raises(UserError, match="cannot be computed here"):
        ungroup(document, "main", "block")


def test_an_expression_says_how_often() -> None:
    document = block()
    apply(document, SetVariables("", {"deep": 2}))
    apply(document, SetParameter("main", "block", "repeat", "=deep*2"))
    apply(document, ungroup(document, "main", "block"))
    assert "sum_4" in document.main_network
    assert "sum_5" not in document.main_network


def test_what_gives_more_than_it_takes_has_no_row() -> None:
    document = drawing(
        """
        x = Input(shape=[4])
        block = Block(repeat=2)
        y = Output()
        x -> block -> y
        network Block()
        a = Input(shape=[4])
        one = Output()
        two = Output()
        a -> one
        a -> two
        """
    )
    with pytest.raises(UserError, match="gives more than it takes"):
        ungroup(document, "main", "block")
