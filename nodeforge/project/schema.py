"""The project file: readable JSON that is good in a diff, and the checks that a stranger's file must pass.

One node a line, one wire a line as `conv1.output -> relu1.input`; positions stand apart and are whole
numbers, so that tidying up the canvas never touches the lines that mean something. Writing what was read
gives the same bytes.

Faults of structure refuse to open. What only the catalog can know (kinds, parameters, ports) opens, and is
then a diagnostic: nothing is lost and the person sees where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from nodeforge.core.document import (
    Column,
    Component,
    CustomCode,
    DataSettings,
    Document,
    Recipe,
    Stage,
    WeightSource,
)
from nodeforge.core.drawing import Bookmark, Frame, Point
from nodeforge.core.edits import (
    AddNode,
    Batch,
    Collapse,
    Connect,
    Edit,
    SetBookmark,
    SetCustom,
    SetDirection,
    SetFrames,
    SetVariables,
    apply,
)
from nodeforge.core.errors import EditError, UserError, one_line
from nodeforge.core.graph import MODES, MODES_TOLD, Graph, Node, Wire
from nodeforge.core.parameters import Value, freeze, is_identifier
from nodeforge.project import json_text

Raw = dict[str, Any]

MIGRATIONS: tuple[Callable[[Raw], Raw], ...] = ()
"""Item i turns a file of version i + 1 into one of version i + 2."""

SCHEMA_VERSION = 1 + len(MIGRATIONS)

MAX_SEED = 2**32 - 1
MAX_COORDINATE = 1_000_000
MAX_NESTING = 4
"""How deep lists may lie within each other in a parameter."""

_WIRE = re.compile(r"(\w+)\.(\w+) -> (\w+)\.(\w+)", re.ASCII)


class _Record(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Base of what stands in the file. Fields that have their default are not written."""


class _Node(_Record, kw_only=True):
    name: str
    kind: str
    parameters: Raw = {}
    shares: str = ""
    mode: str = "active"


class _Frame(_Record, kw_only=True):
    area: tuple[float, float, float, float]
    title: str = ""
    text: str = ""
    color: str = "grey"


class _Bookmark(_Record, kw_only=True):
    centre: tuple[float, float]
    zoom: float = 1.0
    title: str = ""


class _Network(_Record, kw_only=True):
    description: str = ""
    parameters: Raw = {}
    nodes: list[_Node] = []
    wires: list[str] = []
    layout: dict[str, tuple[float, float]] = {}
    direction: str = "right"
    collapsed: list[str] = []
    bends: dict[str, list[tuple[float, float]]] = {}
    frames: dict[str, _Frame] = {}
    bookmarks: dict[str, _Bookmark] = {}


class _Component(_Record, kw_only=True):
    kind: str
    parameters: Raw = {}


class _Column(_Record, kw_only=True):
    name: str
    role: str = "feature"
    type: str = "number"


class _Data(_Record, kw_only=True):
    source: _Component
    preparation: Raw = {}
    columns: list[_Column] = []
    augmentation: list[_Component] = []


class _Stage(_Record, kw_only=True):
    name: str
    rule: str
    rule_settings: Raw = {}
    learns: list[str] = []
    objectives: list[str] = []
    alternates: bool = False
    settings: Raw = {}
    optimizer: _Component
    schedule: _Component
    per_node: dict[str, Raw] = {}


class _Weights(_Record, kw_only=True):
    source: str
    into: str = ""
    prefix: str = ""


class _Recipe(_Record, kw_only=True):
    seed: int
    stages: list[_Stage]
    weights: list[_Weights] = []


class _Custom(_Record, kw_only=True):
    text: str = ""
    """The code; empty where it lies in a file beside the project's."""


class _Project(_Record, kw_only=True):
    schema_version: int
    title: str
    description: str = ""
    variables: Raw = {}
    custom: dict[str, _Custom] = {}
    main: str
    networks: dict[str, Any]
    """Each is a `_Network`, converted by itself so that a fault names it."""
    data: _Data | None = None
    recipe: _Recipe


_RecordType = TypeVar("_RecordType", bound=_Record)


# Writing ------------------------------------------------------------------------------------------


