"""Any drawing, however wrong: the checker answers, every fix applies and mends, edits and checks agree."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from nodeforge.analysis import Checker, Report, check
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.document import Component, Document, Recipe, Stage
from nodeforge.core.edits import AddNode, Connect, Disconnect, Edit, RemoveNode, SetKind, SetParameter, apply
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Node, Wire
from nodeforge.core.specs import DataFacts, FieldFacts, TensorSpec

NAMES = ["a", "b", "c", "d", "e", "f", "g"]
SMALL = st.integers(1, 6)
VALUES = st.one_of(
    st.integers(-2, 8),
    st.floats(allow_nan=False, width=32),
    st.booleans(),
    st.none(),
    st.sampled_from(["float32", "int64", "same", "", "4"]),
    st.lists(st.integers(-1, 5), max_size=3).map(tuple),
)
SHAPES = st.lists(SMALL, max_size=3).map(tuple)


@st.composite
def nodes(draw: st.DrawFn, name: str) -> Node:
    """A node of any kind; its parameters are mostly left alone, and borders mostly have a shape."""
    kind = draw(st.sampled_from([*kinds(), "Conv3"]))
    declared = [parameter.name for parameter in kinds()[kind].parameters] if kind in kinds() else []
    parameters = {}
    if kind in ("Input", "Target") and draw(st.integers(0, 9)):
        dtype = draw(st.sampled_from(["float32", "float32", "int64"]))
        parameters = {"shape": draw(SHAPES), "dtype": dtype}
    if not draw(st.integers(0, 2)):
        parameters |= draw(st.dictionaries(st.sampled_from([*declared, "kernel"]), VALUES, max_size=2))
    position = (draw(st.integers(0, 6)) * 100.0, draw(st.integers(0, 3)) * 60.0)
    return Node(name=name, kind=kind, parameters=parameters, position=position)


@st.composite
def wires(draw: st.DrawFn, document: Document) -> Wire:
    """A wire between any two ports, or ports that do not exist; mostly from left to right."""
    graph = document.main_network
    source, target = sorted(draw(st.sampled_from(sorted(graph.nodes))) for _ in range(2))
    if not draw(st.integers(0, 9)):
        source, target = target, source
    ends = []
    for name, side in ((source, "outputs"), (target, "inputs")):
        ports = [port.name for port in getattr(kinds().get(graph.nodes[name].kind), side, ())]
        ends += [name, draw(st.sampled_from([*ports, *ports, "extra"]))]
    return Wire(*ends)


def _try(document: Document, edit: Edit) -> None:
    with suppress(EditError):
        apply(document, edit)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    optimizer = Component(kind=draw(st.sampled_from(["Adam", "Adm"])), parameters={"lr": draw(VALUES)})
    document = Document(recipe=Recipe(stages=(Stage(optimizer=optimizer),)))
    for name in NAMES[: draw(st.integers(0, len(NAMES)))]:
        apply(document, AddNode("main", draw(nodes(name))))
    for _ in range(draw(st.integers(0, 9)) if len(document.main_network) else 0):
        _try(document, Connect("main", draw(wires(document))))
    return document


USUAL = [
    "Linear",
    "Linear",
    "Conv1d",
    "Conv2d",
    "MaxPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Dropout",
    "ReLU",
    "Step",
    "StopGradient",
    "ArgMax",
    "Cast",
    "Permute",
    "Flatten",
    "Add",
    "Multiply",
    "Softmax",
    "LogSoftmax",
    "Sigmoid",
    "LSTM",
    "Embedding",
    "CrossEntropyLoss",
    "NLLLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "KLDivLoss",
    "MSELoss",
    "Output",
    "Target",
]


@st.composite
def grown_documents(draw: st.DrawFn) -> Document:
    """A drawing as a person makes it: from an Input on, each node's ports wired to what is there already."""
    document = Document()
    graph = document.main_network
    shape = draw(st.sampled_from([(4,), (3,), (1, 6, 6), (5, 3), (1,), ()]))
    apply(document, AddNode("main", Node(name="x", kind="Input", parameters={"shape": shape})))
    outputs = [("x", "output")]
    for number, kind in enumerate(draw(st.lists(st.sampled_from(USUAL), max_size=7))):
        name = f"n{number}"
        parameters = {"dtype": draw(st.sampled_from(["int64", "float32"]))} if kind == "Target" else {}
        node = Node(name=name, kind=kind, parameters=parameters, position=(number * 200.0, 0.0))
        apply(document, AddNode("main", node))
        for port in kinds()[kind].inputs:
            for _ in range(1 + port.many):
                if not port.optional and draw(st.integers(0, 9)):
                    source = outputs[-draw(st.integers(1, min(3, len(outputs))))]
                    _try(document, Connect("main", Wire(*source, name, port.name)))
        if kinds()[kind].role is not Role.OBJECTIVE:
            outputs += [(name, port.name) for port in kinds()[kind].outputs[:1]]
    assert len(graph) >= 1
    return document


