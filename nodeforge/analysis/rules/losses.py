"""What arrives at a loss against what it takes it for: raw scores, probabilities, their logarithms, classes."""

from __future__ import annotations

from collections.abc import Iterator

from nodeforge.analysis.chains import chain, wire_into
from nodeforge.analysis.fixes import bypass, insertion, kind_change, swaps
from nodeforge.analysis.resizing import resizing
from nodeforge.analysis.rules.families import DROPOUTS, MOVING, WEIGHED_SUMS, span_of
from nodeforge.analysis.view import NetworkView
from nodeforge.catalog.kind import Answers
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.graph import Node, Wire
from nodeforge.core.specs import TensorSpec

_APPLIES_ITSELF = {
    "CrossEntropyLoss": ("softmax", ("Softmax", "Softmax2d", "LogSoftmax", "Sigmoid")),
    "BCEWithLogitsLoss": ("sigmoid", ("Sigmoid", "Hardsigmoid", "LogSigmoid", "Softmax")),
    "MultiLabelSoftMarginLoss": ("sigmoid", ("Sigmoid", "Hardsigmoid", "LogSigmoid", "Softmax")),
}
_LOGARITHMS = ("NLLLoss", "KLDivLoss")
_RAW = (
    "Linear",
    "Convolution",
    "Normalization",
    "Recurrent",
    "Attention",
    "Embedding",
    "Pooling",
    "Activation",
)
"""Categories whose results are surely no logarithms of probabilities, but for those that take the logarithm."""


