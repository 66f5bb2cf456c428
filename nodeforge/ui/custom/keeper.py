"""Keeps the window and the project's own layers together: asks the engine, follows the files, tells what is off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QWidget

from nodeforge.core.changes import Change
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import AnyReply
from nodeforge.project import custom_code
from nodeforge.session import custom_layers
from nodeforge.ui.banner import Banner
from nodeforge.ui.custom.editing import open_in_editor
from nodeforge.ui.custom.part import review
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.project_model import ProjectModel

SETTLE_MS = 150
"""Editors write a file in several steps."""


class CodeKeeper(QObject):
    """Lives as long as the window.

    Args:
        model: The open project.
        engine: Where code runs.
        banner: Where it is said that code is off.
        window: Parent of the dialogs.
        save: Asks for a folder for a project that has none; whether it has one then.
    """

    def __init__(
        self,
        model: ProjectModel,
        engine: EngineController,
        banner: Banner,
        window: QWidget,
        save: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._model = model
        self._engine = engine
        self._banner = banner
        self._window = window
        self._save = save
        self._has_told = False
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.reload)
        self._watcher.fileChanged.connect(lambda _: self._settle.start())
        self._watcher.directoryChanged.connect(lambda _: self._settle.start())
        model.checked.connect(self._ask)
        model.opened.connect(self._on_opened)
        model.changed.connect(self._on_change)
        model.history_changed.connect(self._watch)
        engine.state_changed.connect(self._ask)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._on_state)

    def begin(self) -> None:
        """Begin a layer: ask for its name, write its file, open that in the editor."""
        if self._model.folder is None and not self._save():
            return
        name, agreed = QInputDialog.getText(
            self._window, "New custom layer", "Name of its class, such as Swish or GatedLinear:"
        )
        if not agreed or not name.strip():
            return
        try:
            place = custom_layers.begin(self._model.workspace, name.strip())
        except UserError as error:
            self._model.complained.emit(str(error))
            return
        self._banner.say(
            f"{custom_code.file_of(name.strip())} is a layer now: add it from the list of layers."
        )
        open_in_editor(place)

    def review_next(self) -> None:
        """Show the first code that is off, if there is some; after that is trusted, the next."""
        waiting = custom_layers.untrusted(self._model.document)
        if waiting:
            review(self._model, waiting[0], self._window).accepted.connect(self.review_next)

    def reload(self) -> None:
        """Take in what the files hold now."""
        if self._model.document.custom and self._model.workspace.reload_code():
            self._tell()
        self._watch()

    def _ask(self, *_: object) -> None:
        workspace = self._model.workspace
        for request, take in workspace.shapes.questions():

            def answered(reply: AnyReply, take: Callable[[AnyReply], bool] = take) -> None:
                if take(reply) and self._model.workspace is workspace:
                    self._model.recheck()

            self._engine.request(request, answered)

    def _on_opened(self) -> None:
        self._watch()
        self._tell()

    def _on_change(self, change: Change) -> None:
        if "custom" in change.settings:
            self._watch()
            if self._has_told and not custom_layers.untrusted(self._model.document):
                self._has_told = False
                self._banner.hide()

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self.reload()

    def _watch(self) -> None:
        """Watch the files; one that was replaced is another file, so it is put on the list again."""
        folder = self._model.folder
        wanted = (
            {folder / custom_code.file_of(name) for name in self._model.document.custom} if folder else set()
        )
        places = {str(path) for path in wanted if path.is_file()} | {str(path.parent) for path in wanted}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if gone := sorted(watched - places):
            self._watcher.removePaths(gone)
        if fresh := sorted(place for place in places - watched if Path(place).exists()):
            self._watcher.addPaths(fresh)

    def _tell(self) -> None:
        waiting = custom_layers.untrusted(self._model.document)
        if waiting:
            self._has_told = True
            names = ", ".join(kind.file for kind in waiting)
            self._banner.say(
                f"This project holds code of its own that you have not trusted yet: {names}. It is off until then.",
                "warning",
                ("Read the code…", self.review_next),
            )
