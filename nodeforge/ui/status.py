"""The status bar: engine, problems, size of the network, zoom, saved or not."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton, QWidget

from nodeforge.analysis.report import Report
from nodeforge.engine.messages import Progress
from nodeforge.ui.icons import icon
from nodeforge.ui.panels.wording import duration
from nodeforge.ui.project_model import ProjectModel

_ENGINE_COLORS = {
    "starting": "warning",
    "ready": "good",
    "running": "accent",
    "paused": "warning",
    "stopping": "warning",
    "dead": "error",
    "closed": "muted",
}
_TRAINING_WORDS = {"running": "Training", "paused": "Training paused", "stopping": "Training stops"}
MESSAGE_MS = 8000


class StatusBar(QStatusBar):
    """What is worth knowing at a glance.

    Signals:
        problems_requested: The count of problems was clicked.
        zoom_requested: The zoom was clicked.
    """

    problems_requested = Signal()
    zoom_requested = Signal()

    def __init__(self, model: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setSizeGripEnabled(False)
        self.engine = QToolButton()
        self.engine.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.problems = QToolButton()
        self.problems.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.problems.setToolTip("Show the list of problems")
        self.problems.clicked.connect(self.problems_requested)
        self.parameters = QLabel()
        self.parameters.setToolTip("Numbers that training changes")
        self.zoom = QToolButton()
        self.zoom.setToolTip("Back to 100 %")
        self.zoom.clicked.connect(self.zoom_requested)
        self.saved = QLabel()
        self.progress = QLabel()
        self.progress.setAccessibleName("Progress of training")
        self.progress.hide()
        for widget in (self.progress, self.problems, self.parameters, self.zoom, self.saved, self.engine):
            widget.setContentsMargins(8, 0, 8, 0)
            self.addPermanentWidget(widget)
        self.show_engine("closed", "The engine has not started yet.")
        self.show_zoom(1.0)
        model.checked.connect(self._show_report)
        model.history_changed.connect(self.show_saved)
        model.complained.connect(lambda sentence: self.showMessage(sentence, MESSAGE_MS))
        self.show_saved()

    def show_project(self, shown: bool) -> None:
        """Whether there is a project to tell of."""
        for widget in (self.problems, self.parameters, self.zoom, self.saved):
            widget.setVisible(shown)

    def show_engine(self, state: str, sentence: str) -> None:
        """Show whether the engine is there, or what its training does; the sentence as the tool tip."""
        self.engine.setText(_TRAINING_WORDS.get(state, f"Engine {state}"))
        self.engine.setToolTip(sentence)
        self.engine.setIcon(icon("dot", _ENGINE_COLORS.get(state, "muted")))
        self.engine.setIconSize(QSize(11, 11))
        if state not in _TRAINING_WORDS:
            self.progress.hide()

    def show_progress(self, progress: Progress) -> None:
        """Show how far a training is, whichever panel is in front."""
        left = f", {duration(progress.seconds_left)} left" if progress.seconds_left >= 0 else ""
        several = progress.stages > 1
        stage = f"Stage {progress.stage_number} of {progress.stages}, epoch" if several else "Epoch"
        self.progress.setText(f"{stage} {progress.epoch:,} of {progress.epochs:,}{left}")
        self.progress.show()

    def show_zoom(self, factor: float) -> None:
        self.zoom.setText(f"{factor * 100:.0f} %")

    def show_saved(self) -> None:
        """Show whether a file holds everything."""
        dirty = self._model.workspace.dirty
        text = "Unsaved changes" if dirty else "Saved" if self._model.folder else "Not saved yet"
        self.saved.setText(text)

    def _show_report(self, report: Report) -> None:
        errors = sum(1 for finding in report.diagnostics if finding.severity == "error")
        others = len(report.diagnostics) - errors
        sign = "error" if errors else "warning" if others else "good"
        self.problems.setIcon(icon(sign, sign))
        parts = [_counted(errors, "error")] if errors else []
        parts += [_counted(others, "note")] if others else []
        self.problems.setText(", ".join(parts) or "No problems")
        main = report.networks.get(self._model.document.main)
        total = main.parameters if main else 0  # those of networks inside are in it
        self.parameters.setText(_counted(total, "parameter"))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
