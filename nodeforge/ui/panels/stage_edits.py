"""What can be done to the list of stages: each of these gives another recipe, to be set as one edit."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from nodeforge.core.document import Recipe, Stage


def unique_name(wish: str, taken: Collection[str]) -> str:
    """The name, or with the next free number behind it: "train", "train 2", "train 3"."""
    stem = re.sub(r" \d+$", "", wish)
    names = (wish, *(f"{stem} {number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def with_stage(recipe: Recipe, index: int, stage: Stage) -> Recipe:
    """Another stage in place of one."""
    stages = list(recipe.stages)
    stages[index] = stage
    return _with_stages(recipe, stages)


def inserted(recipe: Recipe, index: int, stage: Stage) -> Recipe:
    """One stage more, with a name of its own."""
    named = replace(stage, name=unique_name(stage.name, [other.name for other in recipe.stages]))
    return _with_stages(recipe, [*recipe.stages[:index], named, *recipe.stages[index:]])


def duplicated(recipe: Recipe, index: int) -> Recipe:
    """A copy of a stage behind it."""
    return inserted(recipe, index + 1, recipe.stages[index])


def removed(recipe: Recipe, index: int) -> Recipe:
    """Without a stage; the last one stays."""
    if len(recipe.stages) == 1:
        return recipe
    return _with_stages(recipe, [*recipe.stages[:index], *recipe.stages[index + 1 :]])


def moved(recipe: Recipe, source: int, target: int) -> Recipe:
    """A stage taken out and put in so that it stands at `target`."""
    stages = list(recipe.stages)
    stages.insert(target, stages.pop(source))
    return _with_stages(recipe, stages)


def renamed(recipe: Recipe, index: int, name: str) -> Recipe:
    """A stage under another name; the same recipe where the name is empty or taken."""
    wish = name.strip()
    if not wish or wish in [stage.name for stage in recipe.stages]:
        return recipe
    return with_stage(recipe, index, replace(recipe.stages[index], name=wish))


def game_of(recipe: Recipe, index: int) -> tuple[Stage, ...]:
    """The stages that a stage takes turns with, itself among them."""
    stage = recipe.stages[index]
    return next(game for game in recipe.games if any(other is stage for other in game))


def _with_stages(recipe: Recipe, stages: Sequence[Stage]) -> Recipe:
    """There is nobody before the first stage to take turns with."""
    first = replace(stages[0], alternates=False) if stages[0].alternates else stages[0]
    return replace(recipe, stages=(first, *stages[1:]))
