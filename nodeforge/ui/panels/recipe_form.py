"""How the project is trained: its stages, and all that is told of the one shown, as edits of the recipe."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from nodeforge import catalog
from nodeforge.catalog import learning_rules, recipes
from nodeforge.core.changes import Change
from nodeforge.core.document import Component, Recipe, Stage
from nodeforge.core.edits import SetRecipe, Unset
from nodeforge.core.parameters import Value
from nodeforge.ui.inspector.findings import Findings
from nodeforge.ui.inspector.other_pages import SEED
from nodeforge.ui.panels import stage_edits
from nodeforge.ui.panels.columns import Columns
from nodeforge.ui.panels.component_form import ComponentForm, with_value
from nodeforge.ui.panels.stage_head import StageHead
from nodeforge.ui.panels.stage_settings import StageSettings
from nodeforge.ui.panels.stages import Stages
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.weights.button import WeightsButton
from nodeforge.ui.widgets import label

_OF_FOLLOWER = recipes.GRADIENT_ONLY
"""What is told of a stage that takes turns with one before it; all else the first of them says."""


class RecipeForm(QWidget):
    """The list of stages, once there are two; then the shown stage: what it learns, how long, by which steps.

    Signals:
        lit: Paths of nodes to show on the canvas.
    """

    lit = Signal(object)

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._index = 0
        self.stages = Stages(model)
        self.stages.chosen.connect(self.show_stage)
        self.stages.edited.connect(self._do_whole)
        self.stages.lit.connect(self.lit)
        self.findings = Findings(model)
        self.head = StageHead(model)
        self.head.edited.connect(self._set_stage)
        self.head.lit.connect(self.lit)
        self.weights = WeightsButton(model)
        self.settings = StageSettings()
        self.settings.edited.connect(self._set)
        self.optimizer = ComponentForm("Optimizer", catalog.optimizers)
        self.optimizer.edited.connect(self._set_optimizer)
        self.schedule = ComponentForm("Learning-rate schedule", catalog.schedules)
        self.schedule.edited.connect(self._set_schedule)
        for form in (self.head, self.settings, self.optimizer, self.schedule):
            form.finished.connect(self._seal)
        self._lay_out()
        model.changed.connect(self._on_change)
        model.opened.connect(self._on_open)
        model.checked.connect(self._show_report)
        self.refresh()

    @property
    def recipe(self) -> Recipe:
        return self._model.document.recipe

    @property
    def stage(self) -> Stage:
        """The stage that is shown."""
        return self.recipe.stages[self._index]

    @property
    def index(self) -> int:
        """The place of the stage that is shown."""
        return self._index

    def show_stage(self, index: int) -> None:
        """Show another stage."""
        if index != self._index:
            self._index = index
            self._seal()
            self.refresh()

    def refresh(self) -> None:
        """Show the document as it is now."""
        self._index = min(self._index, len(self.recipe.stages) - 1)
        stage, scope = self.stage, self._model.document.scope
        self.head.show_stage(self.recipe, self._index, scope)
        values = {**recipes.SETTINGS.complete(stage.settings), SEED.name: self.recipe.seed}
        self.settings.show_values(values, {*stage.settings, SEED.name}, self._followed(), scope)
        rule = learning_rules().get(stage.rule)
        by_optimizer = rule is None or rule.by_optimizer
        self.optimizer.show_component(stage.optimizer, scope)
        self.schedule.show_component(stage.schedule, scope)
        for section in self._sections[2:]:
            section.setVisible(by_optimizer)
        self.columns.arrange()
        self._show_report()

    def _followed(self) -> set[str]:
        """The settings that mean something to the shown stage."""
        rule = learning_rules().get(self.stage.rule)
        names = set(rule.settings) if rule else {p.name for p in recipes.SETTINGS.parameters}
        names.discard("turn_steps")  # stands beside the turns
        if self.stage.alternates:
            names.intersection_update(_OF_FOLLOWER)
        return names if self._index else {*names, SEED.name}

    def _show_report(self) -> None:
        """Show what the checker found, and what the drawing offers."""
        found = self._model.report.diagnostics
        self.findings.show_findings([finding for finding in found if finding.stage == self.stage.name])
        self.head.show_report()
        self.stages.show_recipe(self._index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.stages.fit_into(self.width())

    def _set(self, name: str, value: Value | Unset) -> None:
        if name == SEED.name:
            recipe = replace(self.recipe, seed=value if isinstance(value, int) else 0)
            self._do(recipe, "Set the seed", "seed")
        else:
            self._set_stage(replace(self.stage, settings=with_value(self.stage.settings, name, value)), name)

    def _set_optimizer(self, optimizer: Component, what: str) -> None:
        self._set_stage(replace(self.stage, optimizer=optimizer), f"optimizer {what}")

    def _set_schedule(self, schedule: Component, what: str) -> None:
        self._set_stage(replace(self.stage, schedule=schedule), f"schedule {what}")

    def _set_stage(self, stage: Stage, what: str) -> None:
        of = f" of {stage.name}" if len(self.recipe.stages) > 1 else ""
        recipe = stage_edits.with_stage(self.recipe, self._index, stage)
        self._do(recipe, f"Set {what}{of}", f"{stage.name}/{what}")

    def _do_whole(self, recipe: Recipe, words: str, index: int) -> None:
        """Another list of stages, and which of them is to be shown."""
        if recipe != self.recipe:
            self._seal()
            self._index = min(index, len(self.recipe.stages) - 1)
            self._do(recipe, words, "stages")
            self._seal()
            self.show_stage(index)
        self._show_report()

    def _do(self, recipe: Recipe, words: str, what: str) -> None:
        self._model.do(SetRecipe(recipe), label=words, merge_key=f"recipe {what}")

    def _seal(self) -> None:
        self._model.workspace.history.seal()

    def _on_change(self, change: Change) -> None:
        if change.settings & {"recipe", "variables"}:
            self.refresh()

    def _on_open(self) -> None:
        self._index = 0
        self.refresh()

    def _lay_out(self) -> None:
        self._sections = (
            _section("LEARNING", self.head, self.weights, self.stages.single_add),
            _section("SETTINGS", self.settings),
            _section("OPTIMIZER", self.optimizer),
            _section("LEARNING RATE OVER TIME", self.schedule),
        )
        self.columns = Columns(self._sections)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        findings = QVBoxLayout()
        findings.setContentsMargins(10, 0, 10, 0)
        findings.addWidget(self.findings)
        column.addLayout(findings)
        column.addWidget(self.columns, 1)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.stages)
        row.addWidget(scroll, 1)


def _section(title: str, *parts: QWidget) -> QWidget:
    section = QWidget()
    layout = QVBoxLayout(section)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    layout.addWidget(label(title, "section"))
    for part in parts:
        layout.addWidget(part)
    section.setMaximumWidth(34 * section.fontMetrics().height())
    return section
