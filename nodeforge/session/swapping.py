"""Another kind for a node that keeps its wires and the parameters with the same names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from nodeforge.analysis.evaluation import Evaluator
from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.wiring import node_name
from nodeforge.catalog.kind import Kind, Port
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, Connect, Disconnect, Edit, RenameNode, SetKind, Share, apply
from nodeforge.core.expressions import has_expression
from nodeforge.core.graph import Endpoint, Graph, Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.core.specs import TensorSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """What replaces the kind of nodes.

    Attributes:
        edit: Changes kind, parameters and wires; a node that was named after its old kind is renamed, too.
        names: What the nodes are then called.
        lost: Wires, as they were, for which the new kind has no port.
    """

    edit: Batch
    names: tuple[str, ...]
    lost: tuple[Wire, ...]


def swap(
    document: Document,
    network: str,
    names: Collection[str],
    kind: Kind,
    known: Mapping[str, Kind],
    parameters: Mapping[str, Value] | None = None,
) -> Swap:
    """Give nodes another kind.

    Args:
        document: The project.
        network: The network that the nodes stand in.
        names: The nodes.
        kind: What they become.
        known: The kinds of the document.
        parameters: What to set beside that which stays.
    """
    trial = document.copy()
    graph = trial.networks[network]
    edits: list[Edit] = []
    lost: list[Wire] = []
    after = []
    for node in sorted((graph.nodes[name] for name in names), key=lambda node: node.order or 0):
        moved, without_port = _rewired(graph, graph.nodes[node.name], known.get(node.kind), kind)
        values = {**kept_parameters(graph, node, kind), **(parameters or {})}
        steps = [*_unshared(graph, node), *moved, SetKind(network, node.name, kind.name, values)]
        wish = _name_after(graph, node, kind)
        steps += [RenameNode(network, node.name, wish)] if wish != node.name else []
        apply(trial, Batch(tuple(steps)))
        edits += steps
        lost += without_port
        after.append(wish)
    label = f"Replace {next(iter(names)) if len(names) == 1 else f'{len(names)} nodes'} by {kind.label}"
    return Swap(edit=Batch(tuple(edits), label), names=tuple(after), lost=tuple(lost))


def ranked(
    graph: Graph, name: str, kinds: Collection[Kind], known: Mapping[str, Kind], report: NetworkReport | None
) -> list[Kind]:
    """Kinds for a node to become: those that keep all wires, take what arrives and are of its sort come first."""
    node = graph.nodes[name]
    old = known.get(node.kind)
    evaluator = Evaluator(known)

    def misfit(kind: Kind) -> tuple[int, bool, bool, int]:
        lost = len(_rewired(graph, node, old, kind)[1])
        kept = kept_parameters(graph, node, kind)
        strange = old is None or kind.category != old.category
        fits = _takes(
            evaluator, graph, replace(node, kind=kind.name, parameters=kept, shares=""), kind, report
        )
        return lost, not fits, strange, -len(kept)

    return sorted((kind for kind in kinds if kind.name != node.kind), key=misfit)


def kept_parameters(graph: Graph, node: Node, kind: Kind) -> dict[str, Value]:
    """The parameters of a node, or of the owner of its weights, that another kind has and accepts, too."""
    kept = {}
    for name, value in graph.nodes.get(node.shares, node).parameters.items():
        parameter = kind.parameter(name)
        if parameter is None:
            continue
        if not (parameter.type.numeric and has_expression(value)):
            try:
                parameter.check(value)
            except ValueError:
                continue
        kept[name] = value
    return kept


def _takes(evaluator: Evaluator, graph: Graph, node: Node, kind: Kind, report: NetworkReport | None) -> bool:
    """Whether a node of a kind takes what arrives at its first input, as far as that is known."""
    spec = _arriving(graph, node.name, report)
    if spec is None or not kind.inputs or isinstance(kind, NetworkKind):
        return True
    if spec.dtype not in kind.inputs[0].dtypes:
        return False
    return evaluator.evaluate(node, {kind.inputs[0].name: (spec,)}).error is None


def _arriving(graph: Graph, name: str, report: NetworkReport | None) -> TensorSpec | None:
    wire = next(graph.wires_into(name), None)
    if report is None or wire is None or wire.source not in report.nodes:
        return None
    return report.nodes[wire.source].outputs.get(wire.output)


def _unshared(graph: Graph, node: Node) -> list[Edit]:
    """Weights of their own, with the parameters of before, for nodes that shared them with one of another kind."""
    edits: list[Edit] = [Share(graph.name, node.name, "")] if node.shares else []
    for other in graph.ordered_nodes():
        if other.shares == node.name:
            edits.append(Share(graph.name, other.name, ""))
            edits.append(SetKind(graph.name, other.name, other.kind, node.parameters))
    return edits


def _name_after(graph: Graph, node: Node, kind: Kind) -> str:
    """The name of a node, or a new one if it is called after its present kind."""
    plain = node_name(Graph(), node.kind)
    if re.fullmatch(rf"{plain}(_\d+)?", node.name) is None:
        return node.name
    return node_name(graph, kind.name)


# Wires ----------------------------------------------------------------------------------------------


def _rewired(graph: Graph, node: Node, old: Kind | None, new: Kind) -> tuple[list[Edit], list[Wire]]:
    """What leads the wires of a node to the ports of another kind, and those that find none."""
    inputs = list(graph.wires_into(node.name))
    outputs = list(graph.wires_from(node.name))
    taken = _inputs(inputs, old.inputs if old else (), new.inputs)
    left = _outputs(outputs, old.outputs if old else (), new.outputs)
    edits: list[Edit] = []
    fresh: list[Edit] = []
    lost: list[Wire] = []
    for wire, port in (*taken.items(), *left.items()):
        end: Endpoint = (node.name, port)
        here = Wire(*wire.tail, *end) if wire in taken else Wire(*end, *wire.head)
        if here == wire:
            continue
        edits.append(Disconnect(graph.name, wire))
        if port:
            index = None if wire in taken else graph.index_of(wire)
            fresh.append(Connect(graph.name, here, index, graph.drawing.bends.get(wire, ())))
        else:
            lost.append(wire)
    return [*edits, *fresh], lost


def _inputs(wires: Sequence[Wire], old: Sequence[Port], new: Sequence[Port]) -> dict[Wire, str]:
    """For each wire the port of the same name, else the one at the same place, else the next that needs one; or ""."""
    ports = {port.name: port for port in new}
    full: set[str] = set()
    found = dict.fromkeys(wires, "")

    def seat(wire: Wire, port: Port | None) -> None:
        if port is not None and port.name not in full and not found[wire]:
            found[wire] = port.name
            full.update(() if port.many else (port.name,))

    for wire in wires:
        seat(wire, ports.get(wire.input))
    for wire in wires:
        seat(wire, _at(new, _place(old, wire.input)))
        for port in new:
            seat(wire, None if port.optional else port)
    return found


def _outputs(wires: Sequence[Wire], old: Sequence[Port], new: Sequence[Port]) -> dict[Wire, str]:
    names = {port.name for port in new}
    found = {}
    for wire in wires:
        same = _at(new, _place(old, wire.output))
        found[wire] = wire.output if wire.output in names else same.name if same else ""
    return found


def _place(ports: Sequence[Port], name: str) -> int:
    return next((place for place, port in enumerate(ports) if port.name == name), 0)


def _at(ports: Sequence[Port], place: int) -> Port | None:
    return ports[place] if place < len(ports) else None
