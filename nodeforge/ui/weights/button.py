"""The button that tells what a training begins with."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from nodeforge.core.changes import Change
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.weights.words import summary


class WeightsButton(QPushButton):
    """A quiet button that follows the recipe."""

    def __init__(self, model: ProjectModel) -> None:
        super().__init__()
        self._model = model
        self.setProperty("quiet", True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Begin with the weights of a run or a file, and see what of them fits")
        self.setAutoDefault(False)
        model.opened.connect(self._tell)
        model.changed.connect(self._follow)
        self._tell()

    def _follow(self, change: Change) -> None:
        if "recipe" in change.settings:
            self._tell()

    def _tell(self) -> None:
        self.setText(summary(self._model.document.recipe, self._model.folder))
