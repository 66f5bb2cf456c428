"""Where variables are named, and how they go."""

from __future__ import annotations

import pytest
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.core.document import Component, DataSettings, Document, Recipe, Stage
from nodeforge.core.edits import RenameVariable, SetData, SetParameter, SetRecipe, SetVariables, apply
from nodeforge.core.errors import UserError
from nodeforge.session.grouping import group
from nodeforge.session.variables import named_in, removal


@pytest.fixture
def document() -> Document:
    made = drawing("x = Input(shape=[4])\na = Linear(out_features='=width')\ny = Output()\nx -> a -> y")
    apply(made, SetVariables("", {"width": 8, "hidden": "=width*2", "unused": 1}))
    apply(made, SetParameter("main", "x", "shape", ("=width", 4)))
    recipe = Recipe(stages=(Stage(optimizer=Component(kind="Adam", parameters={"lr": "=hidden/1000"})),))
    apply(made, SetRecipe(recipe))
    return made


def test_every_place_that_names_a_variable_is_found(document: Document) -> None:
    assert named_in(document, "", "width") == ["variable hidden", "x.shape", "a.out_features"]
    assert named_in(document, "", "hidden") == ["optimizer.lr"]
    assert named_in(document, "", "unused") == []


SETTINGS = (
    *("data.rows", "preparation.fraction", "noise.amount", "epochs", "rule.penalty"),
    *("optimizer.lr", "schedule.gamma", "a.lr_factor"),
)


def settings(value: object) -> tuple[DataSettings, Recipe]:
    """Data and a recipe in which every setting that may be an expression has a value."""
    data = DataSettings(
        source=Component(kind="blobs", parameters={"rows": value}),
        preparation={"fraction": value},
        augmentation=(Component(kind="noise", parameters={"amount": value}),),
    )
    stage = Stage(
        settings={"epochs": value},
        rule_settings={"penalty": value},
        optimizer=Component(kind="SGD", parameters={"lr": value}),
        schedule=Component(kind="exponential", parameters={"gamma": value}),
        per_node={"a": {"lr_factor": value}},
    )
    return data, Recipe(stages=(stage,))


def test_settings_follow_a_variable_wherever_they_name_it() -> None:
    document = drawing("width = 8")
    data, recipe = settings("=width")
    apply(document, SetData(data))
    apply(document, SetRecipe(recipe))
    computed = document.computed()
    assert (computed.data, computed.recipe) == settings(8)
    assert tuple(named_in(document, "", "width")) == SETTINGS
    apply(document, RenameVariable("", "width", "size"))
    assert (document.data, document.recipe) == settings("=size")
    apply(document, removal(document, "", "size"))
    assert (document.data, document.recipe) == settings(8)


def test_what_names_a_removed_variable_takes_its_value(document: Document) -> None:
    inverse = apply(document, removal(document, "", "width")).inverse
    assert document.variables == {"hidden": 16, "unused": 1}
    assert document.main_network.nodes["a"].parameters == {"out_features": 8}
    assert document.main_network.nodes["x"].parameters == {"shape": (8, 4)}
    apply(document, inverse)
    assert document.main_network.nodes["a"].parameters == {"out_features": "=width"}


def test_what_names_a_removed_expression_takes_the_expression(document: Document) -> None:
    apply(document, removal(document, "", "hidden"))
    optimizer = document.recipe.stages[0].optimizer
    assert optimizer.parameters == {"lr": "=width * 2 / 1000"}


def test_a_parameter_of_a_network_hides_the_variable_of_its_name(document: Document) -> None:
    apply(document, group(document, check(document), "main", ["a"], "Block"))
    apply(document, SetVariables("Block", {"width": 3}))
    assert named_in(document, "", "width") == ["variable hidden", "x.shape"]
    assert named_in(document, "Block", "width") == ["a.out_features"]
    apply(document, removal(document, "", "width"))
    assert document.networks["Block"].nodes["a"].parameters == {"out_features": "=width"}


def test_a_parameter_that_a_use_sets_is_not_removed(document: Document) -> None:
    apply(document, group(document, check(document), "main", ["a"], "Block"))
    apply(document, SetVariables("Block", {"size": 3}))
    apply(document, SetParameter("main", "block", "size", 5))
    with pytest.raises(UserError, match="block in main sets size to a value of its own"):
        removal(document, "Block", "size")


def test_a_broken_variable_that_is_named_is_not_removed(document: Document) -> None:
    apply(document, SetVariables("", {**document.variables, "width": "=1+"}))
    with pytest.raises(UserError, match="which is no number"):
        removal(document, "", "width")
