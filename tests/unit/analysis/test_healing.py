"""Deleting nodes and pulling them out, and which wires close the gap."""

from __future__ import annotations

from drawings import drawing, wire

from nodeforge.analysis import check
from nodeforge.analysis.healing import healing_edits, pulling_edits
from nodeforge.core.edits import Bend, Connect, RemoveNode, apply


def healed(text: str, *names: str) -> set[str]:
    document = drawing(text)
    apply(document, healing_edits(document.main_network, names))
    return {f"{w.source} {w.target}" for w in document.main_network.wires()}


CHAIN = "x = Input()\na = ReLU()\nb = ReLU()\nc = ReLU()\ny = Output()\nx -> a -> b -> c -> y"


def test_deleting_from_a_chain_heals_it() -> None:
    assert healed(CHAIN, "b") == {"x a", "a c", "c y"}
    assert healed(CHAIN, "a", "b", "c") == {"x y"}
    assert healed(CHAIN, "a", "c") == {"x b", "b y"}


def test_deleting_an_end_heals_nothing() -> None:
    assert healed(CHAIN, "x") == {"a b", "b c", "c y"}
    assert healed(CHAIN, "y") == {"x a", "a b", "b c"}


def test_the_first_input_of_a_joint_takes_over() -> None:
    text = "x = Input()\nz = Input()\njoin = Add()\ny = Output()\nx -> join -> y\nz -> join"
    assert healed(text, "join") == {"x y"}


def test_the_first_input_is_the_first_of_the_kind_not_the_first_wired() -> None:
    text = """
    q = Input(shape=[4, 8])
    k = Input(shape=[4, 8])
    attention = MultiheadAttention()
    y = Output()
    k -> attention.key
    q -> attention.query
    attention -> y
    """
    assert healed(text, "attention") == {"q y"}


def test_what_leaves_another_than_the_first_output_has_no_source_to_take_over() -> None:
    text = "x = Input()\nh = Input()\nlstm = LSTM()\ny = Output()\nx -> lstm\nh -> lstm.initial_hidden"
    assert healed(text + "\nlstm.cell -> y", "lstm") == set()
    assert healed(text + "\nlstm.output -> y", "lstm") == {"x y"}


def test_a_group_hands_on_along_its_first_inputs() -> None:
    text = """
    x = Input()
    a = ReLU()
    z = Input()
    join = Add()
    y = Output()
    x -> a -> join -> y
    z -> join
    """
    assert healed(text, "a", "join") == {"x y"}


def test_a_loss_hands_nothing_on() -> None:
    text = "x = Input()\nt = Target()\nloss = MSELoss()\nscaled = Sigmoid()\nx -> loss -> scaled\nt -> loss.target"
    assert healed(text, "loss") == set()


def test_no_wire_is_drawn_that_the_report_knows_not_to_fit() -> None:
    text = """
    x = Input(shape=[4], dtype="int64")
    embedding = Embedding(num_embeddings=10, embedding_dim=3)
    z = Input(shape=[2])
    join = Add()
    fc = Linear(out_features=2)
    image = Input(shape=[1, 8, 8])
    flat = Flatten()
    other = Concat()
    """
    document = drawing(text + "x -> embedding -> fc")
    graph = document.main_network
    report = check(document).networks["main"]
    assert healing_edits(graph, ["embedding"], report=report).edits == (RemoveNode("main", "embedding"),)
    assert len(healing_edits(graph, ["embedding"]).edits) == 2  # nothing is known without a report
    document = drawing(text + "image -> flat -> other -> fc\nz -> other")
    graph = document.main_network
    report = check(document).networks["main"]
    edits = healing_edits(graph, ["flat", "other"], report=report).edits
    assert not [edit for edit in edits if isinstance(edit, Connect)]  # a matrix in place of a vector
    assert len(healing_edits(graph, ["other"], report=report).edits) == 2


def test_the_way_of_a_healed_wire_is_that_of_both() -> None:
    document = drawing(CHAIN)
    graph = document.main_network
    apply(document, Bend("main", {wire(document, "x", "a"): ((1, 2),), wire(document, "a", "b"): ((3, 4),)}))
    apply(document, healing_edits(graph, ["a"]))
    assert graph.drawing.bends == {wire(document, "x", "b"): ((1.0, 2.0), (3.0, 4.0))}


def pulled(text: str, *names: str) -> set[str]:
    document = drawing(text)
    before = document.copy()
    inverse = apply(document, pulling_edits(document.main_network, names)).inverse
    wires = {f"{w.source} {w.target}" for w in document.main_network.wires()}
    assert document.main_network.nodes == before.main_network.nodes
    apply(document, inverse)
    assert document == before
    return wires


def test_nodes_are_pulled_out_with_the_wires_among_them() -> None:
    assert pulled(CHAIN, "b") == {"x a", "a c", "c y"}
    assert pulled(CHAIN, "a", "b") == {"x c", "c y", "a b"}
    assert pulled(CHAIN, "x") == {"a b", "b c", "c y"}


def test_deleting_heals_every_wire_behind() -> None:
    text = "x = Input()\na = ReLU()\nb = Tanh()\nc = ReLU()\nx -> a -> b\na -> c"
    assert healed(text, "a") == {"x b", "x c"}


def test_healing_keeps_places_and_wires_two_ports_once() -> None:
    text = """
    x = Input()
    first = ReLU()
    last = ReLU()
    z = Input()
    join = Concat()
    x -> first -> join
    z -> join
    x -> last -> join
    """
    document = drawing(text)
    apply(document, healing_edits(document.main_network, ["first", "last"]))
    assert document.main_network.inputs_of("join") == {"inputs": [("x", "output"), ("z", "output")]}


def test_healing_is_undone_whole() -> None:
    document = drawing(CHAIN)
    before = document.copy()
    inverse = apply(document, healing_edits(document.main_network, ["a", "b"])).inverse
    assert document != before
    apply(document, inverse)
    assert document == before
