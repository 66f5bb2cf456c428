"""A project's contents in memory: networks, data, recipe. Plain values; no files, no tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from nodeforge.core.expressions import Scope, has_expression, resolve, scope_of
from nodeforge.core.graph import Graph
from nodeforge.core.parameters import Value, Values

Rewriting = Callable[[str, Values], Values]
"""From where settings stand ("optimizer") and the settings to those that shall stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A declared thing by name, with the parameters that were set: an optimizer, a data source."""

    kind: str
    parameters: Values = field(default_factory=dict)

    def rewritten(self, place: str, rewrite: Rewriting) -> Component:
        return replace(self, parameters=rewrite(place, self.parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How one column of a table is used.

    Attributes:
        name: The column's header.
        role: "feature", "target" or "ignore".
        type: "number" or "category".
    """

    name: str
    role: str = "feature"
    type: str = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSettings:
    """What feeds the Input and Target nodes.

    Attributes:
        source: A data source and its parameters ("digits", "csv").
        preparation: Scaling, missing values and split, as declared by `data.preparation`.
        columns: Roles and types by column, for tables; empty means the source's own choice.
        augmentation: What is done to training batches alone, in order, as declared by `data.augmentation`.
    """

    source: Component
    preparation: Values = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    augmentation: tuple[Component, ...] = ()

    def rewritten(self, rewrite: Rewriting) -> DataSettings:
        """The same with other settings wherever there may be expressions."""
        return replace(
            self,
            source=self.source.rewritten("data", rewrite),
            preparation=rewrite("preparation", self.preparation),
            augmentation=tuple(part.rewritten(part.kind, rewrite) for part in self.augmentation),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a recipe: who learns, by which rule, for how long.

    Attributes:
        name: Unique in the recipe.
        rule: Learning rule, as declared by `catalog.learning_rules`; "gradient" for back-propagation.
        rule_settings: What the rule itself can be told (a penalty, a radius), as it declares.
        learns: Nodes of the main network that it teaches, with all that is in them; a node inside a network by its
            path, "encoder.conv1". Empty: all that the rule can teach.
        objectives: The losses that it makes smaller. Empty: all.
        alternates: Whether it takes turns, step by step, with the stage before it: two players of a game. The first
            of them says how many epochs they play, and with which batches.
        settings: Epochs, batch size, clipping, early stopping..., as declared by `catalog.recipes`.
        optimizer: An optimizer and its parameters.
        schedule: A learning-rate schedule and its parameters.
        per_node: By node (a path as in `learns`), how it learns where that differs, as declared by
            `catalog.recipes.NODE_SETTINGS`.
    """

    name: str = "train"
    rule: str = "gradient"
    rule_settings: Values = field(default_factory=dict)
    learns: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    alternates: bool = False
    settings: Values = field(default_factory=dict)
    optimizer: Component = field(default_factory=lambda: Component(kind="Adam"))
    schedule: Component = field(default_factory=lambda: Component(kind="constant"))
    per_node: Mapping[str, Values] = field(default_factory=dict)

    def rewritten(self, rewrite: Rewriting) -> Stage:
        """The same with other settings wherever there may be expressions."""
        return replace(
            self,
            settings=rewrite("", self.settings),
            rule_settings=rewrite("rule", self.rule_settings),
            optimizer=self.optimizer.rewritten("optimizer", rewrite),
            schedule=self.schedule.rewritten("schedule", rewrite),
            per_node={node: rewrite(node, values) for node, values in self.per_node.items()},
        )


SHIPPED_WEIGHTS = "shipped:"
"""How the source of weights begins that come with the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSource:
    """Weights that a training begins with instead of random ones.

    Attributes:
        source: A run of the project by its id, or a file: .safetensors, or a PyTorch state_dict (.pt, .pth). A relative
            path starts in the project's folder; "shipped:digits-0-to-4.safetensors" comes with the program.
        into: The node that gets them (a path as in `Stage.learns`); "" for the whole main network.
        prefix: Only tensors whose names begin so are taken, without it: "backbone.".
    """

    source: str
    into: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the project is trained: stages in order, the seed of everything random, weights to begin with."""

    stages: tuple[Stage, ...] = field(default_factory=lambda: (Stage(),))
    seed: int = 0
    weights: tuple[WeightSource, ...] = ()

    @property
    def games(self) -> tuple[tuple[Stage, ...], ...]:
        """The stages in order, those that take turns together."""
        found: list[tuple[Stage, ...]] = []
        for stage in self.stages:
            if stage.alternates and found:
                found[-1] = (*found[-1], stage)
            else:
                found.append((stage,))
        return tuple(found)

    def rewritten(self, rewrite: Rewriting) -> Recipe:
        """The same with other settings wherever there may be expressions."""
        return replace(self, stages=tuple(stage.rewritten(rewrite) for stage in self.stages))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCode:
    """The Python of a layer that a person wrote. Here it is text and nothing else; only the engine ever runs it.

    Attributes:
        text: The whole file.
        fault: Why the file could not be read, in a sentence; "" when it could.
    """

    text: str = ""
    fault: str = ""


@dataclass(slots=True)
class Document:
    """All that a project file holds. Changed only by `nodeforge.core.edits.apply`."""

    title: str = "Untitled"
    description: str = ""
    networks: dict[str, Graph] = field(default_factory=lambda: {"main": Graph("main")})
    main: str = "main"
    data: DataSettings | None = None
    recipe: Recipe = field(default_factory=Recipe)
    variables: dict[str, Value] = field(default_factory=dict)
    """Numbers with a name, for expressions in parameters; a value may be an expression over others."""
    custom: dict[str, CustomCode] = field(default_factory=dict)
    """Layers of the project's own, by the name of their class."""

    @property
    def scope(self) -> Scope:
        """What the project's variables stand for, as far as they are sound."""
        return scope_of(self.variables)[0]

    @property
    def main_network(self) -> Graph:
        return self.networks[self.main]

    def computed(self) -> Document:
        """A copy with the expressions in data settings and recipe computed, for those who carry them out.

        What cannot be computed stays as it stands; the checker says what is wrong with it.
        """
        copy = self.copy()
        if self.data is not None:
            copy.data = self.data.rewritten(_computing(self.scope))
        copy.recipe = self.computed_recipe()
        return copy

    def computed_recipe(self) -> Recipe:
        """The recipe with its expressions computed; the same where there are none."""
        return self.recipe.rewritten(_computing(self.scope))

    def copy(self) -> Document:
        """An independent copy, safe to hand to another thread."""
        return Document(
            self.title,
            self.description,
            {name: graph.copy() for name, graph in self.networks.items()},
            self.main,
            self.data,
            self.recipe,
            dict(self.variables),
            dict(self.custom),
        )


def _computing(scope: Scope) -> Rewriting:
    return lambda _, values: {name: _computed(value, scope) for name, value in values.items()}


def _computed(value: Value, scope: Scope) -> Value:
    try:
        return resolve(value, scope) if has_expression(value) else value
    except ValueError:
        return value
