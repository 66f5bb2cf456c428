"""The recipe: optimizers, schedules and settings of every stage, and whether they suit the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from nodeforge.analysis.report import NetworkReport
from nodeforge.analysis.values import mended, value_faults
from nodeforge.catalog import learning_rules, optimizers, schedules
from nodeforge.catalog.recipes import SETTINGS
from nodeforge.core.diagnostics import Diagnostic, Fix, Severity
from nodeforge.core.document import Component, Document, Stage
from nodeforge.core.edits import Edit, SetRecipe
from nodeforge.core.parameters import Declaration, Values
from nodeforge.core.specs import DataFacts

Reports = Mapping[str, NetworkReport]
"""What is known of the networks, by name."""

_COMPONENTS: Mapping[str, Mapping[str, Declaration]] = {"optimizer": optimizers(), "schedule": schedules()}


def unknown_rules(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """A learning rule that the catalog does not have."""
    known = list(learning_rules())
    for stage in document.recipe.stages:
        if stage.rule in known:
            continue
        near = get_close_matches(stage.rule, known, n=1) or known[:1]
        yield Diagnostic(
            code="unknown-rule",
            severity=Severity.ERROR,
            message=f"The learning rule of stage {stage.name} is {stage.rule!r}, which NodeForge does not have "
            f"(it has: {', '.join(known)}).",
            parameter="rule",
            stage=stage.name,
            fixes=tuple(Fix(label=f"Use {wish}", edit=_changed(document, stage, rule=wish)) for wish in near),
        )


def unknown_components(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """An optimizer or a schedule that the catalog does not have."""
    for stage in document.recipe.stages:
        for part, known in _COMPONENTS.items():
            name = getattr(stage, part).kind
            if name in known:
                continue
            near = get_close_matches(name, known, n=2) or list(known)[:1]
            yield Diagnostic(
                code=f"unknown-{part}",
                severity=Severity.ERROR,
                message=f"The {part} of stage {stage.name} is {name!r}, which NodeForge does not have "
                f"(it has: {', '.join(known)}).",
                parameter=part,
                stage=stage.name,
                fixes=tuple(
                    Fix(label=f"Use {wish}", edit=_changed(document, stage, **{part: Component(kind=wish)}))
                    for wish in near
                ),
            )


def setting_faults(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Values of a stage, its optimizer and its schedule against their declarations."""
    scope = document.scope
    for stage in document.recipe.stages:
        for part, declaration, values in _declared(stage):
            for fault in value_faults(declaration, values, scope):
                place = f"{_PLACES.get(part, f'the {part} of stage')} {stage.name}"
                yield Diagnostic(
                    code=fault.code,
                    severity=Severity.ERROR,
                    message=f"In {place}: {fault.message}.",
                    parameter=fault.parameter,
                    stage=stage.name,
                    fixes=tuple(
                        Fix(label=mend.label, edit=_with_values(document, stage, part, mended(values, mend)))
                        for mend in fault.mends
                    ),
                )


_PLACES = {"settings": "stage", "rule_settings": "the learning rule of stage"}


def _declared(stage: Stage) -> Iterator[tuple[str, Declaration, Values]]:
    yield "settings", SETTINGS, stage.settings
    if stage.rule in learning_rules():
        yield "rule_settings", learning_rules()[stage.rule], stage.rule_settings
    for part, known in _COMPONENTS.items():
        component: Component = getattr(stage, part)
        if component.kind in known:
            yield part, known[component.kind], component.parameters


def _with_values(document: Document, stage: Stage, part: str, values: Values) -> Edit:
    if part in _PLACES:
        return _changed(document, stage, **{part: values})
    return _changed(document, stage, **{part: replace(getattr(stage, part), parameters=values)})


def batch_too_large(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """Batches larger than the training split: every epoch is one step."""
    samples = facts.sizes.get("train", 0) if facts else 0
    if not samples:
        return
    for stage, settled in zip(document.recipe.stages, document.computed_recipe().stages, strict=True):
        rule = learning_rules().get(stage.rule)
        if rule is None or not rule.by_batches:
            continue
        size = settled.settings.get("batch_size", SETTINGS.complete({})["batch_size"])
        if not isinstance(size, int) or size <= samples:
            continue
        settings = {**stage.settings, "batch_size": max(1, samples // 10)}
        yield Diagnostic(
            code="batch-too-large",
            severity=Severity.WARNING,
            message=f"Stage {stage.name} takes {size} samples per step, and there are only {samples} to "
            "train on: each epoch is a single step.",
            reason="Smaller batches give more steps, and so faster learning, from the same data.",
            parameter="batch_size",
            stage=stage.name,
            fixes=(
                Fix(
                    label=f"Set batch_size to {settings['batch_size']}",
                    edit=_changed(document, stage, settings=settings),
                ),
            ),
        )


_HIGH_RATES = {"SGD": 1.0}
_HIGH_RATE = 0.1
"""Above this the optimizers that size each step by themselves jump about."""


def odd_rates(document: Document, facts: DataFacts | None, reports: Reports) -> Iterator[Diagnostic]:
    """A learning rate far from any that the optimizer is used with."""
    for stage, settled in zip(document.recipe.stages, document.computed_recipe().stages, strict=True):
        declaration = optimizers().get(stage.optimizer.kind)
        parameter = declaration.parameter("lr") if declaration else None
        rate = settled.optimizer.parameters.get("lr")
        if (
            declaration is None
            or parameter is None
            or isinstance(rate, bool)
            or not isinstance(rate, (int, float))
        ):
            continue
        usual = parameter.default
        assert isinstance(usual, float)
        high = _HIGH_RATES.get(declaration.name, _HIGH_RATE)
        if not rate > high:
            continue
        values = {name: value for name, value in stage.optimizer.parameters.items() if name != "lr"}
        yield Diagnostic(
            code="learning-rate",
            severity=Severity.HINT,
            message=f"The learning rate of stage {stage.name} is {rate:g}, and {declaration.name} mostly works with "
            f"about {usual:g}: expect the loss to jump.",
            reason="Each step would overshoot the place it aims at. A tenth of the rate is a good next try.",
            parameter="lr",
            stage=stage.name,
            fixes=(
                Fix(label=f"Set lr to {usual:g}", edit=_with_values(document, stage, "optimizer", values)),
            ),
        )


def _changed(document: Document, stage: Stage, **fields: object) -> Edit:
    stages = tuple(
        replace(s, **fields) if s is stage else s  # type: ignore[arg-type]
        for s in document.recipe.stages
    )
    return SetRecipe(replace(document.recipe, stages=stages))


DOCUMENT_RULES = (unknown_rules, unknown_components, setting_faults, batch_too_large, odd_rates)
