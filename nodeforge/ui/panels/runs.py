"""The runs of the project: overlay, rename, resume, evaluate, compare, export, delete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from nodeforge.core.errors import UserError
from nodeforge.engine.messages import (
    AnyReply,
    EpochEnded,
    Evaluated,
    EvaluateRun,
    Event,
    Failed,
    RunFinished,
    TrainingState,
)
from nodeforge.project import schema
from nodeforge.project.runs import RunInfo, RunStore
from nodeforge.ui.attention import WhenSeen, in_sight
from nodeforge.ui.button_bar import ButtonBar
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.export_dialog import ExportDialog
from nodeforge.ui.icons import icon
from nodeforge.ui.panels import run_words
from nodeforge.ui.panels.run_diff import differences
from nodeforge.ui.panels.run_table import RunTable
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label

NO_RUNS = "No runs yet. Press Train: each training is kept here, with its curves and its weights."
NOT_SAVED = "Runs are kept in the project's folder. Save the project, then train it."


class RunsPanel(QWidget):
    """The table of runs with what can be done to the selected ones, and what is known of them.

    Signals:
        resume_requested: A run that training should go on with.
        evaluated: An `Evaluated` reply, for the plots.
    """

    resume_requested = Signal(str)
    evaluated = Signal(object)

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_panel")
        self._model = model
        self._engine = engine
        self._reloading = WhenSeen(self, self.reload)
        self.table = RunTable(model)
        self.table.runs.renamed.connect(self._rename)
        self.table.chosen.connect(self._show_chosen)
        self.details = QTextBrowser()
        self.details.setAccessibleName("About the selected runs")
        self.empty = label(NO_RUNS, "muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._make_buttons()
        self._lay_out()
        engine.event_received.connect(self._on_event)
        model.opened.connect(self._reloading.ask)
        self.reload()

    def _make_buttons(self) -> None:
        self.buttons: dict[str, QPushButton] = {}
        commands: tuple[tuple[str, str, str, Callable[[], None]], ...] = (
            ("Resume", "train", "Go on training from the last checkpoint", self._resume),
            ("Evaluate", "good", "Measure it on the test data, beside simple baselines", self._evaluate),
            ("Compare", "runs", "What differs between two selected runs", self._compare),
            ("Export…", "export", "Take the trained network away as a file", self._export),
            ("Rename", "code", "Give it another name", self._edit_name),
            ("Folder", "open", "Open its folder", self._open_folder),
            ("Delete…", "delete", "Remove it with its curves and weights", self._ask_delete),
        )
        for text, icon_name, tip, command in commands:
            button = QPushButton(icon(icon_name), text)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, command=command: command())
            self.buttons[text.rstrip("…")] = button

    def _lay_out(self) -> None:
        bar = ButtonBar()
        for button in self.buttons.values():
            bar.add(button)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.table)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([640, 340])
        splitter.setChildrenCollapsible(False)
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(bar)
        column.addWidget(splitter, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(listed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    # The list -------------------------------------------------------------------------------------

    @property
    def store(self) -> RunStore | None:
        """The project's runs; None while it has no folder."""
        return RunStore(self._model.folder) if self._model.folder is not None else None

    def reload(self) -> None:
        """Read the list of runs again."""
        selected = [run.id for run in self.table.selected()]
        runs = self.store.runs() if self.store else []
        self.table.runs.set_runs(runs)
        self.table.select(selected)
        self.empty.setText(NO_RUNS if self.store else NOT_SAVED)
        self._pages.setCurrentIndex(1 if runs else 0)
        self._show_chosen(self.table.selected())

    def _on_event(self, event: Event) -> None:
        match event:
            case TrainingState() | RunFinished():
                self._reloading.ask()
            case EpochEnded() if in_sight(self):
                self.table.runs.set_epochs(event.run, event.epoch)
            case EpochEnded():
                self._reloading.ask()

    def _show_chosen(self, chosen: list[RunInfo]) -> None:
        one = chosen[0] if len(chosen) == 1 else None
        idle = all(run.status != "running" for run in chosen)
        enabled = {
            "Resume": one is not None and one.resumable,
            "Evaluate": one is not None,
            "Compare": len(chosen) == 2,
            "Export": one is not None,
            "Rename": one is not None,
            "Folder": one is not None,
            "Delete": bool(chosen) and idle,
        }
        for name, button in self.buttons.items():
            button.setEnabled(enabled[name])
        if one is not None:
            self.details.setHtml(run_words.details(one))
        elif len(chosen) == 2:
            self.details.setHtml("<p>Compare shows in what these two runs differ.</p>")
        else:
            self.details.setHtml("<p>Select a run to see how it went. Tick runs to overlay their curves.</p>")

    # Commands -------------------------------------------------------------------------------------

    def _one(self) -> RunInfo:
        return self.table.selected()[0]

    def _resume(self) -> None:
        self.resume_requested.emit(self._one().id)

    def _evaluate(self) -> None:
        run = self._one()
        self.details.setHtml("<p>Measuring it on the test data…</p>")
        request = EvaluateRun(folder=str(self._model.folder), run=run.id)
        self._engine.request(request, lambda reply: self._show_evaluation(run, reply))

    def _show_evaluation(self, run: RunInfo, reply: AnyReply) -> None:
        if isinstance(reply, Evaluated):
            self.details.setHtml(run_words.evaluation(run, reply))
            self.evaluated.emit(reply)
        elif isinstance(reply, Failed):
            self.details.setPlainText(reply.message)

    def _compare(self) -> None:
        store, (second, first) = self.store, self.table.selected()
        if store is None:
            return
        try:
            documents = [schema.decode(store.document(run.id), f"{run.name}") for run in (first, second)]
        except (UserError, OSError) as error:
            self._model.complained.emit(str(error))
            return
        self.details.setHtml(run_words.comparison(first, second, differences(*documents)))

    def _export(self) -> None:
        dialog = ExportDialog(self._model, self._engine, self, run=self._one().id)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _edit_name(self) -> None:
        row = self.table.runs.row_of(self._one().id)
        self.table.edit(self.table.runs.index(row, 0))

    def _rename(self, run: str, name: str) -> None:
        self._change_store(lambda store: store.rename(run, name))

    def _open_folder(self) -> None:
        if self.store is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.store.path(self._one().id))))

    def _ask_delete(self) -> None:
        chosen = self.table.selected()
        names = chosen[0].name if len(chosen) == 1 else f"{len(chosen)} runs"
        box = QMessageBox(QMessageBox.Icon.Warning, "Delete runs", f"Delete {names}?", parent=self)
        box.setInformativeText("Curves and weights are removed from the disk for good.")
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        delete.clicked.connect(lambda: self._delete([run.id for run in chosen]))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _delete(self, runs: list[str]) -> None:
        for run in runs:
            self._model.overlay_run(run, False)
            self._change_store(partial(RunStore.delete, run=run))

    def _change_store(self, change: Callable[[RunStore], object]) -> None:
        try:
            if self.store is not None:
                change(self.store)
        except UserError as error:
            self._model.complained.emit(str(error))
        self.reload()
