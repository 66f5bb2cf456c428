"""Making a network of any part of a drawing, and taking it apart again, leaves what is computed as it was."""

from __future__ import annotations

import torch
from drawings import drawing
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.core.document import Document
from nodeforge.core.edits import SetVariables, apply
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph
from nodeforge.project import schema
from nodeforge.session.grouping import group
from nodeforge.session.ungrouping import ungroup
from nodeforge.torch_backend import build

DRAWING = """
x = Input(shape=[4])
z = Input(shape=[4])
a = Linear(out_features="=h")
b = Tanh()
c = Linear(out_features="=wide+2")
join = Concat()
sum = Add()
d = Linear(out_features="=h*2")
e = Linear(out_features=3)
y = Output()
x -> a -> b -> join
x -> c -> join
z -> sum
x -> sum
sum -> join
b -> e
join -> d
d -> y
"""
INNER = ("a", "b", "c", "join", "sum", "d", "e")


def drawn() -> Document:
    document = drawing(DRAWING)
    apply(document, SetVariables("", {"wide": 3}))
    apply(document, SetVariables("main", {"h": "=base+1", "base": 4}))
    return document


def computed(graph: Graph) -> object:
    """What a drawing computes, whatever its nodes are called and in whichever order they were made."""

    def told(name: str) -> object:
        node = graph.nodes[name]
        fed = {port: [(told(s), o) for s, o in ends] for port, ends in sorted(graph.inputs_of(name).items())}
        return node.kind, sorted(node.parameters.items()), fed

    return sorted(repr(told(name)) for name in graph.nodes)


def outputs(document: Document) -> torch.Tensor:
    module = build(generate(document, check(document), "main"))
    torch.manual_seed(0)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            number = sum(map(ord, name.rpartition(".")[0].rpartition(".")[2] + name[-4:]))
            parameter.copy_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number)))
    result = module(torch.ones(2, 4), torch.full((2, 4), 0.5))
    return result[0] if isinstance(result, tuple) else result


@given(st.sets(st.sampled_from(INNER), min_size=1))
@settings(max_examples=30, deadline=None)
def test_grouping_and_taking_apart_gives_an_equal_computation(names: set[str]) -> None:
    document = drawn()
    before, computation = schema.encode(document), computed(document.main_network)
    try:
        edit = group(document, check(document), "main", names, "Block")
    except UserError:
        assume(False)
    grouped = apply(document, edit).inverse
    assert {"Block"} == document.networks.keys() - {"main"}
    assert not names & document.main_network.nodes.keys()
    assert check(document).ok
    apart = apply(document, ungroup(document, "main", "block")).inverse
    assert computed(document.main_network) == computation
    assert list(document.networks) == ["main"]
    assert {n: document.main_network.nodes[n].position for n in names} == {
        n: drawn().main_network.nodes[n].position for n in names
    }
    apply(document, apart)
    apply(document, grouped)
    assert schema.encode(document) == before, "undo gives back every byte"


@given(st.sets(st.sampled_from(INNER), min_size=1))
@settings(max_examples=6, deadline=None)
def test_the_generated_module_gives_the_same_outputs(names: set[str]) -> None:
    document = drawn()
    expected = outputs(document)
    try:
        apply(document, group(document, check(document), "main", names, "Block"))
    except UserError:
        assume(False)
    torch.testing.assert_close(outputs(document), expected)


@given(st.sets(st.sampled_from(INNER), min_size=1), st.sets(st.sampled_from(INNER), min_size=1))
@settings(max_examples=12, deadline=None)
def test_networks_in_networks_come_apart_in_any_order(outer: set[str], inner: set[str]) -> None:
    document = drawn()
    computation = computed(document.main_network)
    try:
        apply(document, group(document, check(document), "main", outer, "Shell"))
        apply(document, group(document, check(document), "Shell", inner & outer, "Core"))
    except UserError:
        assume(False)
    apply(document, ungroup(document, "main", "shell"))
    apply(document, ungroup(document, "main", "core"))
    assert computed(document.main_network) == computation
