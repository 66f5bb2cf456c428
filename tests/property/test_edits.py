"""Random edits: an inverse gives back an equal document, a refused edit changes nothing, history runs both ways."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from nodeforge.core.document import Component, DataSettings, Document, Recipe, Stage
from nodeforge.core.drawing import Bookmark, Frame
from nodeforge.core.edits import (
    UNSET,
    AddNetwork,
    AddNode,
    Batch,
    Bend,
    Collapse,
    Connect,
    Disconnect,
    Edit,
    MoveNodes,
    RemoveNetwork,
    RemoveNode,
    RenameNetwork,
    RenameNode,
    RenameVariable,
    SetBookmark,
    SetData,
    SetDirection,
    SetFrames,
    SetKind,
    SetMain,
    SetMode,
    SetParameter,
    SetRecipe,
    SetText,
    SetVariables,
    Share,
    apply,
)
from nodeforge.core.errors import EditError
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.session.history import History

NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
PORTS = st.sampled_from(["p", "q"])
KINDS = st.sampled_from(["Linear", "Add", "inner", "other"])
VARIABLES = st.sampled_from(["width", "depth", "size", "min", "repeat"])
EXPRESSIONS = st.sampled_from(["=width*2", "=width + depth", "=size", "=min(width, 3)", "=(", "=other"])
VALUES = st.one_of(
    st.integers(0, 3), st.lists(st.integers(0, 3) | EXPRESSIONS, max_size=2), st.text(max_size=2), EXPRESSIONS
)
PARAMETERS = st.dictionaries(st.sampled_from(["size", "bias"]), VALUES, max_size=2)
POSITIONS = st.tuples(st.integers(0, 3), st.integers(0, 3))
NETWORKS = st.sampled_from(["main", "main", "main", "inner", "absent"])
WIRES = st.builds(Wire, NAMES, PORTS, NAMES, PORTS)
NODES = st.builds(Node, name=NAMES, kind=KINDS, parameters=PARAMETERS, position=POSITIONS)

BENDS = st.lists(POSITIONS, max_size=2).map(tuple)
AREAS = st.tuples(st.just(0.0), st.just(0.0), st.integers(0, 2), st.just(1.0))
FRAMES = st.dictionaries(
    st.sampled_from(["frame1", "frame2", "2x"]),
    st.builds(Frame, area=AREAS, title=st.text(max_size=1), color=st.sampled_from(["grey", "teal", "pink"])),
    max_size=2,
)
MARKS = st.none() | st.builds(Bookmark, centre=POSITIONS)

PATHS = st.lists(st.sampled_from(["a", "b", "a.a", "b.c", "e"]), max_size=2).map(tuple)
STAGES = st.builds(Stage, learns=PATHS, objectives=PATHS, alternates=st.booleans())


def _network(name: str, nodes: list[Node]) -> Graph:
    document = Document(networks={name: Graph(name)}, main=name)
    for node in nodes:
        with suppress(EditError):
            apply(document, AddNode(name, node))
    return document.networks[name]


SIMPLE: st.SearchStrategy[Edit] = st.one_of(
    st.builds(AddNode, NETWORKS, NODES),
    st.builds(AddNode, NETWORKS, NODES),
    st.builds(RemoveNode, NETWORKS, NAMES),
    st.builds(RenameNode, NETWORKS, NAMES, st.one_of(NAMES, st.sampled_from(["f", "2x", "for"]))),
    st.builds(SetParameter, NETWORKS, NAMES, st.sampled_from(["size", "bias"]), VALUES | st.just(UNSET)),
    st.builds(SetKind, NETWORKS, NAMES, KINDS, PARAMETERS),
    st.builds(MoveNodes, NETWORKS, st.dictionaries(NAMES, POSITIONS, max_size=3)),
    st.builds(Connect, NETWORKS, WIRES, st.none() | st.integers(0, 2)),
    st.builds(Connect, NETWORKS, WIRES, st.none() | st.integers(0, 2)),
    st.builds(Connect, NETWORKS, WIRES, st.none(), BENDS),
    st.builds(Disconnect, NETWORKS, WIRES),
    st.builds(SetMode, NETWORKS, NAMES, st.sampled_from(["active", "bypassed", "muted", "asleep"])),
    st.builds(Bend, NETWORKS, st.dictionaries(WIRES, BENDS, max_size=2)),
    st.builds(SetFrames, NETWORKS, FRAMES),
    st.builds(SetBookmark, NETWORKS, st.sampled_from(["1", "2"]), MARKS),
    st.builds(SetDirection, NETWORKS, st.sampled_from(["right", "down", "up"])),
    st.builds(Collapse, NETWORKS, st.dictionaries(NAMES, st.booleans(), max_size=2)),
    st.builds(SetData, st.none() | st.just(DataSettings(source=Component(kind="iris")))),
    st.builds(SetRecipe, st.builds(Recipe, seed=st.integers(0, 3), stages=st.tuples(STAGES))),
    st.builds(Share, NETWORKS, NAMES, st.one_of(NAMES, st.just(""))),
    st.builds(
        AddNetwork, st.builds(_network, st.sampled_from(["inner", "other", "main", "2x"]), st.lists(NODES))
    ),
    st.builds(RemoveNetwork, NETWORKS),
    st.builds(RenameNetwork, NETWORKS, st.sampled_from(["inner", "other", "third", "for"])),
    st.builds(SetMain, NETWORKS),
    st.builds(SetVariables, NETWORKS | st.just(""), st.dictionaries(VARIABLES, VALUES, max_size=3)),
    st.builds(RenameVariable, NETWORKS | st.just(""), VARIABLES, VARIABLES | st.just("wide")),
    st.builds(SetText, st.just("description"), st.text(max_size=2), NETWORKS),
    st.builds(SetText, st.sampled_from(["title", "description", "colour"]), st.text(max_size=2)),
)
EDITS: st.SearchStrategy[Edit] = SIMPLE | st.builds(Batch, st.lists(SIMPLE, max_size=4).map(tuple))


def _picture(document: Document) -> tuple[object, ...]:
    """The document and, since dictionaries ignore it when compared, the order that files and code follow."""
    orders = [
        (g.name, repr(g.ordered_nodes()), g.ordered_wires(), list(g.parameters), list(g.drawing.frames))
        for g in document.networks.values()
    ]
    return (document.copy(), repr(document.variables), orders)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    document = Document()
    for name in "abcd":
        apply(document, AddNode("main", Node(name=name, kind="Add")))
    apply(
        document,
        AddNetwork(_network("inner", [Node(name="a", kind="Linear", parameters={"size": "=width"})])),
    )
    apply(document, SetVariables("", {"width": 3}))
    wires = st.builds(Wire, NAMES, st.just("p"), st.sampled_from(["a", "b"]), st.just("p"))
    drawn = draw(st.lists(st.builds(Connect, st.just("main"), wires), max_size=6))
    for edit in [*drawn, *draw(st.lists(SIMPLE, max_size=8))]:
        with suppress(EditError):
            apply(document, edit)
    return document


@given(documents(), EDITS)
@settings(max_examples=200, deadline=None)
def test_an_inverse_gives_back_an_equal_document(document: Document, edit: Edit) -> None:
    before = _picture(document)
    try:
        applied = apply(document, edit)
    except EditError:
        assert _picture(document) == before
        return
    after = _picture(document)
    again = apply(document, applied.inverse).inverse
    assert _picture(document) == before
    apply(document, again)
    assert _picture(document) == after


@given(documents(), EDITS)
@settings(max_examples=100, deadline=None)
def test_the_change_names_what_changed(document: Document, edit: Edit) -> None:
    before = document.copy()
    try:
        change = apply(document, edit).change
    except EditError:
        return
    if before.main != document.main or before.networks.keys() != document.networks.keys():
        assert "networks" in change.settings
    if before.variables != document.variables:
        assert "variables" in change.settings
    for name in before.networks.keys() & document.networks.keys():
        assert (
            before.networks[name].parameters == document.networks[name].parameters
            or change.network(name).exposed
        )
    if "networks" in change.settings:
        return
    touched = change.network(before.main)
    then, now = before.main_network, document.main_network
    old = {touched.renamed.get(name, name) for name in then.nodes}
    assert now.nodes.keys() - old <= touched.added | {*touched.renamed.values()}
    assert {name for name in then.nodes if name not in now} <= touched.removed | touched.renamed.keys()
    for name in then.nodes.keys() & now.nodes.keys() - touched.added - {*touched.renamed.values()}:
        one, other = then.nodes[name], now.nodes[name]
        assert one.position == other.position or name in touched.moved
        meaning, other_meaning = ((n.kind, n.parameters, n.shares) for n in (one, other))
        assert meaning == other_meaning or name in touched.configured
        assert then.inputs_of(name) == now.inputs_of(name) or name in touched.rewired
    if before.data != document.data:
        assert "data" in change.settings


@given(st.lists(st.tuples(EDITS, st.sampled_from(["", "", "drag"])), max_size=12))
@settings(max_examples=100, deadline=None)
def test_history_runs_back_to_the_start_and_forth_again(steps: list[tuple[Edit, str]]) -> None:
    document = Document()
    history = History(document)
    history.mark_saved()
    for edit, merge_key in steps:
        with suppress(EditError):
            history.do(edit, merge_key=merge_key)
    end = document.copy()
    pictures = []
    while history.can_undo:
        pictures.append(document.copy())
        history.undo()
    assert document == Document()
    assert history.is_saved
    while history.can_redo:
        history.redo()
        assert document == pictures.pop()
    assert document == end


@given(documents(), EDITS)
@settings(max_examples=100, deadline=None)
def test_an_edit_that_changes_nothing_says_so(document: Document, edit: Edit) -> None:
    before = _picture(document)
    with suppress(EditError):
        change = apply(document, edit).change
        if not isinstance(edit, Batch):
            assert bool(change) == (_picture(document) != before)
