"""Dropout and normalization: where they stand, and what they take away from each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nodeforge.analysis.chains import chain, wire_into
from nodeforge.analysis.fixes import bypass
from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.analysis.rules.families import BATCH_NORMS, CURVED, DROPOUTS, MOVING, WEIGHED_SUMS
from nodeforge.analysis.view import NetworkView
from nodeforge.analysis.words import listed, were
from nodeforge.catalog.kind import Role
from nodeforge.catalog.recipes import SETTINGS
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, SetParameter, SetRecipe
from nodeforge.core.graph import Node
from nodeforge.core.specs import DataFacts

_STRONG = 0.8
_USUAL = 0.5


def strong_dropout(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """So much dropout that hardly anything is left."""
    p = view.report(node.name).values.get("p")
    if node.kind not in DROPOUTS or not isinstance(p, float) or not _STRONG < p <= 1:
        return
    left = "nothing" if p == 1 else f"one value in {1 / (1 - p):.0f}"
    yield view.finding(
        "strong-dropout",
        Severity.HINT if p < 1 else Severity.WARNING,
        f"{node.name} leaves {left} while the network trains (p = {p:g}): 0.1 to {_USUAL:g} is usual.",
        reason="p is the share of values that are set to 0, not the share that is kept.",
        node=node.name,
        parameter="p",
        fixes=[Fix(label=f"Set p to {_USUAL:g}", edit=SetParameter(view.name, node.name, "p", _USUAL))],
    )


def dropout_before_output(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Dropout on the answer itself."""
    kind = view.kind(node.name)
    if kind is None or kind.role not in (Role.OUTPUT, Role.OBJECTIVE) or not kind.inputs:
        return
    wire = wire_into(view, node.name, kind.inputs[0].name)
    if wire is None:
        return
    wires = chain(view, wire, MOVING)
    source = view.graph.nodes[wires[0].source]
    if source.kind not in DROPOUTS or (kind.role is Role.OUTPUT and _also_judged(view, source.name)):
        return
    yield view.finding(
        "dropout-before-output",
        Severity.WARNING,
        f"{source.name} sets part of the answer itself to 0, right before {node.name}: put it before the last layer.",
        reason="Dropout is for features, of which there are many. The answer has nothing to make up for what is missing.",
        node=source.name,
        wires=wires,
        fixes=bypass(view, wires),
    )


def _also_judged(view: NetworkView, name: str) -> bool:
    """Whether a node's result goes to an objective, too, where it is told of."""
    return any(
        (kind := view.kind(target)) is not None and kind.role is Role.OBJECTIVE
        for target in view.graph.successors(name)
    )


def dropout_before_norm(view: NetworkView, node: Node) -> Iterator[Diagnostic]:
    """Dropout before batch normalization: what it measures while training is not what comes later."""
    wire = wire_into(view, node.name) if node.kind in BATCH_NORMS else None
    if wire is None:
        return
    wires = chain(view, wire, MOVING | CURVED)
    source = view.graph.nodes[wires[0].source]
    if source.kind not in DROPOUTS:
        return
    yield view.finding(
        "dropout-before-norm",
        Severity.HINT,
        f"{node.name} measures the spread of values while {source.name} sets some of them to 0: put the dropout "
        f"behind {node.name}.",
        reason="After training nothing is dropped, so the spread is another one than was measured (Li et al., 2018).",
        node=node.name,
        nodes=(source.name, node.name),
        wires=wires,
        fixes=bypass(view, wires),
    )


def bias_before_norm(view: NetworkView) -> Iterator[Diagnostic]:
    """Layers whose bias the batch normalization behind them subtracts again. One finding for all of them."""
    idle = []
    for norm in view.of_kinds(BATCH_NORMS):
        ends = view.graph.inputs_of(norm.name).get("input", ())
        layer = ends[0][0] if len(ends) == 1 else norm.name
        has_bias = (
            view.graph.nodes[layer].kind in WEIGHED_SUMS and view.report(layer).values.get("bias") is True
        )
        if has_bias and len(view.graph.successors(layer)) == 1:
            idle.append((layer, norm.name))
    if not idle:
        return
    layers, norms = [layer for layer, _ in idle], [norm for _, norm in idle]
    label = f"Switch {were(layers, 'its bias', 'their biases')} off"
    edits = tuple(SetParameter(view.name, layer, "bias", False) for layer in layers)
    yield view.finding(
        "bias-before-norm",
        Severity.HINT,
        f"The bias of {listed(layers)} does nothing: {listed(norms)} "
        f"{were(norms, 'subtracts it', 'subtract them')} again.",
        reason="Batch normalization takes the mean of each channel away, and a bias with it; it has one of its own.",
        nodes=layers,
        fixes=[Fix(label=label, edit=Batch(edits, label))],
    )


def single_samples(
    document: Document, facts: DataFacts | None, reports: Mapping[str, NetworkReport]
) -> Iterator[Diagnostic]:
    """Batch normalization that is to find its statistics in a batch of one."""
    for stage, settled in zip(document.recipe.stages, document.computed_recipe().stages, strict=True):
        size = settled.settings.get("batch_size", SETTINGS.complete({})["batch_size"])
        if size != 1:
            continue
        norms = {
            name: report
            for name, report in reports[document.main].nodes.items()
            if report.kind is not None and report.kind.name in BATCH_NORMS and report.inputs
        }
        if not norms:
            return
        alone = [name for name, report in norms.items() if _values_per_channel(report) == 1]
        settings = {**stage.settings, "batch_size": 16}
        stages = tuple(replace(s, settings=settings) if s is stage else s for s in document.recipe.stages)
        named = alone or list(norms)
        yield Diagnostic(
            code="single-samples",
            severity=Severity.ERROR if alone else Severity.WARNING,
            message=f"Stage {stage.name} takes 1 sample per step, and {listed(named)} "
            f"{were(named, 'compares', 'compare')} the samples of a step with each other: take more.",
            reason="Batch normalization measures mean and spread over the batch. Of one value there is no spread, and "
            "the training stops; of one image there is only its own.",
            network=document.main,
            nodes=tuple(named),
            parameter="batch_size",
            stage=stage.name,
            fixes=(
                Fix(label="Set batch_size to 16", edit=SetRecipe(replace(document.recipe, stages=stages))),
            ),
        )


def _values_per_channel(report: NodeReport) -> int:
    spec = report.inputs["input"][0]
    return spec.sample_size // int(spec.shape[1])


NODE_RULES = (strong_dropout, dropout_before_output, dropout_before_norm)
WEIGHT_RULES = (bias_before_norm,)
DOCUMENT_RULES = (single_samples,)
