"""How a node learns, where that differs from its stage: frozen, at another rate, held back more or less."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from nodeforge.catalog import learning_rules
from nodeforge.catalog.recipes import NODE_SETTINGS
from nodeforge.core.document import Stage
from nodeforge.core.edits import SetRecipe, Unset
from nodeforge.core.parameters import Value
from nodeforge.ui.inspector.form import ParameterForm
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import ChoiceBox, Fold


class Learning(QWidget):
    """Folded away while nothing is said of the node. Hidden where no stage moves its weights by gradient descent.

    Only nodes of the main network have a place here: those inside of networks learn as the network does.
    """

    def __init__(self, model: ProjectModel) -> None:
        super().__init__()
        self._model = model
        self._node = ""
        self.stage_box = ChoiceBox()
        self.stage_box.setAccessibleName("Stage")
        self.stage_box.activated.connect(lambda _: self._show_stage())
        self.form = ParameterForm(NODE_SETTINGS.parameters, explained=False)
        self.form.edited.connect(self._set)
        self.form.finished.connect(lambda: model.workspace.history.seal())
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.stage_box)
        inner.addWidget(self.form)
        self.fold = Fold("Learning", content)
        self.fold.button.setToolTip(NODE_SETTINGS.summary)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.fold)

    @property
    def _stages(self) -> list[Stage]:
        rules = learning_rules()
        return [
            s for s in self._model.document.recipe.stages if s.rule in rules and rules[s.rule].by_optimizer
        ]

    def show_node(self, node: str) -> None:
        """Show what the recipe says of a node of the network that is shown."""
        is_other, self._node = node != self._node, node
        stages = self._stages
        names = [stage.name for stage in stages]
        if names != [self.stage_box.itemText(i) for i in range(self.stage_box.count())]:
            self.stage_box.clear()
            self.stage_box.addItems(names)
        self.stage_box.setVisible(len(names) > 1)
        self.setVisible(bool(names) and self._model.network == self._model.document.main)
        if is_other:
            said = next((place for place, stage in enumerate(stages) if node in stage.per_node), None)
            self.stage_box.setCurrentIndex(said or 0)
            self.fold.button.setChecked(said is not None)
        self._show_stage()

    def _show_stage(self) -> None:
        stage = self._stage()
        if stage is not None:
            said = stage.per_node.get(self._node, {})
            self.form.show_values(NODE_SETTINGS.complete(said), said.keys(), scope=self._model.document.scope)

    def _stage(self) -> Stage | None:
        name = self.stage_box.currentText()
        return next((stage for stage in self._stages if stage.name == name), None)

    def _set(self, name: str, value: Value | Unset) -> None:
        stage, recipe = self._stage(), self._model.document.recipe
        if stage is None:
            return
        said = {key: old for key, old in stage.per_node.get(self._node, {}).items() if key != name}
        if not isinstance(value, Unset):
            said[name] = value
        others = {node: values for node, values in stage.per_node.items() if node != self._node}
        changed = replace(stage, per_node={**others, **({self._node: said} if said else {})})
        stages = tuple(changed if each is stage else each for each in recipe.stages)
        self._model.do(
            SetRecipe(replace(recipe, stages=stages)),
            label=f"Set {name} of {self._node} in stage {stage.name}",
            merge_key=f"recipe/{stage.name}/{self._node}/{name}",
        )
