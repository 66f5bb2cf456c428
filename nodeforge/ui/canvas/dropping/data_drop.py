"""A file or folder dropped on the canvas becomes the data, and what it feeds is drawn once it is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt

from nodeforge.analysis.report import Report
from nodeforge.core.changes import Change
from nodeforge.session.own_data import fed_nodes, use_data
from nodeforge.ui.canvas.searching import adding
from nodeforge.ui.panels.data_files import source_for
from nodeforge.ui.project_model import ProjectModel

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


def take(canvas: Canvas, path: Path, at: QPointF, held: Qt.KeyboardModifier) -> None:
    """Make it the data; Input and Target nodes follow, if there are none, within the same undo step."""
    model = canvas.model
    for earlier in canvas.findChildren(_Feeder):
        earlier.give_up()
    label, key = f"Use {path.name}", f"drop {path}"
    edit = use_data(model.document, model.folder, path, source_for(path))
    model.workspace.history.seal()
    before = model.document.data
    if model.do(edit, label=label, merge_key=key) and model.document.data != before:
        _Feeder(canvas, adding.corner(at), label, key)


class _Feeder(QObject):
    """Waits until the engine has said what the new data hold, and draws the nodes that they feed.

    Whoever changes anything about the data meanwhile is left alone.
    """

    def __init__(self, canvas: Canvas, at: tuple[float, float], label: str, key: str) -> None:
        super().__init__(canvas)
        self._model: ProjectModel = canvas.model
        self._at, self._label, self._key = at, label, key
        self._data = self._model.document.data
        self._old = self._model.workspace.facts
        self._model.checked.connect(self._look)
        self._model.changed.connect(self._follow)
        self._model.opened.connect(self.give_up)

    def give_up(self) -> None:
        """Wait no longer."""
        self._model.checked.disconnect(self._look)
        self._model.changed.disconnect(self._follow)
        self._model.opened.disconnect(self.give_up)
        self.setParent(None)
        self.deleteLater()

    def _follow(self, change: Change) -> None:
        if "data" in change.settings and self._model.document.data != self._data:
            self.give_up()

    def _look(self, _: Report) -> None:
        facts = self._model.workspace.facts
        if facts is None or facts is self._old:
            return
        self.give_up()
        edit = fed_nodes(self._model.document, facts, self._at)
        if edit is not None:
            self._model.do(edit, label=self._label, merge_key=self._key)
