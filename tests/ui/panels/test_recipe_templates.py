"""Which recipes are offered for which drawings, and what they say."""

from __future__ import annotations

import pytest

from nodeforge.analysis import check
from nodeforge.core.document import Document, Recipe, Stage
from nodeforge.ui.panels.recipe_templates import Template, templates
from nodeforge.ui.panels.stage_edits import duplicated, inserted, moved, removed, renamed, unique_name
from tests.drawings import drawing

BELLS = """
    x = Input(shape=(4,))
    bells = RadialBasis(units=6)
    fc = Linear(out_features=3)
    y = Output()
    label = Target(shape=(), dtype="int64")
    loss = CrossEntropyLoss()
    x -> bells -> fc -> y
    fc -> loss
    label -> loss.target
"""
MAP = """
    x = Input(shape=(4,))
    map = SelfOrganizingMap()
    y = Output()
    x -> map -> y
"""
GAME = """
    real = Input(shape=(4,))
    noise = RandomNormal()
    forger = maker()
    sees_real = judge()
    sees_fake = judge(shares="sees_real")
    one = Constant(value=1.0)
    zero = Constant(value=0.0)
    real_loss = BCEWithLogitsLoss()
    fake_loss = BCEWithLogitsLoss()
    fooled = BCEWithLogitsLoss()
    y = Output()
    real -> noise.like
    real -> one.like
    real -> zero.like
    noise -> forger -> y
    real -> sees_real -> real_loss
    forger -> sees_fake -> fake_loss
    sees_fake -> fooled
    one -> real_loss.target
    zero -> fake_loss.target
    one -> fooled.target
    network maker()
    code = Input(shape=(4,))
    make = Linear(out_features=4)
    made = Output()
    code -> make -> made
    network judge()
    seen = Input(shape=(4,))
    tell = Linear(out_features=4)
    verdict = Output()
    seen -> tell -> verdict
"""


def offered(document: Document) -> dict[str, Template]:
    main = check(document, None).networks["main"]
    return {template.title: template for template in templates(document, main)}


def told(template: Template) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...], bool]]:
    return [(s.name, s.rule, s.learns, s.objectives, s.alternates) for s in template.stages]


def test_bells_get_centres_and_then_a_readout() -> None:
    found = offered(drawing(BELLS))
    assert found.keys() == {"Fine-tune all", "Centres, then closed form"}
    assert [stage.rule for stage in found["Centres, then closed form"].stages] == ["k-means", "ridge"]


def test_without_bells_the_last_layer_is_solved_for() -> None:
    text = BELLS.replace("RadialBasis(units=6)", "Linear(out_features=6)")
    (solved,) = offered(drawing(text))["Closed form"].stages
    assert solved.rule == "ridge"


def test_a_map_unfolds() -> None:
    found = offered(drawing(MAP))
    assert found.keys() == {"Map"}
    assert told(found["Map"]) == [("unfold", "competitive", (), (), False)]


def test_two_players_have_their_own_nodes_and_losses() -> None:
    found = offered(drawing(GAME))
    assert found.keys() == {"Fine-tune all", "Two players: sees_real and forger"}
    assert told(found["Two players: sees_real and forger"]) == [
        ("sees_real", "gradient", ("sees_real",), ("real_loss", "fake_loss"), False),
        ("forger", "gradient", ("forger",), ("fooled",), True),
    ]


def test_two_networks_in_a_row_are_no_game() -> None:
    alone = GAME.replace("real -> sees_real -> real_loss", "forger -> sees_real -> real_loss")
    assert not any(title.startswith("Two") for title in offered(drawing(alone)))


@pytest.mark.parametrize("text", [BELLS, MAP, GAME])
def test_what_is_offered_passes_the_check(text: str) -> None:
    document = drawing(text)
    before = {finding.code for finding in check(document, None).diagnostics}
    for template in offered(document).values():
        document.recipe = Recipe(stages=template.stages)
        found = [finding for finding in check(document, None).diagnostics if finding.code not in before]
        assert found == []


def test_names_count_on() -> None:
    assert unique_name("train", []) == "train"
    assert unique_name("train", ["train"]) == "train 2"
    assert unique_name("train 2", ["train", "train 2"]) == "train 3"


def test_edits_of_the_list_leave_the_old_recipe_alone() -> None:
    recipe = Recipe(stages=(Stage(name="a"), Stage(name="b", alternates=True)), seed=3)
    assert [s.name for s in inserted(recipe, 1, Stage(name="a")).stages] == ["a", "a 2", "b"]
    assert [s.name for s in duplicated(recipe, 1).stages] == ["a", "b", "b 2"]
    front = moved(recipe, 1, 0)
    assert [(s.name, s.alternates) for s in front.stages] == [("b", False), ("a", False)]
    assert removed(recipe, 0).stages == (Stage(name="b"),)
    assert renamed(recipe, 0, " b ") is recipe
    assert renamed(recipe, 0, " c ").stages[0].name == "c"
    assert (recipe.stages[1].alternates, front.seed) == (True, 3)
