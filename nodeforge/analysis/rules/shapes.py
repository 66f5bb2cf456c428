"""Specs that do not fit: shapes that a kind refuses, element types that a port does not take."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.chains import chain
from nodeforge.analysis.fixes import arriving, fits, insertion, swaps
from nodeforge.analysis.resizing import equal_layouts, equal_sizes, last_step, turned_sequence
from nodeforge.analysis.rules.families import MOVING
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Port, Role
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity, Suggestion
from nodeforge.core.edits import SetParameter
from nodeforge.core.graph import Endpoint, Node, Wire
from nodeforge.core.parameters import freeze
from nodeforge.core.specs import FLOATS, INTEGERS, TensorSpec, format_shape


def shape_mismatch(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """What the kind's own shape rule has against the inputs."""
    error = view.evaluations[node.name].error
    if error is None:
        return
    fixes = [*last_step(view, node), *equal_sizes(view, node)]
    if any(port.repeats for port in view.catalog[node.kind].inputs):
        fixes += equal_layouts(view, node)
    fixes += [fix for item in error.suggestions if (fix := _suggested(view, node, error.port, item))]
    fixes += turned_sequence(view, node)
    if view.catalog[node.kind].role is Role.OBJECTIVE:
        fixes += swaps(view, node)
    ends = view.graph.inputs_of(node.name).get(error.port, ())
    yield view.finding(
        "shape-mismatch",
        Severity.ERROR,
        str(error),
        node=node.name,
        port=error.port,
        wires=[Wire(*end, node.name, error.port) for end in ends],
        fixes=fixes,
    )


def _suggested(view: NetworkView, node: Node, port: str, suggestion: Suggestion) -> Fix | None:
    """The suggestion as an edit; None when it would not mend the fault."""
    if suggestion.set_parameter is not None:
        name, value = suggestion.set_parameter
        changed = Node(name=node.name, kind=node.kind, parameters={**node.parameters, name: freeze(value)})
        if not fits(view, changed, arriving(view, node.name)):
            return None
        edit = SetParameter(view.name, node.name, name, freeze(value))
        return Fix(label=suggestion.label, edit=edit)
    if suggestion.insert is not None and (ends := view.graph.inputs_of(node.name).get(port)):
        kind, parameters = suggestion.insert
        values = {name: freeze(value) for name, value in parameters.items()}
        return insertion(view, Wire(*ends[-1], node.name, port), kind, values, suggestion.label)
    return None


def dtype_mismatch(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Element types that a port does not take: torch would fail, or round without a word."""
    kind = view.catalog.get(node.kind)
    if kind is None:
        return
    for name, ends in view.graph.inputs_of(node.name).items():
        port = kind.input_port(name)
        for end in ends:
            spec = view.spec(end)
            if port is None or spec is None or spec.dtype in port.dtypes:
                continue
            wire = Wire(*end, node.name, name)
            fixes = _dtype_fixes(view, port, wire, spec)
            if kind.role is Role.OBJECTIVE:
                fixes += swaps(view, node)
            yield view.finding(
                "dtype-mismatch",
                Severity.ERROR,
                f"{name} of {node.name} takes {_any_of(port)}, {end[0]} gives {spec.dtype}.",
                reason="Class labels and indices are whole numbers (int64), "
                "everything that weights are applied to is float32.",
                node=node.name,
                port=name,
                wires=[wire],
                fixes=fixes,
            )


def _any_of(port: Port) -> str:
    """The element types of a port in words."""
    if port.dtypes == FLOATS:
        return "floating-point values (float32)"
    if port.dtypes == INTEGERS:
        return "whole numbers (int64)"
    return " or ".join(sorted(port.dtypes))


def _dtype_fixes(view: NetworkView, port: Port, wire: Wire, spec: TensorSpec) -> list[Fix]:
    wanted = "float32" if "float32" in port.dtypes else "int64"
    source = view.graph.nodes[wire.source]
    kind = view.catalog[source.kind]
    fixes = []
    if kind.role in (Role.INPUT, Role.TARGET) and not _data_gives(view, wire.tail, spec):
        edit = SetParameter(view.name, source.name, "dtype", wanted)
        fixes.append(Fix(label=f"Set dtype of {source.name} to {wanted}", edit=edit))
    cast = insertion(view, wire, "Cast", {"dtype": wanted}, f"Insert Cast to {wanted}")
    return [*fixes, *([cast] if cast else [])]


def _data_gives(view: NetworkView, end: Endpoint, spec: TensorSpec) -> bool:
    """Whether the data is of this element type, so that another one in the Input would be wrong."""
    field = view.field_of(end[0])
    return field is not None and field.spec.dtype == spec.dtype


def linear_on_images(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Linear right behind convolutions: it runs, but works on the last axis only."""
    spec = view.report(node.name).inputs.get("input", (None,))[0]
    if node.kind != "Linear" or spec is None or spec.rank < 4:
        return
    wire = next(view.graph.wires_into(node.name))
    flatten = insertion(view, wire, "Flatten")
    yield view.finding(
        "linear-on-image",
        Severity.WARNING,
        f"{node.name} works on the last axis only, the {spec.shape[-1]} values of each row of {spec}: "
        "flatten first, so that it sees the whole sample.",
        reason="Linear treats every axis but the last as a batch, so each row of each channel stands alone.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=[flatten] if flatten else [],
    )


def stretched_inputs(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Shapes that are all repeated to fit, so that there are more values than any input has: seldom meant."""
    report = view.report(node.name)
    ports = [port.name for port in report.kind.inputs if port.repeats] if report.kind else []
    given = dict.fromkeys(spec.shape for port in ports for spec in report.inputs.get(port, ()))
    output = report.outputs.get("output")
    if len(given) < 2 or output is None:
        return
    if output.shape in given:
        yield from _stretched_target(view, node)
        return
    shapes = " and ".join(map(format_shape, given))
    yield view.finding(
        "stretched-inputs",
        Severity.WARNING,
        f"{node.name} gets {shapes} and repeats all of them to {output}: check that this is what you mean.",
        reason="An axis of 1 is repeated to fit; here that makes more values than any of the inputs has.",
        node=node.name,
        port=ports[-1],
        fixes=equal_layouts(view, node),
    )


def _stretched_target(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A difference from a target that is repeated for every value of the prediction."""
    ends = view.report(node.name).inputs
    if node.kind != "Subtract" or ends["input"][0].shape == ends["other"][0].shape:
        return
    for wire in view.graph.wires_into(node.name):
        source = view.kind(chain(view, wire, MOVING | {"Cast"})[0].source)
        if source is not None and source.role is Role.TARGET:
            yield view.finding(
                "stretched-inputs",
                Severity.WARNING,
                f"{node.name} compares {ends['input'][0]} with {ends['other'][0]}, and one of them is the target: "
                "prediction and target need equal shapes.",
                reason="An axis of 1 is repeated to fit, so values are compared that do not belong together.",
                node=node.name,
                port=wire.input,
                wires=[wire],
                fixes=equal_layouts(view, node),
            )
            return


NODE_RULES = (shape_mismatch, dtype_mismatch, linear_on_images, stretched_inputs)
