"""Settings of training stages by key: of all at once, or of one by its name (`pretrain.epochs`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from nodeforge.catalog import learning_rules, optimizers, schedules
from nodeforge.catalog.recipes import SETTINGS
from nodeforge.core.document import Component, Document, Stage
from nodeforge.core.edits import Edit, SetRecipe
from nodeforge.core.parameters import Choice, Declaration, Parameter, Value

Setting = tuple[Parameter, Callable[[Value], Edit]]
"""What checks a value, and what makes the edit that sets it."""

Change = Callable[[Stage], Stage]


def stage_settings(document: Document) -> Iterator[tuple[str, Setting]]:
    """Every setting of the stages, by key: `epochs` tells all, `pretrain.epochs` the stage of that name."""
    stages = document.recipe.stages
    for stage in stages:
        yield from _Keys(document, (stage,), f"{stage.name}.").settings()
    yield from _Keys(document, stages, "").settings()


class _Keys:
    """The keys of some stages, which are told the same."""

    def __init__(self, document: Document, stages: tuple[Stage, ...], prefix: str) -> None:
        self._document = document
        self._stages = stages
        self._prefix = prefix

    def settings(self) -> Iterator[tuple[str, Setting]]:
        for parameter in SETTINGS.parameters:
            yield self._key(parameter.name), (parameter, self._telling("settings", parameter.name))
        for stage in self._stages:
            rule = learning_rules().get(stage.rule)
            for parameter in rule.parameters if rule else ():
                tell = self._telling("rule_settings", parameter.name, of_rule=stage.rule)
                yield self._key(f"rule.{parameter.name}"), (parameter, tell)
        yield from self._component_settings("optimizer", optimizers())
        yield from self._component_settings("schedule", schedules())

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _edit(self, change: Change) -> Edit:
        recipe = self._document.recipe
        stages = tuple(change(s) if s in self._stages else s for s in recipe.stages)
        return SetRecipe(replace(recipe, stages=stages))

    def _telling(self, part: str, name: str, of_rule: str = "") -> Callable[[Value], Edit]:
        """What sets a value in a dictionary of stages; those with another rule are left alone."""

        def tell(stage: Stage, value: Value) -> Stage:
            if of_rule not in ("", stage.rule):
                return stage
            return replace(stage, **{part: {**getattr(stage, part), name: value}})  # type: ignore[arg-type]

        return lambda value: self._edit(lambda stage: tell(stage, value))

    def _component_settings(
        self, part: str, declared: Mapping[str, Declaration]
    ) -> Iterator[tuple[str, Setting]]:
        """The optimizer or schedule, and the parameters that the first stage's has."""
        options = Parameter(part, Choice(options=tuple(declared)))
        yield self._key(part), (options, lambda name: self._exchanging(part, declared[str(name)]))
        kind = getattr(self._stages[0], part).kind
        for parameter in declared[kind].parameters if kind in declared else ():
            tell = self._telling_component(part, kind, parameter.name)
            yield self._key(f"{part}.{parameter.name}"), (parameter, tell)

    def _exchanging(self, part: str, declaration: Declaration) -> Edit:
        """Another kind, with those parameters kept that both have."""

        def exchange(stage: Stage) -> Stage:
            before: Component = getattr(stage, part)
            kept = {name: v for name, v in before.parameters.items() if declaration.parameter(name)}
            return replace(stage, **{part: Component(kind=declaration.name, parameters=kept)})  # type: ignore[arg-type]

        return self._edit(exchange)

    def _telling_component(self, part: str, kind: str, parameter: str) -> Callable[[Value], Edit]:
        def tell(stage: Stage, value: Value) -> Stage:
            component: Component = getattr(stage, part)
            if component.kind != kind:
                return stage
            told = replace(component, parameters={**component.parameters, parameter: value})
            return replace(stage, **{part: told})  # type: ignore[arg-type]

        return lambda value: self._edit(lambda stage: tell(stage, value))
