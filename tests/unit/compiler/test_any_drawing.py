"""Whatever is drawn, the file is Python; and if it is complete, it computes what the drawing says."""

from __future__ import annotations

import ast
import functools

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from nodeforge.analysis import check
from nodeforge.compiler import Source, generate
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, apply
from nodeforge.core.graph import Endpoint, Node, Wire
from nodeforge.torch_backend import build

STEPS, FEATURES = 3, 4

KINDS: dict[str, dict[str, object]] = {
    "Linear": {"out_features": FEATURES},
    "Tanh": {},
    "Add": {},
    "Multiply": {},
    "LSTM": {"hidden_size": FEATURES},
    "MSELoss": {},
}
NAMES = ["x", "y", "z", "image", "train", "torch", "losses", *(f"node_{i}" for i in range(9))]


@st.composite
def documents(draw: st.DrawFn, *, sound: bool) -> Document:
    """Nodes wired to earlier ones; unless sound, some wires are left out or go anywhere."""
    document = Document()
    names = draw(st.permutations(NAMES))
    values: list[Endpoint] = []
    inputs, outputs = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    for place, name in enumerate(names[: draw(st.integers(inputs + outputs, 13))]):
        kind = "Input" if place < inputs else draw(st.sampled_from(sorted(KINDS)))
        if sound and inputs <= place < inputs + outputs:
            kind = "Linear"
        parameters = {"shape": (STEPS, FEATURES)} if kind == "Input" else KINDS[kind]
        _add(document, name, kind, parameters)
        for port, count in _ports(kind):
            chosen = draw(
                st.lists(
                    st.sampled_from(values or [(name, "output")]), min_size=count, max_size=count, unique=True
                )
            )
            for value in chosen if sound or draw(st.integers(0, 4)) else ():
                apply(document, Connect("main", Wire(*value, name, port)))
        if kind != "MSELoss":
            values.append((name, "output"))
    for place, value in enumerate(
        draw(st.lists(st.sampled_from(values), min_size=outputs, max_size=outputs))
    ):
        _add(document, f"out_{place}", "Output", {})
        apply(document, Connect("main", Wire(*value, f"out_{place}", "input")))
    return document


def _add(document: Document, name: str, kind: str, parameters: dict[str, object]) -> None:
    apply(document, AddNode("main", Node(name=name, kind=kind, parameters=parameters)))  # type: ignore[arg-type]


def _ports(kind: str) -> list[tuple[str, int]]:
    if kind == "Input":
        return []
    if kind in ("Add", "Multiply"):
        return [("inputs", 1)]
    return [("input", 1), ("target", 1)] if kind == "MSELoss" else [("input", 1)]


def interpret(
    document: Document, source: Source, module: nn.Module, given_inputs: list[Tensor]
) -> dict[Endpoint, Tensor]:
    """Every value, computed node by node without forgetting any."""
    graph = document.main_network
    values: dict[Endpoint, Tensor] = {}
    slots = [slot.node for slot in source.inputs]
    for node in graph.ordered_nodes():
        arriving = [
            values[end] for ends in graph.inputs_of(node.name).values() for end in ends if end in values
        ]
        if node.name in slots:
            values[(node.name, "output")] = given_inputs[slots.index(node.name)]
        elif node.kind in ("Add", "Multiply") and arriving:
            operation = torch.add if node.kind == "Add" else torch.mul
            values[(node.name, "output")] = functools.reduce(operation, arriving)
        elif node.name in source.attributes and node.kind != "MSELoss":
            answer = getattr(module, source.attributes[node.name])(*arriving)
            values[(node.name, "output")] = answer[0] if node.kind == "LSTM" else answer
        elif node.kind == "MSELoss":
            by_port = graph.inputs_of(node.name)
            values[(node.name, "loss")] = nn.functional.mse_loss(
                *(values[by_port[p][0]] for p in ("input", "target"))
            )
    return values


@settings(max_examples=60, derandomize=True, deadline=None)
@given(documents(sound=True))
def test_the_file_computes_what_is_drawn(document: Document) -> None:
    report = check(document)
    source = generate(document, report)
    assert source.complete, source.text
    module = build(source)
    given_inputs = [torch.randn(2, STEPS, FEATURES) for _ in source.inputs]
    expected = interpret(document, source, module, given_inputs)
    graph = document.main_network
    outputs = [expected[graph.inputs_of(name)["input"][0]] for name in source.outputs]
    answer = module(*given_inputs)
    assert len(source.outputs) == 1 or len(answer) == len(outputs)
    torch.testing.assert_close(answer if len(outputs) > 1 else (answer,), tuple(outputs))
    if source.objectives:
        losses, again = module.objectives(*given_inputs)  # type: ignore[operator]
        torch.testing.assert_close(again, answer)
        torch.testing.assert_close(losses, {name: expected[(name, "loss")] for name in source.objectives})


@settings(max_examples=100, derandomize=True, deadline=None)
@given(documents(sound=False))
def test_any_drawing_gives_a_file(document: Document) -> None:
    source = generate(document, check(document))
    ast.parse(source.text)
    lines = source.text.split("\n")
    for node, numbers in source.node_lines.items():
        assert node in document.main_network
        assert all(lines[number - 1].strip() for number in numbers)
    if source.complete:
        build(source)
