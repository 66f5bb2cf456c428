"""What torch would run without a word and what would still learn badly, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.additions import new_losses
from nodeforge.analysis.fixes import insertion, removal, swaps
from nodeforge.analysis.resizing import resizing
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Answers, Role
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.edits import Batch, Connect, Disconnect, SetKind
from nodeforge.core.graph import Node, Wire
from nodeforge.core.specs import TensorSpec

_APPLIES_ITSELF = {
    "CrossEntropyLoss": ("softmax", ("Softmax", "LogSoftmax", "Sigmoid")),
    "BCEWithLogitsLoss": ("sigmoid", ("Sigmoid", "Softmax")),
}
_WEIGHED_SUMS = ("Linear", "Conv1d", "Conv2d")


def no_objective(view: NetworkView) -> Iterator[Diagnostic]:
    """A network without a loss: it can be exported, but there is nothing to learn from."""
    if not view.is_main or view.with_role(Role.OBJECTIVE):
        return
    outputs = [node.name for node in view.with_role(Role.OUTPUT)]
    wires = [wire for name in outputs for wire in view.graph.wires_into(name)]
    if not wires:
        return
    yield view.finding(
        "no-objective",
        Severity.WARNING,
        f"{view.name} has no loss, so it cannot be trained: add one, with a Target for the right answers.",
        reason="Training makes a loss smaller: a number that says how far the prediction is from the target.",
        fixes=new_losses(view, wires[0].tail, wires[0].target),
    )


def activation_before_loss(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Softmax before a loss that applies it itself (sigmoid likewise)."""
    does, kinds = _APPLIES_ITSELF.get(node.kind, ("", ()))
    wire = _wire_into(view, node.name, "input")
    if wire is None or view.graph.nodes[wire.source].kind not in kinds:
        return
    source = view.graph.nodes[wire.source]
    yield view.finding(
        "activation-before-loss",
        Severity.WARNING,
        f"{node.kind} applies {does} itself: without {source.name} before it, the network learns faster "
        "and better.",
        reason=f"After {source.kind} all scores lie close together, so the gradients become small.",
        node=node.name,
        port="input",
        nodes=(source.name, node.name),
        wires=[wire],
        fixes=_bypass(view, wire),
    )


def _bypass(view: NetworkView, wire: Wire) -> list[Fix]:
    """Let a wire start before its source: remove the source, or leave it to the others that use it."""
    before = _wire_into(view, wire.source, view.catalog[view.graph.nodes[wire.source].kind].inputs[0].name)
    if before is None:
        return []
    if len(list(view.graph.wires_from(wire.source))) == 1:
        return [removal(view, wire.source)]
    label = f"Wire {before.source} past {wire.source} to {wire.target}"
    index = view.graph.index_of(wire)
    edits = (Disconnect(view.name, wire), Connect(view.name, Wire(*before.tail, *wire.head), index))
    return [Fix(label=label, edit=Batch(edits, label))]


def raw_scores_into_nll(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """NLLLoss on something else than log-probabilities."""
    wire = _wire_into(view, node.name, "input")
    if node.kind != "NLLLoss" or wire is None or view.graph.nodes[wire.source].kind == "LogSoftmax":
        return
    parameters = {
        name: value
        for name, value in node.parameters.items()
        if view.catalog["CrossEntropyLoss"].parameter(name)
    }
    change = SetKind(view.name, node.name, "CrossEntropyLoss", parameters)
    yield view.finding(
        "raw-scores",
        Severity.WARNING,
        f"{node.name} expects log-probabilities, and {wire.source} is no LogSoftmax: use CrossEntropyLoss, "
        "which takes raw scores.",
        reason="On raw scores NLLLoss can be made as small as one likes without learning anything.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=[Fix(label="Change to CrossEntropyLoss", edit=change)],
    )


def class_count(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """As many scores as the data has classes."""
    wire = _wire_into(view, node.name, "input")
    classes = _classes(view, node)
    spec = view.spec(wire.tail) if wire else None
    if wire is None or view.facts is None or not classes or spec is None or spec.rank < 2:
        return
    if view.evaluations[node.name].error or spec.shape[1] == classes:
        return
    scores = int(spec.shape[1])
    resized = resizing(view, wire.tail, (spec.shape[0], classes, *spec.shape[2:]))
    few = scores < classes
    yield view.finding(
        "class-count",
        Severity.ERROR if few else Severity.WARNING,
        f"{view.facts.title} has {classes} classes, and {node.name} gets scores for {scores} from "
        f"{wire.source}{': each class needs one' if few else ', more than can ever be right'}.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=[resized] if resized else [],
    )


def _classes(view: NetworkView, node: Node) -> int:
    """How many classes the Target that feeds a class loss has; 0 when it is no class label."""
    kind = view.kind(node.name)
    tells_classes = kind is not None and kind.answers is Answers.CLASSES
    wire = _wire_into(view, node.name, "target") if tells_classes else None
    field = view.field_of(wire.source) if wire else None
    declared = view.spec(wire.tail) if wire else None
    if field is None or declared is None or declared.dtype != "int64":
        return 0
    return len(field.classes)


def numbers_as_probabilities(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """CrossEntropyLoss on targets that are numbers to predict: it reads them as probabilities."""
    wire = _wire_into(view, node.name, "target")
    spec = view.spec(wire.tail) if wire else None
    if node.kind != "CrossEntropyLoss" or wire is None or spec is None or spec.dtype == "int64":
        return
    field = view.field_of(wire.source)
    one_score = _is_single(view.report(node.name).inputs.get("input", ()))
    if not one_score and (field is None or field.classes):
        return
    given = f"{field.name} holds numbers, not classes" if field else "there is one score only"
    yield view.finding(
        "loss-misfit",
        Severity.ERROR if one_score else Severity.WARNING,
        f"{node.name} tells classes apart, but {given}: use a loss that compares values, such as MSELoss.",
        reason="CrossEntropyLoss reads float targets as the probability of each class; with one class it is "
        "always 0.",
        node=node.name,
        port="target",
        wires=[wire],
        fixes=swaps(view, node),
    )


def _is_single(specs: tuple[TensorSpec, ...]) -> bool:
    return bool(specs) and specs[0].rank > 1 and specs[0].shape[1] == 1


def sums_in_a_row(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Two layers of weighted sums with no activation between: together they can do no more than one."""
    wire = next(view.graph.wires_into(node.name), None)
    if node.kind not in _WEIGHED_SUMS or wire is None:
        return
    source = view.graph.nodes[wire.source]
    if source.kind != node.kind:
        return
    relu = insertion(view, wire, "ReLU")
    yield view.finding(
        "no-activation",
        Severity.HINT,
        f"{source.name} and {node.name} follow each other without an activation: "
        "two weighted sums in a row can do no more than one.",
        reason="An activation such as ReLU between them lets the network bend its answer.",
        node=node.name,
        nodes=(source.name, node.name),
        wires=[wire],
        fixes=[relu] if relu else [],
    )


def _wire_into(view: NetworkView, name: str, port: str) -> Wire | None:
    """The wire into a port that takes one."""
    ends = view.graph.inputs_of(name).get(port, ())
    return Wire(*ends[0], name, port) if len(ends) == 1 else None


NETWORK_RULES = (no_objective,)
NODE_RULES = (
    activation_before_loss,
    raw_scores_into_nll,
    class_count,
    numbers_as_probabilities,
    sums_in_a_row,
)
