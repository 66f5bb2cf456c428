"""Fixes that change what is drawn: remove, insert, swap. Each is tried before it is offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nodeforge.analysis.evaluation import Specs
from nodeforge.analysis.healing import healing_edits
from nodeforge.analysis.placement import between
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.wiring import insert_edits, node_name
from nodeforge.catalog.kind import Kind, Role
from nodeforge.core.diagnostics import Fix
from nodeforge.core.edits import Batch, Connect, Disconnect, SetKind
from nodeforge.core.graph import Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec

_NO_RAW_SCORES = ("BCELoss", "KLDivLoss", "NLLLoss")
"""Losses that want probabilities or their logarithms: each has a sister that takes raw scores."""


def removal(view: NetworkView, name: str) -> Fix:
    """Take a node out and heal the chain it stands in."""
    return Fix(label=f"Remove {name}", edit=healing_edits(view.graph, [name]))


def disconnection(view: NetworkView, wire: Wire) -> Fix:
    """Take a wire out."""
    return Fix(label=f"Remove the wire from {wire.source} to {wire.target}", edit=Disconnect(view.name, wire))


def insertion(
    view: NetworkView, wire: Wire, kind: str, parameters: Mapping[str, Value] | None = None, label: str = ""
) -> Fix | None:
    """Put a node of a kind on a wire, halfway between its ends; None when that would not fit."""
    new = Node(name=node_name(view.graph, kind), kind=kind, parameters=parameters or {})
    declared = view.catalog[kind]
    given = view.evaluator.evaluate(new, {declared.inputs[0].name: (view.spec(wire.tail),)})
    after = replaced(view, wire, given.report.outputs.get(declared.outputs[0].name))
    if given.error is not None or not fits(view, view.graph.nodes[wire.target], after):
        return None
    edit = insert_edits(
        view.graph,
        wire,
        kind,
        between(view.graph, view.graph.nodes[wire.source], view.graph.nodes[wire.target]),
        parameters,
    )
    return Fix(label=label or f"Insert {declared.label}", edit=edit)


def bypass(view: NetworkView, wires: Sequence[Wire]) -> list[Fix]:
    """Lead a chain of wires past the node that it starts from: remove that node, or leave it to others that use it."""
    name, first = wires[0].source, wires[0]
    before = next(view.graph.wires_into(name), None)
    shared = any(len(list(view.graph.wires_from(wire.source))) > 1 for wire in wires[1:])
    if before is None or shared:
        return []
    if len(list(view.graph.wires_from(name))) == 1:
        return [removal(view, name)]
    label = f"Wire {before.source} past {name} to {first.target}"
    index = view.graph.index_of(first)
    edits = (Disconnect(view.name, first), Connect(view.name, Wire(*before.tail, *first.head), index))
    return [Fix(label=label, edit=Batch(edits, label))]


def kind_change(view: NetworkView, node: Node, kind: str, label: str) -> Fix:
    """Another kind with the same ports; parameters that it has, too, stay."""
    changed = _of_kind(node, view.catalog[kind])
    return Fix(label=label, edit=SetKind(view.name, node.name, kind, changed.parameters))


def _of_kind(node: Node, kind: Kind) -> Node:
    kept = {name: value for name, value in node.parameters.items() if kind.parameter(name)}
    return Node(name=node.name, kind=kind.name, parameters=kept)


def swaps(view: NetworkView, node: Node) -> list[Fix]:
    """Objectives with the same ports that take what arrives at this one."""
    mine = view.catalog[node.kind]
    specs = arriving(view, node.name)
    fixes = []
    for kind in view.catalog.values():
        if kind.role is not Role.OBJECTIVE or kind is mine or _ports(kind) != _ports(mine):
            continue
        if kind.name in _NO_RAW_SCORES:
            continue
        if complete(specs) and fits(view, _of_kind(node, kind), specs):
            fixes.append(kind_change(view, node, kind.name, f"Change to {kind.label}"))
    return fixes


def arriving(view: NetworkView, name: str) -> dict[str, tuple[TensorSpec | None, ...]]:
    """The specs at a node's ports as the wires bring them, None where one is unknown."""
    return {port: tuple(view.spec(end) for end in ends) for port, ends in view.graph.inputs_of(name).items()}


def replaced(view: NetworkView, wire: Wire, spec: TensorSpec | None) -> Specs:
    """What arrives at a wire's target when the wire brings another spec."""
    specs = arriving(view, wire.target)
    port = list(specs[wire.input])
    port[view.graph.index_of(wire)] = spec
    return {**specs, wire.input: tuple(port)}


def complete(specs: Specs) -> bool:
    """Whether every spec is known."""
    return not any(None in port for port in specs.values())


def fits(view: NetworkView, node: Node, specs: Specs) -> bool:
    """Whether a node could take these specs, as far as that can be told."""
    kind = view.catalog[node.kind]
    types = all(
        (port := kind.input_port(name)) is not None
        and all(spec is None or spec.dtype in port.dtypes for spec in arriving)
        for name, arriving in specs.items()
    )
    return types and view.evaluator.evaluate(node, specs).error is None


def _ports(kind: Kind) -> list[str]:
    return [port.name for port in kind.inputs]
