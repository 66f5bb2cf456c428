"""Drawings as text, for tests: `conv = Conv2d(out_channels=8)` makes a node, `x -> conv -> y` wires it.

A line `width = 64` is a variable of the project; `network block(d_ff="=width*4")` begins a network that exposes d_ff,
and all that follows is in it; `shares="other"` lets a node use another's weights.
"""

from __future__ import annotations

import ast
from itertools import pairwise

from nodeforge.catalog.networks import kinds_of
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNetwork, AddNode, Connect, SetVariables, apply
from nodeforge.core.graph import Graph, Node, Wire

COLUMN = 220.0
CLASSIFIER = """
    features = Input(shape=[8])
    hidden = Linear(out_features=16)
    act = ReLU()
    scores = Linear(out_features=3)
    out = Output()
    answer = Target(shape=[], dtype="int64")
    loss = CrossEntropyLoss()
    features -> hidden -> act -> scores -> out
    scores -> loss.input
    answer -> loss.target
"""
"""A complete small drawing of a classifier."""


def drawing(text: str) -> Document:
    """The document that a text draws, nodes from left to right; ports are named as in `lstm.hidden -> a.query`.

    A port that is not named is the kind's first one.
    """
    document = Document()
    network = "main"
    wires = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if "->" in line:
            wires.append((network, [end.strip() for end in line.split("->")]))
        elif line.startswith("network "):
            call = _call(ast.parse(line.removeprefix("network ")).body[0])
            network = _name(call)
            apply(document, AddNetwork(Graph(network)))
            apply(document, SetVariables(network, _arguments(call)))
        else:
            _draw(document, network, ast.parse(line).body[0])
    for place, ends in wires:
        for source, target in pairwise(ends):
            apply(document, Connect(place, wire(document, source, target, place)))
    return document


def wire(document: Document, source: str, target: str, network: str = "main") -> Wire:
    """The wire between two ends such as `lstm.hidden` or `conv`."""
    return Wire(*_end(document, network, source, "outputs"), *_end(document, network, target, "inputs"))


def _end(document: Document, network: str, text: str, side: str) -> tuple[str, str]:
    name, _, port = text.partition(".")
    if not port:
        node = document.networks[network].nodes.get(name)
        ports = getattr(kinds_of(document).get(node.kind if node else ""), side, ())
        port = ports[0].name if ports else side.removesuffix("s")
    return name, port


def _draw(document: Document, network: str, statement: ast.stmt) -> None:
    assert isinstance(statement, ast.Assign), statement
    (name,) = statement.targets
    assert isinstance(name, ast.Name), statement
    if not isinstance(statement.value, ast.Call):
        value = ast.literal_eval(statement.value)
        apply(document, SetVariables("", {**document.variables, name.id: value}))
        return
    parameters = _arguments(statement.value)
    node = Node(
        name=name.id,
        kind=_name(statement.value),
        shares=parameters.pop("shares", ""),
        parameters=parameters,
        position=(COLUMN * len(document.networks[network]), 0.0),
    )
    apply(document, AddNode(network, node))


def _call(statement: ast.stmt) -> ast.Call:
    assert isinstance(statement, ast.Expr), statement
    assert isinstance(statement.value, ast.Call), statement
    return statement.value


def _name(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Name), call
    return call.func.id


def _arguments(call: ast.Call) -> dict:
    return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
