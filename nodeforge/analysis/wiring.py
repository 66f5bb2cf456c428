"""Which wires are legal, which kinds fit a wire, and edits that keep a drawing wired."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Literal

from nodeforge.analysis.evaluation import Evaluator
from nodeforge.analysis.placement import Position
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Kind, Port, Role
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.edits import AddNode, Batch, Connect, Disconnect
from nodeforge.core.graph import Endpoint, Graph, Node, Wire, reached
from nodeforge.core.parameters import Value
from nodeforge.core.specs import BATCH, TensorSpec

Direction = Literal["forward", "backward"]
"""Forward: the wire hangs from an output and looks for an input; backward the other way round."""

_ANSWER_PORTS = ("target", "targets")
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])")


def node_name(graph: Graph, kind: str, taken: Collection[str] = ()) -> str:
    """A free name for a new node of a kind: max_pool2d, max_pool2d_2, relu."""
    wish = _WORD_STARTS.sub("_", kind).lower()
    return graph.free_name(f"{wish}_1" if keyword.iskeyword(wish) else wish, taken)


# Legality -----------------------------------------------------------------------------------------


def check_connect(graph: Graph, wire: Wire, known: Mapping[str, Kind] | None = None) -> str | None:
    """Why the wire may not be drawn, in one sentence; None when it may.

    Shapes are not asked for: a wire that does not fit yet is drawn, and the checker says what mends it.

    Args:
        graph: The network.
        wire: What would be drawn.
        known: The kinds of the document; the catalog alone when None.
    """
    known = kinds() if known is None else known
    if wire.source not in graph or wire.target not in graph:
        missing = wire.source if wire.source not in graph else wire.target
        return f"There is no node {missing}."
    if wire.source == wire.target:
        return f"A wire from {wire.source} to itself would be a loop: a node cannot wait for its own output."
    fault = _output_fault(graph, wire.tail, known) or _input_fault(graph, wire.head, known)
    if fault:
        return fault
    if graph.has_wire(wire):
        return "This wire is there already."
    ends = graph.inputs_of(wire.target).get(wire.input, [])
    port = known[graph.nodes[wire.target].kind].input_port(wire.input)
    if ends and port is not None and not port.many:
        return f"{wire.input} of {wire.target} takes one wire, and {ends[0][0]} is wired to it."
    if reaches(graph, wire.target, wire.source):
        return f"{wire.source} waits for {wire.target} already: this wire would close a loop."
    return None


def connect_edits(graph: Graph, wire: Wire, known: Mapping[str, Kind] | None = None) -> Batch:
    """Draw the wire; one that holds its port, where that takes only one, is taken out."""
    kind = (kinds() if known is None else known).get(graph.nodes[wire.target].kind)
    port = kind.input_port(wire.input) if kind else None
    held = [] if port is None or port.many else graph.inputs_of(wire.target).get(wire.input, [])
    removals = [Disconnect(graph.name, Wire(*tail, *wire.head)) for tail in held]
    return Batch((*removals, Connect(graph.name, wire)), "Connect")


def reaches(graph: Graph, start: str, goal: str) -> bool:
    """Whether wires lead from one node to another (or it is the same)."""
    return goal in descendants(graph, start)


def descendants(graph: Graph, start: str) -> Iterator[str]:
    """The nodes to which wires lead from one, itself included."""
    seen, todo = {start}, [start]
    while todo:
        name = todo.pop()
        yield name
        fresh = graph.successors(name) - seen
        seen |= fresh
        todo.extend(fresh)


def _output_fault(graph: Graph, end: Endpoint, known: Mapping[str, Kind]) -> str | None:
    name, port = end
    kind = known.get(graph.nodes[name].kind)
    if kind is None:
        return f"{name} is of the unknown kind {graph.nodes[name].kind}: change its kind first."
    if kind.output_port(port):
        return None
    if kind.input_port(port):
        return "Both ends are inputs: a wire runs from an output to an input."
    return f"{name} has no output {port} (it has: {_names(kind.outputs)})."


def _input_fault(graph: Graph, end: Endpoint, known: Mapping[str, Kind]) -> str | None:
    name, port = end
    kind = known.get(graph.nodes[name].kind)
    if kind is None:
        return f"{name} is of the unknown kind {graph.nodes[name].kind}: change its kind first."
    if kind.input_port(port):
        return None
    if kind.output_port(port):
        return "Both ends are outputs: a wire runs from an output to an input."
    return f"{name} has no input {port} (it has: {_names(kind.inputs)})."


def _names(ports: Collection[Port]) -> str:
    return ", ".join(port.name for port in ports) or "none"


# What fits ----------------------------------------------------------------------------------------


def fitting_kinds(
    spec: TensorSpec | None, direction: Direction, known: Mapping[str, Kind] | None = None
) -> list[Kind]:
    """Kinds for the other end of a wire dropped on empty canvas, the likeliest first.

    The first kinds of all categories come before the second ones, and among those the kinds that are made
    for tensors of just this rank. Kinds that would refuse the spec are left out.

    Args:
        spec: What the wire carries, when that is known (forward only).
        direction: Where the wire looks.
        known: The kinds to choose from; the catalog when None.
    """
    known = kinds() if known is None else known
    evaluator = Evaluator(known)
    ranked: list[tuple[tuple[int, bool, bool], Kind]] = []
    places: Counter[str] = Counter()
    for kind in known.values():
        if direction == "backward":
            fits, made_for_it = bool(kind.outputs) and kind.role is not Role.OBJECTIVE, False
        elif spec is None or not kind.inputs:
            fits, made_for_it = bool(kind.inputs), False
        else:
            fits = _takes(evaluator, kind, spec) or _compares_with(kind, spec)
            made_for_it = fits and _ranks_taken(kind, spec.dtype) == 1
        if fits:
            ranked.append(((places[kind.category], not made_for_it, kind.role is not Role.LAYER), kind))
            places[kind.category] += 1
    return [kind for _, kind in sorted(ranked, key=lambda item: item[0])]


def _takes(evaluator: Evaluator, kind: Kind, spec: TensorSpec) -> bool:
    """Whether the first input port takes the spec, as far as that can be told of one port alone."""
    if spec.dtype not in kind.inputs[0].dtypes:
        return False
    if isinstance(kind, NetworkKind):
        return True  # that would take an evaluation of all that is inside
    node = Node(name="new", kind=kind.name)
    return evaluator.evaluate(node, {kind.inputs[0].name: (spec,)}).error is None


def _compares_with(kind: Kind, spec: TensorSpec) -> bool:
    """Whether it is a loss whose first input cannot take the spec, but another one that must be wired can: labels."""
    first, *rest = kind.inputs
    fitting = (port for port in rest if not port.optional and spec.dtype in port.dtypes)
    return kind.role is Role.OBJECTIVE and spec.dtype not in first.dtypes and any(fitting)


def port_for(
    kind: Kind, spec: TensorSpec | None, *, is_answer: bool = False, wired: Collection[str] = ()
) -> Port | None:
    """The input port of a kind that a wire ends in which was not aimed at one.

    The first that takes the element type of what it carries, and is free if possible.

    Args:
        kind: The kind at its end.
        spec: What it carries, when that is known.
        is_answer: Whether it comes from a Target: a port for targets is then the first choice.
        wired: Names of the ports that are wired.
    """
    free = [port for port in kind.inputs if port.many or port.name not in wired] or list(kind.inputs)
    fitting = [port for port in free if spec is None or spec.dtype in port.dtypes] or free
    answers = [port for port in fitting if is_answer and port.name in _ANSWER_PORTS]
    return next(iter((*answers, *fitting)), None)


@lru_cache(maxsize=2048)
def _ranks_taken(kind: Kind, dtype: str) -> int:
    """How many tensors of one to four axes behind the batch it takes; their size suits any window."""
    specs = [TensorSpec((BATCH, *[32] * axes), dtype) for axes in range(1, 5)]
    evaluator = Evaluator({kind.name: kind})
    return sum(_takes(evaluator, kind, spec) for spec in specs)


# Edits that keep the wires whole ------------------------------------------------------------------


def insert_edits(
    graph: Graph,
    wire: Wire,
    kind: str,
    position: Position,
    parameters: Mapping[str, Value] | None = None,
    known: Mapping[str, Kind] | None = None,
) -> Batch:
    """Put a new node of a kind on a wire: the first input and the first output of the kind take its ends."""
    declared = (kinds() if known is None else known)[kind]
    node = Node(name=node_name(graph, kind), kind=kind, parameters=parameters or {}, position=position)
    into = Wire(*wire.tail, node.name, declared.inputs[0].name)
    out = Wire(node.name, declared.outputs[0].name, *wire.head)
    edits = (
        AddNode(graph.name, node),
        Disconnect(graph.name, wire),
        Connect(graph.name, into),
        Connect(graph.name, out, graph.index_of(wire)),
    )
    return Batch(edits, f"Insert {declared.label}")


def connected_groups(graph: Graph, names: Collection[str]) -> list[set[str]]:
    """The nodes among `names` that hang together by wires between them, whatever their direction."""
    near: dict[str, list[str]] = {name: [] for name in names}
    for name, others in near.items():
        for wire in graph.wires_from(name):
            if wire.target in near:
                others.append(wire.target)
                near[wire.target].append(name)
    groups, seen = [], set[str]()
    for name in near:
        if name not in seen:
            groups.append(reached(near.__getitem__, [name]))
            seen |= groups[-1]
    return groups
