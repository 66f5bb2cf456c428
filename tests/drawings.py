"""Drawings as text, for tests: `conv = Conv2d(out_channels=8)` makes a node, `x -> conv -> y` wires it."""

from __future__ import annotations

import ast
from itertools import pairwise

from nodeforge.catalog import kinds
from nodeforge.core.document import Document
from nodeforge.core.edits import AddNode, Connect, apply
from nodeforge.core.graph import Node, Wire

COLUMN = 220.0


def drawing(text: str) -> Document:
    """The document that a text draws, nodes from left to right; ports are named as in `lstm.hidden -> a.query`.

    A port that is not named is the kind's first one.
    """
    document = Document()
    for line in filter(None, map(str.strip, text.splitlines())):
        if "->" in line:
            ends = [end.strip() for end in line.split("->")]
            for source, target in pairwise(ends):
                apply(document, Connect("main", wire(document, source, target)))
        else:
            apply(document, AddNode("main", _node(line, len(document.main_network))))
    return document


def wire(document: Document, source: str, target: str) -> Wire:
    """The wire between two ends such as `lstm.hidden` or `conv`."""
    return Wire(*_end(document, source, "outputs"), *_end(document, target, "inputs"))


def _end(document: Document, text: str, side: str) -> tuple[str, str]:
    name, _, port = text.partition(".")
    if not port:
        ports = getattr(kinds().get(document.main_network.nodes[name].kind), side, ())
        port = ports[0].name if ports else side.removesuffix("s")
    return name, port


def _node(line: str, place: int) -> Node:
    statement = ast.parse(line).body[0]
    assert isinstance(statement, ast.Assign), line
    (name,), call = statement.targets, statement.value
    assert isinstance(name, ast.Name), line
    assert isinstance(call, ast.Call), line
    assert isinstance(call.func, ast.Name), line
    parameters = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    return Node(name=name.id, kind=call.func.id, parameters=parameters, position=(COLUMN * place, 0.0))
