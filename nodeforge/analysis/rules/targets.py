"""The values of a target against its loss, and against what the last layer can give at all."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.chains import chain, wire_into
from nodeforge.analysis.fixes import arriving, bypass, fits, kind_change, replaced, swaps
from nodeforge.analysis.healing import healing_edits
from nodeforge.analysis.rules.families import MOVING, span_of
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Answers
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Batch
from nodeforge.core.graph import Node, Wire
from nodeforge.core.specs import FieldFacts

_ROOM = 0.02
"""Targets may lie so far outside what an activation reaches, as a share of their own span: rounding."""
_ZERO_TO_ONE = (Answers.YES_OR_NO, Answers.PROBABILITY)


def _target_field(view: NetworkView, wire: Wire) -> FieldFacts | None:
    """The field whose values arrive by a wire, when nothing on the way changes them."""
    return view.field_of(chain(view, wire, MOVING | {"Cast"})[0].source)


def classes_as_numbers(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Class labels that were made numbers, so that a loss measures how far class 2 is from class 1."""
    kind = view.kind(node.name)
    wire = wire_into(view, node.name, "target")
    if kind is None or kind.answers in (None, Answers.CLASSES) or wire is None:
        return
    field = _target_field(view, wire)
    if field is None or len(field.classes) < 3 or view.spec(wire.tail) is None:
        return
    yield view.finding(
        "classes-as-numbers",
        Severity.WARNING,
        f"{field.name} holds {len(field.classes)} classes, and {node.name} takes their numbers for amounts: use "
        "CrossEntropyLoss with a score for each class.",
        reason="The numbers of classes are names: class 2 is not twice class 1, and not between 1 and 3.",
        node=node.name,
        port="target",
        wires=[wire],
        fixes=_as_classes(view, node, wire),
    )


def _as_classes(view: NetworkView, node: Node, wire: Wire) -> list[Fix]:
    """CrossEntropyLoss on the labels as they were before the Cast, where the scores suit it."""
    before = wire_into(view, wire.source)
    if view.graph.nodes[wire.source].kind != "Cast" or before is None:
        return []
    specs = {**arriving(view, node.name), **replaced(view, wire, view.spec(before.tail))}
    loss = Node(name=node.name, kind="CrossEntropyLoss")
    if not fits(view, loss, specs):
        return []
    label = "Change to CrossEntropyLoss, on the labels as they are"
    change = kind_change(view, node, "CrossEntropyLoss", label)
    return [Fix(label=label, edit=Batch((healing_edits(view.graph, [wire.source]), change.edit), label))]


def target_range(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Yes-or-no losses on targets outside 0 to 1."""
    kind = view.kind(node.name)
    wire = wire_into(view, node.name, "target")
    if kind is None or kind.answers not in _ZERO_TO_ONE or wire is None:
        return
    field = _target_field(view, wire)
    if field is None or field.span is None or (field.span[0] >= 0 and field.span[1] <= 1):
        return
    others = [fix for fix in swaps(view, node) if fix.label == "Change to MSELoss"]
    yield view.finding(
        "target-range",
        Severity.WARNING,
        f"{node.name} wants targets from 0, no, to 1, yes; {field.name} goes from {field.span[0]:.3g} to "
        f"{field.span[1]:.3g}: use a loss that compares values, such as MSELoss.",
        reason="Beyond 0 and 1 this loss has no lowest point: the scores would grow without end.",
        node=node.name,
        port="target",
        wires=[wire],
        fixes=others,
    )


def out_of_reach(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """An activation behind the last layer that cannot give what the targets ask for."""
    kind = view.kind(node.name)
    wire = wire_into(view, node.name, "input")
    if kind is None or kind.answers is None or wire is None:
        return
    wires = chain(view, wire, MOVING)
    source = view.graph.nodes[wires[0].source]
    span = span_of(view.report(source.name))
    if span is None or view.kind(source.name).category != "Activation":  # type: ignore[union-attr]
        return
    fault = _fault(view, node, source, span, kind.answers)
    if fault is None:
        return
    severity, message, reason = fault
    yield view.finding(
        "out-of-reach",
        severity,
        message,
        reason=reason,
        node=node.name,
        port="input",
        nodes=(source.name, node.name),
        wires=wires,
        fixes=bypass(view, wires),
    )


def _fault(
    view: NetworkView, node: Node, source: Node, span: tuple[float, float], answers: Answers
) -> tuple[Severity, str, str] | None:
    if answers is Answers.YES_OR_NO and source.kind in ("ReLU", "ReLU6", "Softplus"):
        return (
            Severity.WARNING,
            f"{source.name} never gives less than 0, and to {node.name} a score above 0 means yes: it could never say "
            "no.",
            f"{node.kind} takes raw scores: no activation belongs between the last layer and it.",
        )
    if answers is Answers.CLASSES and source.kind in ("ReLU", "ReLU6"):
        return (
            Severity.HINT,
            f"{source.name} cuts off the scores below 0 before {node.name}: take the scores as they come from the "
            "layer.",
            "Where a score is cut off no gradient comes back, so a class that falls below 0 for all samples is lost.",
        )
    wire = wire_into(view, node.name, "target")
    field = _target_field(view, wire) if wire else None
    if answers is not Answers.VALUES or field is None or field.span is None:
        return None
    low, high = field.span
    room = (high - low) * _ROOM
    if low >= span[0] - room and high <= span[1] + room:
        return None
    below = low < span[0] - room
    limit, wanted = (f"below {span[0]:g}", low) if below else (f"above {span[1]:g}", high)
    return (
        Severity.WARNING,
        f"{source.name} gives nothing {limit}, and {field.name} goes {'down' if below else 'up'} to {wanted:.3g}: the "
        "network can never get there.",
        "To predict numbers, end in a layer without an activation; or scale the targets into its range.",
    )


NODE_RULES = (classes_as_numbers, target_range, out_of_reach)
