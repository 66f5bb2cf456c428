"""Which wires are legal, what fits a dropped wire, and edits that keep the wires whole."""

from __future__ import annotations

import pytest
from drawings import drawing, wire

from nodeforge.analysis import check
from nodeforge.analysis.wiring import (
    check_connect,
    connect_edits,
    fitting_kinds,
    insert_edits,
    node_name,
    port_for,
)
from nodeforge.catalog import kinds
from nodeforge.core.edits import apply
from nodeforge.core.graph import Graph, Wire
from nodeforge.core.parameters import is_identifier
from nodeforge.core.specs import TensorSpec

TEXT = """
x = Input(shape=[4])
a = ReLU()
sum = Add()
lstm = LSTM()
odd = Mystery()
y = Output()
x -> a -> sum
"""


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("x", "sum", None),
        ("sum", "y", None),
        ("lstm.hidden", "y", None),
        ("a", "a", "A wire from a to itself would be a loop: a node cannot wait for its own output."),
        ("sum", "a", "input of a takes one wire, and x is wired to it."),
        ("x", "a", "This wire is there already."),
        ("lstm.memory", "y", "lstm has no output memory (it has: output, hidden, cell)."),
        (
            "x",
            "lstm.memory",
            "lstm has no input memory (it has: input, initial_hidden, initial_cell, lengths).",
        ),
        ("y.input", "lstm", "Both ends are inputs: a wire runs from an output to an input."),
        ("lstm", "x.output", "Both ends are outputs: a wire runs from an output to an input."),
        ("odd", "y", "odd is of the unknown kind Mystery: change its kind first."),
        ("x", "odd", "odd is of the unknown kind Mystery: change its kind first."),
    ],
)
def test_check_connect(source: str, target: str, sentence: str | None) -> None:
    document = drawing(TEXT)
    assert check_connect(document.main_network, wire(document, source, target)) == sentence


def test_check_connect_foresees_a_loop() -> None:
    document = drawing("x = Input()\njoin = Add()\na = ReLU()\nb = ReLU()\nx -> join -> a -> b")
    sentence = check_connect(document.main_network, wire(document, "b", "join"))
    assert sentence == "b waits for join already: this wire would close a loop."


def test_check_connect_names_a_node_that_is_not_there() -> None:
    graph = drawing(TEXT).main_network
    assert check_connect(graph, Wire("x", "output", "ghost", "input")) == "There is no node ghost."


def test_connect_edits_take_out_the_wire_that_holds_the_port() -> None:
    document = drawing("x = Input(shape=[4])\na = ReLU()\ny = Output()\nx -> a\nx -> y")
    apply(document, connect_edits(document.main_network, wire(document, "a", "y")))
    assert list(document.main_network.wires_into("y")) == [wire(document, "a", "y")]


def test_connect_edits_add_to_a_port_that_takes_many() -> None:
    document = drawing("x = Input(shape=[4])\na = ReLU()\njoin = Add()\nx -> a -> join")
    apply(document, connect_edits(document.main_network, wire(document, "x", "join")))
    assert document.main_network.inputs_of("join") == {"inputs": [("a", "output"), ("x", "output")]}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Conv2d", "conv2d"),
        ("ReLU", "relu"),
        ("LeakyReLU", "leaky_relu"),
        ("MaxPool2d", "max_pool2d"),
        ("BCEWithLogitsLoss", "bce_with_logits_loss"),
        ("MSELoss", "mse_loss"),
        ("L1Loss", "l1_loss"),
        ("LSTM", "lstm"),
    ],
)
def test_node_names_are_words_of_the_kind(kind: str, name: str) -> None:
    assert node_name(Graph(), kind) == name


def test_node_names_are_free_identifiers_for_every_kind() -> None:
    document = drawing("linear = Linear()")
    assert node_name(document.main_network, "Linear") == "linear_2"
    assert node_name(document.main_network, "Linear", ["linear_2"]) == "linear_3"
    assert all(is_identifier(node_name(Graph(), kind)) for kind in kinds())


def test_kinds_for_an_image_are_led_by_those_made_for_images() -> None:
    names = [kind.name for kind in fitting_kinds(TensorSpec(("N", 3, 32, 32)), "forward")]
    assert names[:2] == ["Conv2d", "MaxPool2d"]
    assert {"ReLU", "Flatten", "Add", "Output", "CrossEntropyLoss"} <= set(names)
    assert {"LSTM", "Embedding", "Conv1d", "Input", "Target"}.isdisjoint(names)


def test_kinds_for_whole_numbers() -> None:
    names = [kind.name for kind in fitting_kinds(TensorSpec(("N", 12), "int64"), "forward")]
    assert names[0] == "Embedding"
    assert "Linear" not in names


def test_labels_are_offered_the_losses_that_compare_with_them() -> None:
    names = [kind.name for kind in fitting_kinds(TensorSpec(("N",), "int64"), "forward")]
    assert {"CrossEntropyLoss", "NLLLoss"} <= set(names)
    assert {"MSELoss", "GaussianNLLLoss"}.isdisjoint(names)  # they compare real numbers


def test_the_port_for_a_wire_that_aimed_at_none() -> None:
    loss, lstm = kinds()["MSELoss"], kinds()["LSTM"]
    real = TensorSpec(("N", 3))

    def chosen(*args, **kwargs) -> str:
        port = port_for(*args, **kwargs)
        return port.name if port else ""

    assert chosen(loss, real) == "input"
    assert chosen(loss, real, is_answer=True) == "target"
    assert chosen(loss, real, wired=["input"]) == "target"
    assert chosen(loss, real, wired=["input", "target"]) == "input"
    assert chosen(kinds()["NLLLoss"], TensorSpec(("N",), "int64")) == "target"
    assert chosen(lstm, None) == "input"
    assert chosen(kinds()["Input"], real) == ""


def test_kinds_for_an_input_are_those_with_an_output() -> None:
    names = [kind.name for kind in fitting_kinds(None, "backward")]
    assert {"Input", "Linear"} <= set(names)
    assert {"Output", "MSELoss"}.isdisjoint(names)


def test_a_fitting_kind_makes_no_error_on_the_wire() -> None:
    for shape in ((4,), (3, 16, 16), (24, 2)):
        for kind in fitting_kinds(TensorSpec(("N", *shape)), "forward"):
            if len(kind.inputs) > 1 or not kind.outputs:
                continue
            document = drawing(f"x = Input(shape={list(shape)})\nnew = {kind.name}()\nx -> new")
            found = [d.code for d in check(document).diagnostics]
            assert "shape-mismatch" not in found, kind.name
            assert "dtype-mismatch" not in found, kind.name


def test_insert_keeps_the_place_in_a_port_that_takes_many() -> None:
    document = drawing("x = Input(shape=[4])\na = ReLU()\njoin = Concat()\nx -> a -> join\nx -> join")
    graph = document.main_network
    edit = insert_edits(graph, wire(document, "a", "join"), "Dropout", (40.0, 20.0), {"p": 0.1})
    apply(document, edit)
    assert graph.inputs_of("join") == {"inputs": [("dropout", "output"), ("x", "output")]}
    assert graph.inputs_of("dropout") == {"input": [("a", "output")]}
    assert (graph.nodes["dropout"].position, graph.nodes["dropout"].parameters) == ((40.0, 20.0), {"p": 0.1})
