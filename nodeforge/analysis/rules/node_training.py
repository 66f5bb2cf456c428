"""What stages say of single nodes, and weights that a training begins with: for nodes that there are, in sound values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.rules.stages import node_at
from nodeforge.analysis.values import mended, value_faults
from nodeforge.catalog import optimizers
from nodeforge.catalog.recipes import NODE_SETTINGS
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Document, Stage
from nodeforge.core.edits import SetRecipe
from nodeforge.core.parameters import Values
from nodeforge.core.specs import DataFacts

Reports = Mapping[str, NetworkReport]


def forgotten_nodes(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Nodes of which a stage says how they learn, or that get weights, and that are not there."""
    main = reports[document.main]
    for stage in document.recipe.stages:
        for node in stage.per_node:
            if node_at(main, node) is None:
                yield Diagnostic(
                    code="stage-unknown-node",
                    severity=Severity.ERROR,
                    message=f"Stage {stage.name} says how {node} learns, and {document.main} has no such node.",
                    reason="The node was removed, or its name was mistyped in the file.",
                    parameter="per_node",
                    stage=stage.name,
                    fixes=(_say(document, stage, node, {}, f"Forget what is said of {node}"),),
                )
    for source in document.recipe.weights:
        if source.into and node_at(main, source.into) is None:
            kept = tuple(other for other in document.recipe.weights if other is not source)
            edit = SetRecipe(replace(document.recipe, weights=kept))
            yield Diagnostic(
                code="stage-unknown-node",
                severity=Severity.ERROR,
                message=f"The weights of {source.source} are for {source.into}, and {document.main} has no such node.",
                reason="The node was removed, or its name was mistyped in the file.",
                parameter="weights",
                fixes=(Fix(label=f"Begin without {source.source}", edit=edit),),
            )


def node_setting_faults(
    document: Document, facts: DataFacts | None, reports: Reports
) -> Iterator[Diagnostic]:
    """Values for single nodes against their declaration, and against the optimizer that is to follow them."""
    for stage in document.recipe.stages:
        for node, values in stage.per_node.items():
            for fault in value_faults(NODE_SETTINGS, values, document.scope):
                yield Diagnostic(
                    code=fault.code,
                    severity=Severity.ERROR,
                    message=f"In what stage {stage.name} says of {node}: {fault.message}.",
                    parameter=fault.parameter,
                    stage=stage.name,
                    fixes=tuple(
                        _say(document, stage, node, mended(values, mend), mend.label) for mend in fault.mends
                    ),
                )
            optimizer = optimizers().get(stage.optimizer.kind)
            if optimizer is None:
                continue
            has_decay = optimizer.parameter("weight_decay") is not None
            for name in ("lr_factor", "weight_decay"):
                followed = not optimizer.whole and (name != "weight_decay" or has_decay)
                default = NODE_SETTINGS.complete({})[name]
                if followed or values.get(name, default) == default or values.get("frozen") is True:
                    continue
                kept = {key: value for key, value in values.items() if key != name}
                yield Diagnostic(
                    code="parameter-invalid",
                    severity=Severity.ERROR,
                    message=f"Stage {stage.name} gives {node} a {name} of its own, which {optimizer.label} cannot follow.",
                    reason="It moves all weights as one." if optimizer.whole else "It has no weight decay.",
                    parameter=name,
                    stage=stage.name,
                    fixes=(_say(document, stage, node, kept, f"Let {node} learn as the others"),),
                )


def _say(document: Document, stage: Stage, node: str, values: Values, label: str) -> Fix:
    """A fix after which the stage says something else of a node; nothing, where there are no values."""
    others = {other: said for other, said in stage.per_node.items() if other != node}
    changed = replace(stage, per_node={**others, **({node: values} if values else {})})
    stages = tuple(changed if each is stage else each for each in document.recipe.stages)
    return Fix(label=label, edit=SetRecipe(replace(document.recipe, stages=stages)))


DOCUMENT_RULES = (forgotten_nodes, node_setting_faults)