def activation_before_loss(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Softmax before a loss that applies it itself (sigmoid likewise)."""
    does, kinds = _APPLIES_ITSELF.get(node.kind, ("", ()))
    wire = wire_into(view, node.name, "input") if kinds else None
    if wire is None:
        return
    wires = chain(view, wire, MOVING | DROPOUTS)
    source = view.graph.nodes[wires[0].source]
    if source.kind not in kinds:
        return
    if source.kind == "LogSoftmax":
        severity = Severity.HINT
        message = f"{source.name} changes nothing: {node.kind} takes the log-softmax of its input itself."
        reason = "The log-softmax of a log-softmax is the same again."
    else:
        severity = Severity.WARNING
        message = (
            f"{node.kind} applies {does} itself: without {source.name} before it, the network learns faster "
            "and better."
        )
        reason = f"After {source.kind} all scores lie close together, so the gradients become small."
    yield view.finding(
        "activation-before-loss",
        severity,
        message,
        reason=reason,
        node=node.name,
        port="input",
        nodes=(source.name, node.name),
        wires=wires,
        fixes=bypass(view, wires),
    )


def raw_scores(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A loss of log-probabilities on something else."""
    wire = wire_into(view, node.name, "input") if node.kind in _LOGARITHMS else None
    if wire is None:
        return
    source = view.graph.nodes[chain(view, wire, MOVING | DROPOUTS)[0].source]
    kind = view.kind(source.name)
    if kind is None or kind.category not in _RAW or source.kind in ("LogSoftmax", "LogSigmoid", *MOVING):
        return
    given = "gives probabilities" if source.kind in ("Softmax", "Softmax2d") else "is no LogSoftmax"
    if node.kind == "NLLLoss":
        remedy = "use CrossEntropyLoss, which takes raw scores"
        reason = "On raw scores NLLLoss can be made as small as one likes without learning anything."
    else:
        remedy = "take the LogSoftmax of the scores first"
        reason = "KLDivLoss compares logarithms; on anything else it is no distance and can fall below 0."
    yield view.finding(
        "raw-scores",
        Severity.WARNING,
        f"{node.name} expects log-probabilities, and {source.name} {given}: {remedy}.",
        reason=reason,
        node=node.name,
        port="input",
        wires=[wire],
        fixes=_logarithms(view, node, source, wire),
    )


def _logarithms(view: NetworkView, node: Node, source: Node, wire: Wire) -> list[Fix]:
    if source.kind == "Softmax":
        alone = len(list(view.graph.wires_from(source.name))) == 1
        return (
            [kind_change(view, source, "LogSoftmax", f"Change {source.name} to LogSoftmax")] if alone else []
        )
    if node.kind == "NLLLoss":
        return [kind_change(view, node, "CrossEntropyLoss", "Change to CrossEntropyLoss")]
    fix = insertion(view, wire, "LogSoftmax")
    return [fix] if fix else []


def no_probabilities(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """BCELoss on values that may lie outside 0 to 1: torch refuses them in the middle of the training."""
    wire = wire_into(view, node.name, "input") if node.kind == "BCELoss" else None
    if wire is None:
        return
    source = view.graph.nodes[chain(view, wire, MOVING)[0].source]
    span = span_of(view.report(source.name))
    if span is None or (span[0] >= 0 and span[1] <= 1):
        return
    raw = source.kind in WEIGHED_SUMS
    sigmoid = insertion(view, wire, "Sigmoid") if raw else None
    fixes = [kind_change(view, node, "BCEWithLogitsLoss", "Change to BCEWithLogitsLoss")] if raw else []
    yield view.finding(
        "no-probabilities",
        Severity.ERROR,
        f"{node.name} takes probabilities from 0 to 1, and {source.name} gives {_reach(span)}: use "
        "BCEWithLogitsLoss, which takes raw scores, or put a Sigmoid before it.",
        reason="BCELoss stops the training at the first value outside 0 to 1.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=[*fixes, *([sigmoid] if sigmoid else [])],
    )


def _reach(span: tuple[float, float]) -> str:
    low, high = span
    if low == -high and high != float("inf"):
        return f"values from {low:g} to {high:g}"
    if low == float("-inf"):
        return "any number" if high == float("inf") else f"values of at most {high:g}"
    return f"values of at least {low:g}" if high == float("inf") else f"values from {low:g} to {high:g}"


def class_count(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """As many scores as the data has classes."""
    wire = wire_into(view, node.name, "input")
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
        reason="The score at place k is that of class k; a label beyond the last score stops the training.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=[resized] if resized else [],
    )


def _classes(view: NetworkView, node: Node) -> int:
    """How many classes the Target that feeds a class loss has; 0 when it is no class label."""
    wire = wire_into(view, node.name, "target") if _chooses(view, node) else None
    field = view.field_of(wire.source) if wire else None
    declared = view.spec(wire.tail) if wire else None
    if field is None or declared is None or declared.dtype != "int64":
        return 0
    return len(field.classes)


def _chooses(view: NetworkView, node: Node) -> bool:
    kind = view.kind(node.name)
    return kind is not None and kind.answers is Answers.CLASSES


def single_score(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """A choice among classes with one score: whatever it is, it always wins."""
    wire = wire_into(view, node.name, "input") if _chooses(view, node) else None
    answers = wire_into(view, node.name, "target")
    scores = view.spec(wire.tail) if wire else None
    target = view.spec(answers.tail) if answers else None
    if wire is None or scores is None or not _is_single((scores,)) or _classes(view, node):
        return
    if target is None or target.dtype != "int64" or view.evaluations[node.name].error:
        return
    resized = resizing(view, wire.tail, (scores.shape[0], 2, *scores.shape[2:]))
    yield view.finding(
        "single-score",
        Severity.ERROR,
        f"{node.name} chooses among classes, and {wire.source} gives it one score, {scores}: give it one "
        "for each class.",
        reason="The softmax of a single score is always 1, so the loss is always 0 and nothing is learned. For "
        "a yes or no with one score there is BCEWithLogitsLoss.",
        node=node.name,
        port="input",
        wires=[wire],
        fixes=[resized] if resized else [],
    )


def numbers_as_probabilities(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """CrossEntropyLoss on targets that are numbers to predict: it reads them as probabilities."""
    wire = wire_into(view, node.name, "target")
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


NODE_RULES = (
    activation_before_loss,
    raw_scores,
    no_probabilities,
    class_count,
    single_score,
    numbers_as_probabilities,
)
