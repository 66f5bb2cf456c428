"""Whatever a project file holds, opening it gives a document or a sentence."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nodeforge.core.document import Column, Component, DataSettings, Document, Recipe, Stage
from nodeforge.core.edits import AddNode, Connect, SetData, SetRecipe, apply
from nodeforge.core.errors import EditError, UserError
from nodeforge.core.graph import Node, Wire
from nodeforge.core.parameters import is_identifier
from nodeforge.project import schema, shipped

PROJECT = json.loads((shipped.project("iris-mlp") / "project.json").read_bytes())

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def opened(data: bytes) -> Document | str:
    """The document, or the sentence that says why there is none."""
    try:
        return schema.decode(data)
    except UserError as error:
        return str(error)


def opens_or_tells(data: bytes) -> None:
    """A document that can be saved and opened again, or one sentence."""
    result = opened(data)
    if isinstance(result, Document):
        written = schema.encode(result)
        assert schema.encode(schema.decode(written)) == written
    else:
        assert result.startswith("project.json cannot be opened: ")
        assert result.isprintable()


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    opens_or_tells(data)


@given(json_values)
def test_any_json(value: Any) -> None:
    opens_or_tells(json.dumps(value).encode("utf-8", "surrogatepass"))


@given(st.data())
@settings(max_examples=150)
def test_a_project_with_anything_anywhere(data: st.DataObject) -> None:
    project = copy.deepcopy(PROJECT)
    for _ in range(data.draw(st.integers(1, 3))):
        _damage(project, data)
    opens_or_tells(json.dumps(project).encode("utf-8", "surrogatepass"))


def _damage(inside: Any, data: st.DataObject) -> None:
    """Walk to a drawn place, and put something else there, take it out, or add a neighbour."""
    while True:
        if isinstance(inside, dict) and inside:
            key: Any = data.draw(st.sampled_from(sorted(inside)))
        elif isinstance(inside, list) and inside:
            key = data.draw(st.integers(0, len(inside) - 1))
        else:
            return
        if isinstance(inside[key], (dict, list)) and inside[key] and data.draw(st.integers(0, 3)):
            inside = inside[key]
            continue
        match data.draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                inside[key] = data.draw(json_values)
            case "remove":
                del inside[key]
            case "add" if isinstance(inside, dict):
                inside[data.draw(st.text(max_size=8))] = data.draw(json_values)
            case "add":
                inside.insert(key, data.draw(json_values | st.just(copy.deepcopy(inside[key]))))
        return


@given(st.data())
@settings(max_examples=100)
def test_the_bytes_of_a_project_changed_anywhere(data: st.DataObject) -> None:
    content = bytearray(json.dumps(PROJECT).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    opens_or_tells(bytes(content[: data.draw(st.integers(1, len(content)))]))


names = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(is_identifier)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=10)
)
values = leaves | st.lists(leaves, max_size=3).map(tuple)
parameters = st.dictionaries(names, values, max_size=3)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
components = st.builds(lambda kind, told: Component(kind=kind, parameters=told), texts, parameters)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    document = Document(title=draw(texts), description=draw(texts))
    for name in draw(st.lists(names, max_size=6, unique=True)):
        place = draw(st.tuples(st.integers(-5000, 5000), st.integers(-5000, 5000)))
        node = Node(name=name, kind=draw(texts), parameters=draw(parameters), position=place)
        apply(document, AddNode("main", node))
    nodes = sorted(document.main_network.nodes)
    for _ in range(draw(st.integers(0, 8)) if nodes else 0):
        ends = draw(st.tuples(st.sampled_from(nodes), names, st.sampled_from(nodes), names))
        try:
            apply(document, Connect("main", Wire(*ends)))
        except EditError:
            continue  # drawn twice
    columns = tuple(Column(name=name) for name in draw(st.lists(texts, max_size=3, unique=True)))
    data = DataSettings(source=draw(components), preparation=draw(parameters), columns=columns)
    apply(document, SetData(draw(st.just(data) | st.none())))
    stages = tuple(
        Stage(name=name, settings=draw(parameters), optimizer=draw(components), schedule=draw(components))
        for name in draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    )
    apply(document, SetRecipe(Recipe(stages=stages, seed=draw(st.integers(0, schema.MAX_SEED)))))
    return document


@given(documents())
def test_every_document_goes_round(document: Document) -> None:
    written = schema.encode(document)
    again = schema.decode(written)
    assert schema.encode(again) == written
    assert (again.title, again.description) == (document.title, document.description)
    assert (again.data, again.recipe) == (document.data, document.recipe)
    assert again.main_network.nodes == document.main_network.nodes
    assert again.main_network.ordered_wires() == document.main_network.ordered_wires()
