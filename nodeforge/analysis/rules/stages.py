"""Whom the stages of the recipe teach, and by which losses: nodes that there are, and that have something to learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from nodeforge.analysis.report import NetworkReport, NodeReport
from nodeforge.analysis.words import listed, were
from nodeforge.catalog.learning_rules import GRADIENT
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Document, Stage
from nodeforge.core.edits import SetRecipe
from nodeforge.core.specs import DataFacts

Reports = Mapping[str, NetworkReport]


def unknown_nodes(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Nodes that a stage names and that the main network does not have."""
    main = reports[document.main]
    for stage in document.recipe.stages:
        for field, does in (("learns", "teaches"), ("objectives", "follows the loss")):
            paths: tuple[str, ...] = getattr(stage, field)
            for path in paths:
                if node_at(main, path) is not None:
                    continue
                kept = tuple(other for other in paths if other != path)
                near = [name for name in get_close_matches(path, main.nodes, n=1) if name not in paths]
                meant = tuple(near[0] if other == path else other for other in paths) if near else ()
                yield Diagnostic(
                    code="stage-unknown-node",
                    severity=Severity.ERROR,
                    message=f"Stage {stage.name} {does} {path}, and {document.main} has no such node.",
                    reason="The node was removed, or its name was mistyped in the file.",
                    parameter=field,
                    stage=stage.name,
                    fixes=(
                        *(_change(document, stage, field, meant, f"Use {name}") for name in near),
                        _change(document, stage, field, kept, f"Take {path} out of the stage"),
                    ),
                )


def nothing_to_teach(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """A stage that teaches nodes without weights only."""
    for stage in document.recipe.stages:
        found = [node_at(reports[document.main], path) for path in stage.learns]
        known = [report for report in found if report is not None and report.outputs]
        if not known or len(known) < len(found) or any(_learns(report, stage.rule) for report in known):
            continue
        names = listed(stage.learns)
        idle = sorted({report.mode for report in known} - {"active"})
        why = (
            f"{were(stage.learns, 'is', 'are')} {' or '.join(idle)}"
            if idle
            else f"{were(stage.learns, 'has', 'have')} no weights"
        )
        yield Diagnostic(
            code="stage-without-weights",
            severity=Severity.WARNING,
            message=f"Stage {stage.name} teaches {names}, which {why}: it changes nothing.",
            reason="Only nodes with weights learn. A stage that names no nodes teaches all of them.",
            parameter="learns",
            stage=stage.name,
            fixes=(_change(document, stage, "learns", (), "Teach all nodes"),),
        )


def node_at(network: NetworkReport, path: str) -> NodeReport | None:
    """The node at the end of a path through networks in networks; None when there is none."""
    name, _, rest = path.partition(".")
    report = network.nodes.get(name)
    if report is None or not rest:
        return report
    return node_at(report.inside, rest) if report.inside is not None else None


def _learns(report: NodeReport, rule: str) -> bool:
    """Whether a node has weights, be they its own or another's, or prototypes and the like that only this rule moves."""
    if report.mode != "active":
        return False
    by_rule = rule != GRADIENT.name and report.kind is not None and rule in report.kind.rules
    return bool(
        by_rule or report.parameters or (report.kind and report.kind.parameter_count) or report.inside
    )


def _change(document: Document, stage: Stage, field: str, paths: tuple[str, ...], label: str) -> Fix:
    changed = replace(stage, **{field: paths})  # type: ignore[arg-type]
    stages = tuple(changed if each is stage else each for each in document.recipe.stages)
    return Fix(label=label, edit=SetRecipe(replace(document.recipe, stages=stages)))


DOCUMENT_RULES = (unknown_nodes, nothing_to_teach)
