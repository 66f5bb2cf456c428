"""A check may be left at any of its steps: with the edits of a person in between, the next finds what a fresh one finds."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from drawings import drawing
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeforge.analysis import Checker, Report, check
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.document import Document
from nodeforge.core.edits import (
    AddNode,
    Connect,
    Disconnect,
    Edit,
    MoveNodes,
    RemoveNode,
    SetMode,
    SetParameter,
    SetVariables,
)
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Node, Wire
from nodeforge.session.history import History

NETWORKS = """
width = 8
x = Input(shape=[16])
first = Linear(out_features="=width")
act = ReLU()
inner = block()
again = block()
last = Linear(out_features=3)
y = Output()
t = Target()
loss = CrossEntropyLoss()
x -> first -> act -> inner -> again -> last -> y
last -> loss
t -> loss.target
network block(d="=width*2")
a = Input(shape=[8])
wide = Linear(out_features="=d")
narrow = Linear(out_features=8)
b = Output()
a -> wide -> narrow -> b
"""
_KINDS = ("ReLU", "Linear", "Conv2d", "Add", "Flatten", "Sigmoid", "Output", "MSELoss", "block")


def _edit(document: Document, random: Random) -> Edit:
    """Something that a person may do."""
    network = random.choice(list(document.networks))
    graph = document.networks[network]
    names, wires = list(graph.nodes), list(graph.wires())
    name = random.choice(names) if names else "nobody"
    match random.randrange(8):
        case 0:
            kind = random.choice(_KINDS)
            return AddNode(network, Node(name=graph.free_name(kind.lower()), kind=kind))
        case 1 if wires:
            return Disconnect(network, random.choice(wires))
        case 2:
            return RemoveNode(network, name)
        case 3:
            return SetMode(network, name, random.choice(("active", "bypassed", "muted")))
        case 4:
            return SetVariables("", {"width": random.choice((4, 8, 12))})
        case 5:
            return MoveNodes(network, {name: (random.uniform(0, 900), 0.0)})
        case 6:
            return SetParameter(network, name, "out_features", random.choice((3, 8, "=width")))
        case _:
            return Connect(network, Wire(random.choice(names or ["x"]), "output", name, "input"))


def _told(report: Report) -> list[tuple[Diagnostic, list[str]]]:
    """The findings with the labels of their fixes: where these would put a node depends on when they were found."""
    return [
        (replace(finding, fixes=()), [fix.label for fix in finding.fixes]) for finding in report.diagnostics
    ]


@given(st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_a_check_that_was_left_goes_on_where_it_was(random: Random) -> None:
    document = drawing(NETWORKS)
    history, checker = History(document), Checker()
    checker.check(document)
    for _ in range(random.randrange(1, 6)):
        for _ in range(random.randrange(1, 4)):
            try:
                history.do(_edit(document, random))
            except EditError:
                continue
        if random.random() < 0.3 and history.can_undo:
            history.undo()
        steps = checker.checking(document)
        for _ in range(random.choice((0, 1, 3, 7, 15, 30))):
            if next(steps, "done") == "done":
                break
        steps.close()
    report, fresh = checker.check(document), check(document)
    assert report.networks == fresh.networks
    assert _told(report) == _told(fresh)
