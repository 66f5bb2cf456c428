"""The data against the drawing: fields, shapes and element types of Input and Target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nodeforge.analysis.fixes import removal
from nodeforge.analysis.placement import right_of
from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.wiring import node_name
from nodeforge.catalog import kinds
from nodeforge.catalog.kind import Role
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import DataSettings, Document
from nodeforge.core.edits import AddNode, Batch, Connect, Disconnect, Edit, SetData, SetParameter
from nodeforge.core.graph import Node, Wire
from nodeforge.core.parameters import Value
from nodeforge.core.specs import DataFacts, DataFinding, TensorSpec, format_shape


def unknown_field(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A field that the data does not have."""
    role = view.data_role(node.name)
    if view.facts is None or not role or view.field_of(node.name) is not None:
        return
    wish = view.report(node.name).values.get("field", "")
    names = [field.name for field in view.facts.fields if field.role == role]
    known = ", ".join(names) or "none"
    fixes = []
    for name in names:
        edit = SetParameter(view.name, node.name, "field", name)
        fixes.append(Fix(label=f"Use {name}", edit=edit))
    if not names:
        fixes.append(removal(view, node.name))
    wanted = f"the {role} field {wish}" if wish else f"a field for its {role}"
    yield view.finding(
        "unknown-field",
        Severity.ERROR,
        f"{node.name} asks for {wanted}; {view.facts.title} has {known}.",
        node=node.name,
        parameter="field",
        fixes=fixes,
    )


def shape_differs(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Samples of another shape than the node declares."""
    field = view.field_of(node.name)
    declared = view.report(node.name).outputs.get("output")
    if view.facts is None or field is None or declared is None or declared.shape == field.spec.shape:
        return
    yield view.finding(
        "data-shape",
        Severity.ERROR,
        f"{node.name} expects {_sample(declared)} per sample; {field.name} of {view.facts.title} gives "
        f"{_sample(field.spec)}.",
        node=node.name,
        parameter="shape",
        fixes=_shape_fixes(view, node, declared, field.spec),
    )


def _shape_fixes(view: NetworkView, node: Node, declared: TensorSpec, given: TensorSpec) -> list[Fix]:
    take = SetParameter(view.name, node.name, "shape", given.sample_shape)
    fixes = [Fix(label=f"Set shape to {_shape(given)}", edit=take)]
    wires = [wire for wire in view.graph.wires_from(node.name) if wire.output == "output"]
    if declared.sample_size == given.sample_size and wires and view.data_role(node.name) == "input":
        # What was drawn behind the Input was drawn for the declared shape.
        kind, parameters = _adapter(declared, given)
        label = f"Set shape to {_shape(given)} and insert {kind} behind it"
        edits = (take, *_behind(view, node, kind, parameters, wires))
        fixes.insert(0, Fix(label=label, edit=Batch(edits, label)))
    return fixes


def _adapter(declared: TensorSpec, given: TensorSpec) -> tuple[str, dict[str, Value]]:
    if declared.rank == 2 and given.rank > 2:
        return "Flatten", {}
    return "Reshape", {"shape": declared.sample_shape}


def _behind(
    view: NetworkView, node: Node, kind: str, parameters: dict[str, Value], wires: list[Wire]
) -> Iterator[Edit]:
    """One new node between the node and all that it feeds."""
    declared = view.catalog[kind]
    name = node_name(view.graph, kind)
    new = Node(name=name, kind=kind, parameters=parameters, position=right_of(view.graph, node))
    yield AddNode(view.name, new)
    for wire in wires:
        index = view.graph.index_of(wire)
        yield Disconnect(view.name, wire)
        yield Connect(view.name, Wire(name, declared.outputs[0].name, *wire.head), index)
    yield Connect(view.name, Wire(*wires[0].tail, name, declared.inputs[0].name))


def dtype_differs(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Samples of another element type than the node declares."""
    field = view.field_of(node.name)
    declared = view.report(node.name).outputs.get("output")
    if view.facts is None or field is None or declared is None or declared.dtype == field.spec.dtype:
        return
    what = "class labels" if field.classes else "values"
    edit = SetParameter(view.name, node.name, "dtype", field.spec.dtype)
    yield view.finding(
        "data-dtype",
        Severity.ERROR,
        f"{node.name} is set to {declared.dtype}; {field.name} of {view.facts.title} holds {what} as "
        f"{field.spec.dtype}.",
        node=node.name,
        parameter="dtype",
        fixes=[Fix(label=f"Set dtype to {field.spec.dtype}", edit=edit)],
    )


def _sample(spec: TensorSpec) -> str:
    """The shape of one sample in words."""
    if spec.rank <= 1:
        return "a single value"
    return f"a row of {spec.shape[1]}" if spec.rank == 2 else _shape(spec)


def _shape(spec: TensorSpec) -> str:
    return format_shape(spec.sample_shape) if spec.sample_shape else "empty"


def no_data(
    document: Document, facts: DataFacts | None, reports: Mapping[str, NetworkReport]
) -> Iterator[Diagnostic]:
    """A network with a loss, and nothing to learn from."""
    if document.data is not None or facts is not None:
        return
    objectives = {kind.name for kind in kinds().values() if kind.role is Role.OBJECTIVE}
    losses = [node for node in document.main_network.nodes.values() if node.kind in objectives]
    if not losses:
        return
    first = min(losses, key=lambda node: node.order or 0)
    yield Diagnostic(
        code="no-data",
        severity=Severity.HINT,
        message=f"The project has no data yet, so {first.name} has nothing to learn from: "
        "choose a source in the Data panel.",
        reason="Until then the checker takes shapes and types as Input and Target declare them.",
    )


def suspicious_data(
    document: Document, facts: DataFacts | None, reports: Mapping[str, NetworkReport]
) -> Iterator[Diagnostic]:
    """What the data themselves show that makes results mean less than they seem."""
    if facts is None or document.data is None:
        return
    for finding in facts.findings:
        yield Diagnostic(
            code=finding.code,
            severity=Severity.WARNING if finding.serious else Severity.HINT,
            message=finding.message,
            reason=finding.reason,
            fixes=tuple(_data_fixes(document.data, finding)),
        )


def _data_fixes(data: DataSettings, finding: DataFinding) -> Iterator[Fix]:
    for name, value in finding.preparation:
        changed = replace(data, preparation={**data.preparation, name: value})
        yield Fix(label=f"Set {name} to {value}", edit=SetData(changed))
    known = [column.name for column in data.columns]
    if finding.column in known:
        columns = tuple(
            replace(column, role="ignore") if column.name == finding.column else column
            for column in data.columns
        )
        yield Fix(label=f"Ignore {finding.column}", edit=SetData(replace(data, columns=columns)))


DOCUMENT_RULES = (no_data, suspicious_data)
NODE_RULES = (unknown_field, shape_differs, dtype_differs)
