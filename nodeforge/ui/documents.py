"""Which project is open: new, open, save, recover, and the questions before one is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from nodeforge.core.document import Document
from nodeforge.core.errors import UserError
from nodeforge.project.files import PROJECT_FILE
from nodeforge.project.journal import INTERVAL_SECONDS, Leftover
from nodeforge.project.recent import RecentProjects
from nodeforge.session.workspace import Workspace
from nodeforge.ui import leaving
from nodeforge.ui.panels.trainer import Trainer
from nodeforge.ui.project_model import ProjectModel


class Documents(QObject):
    """Puts workspaces into the model. Everything that can fail here tells why and changes nothing.

    Args:
        model: Where the project is open.
        window: Parent of the dialogs.
        trainer: What trains the project; None while there is no such thing.

    Signals:
        shown: A project was put in place, so the canvas should be seen.
        saved: The project's file was written (its folder).
        recent_changed: The list of recent projects differs.
    """

    shown = Signal()
    saved = Signal(object)
    recent_changed = Signal()

    def __init__(
        self, model: ProjectModel, window: QWidget, trainer: Callable[[], Trainer | None] = lambda: None
    ) -> None:
        super().__init__(window)
        self._trainer = trainer
        self._is_leaving = False
        self._model = model
        self._window = window
        self.recent = RecentProjects()
        self._journal_timer = QTimer(self)
        self._journal_timer.setInterval(round(INTERVAL_SECONDS * 1000))
        self._journal_timer.timeout.connect(self._journal)
        model.history_changed.connect(self._on_history)

    def new(self) -> None:
        """An empty project."""
        if self.may_leave():
            self._put(Workspace(Document()))

    def open_dialog(self) -> None:
        """Let the person choose a project."""
        start = str(self._model.folder.parent if self._model.folder else Path.home())
        path, _ = QFileDialog.getOpenFileName(
            self._window, "Open a project", start, f"NodeForge projects ({PROJECT_FILE})"
        )
        if path:
            self.open(Path(path))

    def open(self, path: Path) -> bool:
        """The project at a path, if the person lets go of the present one and the file can be read."""
        try:
            workspace = Workspace.open(path)
        except UserError as error:
            self.tell(str(error))
            return False
        return self._replace(workspace)

    def open_example(self, name: str) -> bool:
        """A copy of a shipped project to play with; saving asks where to."""
        try:
            workspace = Workspace.from_example(name)
        except UserError as error:
            self.tell(str(error))
            return False
        return self._replace(workspace)

    def recover(self, leftover: Leftover) -> None:
        """Take up what a crash left behind."""
        if self.may_leave():
            self._put(Workspace.recover(leftover))

    def save(self) -> bool:
        """Save where the project lives; asks for a folder the first time. Returns whether it is saved."""
        return self._save(self._model.folder) if self._model.folder else self.save_as()

    def save_for_runs(self) -> bool:
        """Save a project that is about to be trained; the dialog says why it asks for a folder."""
        return self.save_as("Choose a folder: the project and its runs are kept there")

    def save_as(self, caption: str = "Save the project as a folder") -> bool:
        """Save into a folder that the person names."""
        name = "".join(c if c.isalnum() else "-" for c in self._model.document.title.lower()).strip("-")
        start = self._model.folder.parent if self._model.folder else Path.home()
        path, _ = QFileDialog.getSaveFileName(
            self._window,
            caption,
            str(start / (name or "project")),
            "Project folder (*)",
        )
        return bool(path) and self._save(Path(path))

    def may_leave(self) -> bool:
        """Whether the present project can be let go: its training stopped, and saved or given up by the person."""
        if self._is_leaving:  # the window is closed a second time while a question stands
            return False
        self._is_leaving = True
        try:
            return self._leave()
        finally:
            self._is_leaving = False

    def _leave(self) -> bool:
        trainer = self._trainer()
        is_training = trainer is not None and trainer.active
        if is_training and not leaving.may_interrupt(self._window, self._model.document.title):
            return False
        if not self._may_lose_edits():
            return False
        if trainer is not None and is_training:
            leaving.stop_training(trainer)
        return True

    def _may_lose_edits(self) -> bool:
        if not self._model.workspace.dirty:
            return True
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Unsaved changes",
            f"Save the changes to “{self._model.document.title}”?",
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        return answer == buttons.Discard or (answer == buttons.Save and self.save())

    def close_project(self) -> bool:
        """Let go of the project, with an empty one in its place; whether the person agreed."""
        if not self.may_leave():
            return False
        self._model.workspace.close()
        self._model.open(Workspace(Document()))
        return True

    def close(self) -> None:
        """The window goes: nothing of the project is left to recover."""
        self._journal_timer.stop()
        self._model.workspace.close()

    def tell(self, sentence: str) -> None:
        """Show why something could not be done."""
        QMessageBox.warning(self._window, "NodeForge", sentence)

    def _replace(self, workspace: Workspace) -> bool:
        if not self.may_leave():
            return False
        self._put(workspace)
        return True

    def _put(self, workspace: Workspace) -> None:
        self._model.workspace.close()
        self._model.open(workspace)
        self._remember()
        self.shown.emit()

    def _save(self, folder: Path) -> bool:
        try:
            self._model.workspace.save(folder)
        except UserError as error:
            self.tell(str(error))
            return False
        self._model.history_changed.emit()
        self._remember()
        self.saved.emit(self._model.folder)
        return True

    def _remember(self) -> None:
        if self._model.folder is not None:
            self.recent.add(self._model.folder)
            self.recent_changed.emit()

    def _on_history(self) -> None:
        dirty = self._model.workspace.dirty
        if dirty and not self._journal_timer.isActive():
            self._journal_timer.start()
        elif not dirty:
            self._journal_timer.stop()

    def _journal(self) -> None:
        try:
            self._model.workspace.tick()
        except UserError as error:
            self._journal_timer.stop()  # said once; the next edit tries again
            self._model.complained.emit(f"Unsaved work cannot be kept for recovery: {error}")