def encode(document: Document, *, with_code: bool = True) -> bytes:
    """The document as the bytes of a project file.

    Args:
        document: What to write.
        with_code: Whether the code of the project's own layers is in it; else only their names are.
    """
    project = _Project(
        schema_version=SCHEMA_VERSION,
        title=document.title,
        description=document.description,
        variables=dict(document.variables),
        custom={name: _Custom(text=code.text if with_code else "") for name, code in document.custom.items()},
        main=document.main,
        networks={name: _network_record(graph) for name, graph in document.networks.items()},
        data=_data_record(document.data),
        recipe=_recipe_record(document.recipe),
    )
    # Half a surrogate pair, which a text field can hold, becomes "?": saving must not fail for it.
    return json_text.format_json(msgspec.to_builtins(project)).encode("utf-8", "replace")


def _network_record(graph: Graph) -> _Network:
    nodes, wires, drawing = graph.ordered_nodes(), graph.ordered_wires(), graph.drawing
    return _Network(
        description=graph.description,
        parameters=dict(graph.parameters),
        nodes=[
            _Node(name=n.name, kind=n.kind, parameters=dict(n.parameters), shares=n.shares, mode=n.mode)
            for n in nodes
        ],
        wires=[str(wire) for wire in wires],
        layout={n.name: _point(n.position) for n in nodes},
        direction=drawing.direction,
        collapsed=[n.name for n in nodes if n.name in drawing.collapsed],
        bends={str(w): [_point(p) for p in drawing.bends[w]] for w in wires if w in drawing.bends},
        frames={name: _frame_record(frame) for name, frame in drawing.frames.items()},
        bookmarks={
            name: _Bookmark(centre=_point(mark.centre), zoom=round(mark.zoom, 4), title=mark.title)
            for name, mark in sorted(drawing.bookmarks.items())
        },
    )


def _frame_record(frame: Frame) -> _Frame:
    left, top, width, height = map(_coordinate, frame.area)
    area = (left, top, max(1, width), max(1, height))
    return _Frame(area=area, title=frame.title, text=frame.text, color=frame.color)


def _point(point: Point) -> tuple[int, int]:
    return (_coordinate(point[0]), _coordinate(point[1]))


def _coordinate(value: float) -> int:
    return round(max(-MAX_COORDINATE, min(MAX_COORDINATE, value)))


def _component_record(component: Component) -> _Component:
    return _Component(kind=component.kind, parameters=dict(component.parameters))


def _data_record(data: DataSettings | None) -> _Data | None:
    if data is None:
        return None
    return _Data(
        source=_component_record(data.source),
        preparation=dict(data.preparation),
        columns=[_Column(name=c.name, role=c.role, type=c.type) for c in data.columns],
        augmentation=[_component_record(component) for component in data.augmentation],
    )


def _recipe_record(recipe: Recipe) -> _Recipe:
    return _Recipe(
        seed=recipe.seed,
        stages=[_stage_record(stage) for stage in recipe.stages],
        weights=[_Weights(source=w.source, into=w.into, prefix=w.prefix) for w in recipe.weights],
    )


def _stage_record(stage: Stage) -> _Stage:
    return _Stage(
        name=stage.name,
        rule=stage.rule,
        rule_settings=dict(stage.rule_settings),
        learns=list(stage.learns),
        objectives=list(stage.objectives),
        alternates=stage.alternates,
        settings=dict(stage.settings),
        optimizer=_component_record(stage.optimizer),
        schedule=_component_record(stage.schedule),
        per_node={node: dict(values) for node, values in stage.per_node.items()},
    )


# Reading ------------------------------------------------------------------------------------------


def decode(data: bytes, place: str = "project.json") -> Document:
    """The document that a project file holds.

    Args:
        data: The bytes of the file.
        place: What to call the file in an error.

    Raises:
        UserError: The file is broken or was made by a newer version; the sentence says where and what to do.
    """
    try:
        return _document(_convert(migrate(json_text.parse_json(data)), _Project))
    except UserError as error:
        raise UserError(f"{place} cannot be opened: {one_line(str(error))}") from None


