"""Grouping and taking apart: ports, names, order, parameters, and what is refused with a sentence."""

from __future__ import annotations

import pytest
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, Connect, Disconnect, SetParameter, SetVariables, Share, apply
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Wire
from nodeforge.session.grouping import free_network_name, group
from nodeforge.session.ungrouping import ungroup

CHAIN = """
x = Input(shape=[4])
a = Linear(out_features=3)
b = ReLU()
join = Concat()
y = Output()
loss = MSELoss()
x -> a -> b -> join -> y
x -> join
join -> loss.input
"""
TWO_OUTPUTS = """
x = Input(shape=[5, 4])
lstm = LSTM(hidden_size=3)
one = ReLU()
two = Tanh()
x -> lstm -> one
lstm.hidden -> two
"""


def grouped(document: Document, *names: str, wish: str = "Block") -> Batch:
    edit = group(document, check(document), "main", names, wish)
    apply(document, edit)
    return edit


def test_an_input_declares_what_flows_in_and_wires_keep_their_order() -> None:
    document = drawing(CHAIN)
    grouped(document, "a", "b")
    body = document.networks["Block"]
    assert list(body.nodes) == ["input", "a", "b", "output"]
    assert body.nodes["input"].parameters == {"shape": (4,)}
    assert document.main_network.inputs_of("join") == {"inputs": [("block", "output"), ("x", "output")]}


def test_several_ports_are_named_after_what_they_carry() -> None:
    document = drawing(TWO_OUTPUTS)
    grouped(document, "lstm")
    outputs = {wire.output for wire in document.main_network.wires_from("block")}
    assert outputs == {"lstm_output", "lstm_hidden"}


def test_what_nothing_feeds_or_reads_yet_gets_a_port_to_be_wired_later() -> None:
    document = drawing("a = Linear(out_features=2)\nb = ReLU()\na -> b")
    grouped(document, "a", "b")
    body = document.networks["Block"]
    assert list(body.nodes) == ["input", "a", "b", "output"]
    assert body.successors("input") == {"a"}
    assert body.predecessors("output") == {"b"}
    apply(document, ungroup(document, "main", "block"))
    assert [str(wire) for wire in document.main_network.wires()] == ["a.output -> b.input"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["x", "a"], "x is an Input of the whole network"),
        (["join", "y"], "y is an Output of the whole network"),
        (["loss"], "loss is a loss"),
        (["a", "join"], "b lies between the selected nodes"),
        ([], "No node is selected"),
    ],
)
def test_what_cannot_become_a_network_is_said(names: list[str], sentence: str) -> None:
    document = drawing(CHAIN)
    with pytest.raises(UserError, match=sentence):
        group(document, check(document), "main", names, "Block")


def test_nodes_that_share_weights_stay_together() -> None:
    document = drawing("x = Input(shape=[4])\na = Linear(out_features=4)\nb = Linear()\nx -> a -> b")
    apply(document, Share("main", "b", "a"))
    with pytest.raises(UserError, match="b uses the weights of a: select both"):
        group(document, check(document), "main", ["b"], "Block")
    grouped(document, "a", "b")
    assert document.networks["Block"].nodes["b"].shares == "a"
    apply(document, ungroup(document, "main", "block"))
    assert document.main_network.nodes["b"].shares == "a"


def test_a_name_is_neither_a_network_nor_a_kind() -> None:
    document = drawing(CHAIN)
    assert free_network_name(document, "Linear") == "Linear_2"
    grouped(document, "a")
    assert free_network_name(document, "Block") == "Block_2"


def test_each_use_gives_its_own_numbers_when_it_is_taken_apart() -> None:
    document = drawing(CHAIN)
    apply(document, SetVariables("", {"wide": 8}))
    grouped(document, "a", "b")
    apply(document, SetVariables("Block", {"size": 3, "double": "=size*2"}))
    apply(document, SetParameter("Block", "a", "out_features", "=double+1"))
    apply(document, SetParameter("main", "block", "size", "=wide-1"))
    freed = ungroup(document, "main", "block")
    apply(document, freed)
    assert document.main_network.nodes["a"].parameters["out_features"] == "=(wide - 1) * 2 + 1"


def test_a_number_replaces_the_expression_where_no_name_is_left() -> None:
    document = drawing(CHAIN)
    grouped(document, "a", "b")
    apply(document, SetVariables("Block", {"size": 3}))
    apply(document, SetParameter("Block", "a", "out_features", "=size*4"))
    apply(document, ungroup(document, "main", "block"))
    assert document.main_network.nodes["a"].parameters["out_features"] == 12
    assert list(document.networks) == ["main"]


def test_a_network_that_is_used_elsewhere_stays() -> None:
    document = drawing(CHAIN)
    grouped(document, "a")
    grouped(document, "block", wish="Outer_block")
    grouped(document, "b", wish="Other")
    apply(document, ungroup(document, "main", "outer_block"))
    assert set(document.networks) == {"main", "Block", "Other"}


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ([Share("main", "block", "other")], "uses the weights of other"),
        ([SetVariables("Block", {"p": "=q", "q": "=p"})], "depend on each other in a circle"),
        ([SetVariables("Block", {"p": 1}), SetParameter("main", "block", "p", "many")], "which is no number"),
    ],
)
def test_a_use_that_means_more_than_its_nodes_is_not_taken_apart(edits: list, sentence: str) -> None:
    document = drawing(CHAIN)
    grouped(document, "a", "b")
    for edit in edits:
        apply(document, edit)
    with pytest.raises(UserError, match=sentence):
        ungroup(document, "main", "block")


def test_a_plain_node_cannot_be_taken_apart() -> None:
    with pytest.raises(UserError, match="a is no network"):
        ungroup(drawing(CHAIN), "main", "a")


def test_one_tensor_at_two_inputs_of_an_add_cannot_be_drawn_without_the_network() -> None:
    document = drawing(
        "x = Input(shape=[4])\nz = Input(shape=[4])\nadd = Add()\ny = Output()\nx -> add\nz -> add\nadd -> y"
    )
    grouped(document, "add")
    wires = {wire.input: wire for wire in document.main_network.wires_into("block")}

    apply(document, Disconnect("main", wires["z"]))
    apply(document, Connect("main", Wire("x", "output", "block", "z")))
    with pytest.raises(UserError, match="twice, which a drawing cannot show"):
        ungroup(document, "main", "block")
