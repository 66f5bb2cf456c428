"""What a stage is about: by which rule it learns, who learns, from which losses, and whether it takes turns."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QMenu, QVBoxLayout, QWidget

from nodeforge.analysis.teaching import fitting_rules
from nodeforge.catalog import learning_rules, recipes
from nodeforge.core.document import Component, Recipe, Stage
from nodeforge.core.edits import Unset
from nodeforge.core.expressions import Scope
from nodeforge.core.parameters import Value
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.panels.choice_button import ChoiceButton
from nodeforge.ui.panels.component_form import ComponentForm, with_value
from nodeforge.ui.panels.learners import LearnersButton, find, teachable
from nodeforge.ui.panels.recipe_templates import losses_of
from nodeforge.ui.panels.stage_edits import game_of
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label

_TURN_STEPS = next(p for p in recipes.SETTINGS.parameters if p.name == "turn_steps")


class StageHead(QWidget):
    """Rule with its own settings, learners, losses and turns of one stage.

    Signals:
        edited: (stage, what was edited).
        finished: The gesture is over: seal the undo step.
        lit: Paths of nodes to show on the canvas.
    """

    edited = Signal(object, str)
    finished = Signal()
    lit = Signal(object)

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._stage = Stage()
        self.rule = ComponentForm("Learning rule", learning_rules)
        self.rule.edited.connect(self._set_rule)
        self.learners = LearnersButton(model)
        self.learners.chosen.connect(self._set_learners)
        self.learners.lit.connect(self.lit)
        self.losses = _LossesButton()
        self.losses.chosen.connect(lambda names: self._edit("losses", objectives=names))
        self.turns = QCheckBox()
        self.turns.setToolTip(
            "Two players of a game: after each turn of the stage before, this one makes its steps on the same batch"
        )
        self.turns.clicked.connect(lambda on: self._edit("turns", alternates=on))
        self.steps = ParameterForm([replace(_TURN_STEPS, advanced=False)], explained=False)
        self.steps.edited.connect(self._set_steps)
        for part in (self.rule, self.learners, self.steps):
            part.finished.connect(self.finished)
        self._rows = QFormLayout()
        self._rows.setHorizontalSpacing(10)
        self._rows.setVerticalSpacing(6)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for name, button in (("nodes", self.learners), ("losses", self.losses)):
            words = label(name)
            words.setBuddy(button)
            self._rows.addRow(words, button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._rows)
        layout.addWidget(self.turns)
        layout.addWidget(self.steps)
        layout.addWidget(self.rule)

    def show_stage(self, recipe: Recipe, index: int, scope: Scope) -> None:
        """Show what the document says of a stage."""
        self._stage = stage = recipe.stages[index]
        self.rule.show_component(Component(kind=stage.rule, parameters=stage.rule_settings), scope)
        pair = [learning_rules().get(other.rule) for other in recipe.stages[max(0, index - 1) : index + 1]]
        playable = len(pair) == 2 and all(rule is not None and rule.repeats for rule in pair)
        self.turns.setVisible(playable or stage.alternates)
        self.turns.setText(f"Takes turns with {recipe.stages[index - 1].name}")
        self.turns.setChecked(stage.alternates)
        self.steps.show_values(recipes.SETTINGS.complete(stage.settings), stage.settings.keys(), scope=scope)
        self.steps.setVisible(len(game_of(recipe, index)) > 1)
        self.show_report()

    def show_report(self) -> None:
        """Offer what the drawing has, by the latest report."""
        main = self._model.report.networks.get(self._model.document.main)
        losses = losses_of(main) if main else []
        rule = learning_rules().get(self._stage.rule)
        self.learners.show_stage(self._stage)
        self.losses.show_losses(losses, self._stage.objectives)
        asked = rule is None or rule.needs_loss
        self._rows.setRowVisible(self.losses, asked and (len(losses) > 1 or bool(self._stage.objectives)))
        if main is not None:
            fitting = fitting_rules(main) | {"frozen"}
            self.rule.put_first([name for name in learning_rules() if name in fitting])

    def _set_rule(self, rule: Component, what: str) -> None:
        learns = self._stage.learns
        main = self._model.report.networks.get(self._model.document.main)
        if what == "kind" and main is not None:
            known = {path: find(main, path) for path in learns}
            learns = tuple(path for path, node in known.items() if node and teachable(node, rule.kind))
        self._edit(f"rule {what}", rule=rule.kind, rule_settings=rule.parameters, learns=learns)

    def _set_learners(self, paths: tuple[str, ...]) -> None:
        self._edit("learners", learns=paths)

    def _set_steps(self, name: str, value: Value | Unset) -> None:
        self._edit(name, settings=with_value(self._stage.settings, name, value))

    def _edit(self, what: str, **fields: object) -> None:
        self.edited.emit(replace(self._stage, **fields), what)  # type: ignore[arg-type]


class _LossesButton(ChoiceButton):
    """Which losses a stage makes smaller: a menu of ticks.

    Signals:
        chosen: The names of the losses from now on; empty for all.
    """

    chosen = Signal(tuple)

    def __init__(self) -> None:
        super().__init__()
        self._losses: list[str] = []
        self._named: tuple[str, ...] = ()
        self.setToolTip("The losses that this stage makes smaller")
        self.choice = QMenu(self)
        self.clicked.connect(self.open_choice)

    def show_losses(self, losses: list[str], named: tuple[str, ...]) -> None:
        """Show what the document says; `named` are the stage's own, none meaning all."""
        self._losses, self._named = losses, named
        words = ", ".join(named) if named else "All losses"
        self.setText(words)
        self.setAccessibleName(f"Losses: {words}")

    def open_choice(self) -> None:
        """Open the menu below the button."""
        self.choice.clear()
        for name in dict.fromkeys([*self._losses, *self._named]):
            action = self.choice.addAction(name)
            action.setCheckable(True)
            action.setChecked(not self._named or name in self._named)
            action.toggled.connect(partial(self._tick, name))
        self.choice.addSeparator()
        self.choice.addAction("&All losses", lambda: self.chosen.emit(())).setEnabled(bool(self._named))
        self.choice.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _tick(self, name: str, on: bool) -> None:
        ticked = (
            {*(self._named or self._losses)} | {name} if on else {*(self._named or self._losses)} - {name}
        )
        chosen = tuple(loss for loss in dict.fromkeys([*self._losses, *self._named]) if loss in ticked)
        self.chosen.emit(() if chosen == tuple(self._losses) else chosen)
