"""What stages say of single nodes, and weights to begin with, are checked like the drawing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nodeforge.analysis import check
from nodeforge.core.document import Component, Document, WeightSource
from nodeforge.core.edits import RenameNode, apply
from tests.training_jobs import IRIS_NET, iris


def saying(per_node: dict[str, dict[str, object]], optimizer: str = "Adam") -> Document:
    document = iris(IRIS_NET, optimizer=Component(kind=optimizer))
    stage = replace(document.recipe.stages[0], per_node=per_node)
    document.recipe = replace(document.recipe, stages=(stage,))
    return document


@pytest.mark.parametrize(
    ("per_node", "optimizer", "words"),
    [
        ({"fc9": {"frozen": True}}, "Adam", "says how fc9 learns"),
        (
            {"fc1": {"lr_factor": -1.0}},
            "Adam",
            "In what stage train says of fc1: lr_factor must be more than 0",
        ),
        ({"fc1": {"frosen": True}}, "Adam", "no parameter frosen"),
        ({"fc1": {"lr_factor": 0.5}}, "LBFGS", "gives fc1 a lr_factor of its own, which LBFGS cannot follow"),
        ({"fc1": {"weight_decay": 0.5}}, "Rprop", "a weight_decay of its own, which Rprop cannot follow"),
    ],
)
def test_what_cannot_be_is_told_and_every_fix_mends_it(per_node, optimizer, words):
    document = saying(per_node, optimizer)
    (finding,) = [d for d in check(document).diagnostics if d.severity == "error"]
    assert words in finding.message
    assert finding.stage == "train"
    assert finding.fixes
    for fix in finding.fixes:
        mended = document.copy()
        apply(mended, fix.edit)
        assert check(mended).ok


def test_sound_wishes_pass():
    wishes = {"fc1": {"frozen": True}, "norm": {"lr_factor": 0.1, "weight_decay": 0.0, "l1": "=1/1000"}}
    assert check(saying(wishes)).ok
    assert check(saying({"fc1": {"weight_decay": 0.5, "frozen": True}}, "Rprop")).ok


def test_weights_for_a_node_that_is_not_there_are_told():
    document = iris(IRIS_NET)
    sources = (WeightSource(source="a.pt", into="fc9"), WeightSource(source="b.pt", into="fc1"))
    document.recipe = replace(document.recipe, weights=sources)
    (finding,) = [d for d in check(document).diagnostics if d.severity == "error"]
    assert "The weights of a.pt are for fc9" in finding.message
    apply(document, finding.fixes[0].edit)
    assert [source.source for source in document.recipe.weights] == ["b.pt"]


def test_what_is_said_of_a_node_follows_its_name():
    document = saying({"fc1": {"frozen": True}})
    document.recipe = replace(document.recipe, weights=(WeightSource(source="a.pt", into="fc1"),))
    apply(document, RenameNode("main", "fc1", "first"))
    assert document.recipe.stages[0].per_node == {"first": {"frozen": True}}
    assert document.recipe.weights[0].into == "first"
    assert check(document).ok
