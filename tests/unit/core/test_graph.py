"""Reading a graph, and what its primitives refuse."""

from __future__ import annotations

import math

import pytest
from drawings import drawing, wire

from nodeforge.core.document import Document
from nodeforge.core.edits import (
    AddNode,
    Batch,
    Bend,
    Connect,
    Disconnect,
    Edit,
    MoveNodes,
    RemoveNode,
    RenameNode,
    SetParameter,
    SetText,
    apply,
)
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Node, Wire

TEXT = "x = Input()\na = ReLU()\njoin = Add()\nx -> a -> join\nx -> join"


def test_wires_are_found_from_both_ends() -> None:
    document = drawing(TEXT)
    graph = document.main_network
    assert graph.predecessors("join") == {"a", "x"}
    assert graph.successors("x") == {"a", "join"}
    assert [str(w) for w in graph.wires_into("join")] == [
        "a.output -> join.inputs",
        "x.output -> join.inputs",
    ]
    assert graph.index_of(wire(document, "x", "join")) == 1
    assert {str(w) for w in graph.wires_of("a")} == {"x.output -> a.input", "a.output -> join.inputs"}
    assert sorted(graph.digraph().edges) == [("a", "join"), ("x", "a"), ("x", "join")]


def test_a_copy_stands_alone() -> None:
    document = drawing(TEXT)
    copy = document.copy()
    apply(document, RemoveNode("main", "x"))
    assert list(copy.main_network.inputs_of("join")["inputs"]) == [("a", "output"), ("x", "output")]
    assert "x" in copy.main_network


def test_renaming_keeps_wires_and_their_places() -> None:
    document = drawing(TEXT)
    change = apply(document, RenameNode("main", "a", "act")).change.networks["main"]
    assert document.main_network.inputs_of("join") == {"inputs": [("act", "output"), ("x", "output")]}
    assert document.main_network.inputs_of("act") == {"input": [("x", "output")]}
    assert change.renamed == {"a": "act"}
    assert change.rewired == {"x", "act", "join"}


def test_a_node_that_comes_back_has_its_old_place_in_the_order() -> None:
    document = drawing(TEXT)
    inverse = apply(document, RemoveNode("main", "x")).inverse
    apply(document, AddNode("main", Node(name="late", kind="ReLU")))
    apply(document, inverse)
    assert [node.name for node in document.main_network.ordered_nodes()] == ["x", "a", "join", "late"]


@pytest.mark.parametrize(
    ("wish", "name"), [("free", "free"), ("a", "a_2"), ("conv_2", "conv_3"), ("conv", "conv_3")]
)
def test_free_names(wish: str, name: str) -> None:
    graph = drawing("a = ReLU()\nconv = ReLU()\nconv_2 = ReLU()").main_network
    assert graph.free_name(wish) == name


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (
            AddNode("main", Node(name="a", kind="ReLU")),
            "Network main already has a node a: choose another name.",
        ),
        (
            AddNode("main", Node(name="2nd", kind="ReLU")),
            "'2nd' cannot name a node: use letters, digits and _, starting with a letter "
            "(not a Python keyword), at most 64 characters.",
        ),
        (AddNode("main", Node(name="import", kind="ReLU")), "'import' cannot name a node"),
        (
            AddNode("main", Node(name="b", kind="ReLU", position=(math.nan, 0.0))),
            "The place of b must be two finite numbers, not nan and 0.0.",
        ),
        (
            MoveNodes("main", {"a": (1.0, 2.0), "x": (0.0, math.inf)}),
            "The place of x must be two finite numbers",
        ),
        (
            Bend("main", {Wire("x", "output", "a", "input"): ((0.0, 0.0), (math.nan, 1.0))}),
            "The place of a bend of x.output -> a.input must be two finite numbers",
        ),
        (AddNode("other", Node(name="b", kind="ReLU")), "The project has no network other."),
        (RemoveNode("main", "ghost"), "Network main has no node ghost."),
        (RenameNode("main", "a", "x"), "Network main already has a node x: choose another name."),
        (RenameNode("main", "a", "_a"), "'_a' cannot name a node"),
        (SetParameter("main", "ghost", "p", 1), "Network main has no node ghost."),
        (
            Connect("main", Wire("x", "output", "a", "input")),
            "The wire x.output -> a.input is there already.",
        ),
        (
            Connect("main", Wire("x", "o", "b", "i")),
            "The wire x.o -> b.i names b, and network main has no such",
        ),
        (
            Disconnect("main", Wire("a", "output", "x", "i")),
            "There is no wire a.output -> x.i in network main.",
        ),
        (SetText("colour", "red"), "A project has no text called colour."),
        (
            Batch((RemoveNode("main", "a"), SetText("title", "New"), RemoveNode("main", "a"))),
            "Network main has no node a.",
        ),
    ],
)
def test_an_edit_that_does_not_fit_changes_nothing(edit: Edit, sentence: str) -> None:
    document = drawing(TEXT)
    before: Document = document.copy()
    with pytest.raises(EditError) as caught:
        apply(document, edit)
    assert str(caught.value).startswith(sentence)
    assert document == before


def test_lists_in_parameters_are_frozen() -> None:
    document = Document()
    apply(document, AddNode("main", Node(name="x", kind="Input", parameters={"shape": [1, [2]]})))
    assert document.main_network.nodes["x"].parameters == {"shape": (1, (2,))}
