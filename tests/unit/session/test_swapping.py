"""Another kind for a node: which wires and parameters stay."""

from __future__ import annotations

from drawings import drawing, wire

from nodeforge.analysis import check
from nodeforge.catalog import kinds
from nodeforge.catalog.networks import kinds_of
from nodeforge.core.document import Document
from nodeforge.core.edits import Bend, apply
from nodeforge.core.graph import Wire
from nodeforge.session.swapping import Swap, ranked, swap


def swapped(document: Document, name: str, kind: str, **parameters: object) -> Swap:
    """Swap a node's kind in the document, and see that one undo takes it back."""
    before = document.copy()
    found = swap(document, "main", [name], kinds()[kind], kinds_of(document), parameters)
    inverse = apply(document, found.edit).inverse
    after = document.copy()
    apply(document, inverse)
    assert document == before
    apply(document, found.edit)
    assert document == after
    return found


def test_wires_and_parameters_of_the_same_name_stay() -> None:
    document = drawing(
        "x = Input(shape=[1, 8, 8])\nstem = Conv2d(out_channels=8, kernel_size=5, padding=2)\ny = Output()\nx -> stem -> y"
    )
    found = swapped(document, "stem", "MaxPool2d", stride=1)
    graph = document.main_network
    assert not found.lost
    assert found.names == ("stem",), "a person gave this name"
    assert graph.nodes["stem"].kind == "MaxPool2d"
    assert dict(graph.nodes["stem"].parameters) == {"kernel_size": 5, "padding": 2, "stride": 1}
    assert {str(w) for w in graph.wires()} == {"x.output -> stem.input", "stem.output -> y.input"}


def test_a_node_named_after_its_kind_is_renamed() -> None:
    document = drawing("x = Input(shape=[4])\nrelu = ReLU()\nrelu_2 = ReLU()\nx -> relu -> relu_2")
    assert swapped(document, "relu_2", "GELU").names == ("gelu",)
    assert document.main_network.predecessors("gelu") == {"relu"}


def test_wires_go_to_ports_by_name_then_by_place() -> None:
    document = drawing(
        "a = Input(shape=[3, 4])\nb = Input(shape=[3, 4])\nx = Subtract()\ny = Output()\na -> x\nb -> x.other\nx -> y"
    )
    way = ((50.0, 60.0),)
    apply(document, Bend("main", {wire(document, "b", "x.other"): way}))
    swapped(document, "x", "Add")
    graph = document.main_network
    assert graph.inputs_of("x") == {"inputs": [("a", "output"), ("b", "output")]}
    assert graph.drawing.bends == {Wire("b", "output", "x", "inputs"): way}
    swapped(document, "x", "MatMul")
    assert graph.inputs_of("x") == {"input": [("a", "output")], "other": [("b", "output")]}


def test_wires_without_a_port_are_told() -> None:
    document = drawing(
        "a = Input(shape=[4])\nb = Input(shape=[4])\nx = Add()\ny = Output()\na -> x\nb -> x\nx -> y"
    )
    assert swapped(document, "x", "ReLU").lost == (Wire("b", "output", "x", "inputs"),)
    assert document.main_network.inputs_of("x") == {"input": [("a", "output")]}
    assert document.main_network.inputs_of("y") == {"input": [("x", "output")]}
    assert swapped(document, "x", "Output").lost == (Wire("x", "output", "y", "input"),)


def test_optional_ports_are_not_filled_with_what_is_left_over() -> None:
    document = drawing("a = Input(shape=[5, 4])\nb = Input(shape=[5, 4])\nx = Add()\na -> x\nb -> x")
    assert len(swapped(document, "x", "LSTM").lost) == 1
    assert document.main_network.inputs_of("x") == {"input": [("a", "output")]}


def test_expressions_stay_and_values_out_of_bounds_go() -> None:
    document = drawing('width = 8\na = Linear(out_features="=width*2", bias=False)\nd = Dropout(p=1.0)')
    swapped(document, "a", "Bilinear")
    assert document.main_network.nodes["a"].parameters["out_features"] == "=width*2"
    apply(document, swap(document, "main", ["d"], kinds()["ReLU"], kinds()).edit)
    assert dict(document.main_network.nodes["d"].parameters) == {}


def test_who_shared_weights_gets_its_own() -> None:
    document = drawing('a = Linear(out_features=7)\nb = Linear(shares="a")\nc = Linear(shares="a")')
    graph = document.main_network
    swapped(document, "b", "Conv1d")
    assert graph.nodes["b"].shares == ""
    swapped(document, "a", "ReLU")
    assert (graph.nodes["c"].shares, dict(graph.nodes["c"].parameters)) == ("", {"out_features": 7})


def test_several_nodes_change_at_once() -> None:
    document = drawing("x = Input(shape=[4])\nrelu = ReLU()\nrelu_2 = ReLU()\nx -> relu -> relu_2")
    found = swap(document, "main", ["relu_2", "relu"], kinds()["Tanh"], kinds())
    apply(document, found.edit)
    assert found.names == ("tanh", "tanh_2")
    assert document.main_network.predecessors("tanh_2") == {"tanh"}


def test_a_node_of_an_unknown_kind_can_be_mended() -> None:
    document = drawing("x = Input(shape=[4])\nodd = Mystery(p=0.5)\nx -> odd.input")
    swapped(document, "odd", "Dropout")
    assert document.main_network.nodes["odd"].parameters == {"p": 0.5}


def ranking(text: str) -> list[str]:
    document = drawing(text)
    report = check(document).networks["main"]
    return [kind.name for kind in ranked(document.main_network, "n", list(kinds().values()), kinds(), report)]


def test_what_fits_comes_first() -> None:
    found = ranking("x = Input(shape=[1, 8, 8])\nn = Conv2d(out_channels=4)\nx -> n")
    order = [found.index(name) for name in ("ConvTranspose2d", "MaxPool2d", "Conv1d", "Input")]
    assert order == sorted(order)
    assert "Conv2d" not in found
    activations = ranking("x = Input(shape=[4])\nn = ReLU()\ny = Output()\nx -> n -> y")[:20]
    assert {kinds()[name].category for name in activations} == {"Activation"}
