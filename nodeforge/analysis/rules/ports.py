"""Each node's own wires: ports that its kind lacks, ports left open, ports with too many wires."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.additions import connections, new_target
from nodeforge.analysis.fixes import disconnection, removal
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Kind, Port, Role
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Batch, Connect, Disconnect
from nodeforge.core.graph import Endpoint, Node, Wire


def missing_inputs(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Input ports that must have a wire and have none."""
    kind = view.catalog.get(node.kind)
    if kind is None:
        return
    wired = view.graph.inputs_of(node.name)
    for port in kind.inputs:
        if port.optional or port.name in wired:
            continue
        one = len(kind.inputs) == 1
        yield view.finding(
            "missing-input",
            Severity.ERROR,
            f"{node.name} has nothing to work on: draw a wire to its input."
            if one
            else f"Nothing is wired to {port.name} of {node.name}: draw a wire to it.",
            reason=f"{port.name} takes: {port.doc}" if port.doc else "",
            node=node.name,
            port=port.name,
            fixes=[*_fillings(view, kind, node, port), removal(view, node.name)],
        )


def _fillings(view: NetworkView, kind: Kind, node: Node, port: Port) -> list[Fix]:
    """Wires from what is there; for an objective that lacks its target, a Target."""
    fixes = connections(view, (node.name, port.name))
    if not fixes and kind.role is Role.OBJECTIVE and port.name == "target":
        fixes = [new_target(view, node.name)]
    return fixes


def too_many_wires(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Several wires into a port that takes one."""
    kind = view.catalog.get(node.kind)
    if kind is None:
        return
    for port, ends in view.graph.inputs_of(node.name).items():
        declared = kind.input_port(port)
        if declared is None or declared.many or len(ends) < 2:
            continue
        wires = [Wire(*end, node.name, port) for end in ends]
        yield view.finding(
            "too-many-wires",
            Severity.ERROR,
            f"{port} of {node.name} takes one wire and has {len(ends)}: keep one, "
            "or join them with Add or Concat first.",
            node=node.name,
            port=port,
            wires=wires,
            fixes=[
                Fix(
                    label=f"Keep the wire from {kept.source}",
                    edit=Batch(
                        tuple(Disconnect(view.name, wire) for wire in wires if wire != kept),
                        f"Keep the wire from {kept.source}",
                    ),
                )
                for kept in wires
            ],
        )


def unknown_ports(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Wires into ports that the kind lacks, and out of ports that the source's kind lacks."""
    kind = view.catalog.get(node.kind)
    for wire in view.graph.wires_into(node.name):
        if kind is not None and kind.input_port(wire.input) is None:
            yield _unknown_port(view, kind, wire, wire.head)
        source = view.kind(wire.source)
        if source is not None and source.output_port(wire.output) is None:
            yield _unknown_port(view, source, wire, wire.tail)


def _unknown_port(view: NetworkView, kind: Kind, wire: Wire, end: Endpoint) -> Diagnostic:
    name, port = end
    side, ports = ("input", kind.inputs) if end == wire.head else ("output", kind.outputs)
    verb = "ends" if side == "input" else "starts"
    has = ", ".join(port.name for port in ports) or "none"
    fixes = [disconnection(view, wire)]
    wired = view.graph.inputs_of(name) if side == "input" else {}
    free = [p.name for p in ports if p.many or p.name not in wired]
    if free:
        moved = Wire(*wire.tail, name, free[0]) if side == "input" else Wire(name, free[0], *wire.head)
        if not view.graph.has_wire(moved):
            label = f"Move the wire to {free[0]}"
            index = None if side == "input" else view.graph.index_of(wire)
            edit = Batch((Disconnect(view.name, wire), Connect(view.name, moved, index)), label)
            fixes.insert(0, Fix(label=label, edit=edit))
    return view.finding(
        "unknown-port",
        Severity.ERROR,
        f"A wire {verb} at {side} {port} of {name}, and {kind.name} has no such {side} (it has: {has}).",
        node=name,
        port=port,
        wires=[wire],
        fixes=fixes,
    )


NODE_RULES = (missing_inputs, too_many_wires, unknown_ports)
