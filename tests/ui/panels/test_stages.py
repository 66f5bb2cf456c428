"""The recipe as a list of stages: every action by key or mouse, each one step to undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QTreeWidgetItem

from nodeforge.core.document import Recipe, Stage
from nodeforge.core.edits import SetRecipe
from nodeforge.session.workspace import Workspace
from nodeforge.ui.inspector.findings import FindingCard
from nodeforge.ui.panels.learners import shown_names
from nodeforge.ui.panels.recipe_form import RecipeForm
from nodeforge.ui.panels.training import TrainingPanel
from nodeforge.ui.project_model import ProjectModel
from tests.drawings import drawing
from tests.scripted_engine import ScriptedEngine

LEFT, ALT, CONTROL = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)
Key = Qt.Key


STAGED = """
    pixels = Input(shape=(6,))
    encode = encoder()
    machine = RestrictedBoltzmannMachine(hidden=4)
    fc = Linear(out_features=3)
    answer = Output()
    label = Target(shape=(), dtype="int64")
    loss = CrossEntropyLoss()
    margin = MultiMarginLoss()
    pixels -> encode -> machine -> fc -> answer
    fc -> loss
    fc -> margin
    label -> loss.target
    label -> margin.target
    network encoder()
    x = Input(shape=(6,))
    squeeze = Linear(out_features=5)
    bend = Sigmoid()
    y = Output()
    x -> squeeze -> bend -> y