@st.composite
def data_facts(draw: st.DrawFn) -> DataFacts | None:
    if not draw(st.booleans()):
        return None
    image = FieldFacts(name="image", spec=TensorSpec(("N", *draw(SHAPES))))
    if draw(st.booleans()):
        label = FieldFacts(
            name="label", spec=TensorSpec(("N",), "int64"), role="target", classes=("ant", "bee", "cat")
        )
    else:
        span = draw(st.sampled_from([None, (0.0, 1.0), (-2.0, 3.0)]))
        label = FieldFacts(name="value", spec=TensorSpec(("N", *draw(SHAPES))), role="target", span=span)
    return DataFacts(
        title="insects", fields=(image, label), sizes={"train": draw(st.sampled_from([40, 4000]))}
    )


def _same(one: Diagnostic, other: Diagnostic) -> bool:
    """Whether two findings blame the same thing."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("code", "network", "node", "port", "parameter", "nodes", "wires")
    )


@given(st.one_of(documents(), grown_documents()), data_facts())
@settings(max_examples=300, deadline=None)
def test_every_fix_applies_and_mends(document: Document, facts: DataFacts | None) -> None:
    before = document.copy()
    for finding in check(document, facts).diagnostics:
        for fix in finding.fixes:
            trial = document.copy()
            apply(trial, fix.edit)
            left = check(trial, facts).diagnostics
            assert not [other for other in left if _same(finding, other)], (finding.message, fix.label)
    assert document == before


@st.composite
def edits(draw: st.DrawFn, document: Document) -> Edit:
    """Any edit to the main network; some do not fit."""
    graph = document.main_network
    free = [name for name in NAMES if name not in graph]
    if not graph.nodes or (free and draw(st.booleans())):
        return AddNode("main", draw(nodes(free[0])))
    name = draw(st.sampled_from(sorted(graph.nodes)))
    present = sorted(graph.wires(), key=str)
    choice = draw(st.integers(0, 4))
    if choice == 0:
        return RemoveNode("main", name)
    if choice == 1:
        declared = kinds().get(graph.nodes[name].kind)
        names = [p.name for p in declared.parameters] if declared else []
        return SetParameter("main", name, draw(st.sampled_from([*names, "kernel"])), draw(VALUES))
    if choice == 2:
        return SetKind("main", name, draw(st.sampled_from(list(kinds()))), {})
    if choice == 3 and present:
        return Disconnect("main", draw(st.sampled_from(present)))
    return Connect("main", draw(wires(document)))


def _told(report: Report) -> list[str]:
    """Everything about the findings, their fixes included; they may come in another order."""
    return sorted(map(repr, report.diagnostics))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_checker_that_follows_edits_agrees_with_a_fresh_one(data: st.DataObject) -> None:
    document = data.draw(st.one_of(documents(), grown_documents()))
    facts = data.draw(data_facts())
    checker = Checker()
    checker.check(document, facts)
    for _ in range(data.draw(st.integers(1, 8))):
        _try(document, data.draw(edits(document)))
        if not data.draw(st.integers(0, 5)):
            facts = data.draw(data_facts())
        followed, fresh = checker.check(document, facts), check(document, facts)
        assert _told(followed) == _told(fresh)
        assert followed.networks == fresh.networks
