"""Which network is looked at, and what a change does to the way there."""

from __future__ import annotations

import pytest
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, RemoveNode, RenameNetwork, RenameNode, SetVariables, apply
from nodeforge.core.graph import Node
from nodeforge.session.grouping import group
from nodeforge.session.whereabouts import Whereabouts, way_to

INSIDE = Whereabouts("main", ("shell", "core"))


@pytest.fixture
def document() -> Document:
    """main holds Shell, and that holds Core, which holds a Linear."""
    made = drawing(
        "x = Input(shape=[4])\na = Linear(out_features=3)\nb = ReLU()\ny = Output()\nx -> a -> b -> y"
    )
    apply(made, group(made, check(made), "main", ["a", "b"], "Shell"))
    apply(made, group(made, check(made), "Shell", ["a"], "Core"))
    return made


def test_a_way_leads_through_uses(document: Document) -> None:
    assert INSIDE.networks(document) == ("main", "Shell", "Core")
    assert way_to(document, "Core") == INSIDE
    assert way_to(document, "main") == Whereabouts("main")
    assert INSIDE.outside() == Whereabouts("main", ("shell",))
    assert INSIDE.outside(9) == Whereabouts("main")


def test_what_nothing_uses_is_looked_at_by_itself(document: Document) -> None:
    apply(document, RemoveNode("main", "shell"))
    assert way_to(document, "Core") == Whereabouts("Core")


def test_shapes_are_those_of_the_use(document: Document) -> None:
    apply(document, SetVariables("Core", {"size": 3}))
    apply(document, AddNode("Shell", Node(name="z", kind="Tanh")))
    report = check(document)
    here = INSIDE.report(report)
    assert here is not None
    assert str(here.nodes["a"].outputs["output"]) == "N×3"
    assert INSIDE.use(report).values["size"] == 3
    assert Whereabouts("Core").report(report) is report.networks["Core"]


def test_renaming_along_the_way_leads_to_the_same_place(document: Document) -> None:
    place = INSIDE
    for edit, path in (
        (RenameNode("main", "shell", "outer"), ("outer", "core")),
        (RenameNode("Shell", "core", "inner"), ("outer", "inner")),
        (RenameNetwork("Core", "Heart"), ("outer", "inner")),
    ):
        place = place.followed(document, apply(document, edit).change)
        assert place == Whereabouts("main", path)
    assert place.networks(document)[-1] == "Heart"


def test_a_renamed_network_is_still_looked_at_by_itself(document: Document) -> None:
    change = apply(document, RenameNetwork("Core", "Heart")).change
    assert Whereabouts("Core").followed(document, change) == Whereabouts("Heart")


def test_a_way_that_is_gone_leads_as_far_as_it_can(document: Document) -> None:
    change = apply(document, RemoveNode("Shell", "core")).change
    assert INSIDE.followed(document, change) == Whereabouts("main", ("shell",))
    change = apply(document, RemoveNode("main", "shell")).change
    assert INSIDE.followed(document, change) == Whereabouts("main")