"""


@pytest.fixture
def model(qtbot) -> Iterator[ProjectModel]:
    model = ProjectModel(Workspace(drawing(STAGED)))
    yield model
    model.workspace.close()


@pytest.fixture
def form(qtbot, model) -> RecipeForm:
    form = RecipeForm(model)
    qtbot.addWidget(form)
    form.resize(1100, 500)
    form.show()
    qtbot.waitExposed(form)
    return form


@pytest.fixture
def three(form, model) -> RecipeForm:
    """A form with the stages a, b, c."""
    model.do(SetRecipe(Recipe(stages=tuple(Stage(name=name) for name in "abc"))))
    return form


def names(model: ProjectModel) -> str:
    return " ".join(stage.name for stage in model.document.recipe.stages)


def titles(form: RecipeForm) -> list[str]:
    form.stages.fill_menu()
    return [action.text() for action in form.stages.menu.actions() if action.text()]


def take(form: RecipeForm, title: str) -> None:
    form.stages.fill_menu()
    next(action for action in form.stages.menu.actions() if action.text() == title).trigger()


def choose(form: RecipeForm, rule: str) -> None:
    box = form.head.rule.choice
    box.setFocus()
    box.setCurrentIndex(box.findData(rule))
    box.activated.emit(box.currentIndex())


def type_into(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


# The list ------------------------------------------------------------------------------------------


def test_one_stage_has_no_list_and_a_second_brings_it(form, model) -> None:
    assert not form.stages.isVisible()
    assert form.stages.single_add.isVisible()
    take(form, "Contrastive divergence")
    assert names(model) == "train contrastive divergence"
    assert form.stages.list.isVisible()
    assert form.stage.rule == "contrastive-divergence"
    model.undo()
    assert names(model) == "train"
    assert not form.stages.isVisible()


def test_a_stage_is_renamed_in_the_list(qtbot, three, model) -> None:
    rows = three.stages.list
    rows.setFocus()
    rows.setCurrentRow(1)
    QTest.keyClick(rows, Key.Key_F2)
    editor = rows.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "middle")
    QTest.keyClick(editor, Key.Key_Return)
    qtbot.waitUntil(lambda: names(model) == "a middle c")
    model.undo()
    assert names(model) == "a b c"
    assert rows.item(1).text() == "b"


@pytest.mark.parametrize("name", ["", "  ", "a"])
def test_a_name_must_be_its_own(three, model, name) -> None:
    three.stages.list.item(2).setText(name)
    assert names(model) == "a b c"
    assert three.stages.list.item(2).text() == "c"


@pytest.mark.parametrize(
    ("row", "key", "modifier", "after", "shown"),
    [
        (0, Key.Key_Down, ALT, "b a c", "a"),
        (2, Key.Key_Up, ALT, "a c b", "c"),
        (1, Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "a c", "c"),
        (1, Key.Key_D, CONTROL, "a b b 2 c", "b 2"),
    ],
)
def test_keys_move_remove_and_duplicate(three, model, row, key, modifier, after, shown) -> None:
    rows = three.stages.list
    rows.setFocus()
    rows.setCurrentRow(row)
    QTest.keyClick(rows, key, modifier)
    assert names(model) == after
    assert three.stage.name == rows.currentItem().text() == shown
    model.undo()
    assert names(model) == "a b c"


def test_no_stage_moves_past_the_ends_and_the_last_stays(three, model) -> None:
    rows = three.stages.list
    rows.setCurrentRow(0)
    QTest.keyClick(rows, Key.Key_Up, ALT)
    assert names(model) == "a b c"
    for _ in range(3):
        QTest.keyClick(rows, Key.Key_Delete)
    assert len(model.document.recipe.stages) == 1


@pytest.mark.parametrize(("source", "gap", "after"), [(0, 3, "b c a"), (2, 0, "c a b"), (0, 1, "a b c")])
def test_a_dragged_stage_lands_in_the_gap(three, model, source, gap, after) -> None:
    three.stages.list.move_to_gap(source, gap)
    assert names(model) == after


def test_who_moves_to_the_front_takes_turns_with_nobody(three, model) -> None:
    three.show_stage(1)
    QTest.mouseClick(three.head.turns, LEFT, pos=QPoint(8, three.head.turns.height() // 2))
    assert [stage.alternates for stage in model.document.recipe.stages] == [False, True, False]
    assert three.head.turns.text() == "Takes turns with a"
    assert three.head.steps.isVisible()
    type_into(three.head.steps.rows["turn_steps"].field.editor, "3")
    assert three.stage.settings["turn_steps"] == 3
    assert not three.settings.rows["epochs"].isVisible()  # the first player says how long
    QTest.keyClick(three.stages.list, Key.Key_Up, ALT)
    assert names(model) == "b a c"
    assert not any(stage.alternates for stage in model.document.recipe.stages)


def test_who_goes_through_the_samples_once_plays_no_game(three) -> None:
    three.show_stage(1)
    assert three.head.turns.isVisible()
    choose(three, "ridge")
    assert not three.head.turns.isVisible()


def test_typing_in_two_stages_is_two_steps_to_undo(three, model) -> None:
    for index, epochs in enumerate(("7", "8")):
        three.show_stage(index)
        type_into(three.settings.rows["epochs"].field.editor, epochs)
    model.undo()
    assert [stage.settings.get("epochs") for stage in model.document.recipe.stages] == [7, None, None]


# What is told of a stage ---------------------------------------------------------------------------


def test_rules_that_somebody_supports_come_first(form) -> None:
    box = form.head.rule.choice
    shown = [box.itemData(row) for row in range(box.count())]
    assert shown[:5] == ["gradient", "perceptron", "ridge", "contrastive-divergence", "frozen"]
    assert set(shown[6:]) == {"k-means", "competitive"}
    assert "solves for" in box.itemData(2, Qt.ItemDataRole.ToolTipRole).lower()


def test_only_what_the_rule_follows_is_shown(form, model) -> None:
    assert form.optimizer.isVisible()
    choose(form, "ridge")
    assert "penalty" in form.head.rule.form.rows
    assert not form.optimizer.isVisible()
    assert not form.schedule.isVisible()
    assert not form.settings.rows["epochs"].isVisible()
    assert form.settings.rows["batch_size"].isVisible()
    assert not form.settings.folds["Steps"].isVisible()
    type_into(form.head.rule.form.rows["penalty"].field.editor, "=1/4")
    assert form.stage.rule_settings == {"penalty": "=1/4"}
    assert model.document.computed_recipe().stages[0].rule_settings == {"penalty": 0.25}
    model.undo()
    model.undo()
    assert form.stage == Stage()
    assert form.optimizer.isVisible()


def test_folds_count_what_was_set(form, model) -> None:
    fold = form.settings.folds["Stopping"]
    assert fold.button.text() == "Stopping"
    model.do(SetRecipe(Recipe(stages=(Stage(settings={"early_stopping_patience": 5}),))))
    assert fold.button.text() == "Stopping · 1 set"


# Who learns ----------------------------------------------------------------------------------------


def rows_of(form: RecipeForm) -> dict[str, QTreeWidgetItem]:
    tree = form.head.learners.choice.tree
    found = {}
    for row in range(tree.topLevelItemCount()):
        item = tree.topLevelItem(row)
        found[item.text(0)] = item
        found |= {f"{item.text(0)}.{item.child(i).text(0)}": item.child(i) for i in range(item.childCount())}
    return found


def tick(form: RecipeForm, path: str) -> None:
    """Move to a row and press the space bar."""
    tree = form.head.learners.choice.tree
    tree.setCurrentItem(rows_of(form)[path])
    QTest.keyClick(tree, Key.Key_Space)


def test_nodes_are_ticked_in_a_tree_and_undone_at_once(form, model) -> None:
    button = form.head.learners
    assert button.text() == "All nodes"
    QTest.mouseClick(button, LEFT)
    assert rows_of(form).keys() == {"encode", "encode.squeeze", "machine", "fc"}
    tick(form, "machine")
    assert form.stage.learns == ("encode", "fc")
    tick(form, "encode.squeeze")
    assert form.stage.learns == ("fc",)
    assert button.text() == "fc"
    QTest.keyClick(button.choice, Key.Key_Escape)
    assert not button.choice.isVisible()
    model.undo()
    assert form.stage.learns == ()


def test_a_node_in_a_network_goes_by_its_path(form, model) -> None:
    model.do(SetRecipe(Recipe(stages=(Stage(learns=("fc",)),))))
    QTest.mouseClick(form.head.learners, LEFT)
    tick(form, "encode.squeeze")
    assert form.stage.learns == ("encode", "fc")  # the only one in it that can learn
    QTest.mouseClick(form.head.learners.choice.all_box, LEFT, pos=QPoint(8, 8))
    assert form.stage.learns == ()
    form.head.learners.choice.close()


def test_the_selection_of_the_canvas_is_taken(form, model) -> None:
    model.select(["fc", "pixels"])
    QTest.mouseClick(form.head.learners, LEFT)
    button = form.head.learners.choice.selection_button
    assert button.text() == "&Take the 1 selected node"
    QTest.mouseClick(button, LEFT)
    assert form.stage.learns == ("fc",)
    form.head.learners.choice.close()


def test_only_those_that_the_rule_can_teach_are_offered(form, model) -> None:
    model.do(SetRecipe(Recipe(stages=(Stage(learns=("machine", "fc")),))))
    choose(form, "contrastive-divergence")
    assert form.stage.learns == ("machine",)
    QTest.mouseClick(form.head.learners, LEFT)
    assert rows_of(form).keys() == {"machine"}
    form.head.learners.choice.close()
    choose(form, "ridge")
    assert form.stage.learns == ()
    assert form.head.learners.text() == "fc"  # the last layer before a loss


def test_rows_light_up_their_nodes(qtbot, form, model) -> None:
    QTest.mouseClick(form.head.learners, LEFT)
    with qtbot.waitSignal(form.lit) as lit:
        form.head.learners.choice.tree.setCurrentItem(rows_of(form)["encode.squeeze"])
    assert shown_names(model, lit.args[0]) == {"encode"}
    model.enter("encode")
    assert shown_names(model, lit.args[0]) == {"squeeze"}
    with qtbot.waitSignal(form.lit, check_params_cb=lambda paths: not paths):
        form.head.learners.choice.close()


def test_losses_are_ticked_in_a_menu(form, model) -> None:
    button = form.head.losses
    assert (button.isVisible(), button.text()) == (True, "All losses")
    QTest.mouseClick(button, LEFT)
    next(action for action in button.choice.actions() if action.text() == "margin").trigger()
    button.choice.close()
    assert form.stage.objectives == ("loss",)
    model.undo()
    assert form.stage.objectives == ()
    choose(form, "contrastive-divergence")
    assert not button.isVisible()


# Templates and findings ----------------------------------------------------------------------------


def test_templates_suit_the_drawing(form, model) -> None:
    model.recheck()
    found = titles(form)
    assert {"Fine-tune all", "Greedy, layer by layer", "Closed form"} <= set(found)
    assert not {"Map", "Centres, then closed form", "K-means"} & set(found)
    assert not any(title.startswith("Two players") for title in found)


def test_greedy_is_a_stage_for_each_machine_and_then_all(form, model) -> None:
    model.do(SetRecipe(Recipe(stages=(Stage(settings={"epochs": 3}),), seed=5)))
    take(form, "Greedy, layer by layer")
    recipe = model.document.recipe
    told = [(stage.name, stage.rule, stage.learns) for stage in recipe.stages]
    assert told == [
        ("pretrain machine", "contrastive-divergence", ("machine",)),
        ("fine-tune", "gradient", ()),
    ]
    assert recipe.stages[1].settings == {"epochs": 3}
    assert recipe.seed == 5
    model.undo()
    assert names(model) == "train"


def test_findings_stand_at_their_stage_with_their_fixes(qtbot, three, model) -> None:
    stages = list(model.document.recipe.stages)
    stages[1] = replace(stages[1], learns=("fcc",))
    with qtbot.waitSignal(model.checked):
        model.do(SetRecipe(Recipe(stages=tuple(stages))))
    assert not three.findings.isVisible()
    three.show_stage(1)
    (card,) = three.findings.findChildren(FindingCard)
    QTest.mouseClick(card.findChildren(QPushButton)[0], LEFT)
    assert three.stage.learns == ("fc",)
    qtbot.waitUntil(lambda: not three.findings.isVisible())


# While it trains -----------------------------------------------------------------------------------


def test_progress_names_the_stage_and_who_learns(qtbot, model, tmp_path) -> None:
    model.do(SetRecipe(Recipe(stages=(Stage(name="first", learns=("fc",)), Stage(name="second")))))
    model.workspace.save(tmp_path / "saved")
    assert model.workspace.report.ok
    engine = ScriptedEngine()
    panel = TrainingPanel(model, engine)
    qtbot.addWidget(panel)
    panel.show()
    panel.trainer.start()
    engine.say_state("running")
    assert not panel.stage_bar.isVisible()
    panel.progress.show()
    engine.say_progress(epoch=4, batch=10, stage="first", stage_number=1, stages=2)
    assert (panel.stage_text.text(), panel.stage_bar.value()) == ("Stage 1 of 2", 500)
    assert panel.sentence.text() == "Stage 1 of 2, first: fc learns by gradient descent."
    engine.say_progress(epoch=1, batch=0, stage="second", stage_number=2, stages=2)
    assert panel.sentence.text() == "Stage 2 of 2, second: All nodes learn by gradient descent."
    engine.say_state("finished")
    assert panel.sentence.text() == "Training finished."