def migrate(raw: Raw, migrations: Sequence[Callable[[Raw], Raw]] = MIGRATIONS) -> Raw:
    """Bring the contents of an older file up to date.

    Raises:
        UserError: The version is missing, or newer than the newest migration gives.
    """
    newest = 1 + len(migrations)
    version = raw.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise UserError('it has no "schema_version", so it is no NodeForge project.')
    if version > newest:
        raise UserError(
            f"it was made by a newer NodeForge (file version {version}; this one reads up to {newest}). "
            "Update NodeForge to open it."
        )
    for migration in migrations[version - 1 :]:
        raw = migration(raw)
    return {**raw, "schema_version": newest}


def _convert(raw: object, record: type[_RecordType], place: str = "") -> _RecordType:
    try:
        return msgspec.convert(raw, record)
    except msgspec.ValidationError as error:
        raise UserError(_in_words(str(error), place)) from None


_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object {…}",
}


def _in_words(message: str, place: str) -> str:
    """msgspec's sentence in plain words: "recipe.seed must be a whole number, not text"."""
    fault, _, path = message.partition(" - at `$")
    where = ".".join(filter(None, (place, path.rstrip("`").lstrip(".")))) or "the file"
    expected = re.fullmatch(r"Expected `(.+)`, got `(.+)`", fault, re.DOTALL)
    if expected:
        wanted, got = (
            " or ".join(_TYPES.get(t, t) for t in group.split(" | ")) for group in expected.groups()
        )
        return f"{where} must be {wanted}, not {got}."
    missing = re.fullmatch(r"Object missing required field `(.+)`", fault, re.DOTALL)
    if missing:
        return f'{where} lacks "{missing[1]}".'
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", fault, re.DOTALL)
    if unknown:
        return f'{where} has "{unknown[1]}", which NodeForge does not know; check the spelling.'
    return f"{where}: {fault[0].lower()}{fault[1:]}."


def _document(project: _Project) -> Document:
    if project.main not in project.networks:
        raise UserError(f'its main network is "{project.main}", and there is no network of that name.')
    document = Document(
        title=project.title,
        description=project.description,
        networks={name: _graph(name, raw) for name, raw in project.networks.items()},
        main=project.main,
        data=_data(project.data),
        recipe=_recipe(project.recipe),
    )
    try:
        apply(document, SetVariables("", _values(project.variables, "variables")))
        apply(document, SetCustom({n: CustomCode(text=code.text) for n, code in project.custom.items()}))
    except EditError as error:
        raise UserError(str(error)) from None
    return document


def _graph(name: str, raw: object) -> Graph:
    if not is_identifier(name):
        raise UserError(f"{name!r} cannot name a network: use letters, digits and _, starting with a letter.")
    record = _convert(raw, _Network, f"networks.{name}")
    document = Document(networks={name: Graph(name, description=record.description)}, main=name)
    place = f"network {name}"
    edits: list[Edit] = [SetVariables(name, _values(record.parameters, f"{place}, parameters"))]
    for node in record.nodes:
        position = _place(record.layout.get(node.name, (0.0, 0.0)))
        new = Node(
            name=node.name,
            kind=node.kind,
            parameters=_values(node.parameters, f"{place}, node {node.name}"),
            position=position,
            shares=_share(node.shares, f"{place}, node {node.name}"),
            mode=_mode(node.mode, f"{place}, node {node.name}"),
        )
        edits.append(AddNode(name, new))
    for text in record.wires:
        bends = tuple(map(_place, record.bends.get(text, ())))
        edits.append(Connect(name, _wire(text, place), bends=bends))
    try:
        apply(document, Batch((*edits, _drawing(name, record))))
    except EditError as error:
        raise UserError(str(error)) from None
    stray = next((node for node in record.layout if node not in document.networks[name]), None)
    if stray is not None:
        raise UserError(f"{place} has a position for {stray}, and no such node.")
    wires = set(record.wires)
    astray = next((wire for wire in record.bends if wire not in wires), None)
    if astray is not None:
        raise UserError(f"{place} has bends for {astray}, and no such wire.")
    return document.networks[name]


