"""How the project is trained: settings, optimizer, schedule and seed, as edits of the recipe."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from nodeforge import catalog
from nodeforge.catalog import recipes
from nodeforge.core.changes import Change
from nodeforge.core.document import Component, Recipe, Stage
from nodeforge.core.edits import SetRecipe, Unset
from nodeforge.core.parameters import Value
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.inspector.other_pages import SEED
from nodeforge.ui.panels.component_form import ComponentForm, with_value
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import ChoiceBox, label

COLUMN_WIDTH = 250


class RecipeForm(QScrollArea):
    """Three columns: how long, by which optimizer, at which learning rate over time.

    A recipe of several stages shows one at a time; a choice above the first column says which.
    """

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._stage_index = 0
        self.stage_box = ChoiceBox()
        self.stage_box.setAccessibleName("Stage of the recipe")
        self.stage_box.activated.connect(self._show_stage)
        self.settings = ParameterForm((*recipes.SETTINGS.parameters, SEED), explained=False)
        self.settings.edited.connect(self._set)
        self.optimizer = ComponentForm("Optimizer", catalog.optimizers)
        self.optimizer.edited.connect(self._set_optimizer)
        self.schedule = ComponentForm("Learning-rate schedule", catalog.schedules)
        self.schedule.edited.connect(self._set_schedule)
        for form in (self.settings, self.optimizer, self.schedule):
            form.finished.connect(self._seal)
        self._lay_out()
        model.changed.connect(self._on_change)
        model.opened.connect(self._on_open)
        self.refresh()

    @property
    def recipe(self) -> Recipe:
        return self._model.document.recipe

    @property
    def stage(self) -> Stage:
        return self.recipe.stages[self._stage_index]

    def refresh(self) -> None:
        """Show the document as it is now."""
        stages = self.recipe.stages
        self._stage_index = min(self._stage_index, len(stages) - 1)
        self.stage_box.clear()
        self.stage_box.addItems([stage.name for stage in stages])
        self.stage_box.setCurrentIndex(self._stage_index)
        self.stage_box.setVisible(len(stages) > 1)
        values = {**recipes.SETTINGS.complete(self.stage.settings), SEED.name: self.recipe.seed}
        scope = self._model.document.scope
        self.settings.show_values(values, {*self.stage.settings, SEED.name}, scope=scope)
        self.optimizer.show_component(self.stage.optimizer, scope)
        self.schedule.show_component(self.stage.schedule, scope)

    def _set(self, name: str, value: Value | Unset) -> None:
        if name == SEED.name:
            self._do(replace(self.recipe, seed=value if isinstance(value, int) else 0), name)
        else:
            self._set_stage(replace(self.stage, settings=with_value(self.stage.settings, name, value)), name)

    def _set_optimizer(self, optimizer: Component, what: str) -> None:
        self._set_stage(replace(self.stage, optimizer=optimizer), f"optimizer {what}")

    def _set_schedule(self, schedule: Component, what: str) -> None:
        self._set_stage(replace(self.stage, schedule=schedule), f"schedule {what}")

    def _set_stage(self, stage: Stage, what: str) -> None:
        stages = list(self.recipe.stages)
        stages[self._stage_index] = stage
        self._do(replace(self.recipe, stages=tuple(stages)), what)

    def _do(self, recipe: Recipe, what: str) -> None:
        self._model.do(SetRecipe(recipe), label=f"Set {what}", merge_key=f"recipe {what}")

    def _seal(self) -> None:
        self._model.workspace.history.seal()

    def _show_stage(self, index: int) -> None:
        self._stage_index = index
        self.refresh()

    def _on_change(self, change: Change) -> None:
        if change.settings & {"recipe", "variables"}:
            self.refresh()

    def _on_open(self) -> None:
        self._stage_index = 0
        self.refresh()

    def _lay_out(self) -> None:
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setContentsMargins(10, 4, 10, 8)
        columns.setSpacing(22)
        parts = (
            ("LENGTH", self.settings),
            ("OPTIMIZER", self.optimizer),
            ("LEARNING RATE OVER TIME", self.schedule),
        )
        for title, form in parts:
            column = QVBoxLayout()
            column.setSpacing(6)
            column.addWidget(label(title, "section"))
            if form is self.settings:
                column.addWidget(self.stage_box)
            column.addWidget(form)
            column.addStretch(1)
            form.setMinimumWidth(COLUMN_WIDTH)
            form.setMaximumWidth(2 * COLUMN_WIDTH)
            columns.addLayout(column, 1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
