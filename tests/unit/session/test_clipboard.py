"""Copying nodes as text and pasting text that nobody vouches for."""

from __future__ import annotations

import pytest
from drawings import drawing, wire

from nodeforge.analysis import check
from nodeforge.core.document import Document
from nodeforge.core.edits import Bend, Collapse, SetMode, SetParameter, SetVariables, Share, apply
from nodeforge.core.errors import UserError
from nodeforge.project import schema
from nodeforge.session.clipboard import copy_text, paste_edits
from nodeforge.session.grouping import group

TEXT = """
x = Input(shape=[4])
a = Linear(out_features=3)
b = ReLU()
join = Concat()
y = Output()
x -> a -> b -> join
x -> join
join -> y
"""


def test_pasting_into_the_same_network_gives_a_second_copy() -> None:
    document = drawing(TEXT)
    graph = document.main_network
    text = copy_text(document, "main", ["a", "b", "join"])
    inverse = apply(document, paste_edits(document, "main", text, (100.0, 400.0))).inverse
    assert list(graph.nodes)[5:] == ["a_2", "b_2", "join_2"]
    assert graph.nodes["a_2"].parameters == {"out_features": 3}
    assert graph.inputs_of("join_2") == {"inputs": [("b_2", "output")]}, "wires from outside are not copied"
    assert graph.inputs_of("a_2") == {}
    assert graph.nodes["a_2"].position == (100.0, 400.0)
    assert graph.nodes["b_2"].position == (320.0, 400.0)
    apply(document, inverse)
    assert list(graph.nodes) == ["x", "a", "b", "join", "y"]


def test_what_is_drawn_of_nodes_and_wires_comes_along() -> None:
    document = drawing(TEXT)
    graph = document.main_network
    looks = (
        Bend("main", {wire(document, "a", "b"): ((300, 80),), wire(document, "x", "a"): ((110, 50),)}),
        Collapse("main", {"b": True, "x": True}),
        SetMode("main", "a", "muted"),
    )
    for edit in looks:
        apply(document, edit)
    text = copy_text(document, "main", ["a", "b"])
    apply(document, paste_edits(document, "main", text, (220.0, 400.0)))
    assert graph.drawing.bends[wire(document, "a_2", "b_2")] == ((300.0, 480.0),)
    assert graph.drawing.collapsed == {"b", "x", "b_2"}
    assert graph.nodes["a_2"].mode == "muted"


def test_pasting_keeps_names_that_are_free_and_the_order_of_wires() -> None:
    source, target = drawing(TEXT), drawing("a = ReLU()\na_2 = ReLU()")
    text = copy_text(source, "main", list(source.main_network.nodes))
    apply(target, paste_edits(target, "main", text, (0.0, 0.0)))
    assert set(target.main_network.nodes) == {"a", "a_2", "x", "a_3", "b", "join", "y"}
    assert target.main_network.inputs_of("join") == {"inputs": [("b", "output"), ("x", "output")]}


def test_new_names_do_not_clash_with_those_that_are_pasted() -> None:
    source, target = drawing("a = ReLU()\na_2 = ReLU()\na -> a_2"), drawing("a = ReLU()")
    text = copy_text(source, "main", ["a", "a_2"])
    apply(target, paste_edits(target, "main", text, (0.0, 0.0)))
    assert list(target.main_network.nodes) == ["a", "a_2", "a_3"]
    assert target.main_network.successors("a_2") == {"a_3"}


def test_copying_leaves_the_drawing_alone() -> None:
    document = drawing(TEXT)
    before = document.copy()
    copy_text(document, "main", ["a"])
    assert document == before


