"""The project file: what it looks like, what goes round, what is refused and in which words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from nodeforge.core.document import Column, Component, DataSettings, Document, Recipe, Stage
from nodeforge.core.drawing import Bookmark, Frame
from nodeforge.core.edits import (
    AddNode,
    Bend,
    Collapse,
    Connect,
    Disconnect,
    MoveNodes,
    RemoveNode,
    SetBookmark,
    SetData,
    SetDirection,
    SetFrames,
    SetMode,
    SetRecipe,
    apply,
)
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Node, Wire
from nodeforge.project import schema, shipped
from nodeforge.project.json_text import WIDTH


def small() -> Document:
    document = Document(title="Klein, aber größer")
    nodes = [
        Node(name="x", kind="Input", parameters={"shape": (4,)}),
        Node(name="fc", kind="Linear", parameters={"out_features": 3, "bias": False}, position=(220.4, -10.6)),
        Node(name="act", kind="SomethingOfTomorrow", parameters={"slope": 0.25, "mode": None, "sizes": ((1, 2), (3,))}),
    ]  # fmt: skip
    for node in nodes:
        apply(document, AddNode("main", node))
    apply(document, Connect("main", Wire("x", "output", "fc", "input")))
    apply(document, Connect("main", Wire("fc", "output", "act", "input")))
    return document


def full() -> Document:
    document = small()
    columns = (Column(name="länge"), Column(name="art", role="target", type="category"))
    source = Component(kind="csv", parameters={"path": "flowers.csv"})
    settings = DataSettings(
        source=source,
        preparation={"scaling": "standard"},
        columns=columns,
        augmentation=(Component(kind="noise", parameters={"spread": 0.1}), Component(kind="flip")),
    )
    apply(document, SetData(settings))
    stages = (Stage(settings={"epochs": 3}), Stage(name="fine", optimizer=Component(kind="SGD")))
    apply(document, SetRecipe(Recipe(stages=stages, seed=7)))
    document.description = "Two\nlines"
    wire = Wire("x", "output", "fc", "input")
    for edit in (
        SetMode("main", "act", "muted"),
        Bend("main", {wire: ((100, -20), (160, 30))}),
        SetFrames("main", {"frame1": Frame(area=(-10, -30, 400, 120), title="Head", color="teal")}),
        SetBookmark("main", "1", Bookmark(centre=(120, 40), zoom=0.5)),
        SetDirection("main", "down"),
        Collapse("main", {"fc": True}),
    ):
        apply(document, edit)
    return document


def raw(document: Document | None = None) -> dict[str, Any]:
    return json.loads(schema.encode(document or full()))


def refuse(data: bytes) -> str:
    with pytest.raises(UserError) as caught:
        schema.decode(data, "my.json")
    return str(caught.value)


@pytest.mark.parametrize("make", [Document, small, full])
def test_writing_what_was_read_gives_the_same_bytes(make: Callable[[], Document]) -> None:
    written = schema.encode(make())
    assert schema.encode(schema.decode(written)) == written


def test_everything_goes_round() -> None:
    before, after = full(), schema.decode(schema.encode(full()))
    assert (after.title, after.description, after.main) == (before.title, before.description, before.main)
    assert after.data == before.data
    assert after.recipe == before.recipe
    graph = after.networks["main"]
    assert [(n.name, n.kind, n.parameters) for n in graph.ordered_nodes()] == [
        (n.name, n.kind, n.parameters) for n in before.networks["main"].ordered_nodes()
    ]
    assert list(graph.ordered_wires()) == list(before.networks["main"].ordered_wires())
    assert graph.nodes["fc"].position == (220.0, -11.0)


def test_the_order_of_wires_in_a_list_port_is_kept() -> None:
    document = Document()
    for name in ("a", "b", "c", "add"):
        apply(document, AddNode("main", Node(name=name, kind="Add" if name == "add" else "Input")))
    for source in ("c", "a", "b"):
        apply(document, Connect("main", Wire(source, "output", "add", "inputs")))
    graph = schema.decode(schema.encode(document)).main_network
    assert graph.inputs_of("add")["inputs"] == [("c", "output"), ("a", "output"), ("b", "output")]


def test_undone_edits_leave_no_trace_in_the_file() -> None:
    document = full()
    before = schema.encode(document)
    edits = [
        AddNode("main", Node(name="more", kind="ReLU")),
        RemoveNode("main", "fc"),
        MoveNodes("main", {"x": (50, 60)}),
    ]
    for edit in edits:
        applied = apply(document, edit)
        assert schema.encode(document) != before
        apply(document, applied.inverse)
        assert schema.encode(document) == before


def test_a_node_is_a_line_a_wire_is_a_line_and_moving_touches_only_the_layout() -> None:
    document = small()
    before = schema.encode(document).decode().splitlines()
    assert (
        '        {"name": "fc", "kind": "Linear", "parameters": {"out_features": 3, "bias": false}},'
        in before
    )
    assert '        "x.output -> fc.input",' in before
    apply(document, MoveNodes("main", {"fc": (500.0, 7.0)}))
    after = schema.encode(document).decode().splitlines()
    assert [new for old, new in zip(before, after, strict=True) if old != new] == ['        "fc": [500, 7],']
    apply(document, Disconnect("main", Wire("x", "output", "fc", "input")))
    assert len(schema.encode(document).decode().splitlines()) == len(after) - 1


@pytest.mark.parametrize("name", shipped.project_names())
def test_shipped_projects_are_in_the_form_that_saving_gives(name: str) -> None:
    data = (shipped.project(name) / "project.json").read_bytes()
    assert schema.encode(schema.decode(data)) == data
    texts = ('"description": ', '"title": ')  # a text stands in one line, however long
    assert all(len(line) <= WIDTH or line.strip().startswith(texts) for line in data.decode().splitlines())


def test_a_text_with_half_a_character_can_be_saved() -> None:
    document = Document(title="odd \ud800 title")
    assert schema.decode(schema.encode(document)).title == "odd ? title"


BROKEN_TEXTS = [
    (b"", "it is empty"),
    (b" \n", "it is empty"),
    (b"\xff\xfe{}", "not text"),
    (b"[1, 2]", "no NodeForge project"),
    (b"{}", "schema_version"),
    (b'{"schema_version": true}', "schema_version"),
    (b'{"schema_version": 99, "whatever": 1}', "newer NodeForge (file version 99"),
    (b'{"schema_version": 1,}', "line 1, column"),
    (b'{"a": NaN}', "NaN is not a number"),
    (b'{"a": 1e999}', "1e999 is too large"),
    (b'{"a": ' + b"9" * 5000 + b"}", "too large"),
    (b'{"a": 1, "a": 2}', '"a" stands twice'),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"schema_version": 1, "title": "\\ud800"}', "half a character"),
]


@pytest.mark.parametrize(("data", "words"), BROKEN_TEXTS, ids=[words for _, words in BROKEN_TEXTS])
def test_broken_text_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    sentence = refuse(data)
    assert sentence.startswith("my.json cannot be opened: ")
    assert words in sentence
    assert "\n" not in sentence


def test_truncated_anywhere_is_refused() -> None:
    data = schema.encode(full())
    for end in range(0, len(data) - 2, 7):
        refuse(data[:end])
    assert "ends too early" in refuse(data[: len(data) // 2])


def _node(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda project: project["networks"]["main"]["nodes"][1].__setitem__(key, value)


def _wires(*wires: Any) -> Callable[[dict[str, Any]], None]:
    return lambda project: project["networks"]["main"].__setitem__("wires", list(wires))


def _top(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda project: project.__setitem__(key, value)


BROKEN_STRUCTURES: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (_node("name", "x"), "already has a node x"),
    (_node("name", "not a name"), "'not a name' cannot name a node"),
    (_node("name", "class"), "'class' cannot name a node"),
    (_node("name", "__init__"), "cannot name a node"),
    (_node("kind", 3), "kind must be text, not a whole number"),
    (_node("parameters", [1]), "parameters must be an object {…}, not a list"),
    (_node("parameters", {"a b": 1}), "no name"),
    (_node("parameters", {"out_features": {"deep": 1}}), "out_features must be text, a number"),
    (_node("parameters", {"out_features": [[[[[1]]]]]}), "out_features must be text, a number"),
    (_node("colour", "red"), '"colour", which NodeForge does not know'),
    (_wires("x.output -> nowhere.input"), "no such node"),
    (_wires("x.output -> fc.input", "x.output -> fc.input"), "is there already"),
    (_wires("x -> fc"), "write wires as"),
    (_wires(3), "must be text"),
    (_top("main", "other"), 'main network is "other"'),
    (_top("title", None), "title must be text, not null"),
    (_top("networks", {"main": {}, "import": {}}), "'import' cannot name a network"),
    (_top("networks", {"main": {"layout": {"ghost": [0, 0]}}}), "a position for ghost"),
    (
        _top("networks", {"main": {"bends": {"a.b -> c.d": [[0, 0]]}}}),
        "bends for a.b -> c.d, and no such wire",
    ),
    (
        _top("networks", {"main": {"nodes": [{"name": "a", "kind": "ReLU", "mode": "asleep"}]}}),
        "node a is 'asleep'",
    ),
    (_top("networks", {"main": {"direction": "up"}}), "choose right or down"),
    (_top("networks", {"main": {"collapsed": ["ghost"]}}), "no node ghost"),
    (
        _top("networks", {"main": {"frames": {"f": {"area": [0, 0, 9, 9], "color": "pink"}}}}),
        "has the colour 'pink'",
    ),
    (_top("networks", {"main": {"nodes": [{"name": "a"}]}}), 'lacks "kind"'),
    (_top("recipe", {"seed": -1, "stages": []}), "recipe.seed must be from 0"),
    (_top("recipe", {"seed": 0, "stages": []}), "at least one stage"),
    (
        _top("data", {"source": {"kind": "csv"}, "columns": [{"name": "a"}, {"name": "a"}]}),
        'column "a" twice',
    ),
    (_top("extra", 1), '"extra", which NodeForge does not know'),
]


@pytest.mark.parametrize(
    ("damage", "words"), BROKEN_STRUCTURES, ids=[words for _, words in BROKEN_STRUCTURES]
)
def test_broken_structure_is_refused_with_its_place(
    damage: Callable[[dict[str, Any]], None], words: str
) -> None:
    project = raw()
    damage(project)
    assert words in refuse(json.dumps(project).encode())


def test_what_only_the_catalog_knows_opens() -> None:
    project = raw()
    project["networks"]["main"]["nodes"][1] |= {
        "kind": "Liner",
        "parameters": {"out_features": -5, "odd": "x"},
    }
    node = schema.decode(json.dumps(project).encode()).main_network.nodes["fc"]
    assert node.kind == "Liner"
    assert node.parameters == {"out_features": -5, "odd": "x"}


def test_positions_beyond_any_canvas_are_brought_back() -> None:
    project = raw()
    project["networks"]["main"]["layout"]["x"] = [1e300, -1e300]
    document = schema.decode(json.dumps(project).encode())
    assert document.main_network.nodes["x"].position == (schema.MAX_COORDINATE, -schema.MAX_COORDINATE)
    schema.decode(schema.encode(document))


def test_a_file_with_a_byte_order_mark_opens() -> None:
    assert schema.decode(b"\xef\xbb\xbf" + schema.encode(small())).title == small().title


def test_migrations_run_in_order_from_the_file_s_version() -> None:
    steps = (lambda old: {**old, "log": old["log"] + "a"}, lambda old: {**old, "log": old["log"] + "b"})
    assert schema.migrate({"schema_version": 1, "log": ""}, steps) == {"schema_version": 3, "log": "ab"}
    assert schema.migrate({"schema_version": 2, "log": ""}, steps)["log"] == "b"
    with pytest.raises(UserError, match="newer"):
        schema.migrate({"schema_version": 4, "log": ""}, steps)
