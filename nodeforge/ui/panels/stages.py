"""The column of stages: the list, and the buttons below it. Hidden while there is but one stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from nodeforge.analysis.teaching import fitting_rules
from nodeforge.catalog import learning_rules
from nodeforge.core.diagnostics import Severity
from nodeforge.core.document import Recipe, Stage
from nodeforge.ui.icons import icon
from nodeforge.ui.panels import stage_edits
from nodeforge.ui.panels.learners import taught_now
from nodeforge.ui.panels.recipe_templates import Template, templates
from nodeforge.ui.panels.stage_list import StageList
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, quiet_button


class Stages(QWidget):
    """Adds, copies, removes, moves and renames stages.

    Signals:
        chosen: The place of the stage to show.
        edited: (recipe, what was done in words, the place of the stage to show).
        lit: Paths of nodes to show on the canvas.

    Attributes:
        single_add: A button with the same menu, for where the list is hidden.
    """

    chosen = Signal(int)
    edited = Signal(object, str, int)
    lit = Signal(object)

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.list = StageList()
        self.list.chosen.connect(self.chosen)
        self.list.renamed.connect(self._rename)
        self.list.moved.connect(self._move)
        self.list.removed.connect(self._remove)
        self.list.duplicated.connect(self._duplicate)
        self.list.pointed.connect(self._light)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.add_button = QPushButton(icon("add"), "Add")
        self.add_button.setMenu(self.menu)
        self.add_button.setAccessibleName("Add a stage")
        self.single_add = quiet_button("Add a stage…", "Train in several stages, or by another recipe")
        self.single_add.setIcon(icon("add"))
        self.single_add.setMenu(self.menu)
        self.duplicate_button = _button("duplicate", "Duplicate the stage (Ctrl+D)")
        self.duplicate_button.clicked.connect(lambda: self._duplicate(self.list.currentRow()))
        self.remove_button = _button("delete", "Remove the stage (Delete)")
        self.remove_button.clicked.connect(lambda: self._remove(self.list.currentRow()))
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.add_button, self.duplicate_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 4, 8)
        layout.setSpacing(6)
        layout.addWidget(label("STAGES", "section"))
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)

    def fit_into(self, width: int) -> None:
        """Take a quarter of a panel so wide, within reason."""
        em = self.fontMetrics().height()
        self.setFixedWidth(max(8 * em, min(12 * em, width // 4)))

    @property
    def _recipe(self) -> Recipe:
        return self._model.document.recipe

    def show_recipe(self, index: int) -> None:
        """Show the stages of the document, and which of them is shown."""
        several = len(self._recipe.stages) > 1
        self.setVisible(several)
        self.single_add.setVisible(not several)
        worst: dict[str, Severity] = {}
        for finding in self._model.report.diagnostics:
            worst.setdefault(finding.stage, finding.severity)  # the worst come first
        self.list.show_recipe(self._recipe, index, worst)

    def fill_menu(self) -> None:
        """Offer a stage for each rule that has somebody to teach, and the recipes that suit the drawing."""
        self.menu.clear()
        main = self._model.report.networks.get(self._model.document.main)
        if main is None:
            return
        found = templates(self._model.document, main)
        self._add_heading("ONE MORE STAGE")
        fitting = fitting_rules(main) | {"frozen"}
        for rule in learning_rules().values():
            if rule.name in fitting:
                stage = Stage(name=rule.label.lower(), rule=rule.name)
                self._offer(rule.label, rule.summary, partial(self._add, stage))
        for template in found:
            if not template.whole:
                self._offer(template.title, template.summary, partial(self._append, template))
        if any(template.whole for template in found):
            self._add_heading("ANOTHER RECIPE")
        for template in found:
            if template.whole:
                self._offer(template.title, template.summary, partial(self._begin_anew, template))

    def _add_heading(self, text: str) -> None:
        heading = QWidgetAction(self.menu)
        words = label(text, "section")
        words.setContentsMargins(10, 6, 10, 2)
        heading.setDefaultWidget(words)
        heading.setEnabled(False)
        self.menu.addAction(heading)

    def _offer(self, title: str, summary: str, do: Callable[[], None]) -> None:
        action = self.menu.addAction(title, do)
        action.setToolTip(summary)
        action.setStatusTip(summary)

    def _add(self, stage: Stage) -> None:
        place = (self.list.currentRow() if self.isVisible() else 0) + 1
        self.edited.emit(stage_edits.inserted(self._recipe, place, stage), f"Add stage {stage.name}", place)

    def _append(self, template: Template) -> None:
        recipe = self._recipe
        for stage in template.stages:
            recipe = stage_edits.inserted(recipe, len(recipe.stages), stage)
        self.edited.emit(recipe, f"Add {template.title}", len(recipe.stages) - 1)

    def _begin_anew(self, template: Template) -> None:
        recipe = replace(self._recipe, stages=template.stages)
        self.edited.emit(recipe, f"Train by: {template.title}", 0)

    def _duplicate(self, index: int) -> None:
        name = self._recipe.stages[index].name
        self.edited.emit(stage_edits.duplicated(self._recipe, index), f"Duplicate stage {name}", index + 1)

    def _remove(self, index: int) -> None:
        name = self._recipe.stages[index].name
        recipe = stage_edits.removed(self._recipe, index)
        self.edited.emit(recipe, f"Remove stage {name}", min(index, len(recipe.stages) - 1))

    def _move(self, source: int, target: int) -> None:
        name = self._recipe.stages[source].name
        self.edited.emit(stage_edits.moved(self._recipe, source, target), f"Move stage {name}", target)

    def _rename(self, index: int, name: str) -> None:
        words = f"Rename stage {self._recipe.stages[index].name}"
        self.edited.emit(stage_edits.renamed(self._recipe, index, name), words, index)

    def _light(self, index: int) -> None:
        stages = self._recipe.stages
        self.lit.emit(taught_now(self._model, stages[index]) if 0 <= index < len(stages) else [])


def _button(icon_name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(16, 16))
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    return button
