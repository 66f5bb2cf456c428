"""Sentences of the canvas: tool tips and what a screen reader says."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from nodeforge.analysis.report import NetworkReport, NodeReport, Report
from nodeforge.catalog.kind import Port
from nodeforge.catalog.networks import NetworkKind
from nodeforge.core.diagnostics import Diagnostic
from nodeforge.core.graph import Graph, Wire
from nodeforge.core.specs import TensorSpec
from nodeforge.session import framing
from nodeforge.ui.canvas.geometry.anatomy import format_value
from nodeforge.ui.canvas.geometry.hit import Hit, Part

_SIGNS = {"error": "✖", "warning": "▲", "hint": "●"}


def tip(graph: Graph, report: Report, found: Hit, here: NetworkReport | None = None) -> str:
    """The tool tip of what is under the pointer, as rich text; "" for none.

    Args:
        graph: The network that is shown.
        report: What is known of the document.
        found: What is under the pointer.
        here: What is known of the network at the use that is shown; as it is by itself when None.
    """
    known = (here or report.networks[graph.name]).nodes
    if found.part is Part.WIRE and found.wire is not None:
        return _wire_tip(found.wire, known.get(found.wire.source))
    if found.on_port:
        return _port_tip(graph, found, known.get(found.node))
    findings = "<br>".join(map(_sentence, report.of_node(graph.name, found.node)))
    return (
        "<br>".join(filter(None, (_node_tip(graph, found.node, known.get(found.node)), findings)))
        if found.on_node
        else ""
    )


def spoken(graph: Graph, report: Report, names: Iterable[str], frames: Iterable[str] = ()) -> str:
    """The selected nodes in words, or, where none is selected, the frames."""
    names, chosen = sorted(names), [graph.drawing.frames[name] for name in sorted(frames)]
    if not names and chosen:
        inside = set().union(*(framing.nodes_within(graph, frame) for frame in chosen))
        words = " ".join(f"{framing.called(frame).capitalize()} selected. {frame.text}" for frame in chosen)
        return f"{words} {len(inside)} nodes inside."
    if not names:
        return f"{len(graph)} nodes, none selected. Press Tab to add one."
    if len(names) > 1:
        return f"{len(names)} of {len(graph)} nodes selected."
    name = names[0]
    found = [d.message for d in report.of_node(graph.name, name)]
    sources = ", ".join(sorted(graph.predecessors(name))) or "nothing"
    targets = ", ".join(sorted(graph.successors(name))) or "nothing"
    return " ".join(
        [f"{name}, {graph.nodes[name].kind}, selected. Fed by {sources}; feeds {targets}.", *found]
    )


def leaving(known: NodeReport | None) -> str:
    """What leaves a node, by its outputs; "" while that is not known."""
    return ", ".join(f"{port} {describe_spec(spec)}" for port, spec in known.outputs.items()) if known else ""


def describe_spec(spec: TensorSpec | None) -> str:
    return f"{spec} {spec.dtype}" if spec is not None else "shape not known yet"


def _sentence(diagnostic: Diagnostic) -> str:
    reason = f"<br><i>{escape(diagnostic.reason)}</i>" if diagnostic.reason else ""
    return f"{_SIGNS[diagnostic.severity]} {escape(diagnostic.message)}{reason}"


def _wire_tip(wire: Wire, node: NodeReport | None) -> str:
    spec = node.outputs.get(wire.output) if node else None
    ends = f"{wire.source}.{wire.output} → {wire.target}.{wire.input}"
    return f"<b>{escape(ends)}</b><br>{describe_spec(spec)}"


def _port_tip(graph: Graph, found: Hit, node: NodeReport | None) -> str:
    kind = node.kind if node else None
    port: Port | None = None
    specs: list[TensorSpec] = []
    if found.part is Part.INPUT:
        port = kind.input_port(found.port) if kind else None
        specs = list(node.inputs.get(found.port, ())) if node else []
        nothing = "Nothing is wired to it." if not graph.inputs_of(found.node).get(found.port) else ""
    else:
        port = kind.output_port(found.port) if kind else None
        specs = [node.outputs[found.port]] if node and found.port in node.outputs else []
        nothing = ""
    lines = [f"<b>{escape(found.node)}.{escape(found.port)}</b>"]
    lines += [escape(port.doc)] if port and port.doc else []
    lines += [describe_spec(spec) for spec in specs] or ([nothing] if nothing else [])
    lines += ["Takes several wires, in order."] if port and port.many else []
    return "<br>".join(lines)


def _node_tip(graph: Graph, name: str, known: NodeReport | None) -> str:
    node = graph.nodes[name]
    kind = known.kind if known else None
    lines = [f"<b>{escape(name)}</b> &nbsp;{escape(kind.label if kind else node.kind)}"]
    if known is not None and kind is not None:
        lines.append(escape(kind.summary))
        told = ", ".join(
            f"{key} = {format_value(value)}" for key, value in known.values.items() if value is not None
        )
        lines += [escape(told)] if told else []
        lines += [escape(f"Uses the weights of {node.shares}.")] if node.shares else []
        lines += [f"{port}: {describe_spec(spec)}" for port, spec in known.outputs.items()]
        lines += [f"{known.parameters:,} parameters"] if known.parameters else []
        lines += ["Double-click to look inside."] if isinstance(kind, NetworkKind) else []
    return "<br>".join(lines)