def _drawing(network: str, record: _Network) -> Batch:
    """What draws all but nodes and wires."""
    frames = {
        name: Frame(area=_area(frame.area), title=frame.title, text=frame.text, color=frame.color)
        for name, frame in record.frames.items()
    }
    marks = [
        SetBookmark(
            network, name, Bookmark(centre=_place(mark.centre), zoom=_zoom(mark.zoom), title=mark.title)
        )
        for name, mark in record.bookmarks.items()
    ]
    return Batch(
        (
            SetDirection(network, record.direction),
            Collapse(network, dict.fromkeys(record.collapsed, True)),
            SetFrames(network, frames),
            *marks,
        )
    )


def _area(area: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, width, height = map(_coordinate, area)
    return (float(left), float(top), float(width), float(height))


def _zoom(zoom: float) -> float:
    return max(0.001, min(1000.0, zoom))


def _place(point: tuple[float, float]) -> Point:
    x, y = _point(point)
    return (float(x), float(y))


def _mode(mode: str, place: str) -> str:
    if mode not in MODES:
        raise UserError(f"{place} is {mode!r}; {MODES_TOLD}.")
    return mode


def _share(name: str, place: str) -> str:
    if name and not is_identifier(name):
        raise UserError(f"{place} shares the weights of {name!r}, which cannot name a node.")
    return name


def _wire(text: str, place: str) -> Wire:
    match = _WIRE.fullmatch(text)
    if match is None:
        raise UserError(f'{place} has a wire {text!r}; write wires as "conv1.output -> relu1.input".')
    return Wire(*match.groups())


def _data(record: _Data | None) -> DataSettings | None:
    if record is None:
        return None
    names = [column.name for column in record.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(f'data.columns names the column "{twice}" twice.')
    return DataSettings(
        source=_component(record.source, "data.source"),
        preparation=_values(record.preparation, "data.preparation"),
        columns=tuple(Column(name=c.name, role=c.role, type=c.type) for c in record.columns),
        augmentation=tuple(
            _component(component, f"data.augmentation, {component.kind}") for component in record.augmentation
        ),
    )


def _recipe(record: _Recipe) -> Recipe:
    if not 0 <= record.seed <= MAX_SEED:
        raise UserError(f"recipe.seed must be from 0 to {MAX_SEED}, not {record.seed}.")
    names = [stage.name for stage in record.stages]
    if not names or len(set(names)) < len(names):
        raise UserError("recipe.stages must hold at least one stage, each with a name of its own.")
    weights = tuple(
        WeightSource(
            source=w.source, into=_paths([w.into], "recipe.weights")[0] if w.into else "", prefix=w.prefix
        )
        for w in record.weights
    )
    return Recipe(stages=tuple(_stage(stage) for stage in record.stages), seed=record.seed, weights=weights)


def _stage(record: _Stage) -> Stage:
    place = f"stage {record.name}"
    return Stage(
        name=record.name,
        rule=record.rule,
        rule_settings=_values(record.rule_settings, place),
        learns=_paths(record.learns, place),
        objectives=_paths(record.objectives, place),
        alternates=record.alternates,
        settings=_values(record.settings, place),
        optimizer=_component(record.optimizer, f"{place}, optimizer"),
        schedule=_component(record.schedule, f"{place}, schedule"),
        per_node={
            node: _values(values, f"{place}, node {node}")
            for node, values in zip(
                _paths(list(record.per_node), place), record.per_node.values(), strict=True
            )
        },
    )


def _paths(names: Sequence[str], place: str) -> tuple[str, ...]:
    """Nodes of the main network, or inside of networks that stand in it."""
    for name in names:
        if not all(map(is_identifier, name.split("."))):
            raise UserError(f"{place} names the node {name!r}; write a node as conv1, or encoder.conv1.")
    return tuple(names)


def _component(record: _Component, place: str) -> Component:
    return Component(kind=record.kind, parameters=_values(record.parameters, place))


def _values(raw: Mapping[str, Any], place: str) -> dict[str, Value]:
    for name, value in raw.items():
        if not is_identifier(name):
            raise UserError(f"{place} has a parameter called {name!r}, which is no name.")
        if not _is_plain(value, MAX_NESTING):
            raise UserError(f"{place}: {name} must be text, a number, true, false, null or a list of those.")
    return {name: freeze(value) for name, value in raw.items()}


def _is_plain(value: Any, depth: int) -> bool:
    if isinstance(value, list):
        return depth > 0 and all(_is_plain(item, depth - 1) for item in value)
    return not isinstance(value, dict)