def test_a_whole_project_file_can_be_pasted() -> None:
    document = drawing("")
    text = schema.encode(drawing(TEXT)).decode()
    edit = paste_edits(document, "main", text, (0.0, 0.0))
    apply(document, edit)
    assert edit.label == "Paste 5 nodes"
    assert len(document.main_network) == 5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There are no nodes in this text"),
        ("hello", "There are no nodes in this text"),
        ("\ud800", "There are no nodes in this text"),
        ("[1, 2]", "There are no nodes in this text"),
        (
            copy_text(drawing(TEXT), "main", ["a"]).replace('"name": "a"', '"name": "a b"'),
            "This text cannot be opened: ",
        ),
        (
            copy_text(drawing(TEXT), "main", []),
            "There are no nodes on the clipboard: select some and copy them first.",
        ),
    ],
)
def test_bad_text_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    document = drawing(TEXT)
    before = document.copy()
    with pytest.raises(UserError) as caught:
        paste_edits(document, "main", text, (0.0, 0.0))
    assert str(caught.value).startswith(sentence)
    assert document == before


def nested() -> Document:
    """x -> shell -> y, where Shell holds Core, which holds a Linear as wide as the variable says."""
    document = drawing(
        "x = Input(shape=[4])\na = Linear(out_features='=width')\nb = ReLU()\ny = Output()\nx -> a -> b -> y"
    )
    apply(document, SetVariables("", {"width": 3, "other": 1}))
    apply(document, group(document, check(document), "main", ["a", "b"], "Shell"))
    apply(document, group(document, check(document), "Shell", ["a"], "Core"))
    return document


def test_networks_and_variables_come_along_into_another_project() -> None:
    target = drawing("x = Input(shape=[4])")
    text = copy_text(nested(), "main", ["shell"])
    inverse = apply(target, paste_edits(target, "main", text, (0.0, 0.0))).inverse
    assert set(target.networks) == {"main", "Shell", "Core"}
    assert target.variables == {"width": 3}
    assert target.main_network.nodes["shell"].kind == "Shell"
    apply(target, inverse)
    assert list(target.networks) == ["main"]
    assert target.variables == {}


def test_networks_that_are_there_already_are_not_added_again() -> None:
    document = nested()
    text = copy_text(document, "main", ["shell"])
    apply(document, paste_edits(document, "main", text, (0.0, 0.0)))
    assert set(document.networks) == {"main", "Shell", "Core"}
    assert document.main_network.nodes["shell_2"].kind == "Shell"


def test_a_network_cannot_be_pasted_into_itself() -> None:
    document = nested()
    text = copy_text(document, "main", ["shell"])
    with pytest.raises(UserError, match="shell stands for Shell, in which this network stands"):
        paste_edits(document, "Core", text, (0.0, 0.0))
    with pytest.raises(UserError, match="shell is this network"):
        paste_edits(document, "Shell", text, (0.0, 0.0))


def test_what_a_network_exposes_gets_a_meaning_where_it_is_pasted() -> None:
    document = nested()
    apply(document, SetVariables("Core", {"size": "=base*2", "base": 4}))
    apply(document, SetParameter("Core", "a", "out_features", "=size"))
    text = copy_text(document, "Core", ["a"])
    apply(document, paste_edits(document, "main", text, (0.0, 0.0)))
    assert document.variables == {"width": 3, "other": 1, "size": "=base*2", "base": 4}
    apply(document, paste_edits(document, "Shell", text, (0.0, 0.0)))
    assert document.networks["Shell"].parameters == {}, "the project's variables mean something there"


def test_a_copy_shares_weights_only_with_what_is_copied_along() -> None:
    document = drawing("a = Linear(out_features=4)\nb = Linear(out_features=1)")
    apply(document, Share("main", "b", "a"))
    apply(document, paste_edits(document, "main", copy_text(document, "main", ["a", "b"]), (0.0, 0.0)))
    assert document.main_network.nodes["b_2"].shares == "a_2"
    apply(document, paste_edits(document, "main", copy_text(document, "main", ["b"]), (0.0, 0.0)))
    alone = document.main_network.nodes["b_3"]
    assert (alone.shares, alone.parameters) == ("", {"out_features": 4})
