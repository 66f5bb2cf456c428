"""What can be done to a document, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nodeforge.core.changes import Change
from nodeforge.core.document import CustomCode, DataSettings, Recipe
from nodeforge.core.drawing import Bookmark, Frame, Point
from nodeforge.core.graph import Graph, Node, Wire
from nodeforge.core.parameters import Value


@dataclass(frozen=True, slots=True)
class Unset:
    """In `SetParameter`: go back to the kind's default."""


UNSET = Unset()


@dataclass(frozen=True, slots=True)
class Edit:
    """Base of all edits."""


@dataclass(frozen=True, slots=True)
class AddNode(Edit):
    network: str
    node: Node


@dataclass(frozen=True, slots=True)
class RemoveNode(Edit):
    """Removes the node and every wire that touches it."""

    network: str
    name: str


@dataclass(frozen=True, slots=True)
class RenameNode(Edit):
    network: str
    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class SetParameter(Edit):
    """Sets one parameter of a node, or takes it back to its default with UNSET."""

    network: str
    name: str
    parameter: str
    value: Value | Unset


@dataclass(frozen=True, slots=True)
class SetKind(Edit):
    """Another kind for a node; its wires stay."""

    network: str
    name: str
    kind: str
    parameters: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class MoveNodes(Edit):
    """New positions by node name, all at once."""

    network: str
    positions: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Connect(Edit):
    """Adds a wire; `index` is its place in an input port that takes a list (None: the last)."""

    network: str
    wire: Wire
    index: int | None = None
    bends: tuple[Point, ...] = ()
    """Points that it goes through, from its source on."""


@dataclass(frozen=True, slots=True)
class Disconnect(Edit):
    network: str
    wire: Wire


@dataclass(frozen=True, slots=True)
class Share(Edit):
    """Lets a node use the weights and parameters of another of its network; "" gives it its own again."""

    network: str
    name: str
    other: str


@dataclass(frozen=True, slots=True)
class SetMode(Edit):
    """Bypasses or mutes a node, or lets it work again (`core.graph.MODES`)."""

    network: str
    name: str
    mode: str


@dataclass(frozen=True, slots=True)
class Bend(Edit):
    """New ways for wires, all at once: the points that each goes through, none for the straight way."""

    network: str
    ways: Mapping[Wire, tuple[Point, ...]]


@dataclass(frozen=True, slots=True)
class SetFrames(Edit):
    """All frames of a network by name, the lowest first."""

    network: str
    frames: Mapping[str, Frame]


@dataclass(frozen=True, slots=True)
class SetBookmark(Edit):
    """A place to come back to, or, with None, one less."""

    network: str
    name: str
    bookmark: Bookmark | None


@dataclass(frozen=True, slots=True)
class SetDirection(Edit):
    """Which way the wires of a network run (`core.drawing.DIRECTIONS`)."""

    network: str
    direction: str


@dataclass(frozen=True, slots=True)
class Collapse(Edit):
    """Draws nodes small, or at their full size again."""

    network: str
    collapsed: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class AddNetwork(Edit):
    """Adds a network with all that is in it; the edit keeps its graph to itself."""

    graph: Graph


@dataclass(frozen=True, slots=True)
class RemoveNetwork(Edit):
    """Removes a network that is not the main one; nodes that use it stay, and are then of an unknown kind."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameNetwork(Edit):
    """Renames a network, and with it the kind of every node that uses it."""

    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class SetMain(Edit):
    """Makes another network the one that is trained."""

    name: str


@dataclass(frozen=True, slots=True)
class SetVariables(Edit):
    """Variables of the project, or, with a network's name, the parameters which that network exposes."""

    network: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RenameVariable(Edit):
    """Renames a variable of the project or an exposed parameter of a network, wherever it is named."""

    network: str
    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class SetCustom(Edit):
    """Which layers of its own the project has, with their code."""

    codes: Mapping[str, CustomCode]


@dataclass(frozen=True, slots=True)
class SetData(Edit):
    data: DataSettings | None


@dataclass(frozen=True, slots=True)
class SetRecipe(Edit):
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class SetText(Edit):
    """Title or description of the project, or, with a network's name, the description of that network."""

    field: str
    text: str
    network: str = ""


@dataclass(frozen=True, slots=True)
class Batch(Edit):
    """Several edits as one: all apply, or none does. The label names the undo step."""

    edits: tuple[Edit, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class RestoreNetwork(Edit):
    """Adds a network that was removed, and sets the order of all as it was then."""

    graph: Graph
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """The outcome of an edit: what undoes it, and what changed."""

    inverse: Edit
    change: Change
