"""Fixes upstream of a mismatch: the size of the layer that made a tensor, the last step of a sequence."""

from __future__ import annotations

from nodeforge.analysis.fixes import arriving, fits, insertion, replaced
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Fix
from nodeforge.core.edits import SetParameter
from nodeforge.core.graph import Endpoint, Node, Wire
from nodeforge.core.specs import BATCH, Dim, TensorSpec

_WINDOWS = ("Convolution", "Pooling")
_SIZES = ("out_features", "out_channels", "hidden_size", "embedding_dim")


def resizing(view: NetworkView, end: Endpoint, shape: tuple[Dim, ...]) -> Fix | None:
    """Set the size of the layer that made a tensor, so that it gets another shape.

    The layer is found through nodes that keep the shape (activations, Dropout).

    Args:
        end: Where the tensor leaves a node.
        shape: The wanted shape; it differs in one axis.
    """
    spec = view.spec(end)
    if spec is None or spec.rank != len(shape):
        return None
    differing = [size for size, old in zip(shape, spec.shape, strict=True) if size != old]
    if len(differing) != 1:
        return None
    while True:
        name = end[0]
        node, report = view.graph.nodes[name], view.report(name)
        for parameter in _SIZES:
            if parameter not in report.values or not isinstance(differing[0], int):
                continue
            parameters = {**node.parameters, parameter: differing[0]}
            changed = Node(name=name, kind=node.kind, parameters=parameters)
            if view.evaluator.evaluate(changed, report.inputs).report.outputs.get(end[1]) == spec.with_shape(
                shape
            ):
                edit = SetParameter(view.name, name, parameter, differing[0])
                return Fix(label=f"Set {parameter} of {name} to {differing[0]}", edit=edit)
        before = _only_wire(view, name)
        if before is None or view.spec(before.tail) != spec:
            return None
        end = before.tail


def equal_sizes(view: NetworkView, node: Node) -> list[Fix]:
    """For nodes that want tensors of equal shape: give one that arrives the shape of another."""
    shapes = {spec.shape: None for specs in arriving(view, node.name).values() for spec in specs if spec}
    fixes = []
    for wire in view.graph.wires_into(node.name):
        spec = view.spec(wire.tail)
        for shape in shapes:
            if spec is not None and fits(view, node, replaced(view, wire, spec.with_shape(shape))):
                fixes.append(resizing(view, wire.tail, shape))
    return [fix for fix in fixes if fix]


def equal_layouts(view: NetworkView, node: Node) -> list[Fix]:
    """For nodes that pair values: lay out one that arrives as another one is, where it holds the same axes."""
    wires = [(wire, spec) for wire in view.graph.wires_into(node.name) if (spec := view.spec(wire.tail))]
    fixes = []
    for wire, spec in wires[1:]:
        wanted = wires[0][1]
        if spec.shape == wanted.shape or BATCH in (*spec.sample_shape, *wanted.sample_shape):
            continue
        if _long_axes(spec) == _long_axes(wanted):
            label = f"Insert Reshape to {wanted}"
            fixes.append(insertion(view, wire, "Reshape", {"shape": wanted.sample_shape}, label))
        elif len(set(spec.shape)) == spec.rank and set(spec.shape) == set(wanted.shape):
            order = tuple(spec.shape.index(size) for size in wanted.shape)
            fixes.append(insertion(view, wire, "Permute", {"dims": order}, f"Insert Permute to {wanted}"))
    return [fix for fix in fixes if fix]


def _long_axes(spec: TensorSpec) -> list[Dim]:
    """The axes that hold more than one place: values lie in the same order wherever the others stand."""
    return [size for size in spec.sample_shape if size != 1]


def turned_sequence(view: NetworkView, node: Node) -> list[Fix]:
    """For windows over sequences that do not fit: length and features may have changed places."""
    wire = _only_wire(view, node.name)
    spec = view.spec(wire.tail) if wire else None
    if wire is None or spec is None or spec.rank != 3 or view.catalog[node.kind].category not in _WINDOWS:
        return []
    fix = insertion(
        view, wire, "Permute", {"dims": (0, 2, 1)}, "Insert Permute: length and features change places"
    )
    return [fix] if fix else []


def last_step(view: NetworkView, node: Node) -> list[Fix]:
    """For an objective that gets a whole sequence for one answer: take the last step behind the recurrent layer."""
    wire = _only_wire(view, node.name, "input")
    if view.catalog[node.kind].role is not Role.OBJECTIVE or wire is None:
        return []
    path = [wire]
    while view.catalog[view.graph.nodes[path[-1].source].kind].category != "Recurrent":
        before = _only_wire(view, path[-1].source)
        if before is None:
            return []
        path.append(before)
    select = Node(name="last", kind="Select", parameters={"dim": 1, "index": -1})
    spec = _output(view, select, "input", view.spec(path[-1].tail))
    for step in reversed(path[1:]):
        spec = _output(view, view.graph.nodes[step.target], step.input, spec)
    if spec is None or not fits(view, node, replaced(view, wire, spec)):
        return []
    fix = insertion(
        view, path[-1], "Select", {"dim": 1, "index": -1}, f"Take the last step of {path[-1].source}"
    )
    return [fix] if fix else []


def _output(view: NetworkView, node: Node, port: str, spec: TensorSpec | None) -> TensorSpec | None:
    """What leaves the first output of a node that one wire feeds."""
    kind = view.catalog[node.kind]
    report = view.evaluator.evaluate(node, {port: (spec,)}).report
    return report.outputs.get(kind.outputs[0].name) if kind.outputs else None


def _only_wire(view: NetworkView, name: str, port: str = "") -> Wire | None:
    """The only wire into a node (or into one port of it)."""
    wires = [wire for wire in view.graph.wires_into(name) if port in ("", wire.input)]
    return wires[0] if len(wires) == 1 else None
