"""The window. It is painted first; what takes time to load is built right after."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMargins, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QStatusBar,
    QToolBar,
)

from nodeforge.ui import theme
from nodeforge.ui.actions import Actions
from nodeforge.ui.command_table import MENUS, command_table
from nodeforge.ui.dialogs import Dialogs
from nodeforge.ui.icons import app_icon
from nodeforge.ui.preferences import Preferences
from nodeforge.ui.shortcuts.keymap import Keymap

if TYPE_CHECKING:  # loaded after the first paint
    from nodeforge.analysis.report import Report
    from nodeforge.engine.messages import Evaluated
    from nodeforge.ui.canvas.overlays import Overlay
    from nodeforge.ui.canvas.view import Canvas
    from nodeforge.ui.canvas_habits import CanvasHabits
    from nodeforge.ui.custom.keeper import CodeKeeper
    from nodeforge.ui.documents import Documents
    from nodeforge.ui.engine_thread import EngineController
    from nodeforge.ui.panels.trainer import Trainer
    from nodeforge.ui.project_model import ProjectModel
    from nodeforge.ui.status import StatusBar
    from nodeforge.ui.training_news import TrainingNews
    from nodeforge.ui.welcome import WelcomePage
    from nodeforge.ui.workbench import Workbench

FIRST_SIZE = QSize(1440, 900)
FRAME = QMargins(8, 40, 8, 8)
"""Room for what the system draws around a window; a screen that lacks it is filled."""


class MainWindow(QMainWindow):
    """Menus, toolbar, status bar, and either the welcome page or the workbench.

    Args:
        path: Project to open; None for the welcome page.
        engine: "child" or "inprocess".
        preferences: What the window remembers.

    Signals:
        built: Everything but the panels is there.
        ready: Everything is there.
    """

    built = Signal()
    ready = Signal()

    # Made by `build`, after the first paint.
    model: ProjectModel
    engine: EngineController
    code: CodeKeeper
    documents: Documents
    workbench: Workbench
    welcome: WelcomePage
    status: StatusBar
    habits: CanvasHabits
    news: TrainingNews

    def __init__(
        self, path: Path | None = None, engine: str = "child", preferences: Preferences | None = None
    ) -> None:
        super().__init__()
        self._path = path
        self._engine_host = engine
        self._is_built = False
        self._painted = False
        self.overlay: Overlay | None = None
        self.preferences = preferences or Preferences(self)
        self.dialogs = Dialogs(self)
        self.setWindowTitle("NodeForge")
        self.setWindowIcon(app_icon())
        self.setObjectName("main")
        self._pages = QStackedWidget()
        self.setCentralWidget(self._pages)
        self.commands = Actions(command_table(self), self)
        self.keymap = Keymap(self.commands.commands, MENUS, self)
        self.commands.set_keys(self.keymap.keys)
        self.keymap.changed.connect(lambda: self.commands.set_keys(self.keymap.keys))
        self.menus = self.commands.fill_menu_bar(self.menuBar(), MENUS)
        self._recent_menu = QMenu("Open &recent")
        self._recent_menu.setEnabled(False)
        self.menus["File"].insertMenu(self.commands["file.welcome"], self._recent_menu)
        self._make_toolbar()
        self.commands.bind(self)
        self.setStatusBar(QStatusBar())
        self._restore_geometry()

    # Building -------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.build)

    def build(self) -> None:
        """Load and make everything else; once."""
        if self._is_built:
            return
        from nodeforge.core.document import Document
        from nodeforge.project.places import log_file
        from nodeforge.session.workspace import Workspace
        from nodeforge.ui.canvas_habits import CanvasHabits
        from nodeforge.ui.custom.keeper import CodeKeeper
        from nodeforge.ui.documents import Documents
        from nodeforge.ui.engine_thread import EngineController
        from nodeforge.ui.project_model import ProjectModel
        from nodeforge.ui.status import StatusBar
        from nodeforge.ui.training_news import TrainingNews
        from nodeforge.ui.welcome import WelcomePage
        from nodeforge.ui.workbench import Workbench

        self.model = ProjectModel(Workspace(Document()), self)
        self.engine = EngineController(self._engine_host, log_file(), self)
        self.documents = Documents(self.model, self, self._trainer)
        self.status = StatusBar(self.model)
        self.setStatusBar(self.status)
        self.welcome = WelcomePage()
        self.workbench = Workbench(self.model, self.engine)
        self.code = CodeKeeper(
            self.model, self.engine, self.workbench.banner, self, self.documents.save_for_runs
        )
        self.habits = CanvasHabits(self.workbench.canvas, self.preferences)
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.workbench)
        self._is_built = True
        self._connect()
        self.news = TrainingNews(self)  # speaks of a project once it is shown, so it is connected last
        self.workbench.completed.connect(self._on_completed)
        self._restore_docks()
        self.engine.start()
        self._show_first_page()
        self._refresh()
        self.built.emit()

    def _connect(self) -> None:
        model, documents, welcome, bench = self.model, self.documents, self.welcome, self.workbench
        for signal in (model.opened, model.history_changed, model.selection_changed, model.checked):
            signal.connect(self._refresh)
        model.complained.connect(lambda sentence: bench.banner.say(sentence, "warning"))
        model.checked.connect(self._label_problems)
        documents.shown.connect(self.show_workbench)
        documents.saved.connect(lambda folder: self.status.showMessage(f"Saved in {folder}", 6000))
        documents.recent_changed.connect(self._list_recent)
        welcome.new_requested.connect(documents.new)
        welcome.open_requested.connect(documents.open_dialog)
        welcome.example_chosen.connect(documents.open_example)
        welcome.recent_chosen.connect(documents.open)
        self.engine.state_changed.connect(self._refresh)
        self.status.problems_requested.connect(lambda: bench.show_panel("problems"))
        self.status.zoom_requested.connect(bench.canvas.reset_zoom)
        bench.canvas.zoom_changed.connect(self.status.show_zoom)
        bench.canvas.activated.connect(lambda _: bench.show_panel("inspector"))
        bench.canvas.project_dropped.connect(documents.open)
        bench.canvas.weights_dropped.connect(self.dialogs.weights)
        self.preferences.theme_changed.connect(self._on_theme_preferred)
        self.habits.changed.connect(self._refresh)
        bench.canvas.translate_key = self.keymap.translated
        bench.canvas.own_keys = self.keymap.own
        if self.keymap.fault:
            bench.banner.say(self.keymap.fault, "warning")
        for dock in bench.docks.values():
            dock.visibilityChanged.connect(self._refresh)

    def _on_completed(self) -> None:
        """Every panel is there: connect those that speak to the window."""
        from nodeforge.ui.canvas.overlays import Overlay
        from nodeforge.ui.costs.measures import MEASURES
        from nodeforge.ui.costs.overlay import CostColouring
        from nodeforge.ui.live.overlay import VITALS, VitalColouring, VitalSigns
        from nodeforge.ui.panels.learners import shown_names

        bench, training = self.workbench, self.workbench.training
        bench.palette_panel.add_requested.connect(self._add_node)
        bench.palette_panel.new_requested.connect(self.code.begin)
        bench.palette_panel.help_requested.connect(self.dialogs.read_about)
        bench.networks.library_changed.connect(bench.palette_panel.refresh)
        bench.inspector.help_requested.connect(self.dialogs.read_about)
        training.save_requested.connect(self.documents.save_for_runs)
        training.problems_requested.connect(lambda: bench.show_panel("problems"))
        bench.problems.deep_check_requested.connect(self.dialogs.deep_check)
        training.weights_requested.connect(lambda: self.dialogs.weights())
        self.news.follow_training()
        training.state_changed.connect(self._refresh)
        training.lit.connect(lambda paths: self.canvas.set_lit(shown_names(self.model, paths)))
        signs = VitalSigns(self.model, self.engine)
        costs = [CostColouring(measure, bench.costs.source) for measure in MEASURES]
        vitals = [VitalColouring(vital, signs, self.model) for vital in VITALS]
        self.overlay = Overlay(self.canvas, [*costs, *vitals])
        self.overlay.shown_changed.connect(self._refresh)
        bench.costs.overlay_requested.connect(lambda: self.show_overlay("macs"))
        bench.runs.resume_requested.connect(self.train)
        bench.runs.evaluated.connect(self._show_evaluation)
        self._refresh()
        self.ready.emit()
        QTimer.singleShot(0, self, self.dialogs.recovery)

    def _show_first_page(self) -> None:
        self._list_recent()
        self._fill_welcome()
        if self._path is None or not self.documents.open(self._path):
            self.show_welcome()

    def _make_toolbar(self) -> None:
        toolbar = QToolBar("Toolbar")
        toolbar.setObjectName("toolbar")
        toolbar.setMovable(False)
        toolbar.setIconSize(QSize(20, 20))
        toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.commands.fill_toolbar(toolbar)
        self.addToolBar(toolbar)

    # Pages ----------------------------------------------------------------------------------------

    @property
    def canvas(self) -> Canvas:
        return self.workbench.canvas

    def show_welcome(self) -> None:
        """The page of examples and recent projects."""
        self._pages.setCurrentWidget(self.welcome)
        self._refresh()

    def show_workbench(self) -> None:
        self._pages.setCurrentWidget(self.workbench)
        self.canvas.setFocus()
        self._refresh()

    def close_project(self) -> None:
        """Let go of the project and go back to the first page."""
        if self.documents.close_project():
            self.show_welcome()

    def _fill_welcome(self) -> None:
        from nodeforge.project.shipped import project_names

        for name in project_names():
            # One a turn of the event loop: reading and checking a project takes some milliseconds.
            QTimer.singleShot(0, self.welcome, lambda name=name: self.welcome.add_example(name))

    def _list_recent(self) -> None:
        folders = self.documents.recent.folders()
        self.welcome.show_recent(folders[:8])
        menu = self._recent_menu
        menu.clear()
        for folder in folders:
            action = menu.addAction(f"{folder.name}  —  {folder.parent}")
            action.triggered.connect(partial(self._open_recent, folder))
        menu.setEnabled(bool(folders))

    def _open_recent(self, folder: Path) -> None:
        self.documents.open(folder)

    # What commands ask ----------------------------------------------------------------------------

    def has_project(self) -> bool:
        return self._is_built and self._pages.currentWidget() is self.workbench

    def has_untrusted_code(self) -> bool:
        from nodeforge.session.custom_layers import untrusted

        return self.has_project() and bool(untrusted(self.model.document))

    def has_selection(self) -> bool:
        return self.has_project() and bool(self.model.selection or self.model.frames)

    def shows_overlay(self, name: str = "") -> bool:
        """Whether nodes are coloured: by this, or by anything."""
        overlay = self.overlay
        return overlay is not None and (overlay.shows(name) if name else overlay.shown)

    def can_undo(self) -> bool:
        return self.has_project() and self.model.workspace.history.can_undo

    def can_redo(self) -> bool:
        return self.has_project() and self.model.workspace.history.can_redo

    def is_training(self) -> bool:
        return self._training_state() in ("starting", "running", "paused")

    def is_paused(self) -> bool:
        return self._training_state() == "paused"

    def can_pause(self) -> bool:
        return self._training_state() in ("running", "paused")

    def can_train(self) -> bool:
        """An engine that still starts is no obstacle: it answers when it is ready."""
        alive = self.has_project() and self.engine.state in ("starting", "ready")
        return alive and self._training_state() == "idle"

    def can_step(self) -> bool:
        return self.can_train() or self.can_pause()

    def panel_is_shown(self, name: str) -> bool:
        return self.has_project() and not self.workbench.docks[name].isHidden()

    def _trainer(self) -> Trainer | None:
        built = self._is_built and "training" in self.workbench.panels
        return self.workbench.training.trainer if built else None

    def _training_state(self) -> str:
        trainer = self._trainer()
        return str(trainer.state) if trainer is not None else ""

    def _refresh(self, _: object = None) -> None:
        """Bring commands and title up to date."""
        self.commands.refresh()
        history = self.model.workspace.history
        for id_, word, label in (
            ("edit.undo", "Undo", history.undo_label),
            ("edit.redo", "Redo", history.redo_label),
        ):
            self.commands[id_].setText(f"&{word} {label}".rstrip())
        self.status.show_project(self.has_project())
        if self.has_project():
            self.setWindowTitle(f"{self.model.document.title}[*] – NodeForge")
            self.setWindowModified(self.model.workspace.dirty)
        else:
            self.setWindowModified(False)
            self.setWindowTitle("NodeForge")

    def _label_problems(self, report: Report) -> None:
        count = len(report.diagnostics)
        self.workbench.docks["problems"].setWindowTitle(f"Problems ({count})" if count else "Problems")

    # What commands do -----------------------------------------------------------------------------

    def toggle_panel(self, name: str) -> None:
        """Bring a hidden or covered panel to the front; hide one that is in front."""
        dock = self.workbench.docks[name]
        if dock.isHidden() or dock.visibleRegion().isEmpty():
            self.workbench.show_panel(name)
        else:
            dock.hide()
        self._refresh()

    def show_overlay(self, name: str) -> None:
        """Colour the nodes by this."""
        if self.overlay is not None:
            self.overlay.choose(name)
            self.overlay.show(True)

    def toggle_overlay(self, name: str = "") -> None:
        """Colour the nodes by this (by what they were coloured by last, when unnamed), or no longer."""
        if self.overlay is not None and name:
            self.overlay.toggle(name)
        elif self.overlay is not None:
            self.overlay.show(not self.overlay.shown)

    def _add_node(self, kind: str) -> None:
        self.canvas.add_node(kind)

    def find_layer(self) -> None:
        self.workbench.show_panel("palette")
        self.workbench.palette_panel.focus_search()

    def _show_evaluation(self, evaluated: Evaluated) -> None:
        self.workbench.plots.show_evaluation(evaluated)
        self.workbench.evaluation.show_evaluation(evaluated)
        self.workbench.show_panel("evaluation")

    def train(self, resume: str = "") -> None:
        """Start the training or go on with a run."""
        self.workbench.training.start(resume)

    def pause_or_resume(self) -> None:
        training = self.workbench.training
        if self.is_paused():
            training.resume()
        else:
            training.pause()

    def reset_layout(self) -> None:
        self.preferences.forget_layout()
        self.workbench.reset_layout()
        self._refresh()

    # What happens ---------------------------------------------------------------------------------

    def _on_theme_preferred(self, name: str) -> None:
        app = QGuiApplication.instance()
        assert isinstance(app, QApplication)
        theme.prefer(app, name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._is_built:
            self.canvas.set_theme(theme.is_dark())

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._is_built:
            event.accept()
            return
        if not self.documents.may_leave():
            event.ignore()
            return
        self.preferences.keep_layout(self.saveGeometry(), self.workbench.layout_state())
        self.documents.close()
        self.engine.close()
        if self.dialogs.help is not None:
            self.dialogs.help.close()
        event.accept()

    def _restore_geometry(self) -> None:
        layout = self.preferences.layout()
        if layout is not None and self.restoreGeometry(layout[0]):
            return
        self.resize(FIRST_SIZE)
        room = self.screen().availableGeometry().size()
        if FIRST_SIZE.boundedTo(room.shrunkBy(FRAME)) != FIRST_SIZE:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def _restore_docks(self) -> None:
        layout = self.preferences.layout()
        if layout is not None:
            self.workbench.restore_layout(layout[1])
