"""Nodes once more, with what feeds them or without."""

from __future__ import annotations

from drawings import drawing

from nodeforge.core.edits import apply
from nodeforge.session.duplicating import duplicate

TEXT = """
x = Input(shape=[4])
z = Input(shape=[4])
a = ReLU()
join = Concat()
y = Output()
x -> a -> join -> y
z -> join
x -> join
"""


def test_copies_stand_alone() -> None:
    document = drawing(TEXT)
    copies = duplicate(document, "main", ["join", "a"], (0.0, 300.0))
    apply(document, copies.edit)
    graph = document.main_network
    assert copies.names == {"a": "a_2", "join": "join_2"}
    assert graph.inputs_of("join_2") == {"inputs": [("a_2", "output")]}
    assert not graph.inputs_of("a_2")
    assert graph.nodes["a_2"].position == (0.0, 300.0)
    assert copies.edit.label == "Duplicate 2 nodes"


def test_copies_are_fed_by_the_same_sources_in_the_same_order() -> None:
    document = drawing(TEXT)
    before = document.copy()
    inverse = apply(document, duplicate(document, "main", ["a", "join"], (0.0, 300.0), keep_inputs=True).edit)
    graph = document.main_network
    assert graph.inputs_of("a_2") == {"input": [("x", "output")]}
    assert graph.inputs_of("join_2") == {"inputs": [("a_2", "output"), ("z", "output"), ("x", "output")]}
    assert not list(graph.wires_from("join_2")), "nobody is fed twice"
    apply(document, inverse.inverse)
    assert document == before
