"""Fixes that add what is missing: wires, borders, a loss with its target."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from heapq import heapify, heappop
from itertools import islice, pairwise

from nodeforge.analysis.fixes import arriving, fits
from nodeforge.analysis.placement import below, below_left_of, free_spot, left_of, right_of
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.wiring import descendants, node_name
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Fix
from nodeforge.core.edits import AddNode, Batch, Connect
from nodeforge.core.graph import Endpoint, Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.core.specs import INTEGERS, FieldFacts, TensorSpec


def connections(view: NetworkView, head: Endpoint) -> list[Fix]:
    """Wires to an open input port from the two nearest nodes in no use, failing those from one in use."""
    target = view.graph.nodes[head[0]]
    kind = view.catalog[target.kind]
    answers = kind.role is Role.OBJECTIVE and head[1] == "target"
    specs, behind = arriving(view, target.name), set(descendants(view.graph, target.name))

    @cache
    def suits(spec: TensorSpec | None) -> bool:
        return fits(view, target, {**specs, head[1]: (spec,)})

    def found(*, used: bool) -> Iterator[Fix]:
        for tail in _nearest(view, view.tails.get((answers, used), ()), target):
            if suits(view.spec(tail)) and tail[0] not in behind:
                edit = Connect(view.name, Wire(*tail, *head))
                yield Fix(label=f"Connect {tail[0]} to {target.name}", edit=edit)

    return list(islice(found(used=False), 2)) or list(islice(found(used=True), 1))


def _nearest(view: NetworkView, tails: Iterable[Endpoint], target: Node) -> Iterator[Endpoint]:
    """The nearest first. Seldom are more than a few asked for, so they are not sorted."""
    nodes = view.graph.nodes
    waiting = [(_distance(nodes[tail[0]], target), place, tail) for place, tail in enumerate(tails)]
    heapify(waiting)
    while waiting:
        yield heappop(waiting)[2]


def _distance(source: Node, target: Node) -> tuple[bool, float]:
    """Sources stand on the left as a rule."""
    (ax, ay), (bx, by) = source.position, target.position
    return (ax > bx, math.hypot(ax - bx, ay - by))


def new_input(view: NetworkView) -> Fix:
    """A new Input, shaped as the data is where that is known, wired to the leftmost layer without a wire."""
    field = view.facts.field("", "input") if view.facts else None
    waiting = [
        (view.graph.nodes[name].position, name, kind.inputs[0].name)
        for name in view.graph.nodes
        if (kind := view.kind(name)) and kind.inputs and not view.graph.inputs_of(name)
    ]
    _, target, port = min(waiting, default=((0.0, 0.0), "", ""))
    node = Node(
        name=node_name(view.graph, "Input"),
        kind="Input",
        parameters=_as_field(field) if field else {},
        position=left_of(view.graph, view.graph.nodes[target])
        if target
        else free_spot(view.graph, (0.0, 0.0)),
    )
    wires = [Wire(node.name, "output", target, port)] if target else []
    return _addition(view, "Add an Input", [node], wires)


def new_output(view: NetworkView, source: str) -> Fix:
    """A new Output behind a node."""
    port = view.catalog[view.graph.nodes[source].kind].outputs[0].name
    position = right_of(view.graph, view.graph.nodes[source])
    node = Node(name=node_name(view.graph, "Output"), kind="Output", position=position)
    label = f"Add an Output behind {source}"
    return _addition(view, label, [node], [Wire(source, port, node.name, "input")])


def new_target(view: NetworkView, objective: str) -> Fix:
    """A new Target for an objective that waits for one."""
    node = _target_for(view, view.graph.nodes[objective], arriving(view, objective).get("input", ()))
    wire = Wire(node.name, "output", objective, "target")
    return _addition(view, "Add a Target", [node], [wire])


def new_losses(view: NetworkView, tail: Endpoint, output: str) -> list[Fix]:
    """A loss on what feeds the Output, with a Target: what suits the data, or both usual ones."""
    field = view.facts.field("", "target") if view.facts else None
    spec = view.spec(tail)
    wanted = ["CrossEntropyLoss", "MSELoss"]
    if field is not None:
        wanted = ["CrossEntropyLoss" if field.classes else "MSELoss"]
    elif spec is not None and spec.sample_size == 1:
        wanted = ["MSELoss"]
    idle = [node for node in view.with_role(Role.TARGET) if not list(view.graph.wires_from(node.name))]
    position = below(view.graph, view.graph.nodes[output])
    fixes = []
    for kind in wanted:
        loss = Node(name=node_name(view.graph, kind), kind=kind, position=position)
        target = idle[0] if idle else _target_for(view, loss, (spec,))
        wires = [Wire(*tail, loss.name, "input"), Wire(target.name, "output", loss.name, "target")]
        answers = view.evaluator.evaluate(target, {}).report.outputs.get("output")
        if fits(view, loss, {"input": (spec,), "target": (answers,)}):
            label = f"Add {view.catalog[kind].label}" + (f" for {target.name}" if idle else " and a Target")
            fixes.append(_addition(view, label, [loss] if idle else [loss, target], wires))
    return fixes


def _target_for(view: NetworkView, objective: Node, predicted: Iterable[TensorSpec | None]) -> Node:
    """A Target as the data gives it; when that is unknown, as the objective wants it."""
    field = view.facts.field("", "target") if view.facts else None
    port = view.catalog[objective.kind].input_port("target")
    spec = next(iter(predicted), None)
    parameters: dict[str, Value] = {}  # the defaults are a class label
    if field is not None:
        parameters = _as_field(field)
    elif spec is not None and port is not None and port.dtypes.isdisjoint(INTEGERS):
        parameters = {"shape": spec.sample_shape, "dtype": spec.dtype}
    position = below_left_of(view.graph, objective)
    return Node(name=node_name(view.graph, "Target"), kind="Target", parameters=parameters, position=position)


def _as_field(field: FieldFacts) -> dict[str, Value]:
    return {"shape": field.spec.sample_shape, "dtype": field.spec.dtype}


def _addition(view: NetworkView, label: str, nodes: Iterable[Node], wires: Iterable[Wire]) -> Fix:
    edits = (*(AddNode(view.name, node) for node in nodes), *(Connect(view.name, wire) for wire in wires))
    return Fix(label=label, edit=Batch(edits, label))


def chain_left_to_right(view: NetworkView) -> list[Fix]:
    """Wires from each node to the next one on its right, where both have a port for it."""
    nodes = sorted(view.graph.nodes.values(), key=lambda node: (node.position, node.order or 0))
    edits = []
    for source, target in pairwise(nodes):
        giver, taker = view.kind(source.name), view.kind(target.name)
        if giver and taker and giver.outputs and taker.inputs and giver.role is not Role.TARGET:
            wire = Wire(source.name, giver.outputs[0].name, target.name, taker.inputs[0].name)
            edits.append(Connect(view.name, wire))
    label = "Wire them from left to right"
    return [Fix(label=label, edit=Batch(tuple(edits), label))] if edits else []
