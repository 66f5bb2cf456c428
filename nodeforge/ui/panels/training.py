"""Train, pause, resume, stop, step; how far it is; and the recipe it follows."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from nodeforge.engine.messages import EpochEnded, Progress, RunFinished
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.icons import icon
from nodeforge.ui.panels.recipe_form import RecipeForm
from nodeforge.ui.panels.trainer import State, Trainer
from nodeforge.ui.panels.wording import duration, measured, summary_of
from nodeforge.ui.project_model import ProjectModel
from nodeforge.ui.widgets import label, quiet_button, restyle


class TrainingPanel(QWidget):
    """Controls and progress above, the recipe below.

    Signals:
        state_changed: "idle", "starting", "running", "paused" or "stopping".
        save_requested: The project has no folder to keep runs in; save it before returning.
        problems_requested: The person wants to see what keeps the drawing from training.
        started: A training (not a single step) was asked for.
        weights_requested: The person wants to name weights to begin with.
        lit: Paths of nodes that the recipe speaks of, to show on the canvas; empty when it is over.
    """

    state_changed = Signal(str)
    save_requested = Signal()
    problems_requested = Signal()
    started = Signal()
    weights_requested = Signal()
    lit = Signal(object)

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_panel")
        self._model = model
        self.trainer = Trainer(model, engine, self)
        self.trainer.state_changed.connect(self._show_state)
        self.trainer.state_changed.connect(self.state_changed)
        self.trainer.save_requested.connect(self.save_requested)
        self.trainer.progressed.connect(self._show_progress)
        self.trainer.epoch_ended.connect(self._show_epoch)
        self.trainer.finished.connect(self._show_result)
        self.recipe = RecipeForm(model)
        self.recipe.lit.connect(self.lit)
        self.recipe.weights.clicked.connect(lambda: self.weights_requested.emit())
        self._make_controls()
        self._lay_out()
        model.opened.connect(self._on_open)
        self._on_open()
        self._show_state(State.IDLE)

    @property
    def state(self) -> str:
        return self.trainer.state

    @property
    def run(self) -> str:
        """The run that trains, or the last one that did."""
        return self.trainer.run

    def start(self, resume: str = "") -> None:
        """Train the project as it stands, or go on with an interrupted run."""
        if self.trainer.start(resume):
            self._clear_progress()
            self.result_text.hide()
            self.progress.show()
            self.started.emit()

    def pause(self) -> None:
        self.trainer.pause()

    def resume(self) -> None:
        self.trainer.resume()

    def stop(self) -> None:
        self.trainer.stop()

    def step(self) -> None:
        """One batch, then pause."""
        self.trainer.step()
        self.progress.setVisible(self.trainer.active)
        self.result_text.setVisible(self.result_text.isVisible() and not self.trainer.active)

    def _make_controls(self) -> None:
        self.train_button = _button("Train", "train", "Train the network as it is drawn")
        self.pause_button = _button("Pause", "pause", "Hold after this batch")
        self.stop_button = _button("Stop", "stop", "End after this batch; what was learnt is kept")
        self.step_button = _button("Step", "step", "Train on one batch, then pause")
        self.train_button.clicked.connect(lambda: self.start())
        self.pause_button.clicked.connect(self._pause_or_resume)
        self.stop_button.clicked.connect(self.stop)
        self.step_button.clicked.connect(self.step)
        self.sentence = label(wrap=True)
        self.sentence.setAccessibleName("State of training")
        self.remedy = quiet_button("")
        self.remedy.clicked.connect(self._follow_remedy)
        self.stage_bar = _bar("Stages done")
        self.epoch_bar = _bar("Epochs done")
        self.batch_bar = _bar("Batches of this epoch done")
        self.stage_text, self.epoch_text, self.batch_text = label(), label(), label()
        self.stage_name = label(role="muted", wrap=True)
        self.time_text, self.speed_text = label(role="muted"), label(role="muted")
        self.best_text = label(role="muted", wrap=True)
        self.result_text = label(role="muted", wrap=True)
        self.result_text.hide()

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(6)
        for button in (self.train_button, self.pause_button, self.stop_button, self.step_button):
            controls.addWidget(button)
        controls.addSpacing(10)
        controls.addWidget(self.sentence, 1)
        controls.addWidget(self.remedy)
        self.progress = QWidget()
        progress = QGridLayout(self.progress)
        progress.setContentsMargins(0, 0, 0, 0)
        progress.setHorizontalSpacing(10)
        progress.setVerticalSpacing(3)
        rows = (
            (self.stage_text, self.stage_bar, self.stage_name),
            (self.epoch_text, self.epoch_bar, self.time_text),
            (self.batch_text, self.batch_bar, self.speed_text),
        )
        for row, widgets in enumerate(rows):
            for column, widget in enumerate(widgets):
                progress.addWidget(widget, row, column)
        progress.addWidget(self.best_text, 0, 3, 3, 1, Qt.AlignmentFlag.AlignTop)
        progress.setColumnMinimumWidth(0, 110)
        progress.setColumnMinimumWidth(2, 130)
        progress.setColumnStretch(1, 2)
        progress.setColumnStretch(3, 1)
        top = QVBoxLayout()
        top.setContentsMargins(10, 8, 10, 2)
        top.setSpacing(8)
        top.addLayout(controls)
        top.addWidget(self.progress)
        top.addWidget(self.result_text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.recipe, 1)

    def _pause_or_resume(self) -> None:
        if self.trainer.state is State.PAUSED:
            self.resume()
        else:
            self.pause()

    def _follow_remedy(self) -> None:
        if self.trainer.fault == "problems":
            self.problems_requested.emit()
        elif self.trainer.faulty_node:
            self._model.reveal(self._model.document.main, self.trainer.faulty_node)

    def _show_state(self, state: str) -> None:
        trainer = self.trainer
        paused = state == State.PAUSED
        self.train_button.setEnabled(state == State.IDLE)
        self.train_button.setDefault(state == State.IDLE)
        self.train_button.setIcon(icon("train", "on_accent" if state == State.IDLE else "text"))
        self.pause_button.setEnabled(state in (State.RUNNING, State.PAUSED))
        self.pause_button.setText("Resume" if paused else "Pause")
        self.pause_button.setIcon(icon("train" if paused else "pause"))
        self.pause_button.setToolTip("Go on training" if paused else "Hold after this batch")
        self.stop_button.setEnabled(state in (State.STARTING, State.RUNNING, State.PAUSED))
        self.step_button.setEnabled(state in (State.IDLE, State.RUNNING, State.PAUSED))
        self.sentence.setText(trainer.sentence)
        self.sentence.setProperty("role", "error" if trainer.fault else "")
        restyle(self.sentence)
        node = trainer.faulty_node
        self.remedy.setText(
            "Show problems" if trainer.fault == "problems" else f"Show {node}" if node else ""
        )
        self.remedy.setVisible(bool(self.remedy.text()))

    def _show_progress(self, progress: Progress) -> None:
        done = ((progress.epoch - 1) + progress.batch / max(1, progress.batches)) / max(1, progress.epochs)
        self._show_stages(progress, done)
        self.epoch_text.setText(f"Epoch {progress.epoch:,} of {progress.epochs:,}")
        self.batch_text.setText(f"Batch {progress.batch:,} of {progress.batches:,}")
        self.epoch_bar.setValue(round(1000 * done))
        self.batch_bar.setValue(round(1000 * progress.batch / max(1, progress.batches)))
        left = f", {duration(progress.seconds_left)} left" if progress.seconds_left >= 0 else ""
        self.time_text.setText(f"{duration(progress.seconds)}{left}")
        self.speed_text.setText(f"{progress.samples_per_second:,.0f} samples/s")

    def _show_stages(self, progress: Progress, done: float) -> None:
        """Show how far all stages are; `done` is the share of the present one."""
        for widget in (self.stage_text, self.stage_bar, self.stage_name):
            widget.setVisible(progress.stages > 1)
        self.stage_text.setText(f"Stage {progress.stage_number} of {progress.stages}")
        self.stage_name.setText(progress.stage)
        self.stage_bar.setValue(round(1000 * (progress.stage_number - 1 + done) / progress.stages))

    def _show_epoch(self, event: EpochEnded) -> None:
        if event.best:
            metrics = event.metrics.get("validation") or event.metrics.get("train", {})
            self.best_text.setText(f"Best so far: epoch {event.epoch:,}\n{measured(metrics)}")

    def _show_result(self, result: RunFinished) -> None:
        """What a whole run reached, in place of how far it was: the recipe has the room again."""
        speed = f"{result.samples_per_second:,.0f} samples/s"
        self.time_text.setText(duration(result.seconds))
        self.speed_text.setText(speed)
        self.best_text.setText(summary_of(result.metrics))
        if result.status == "finished":
            reached = summary_of(result.metrics).splitlines()
            self.result_text.setText(" · ".join([*reached, duration(result.seconds), speed]))
            self.result_text.show()
            self.progress.hide()

    def _on_open(self) -> None:
        self._clear_progress()
        self.result_text.hide()
        self.progress.setVisible(self.trainer.active)

    def _clear_progress(self) -> None:
        for bar in (self.stage_bar, self.epoch_bar, self.batch_bar):
            bar.setValue(0)
        for widget in (self.stage_text, self.stage_bar, self.stage_name):
            widget.hide()
        self.epoch_text.setText("Epoch")
        self.batch_text.setText("Batch")
        for text in (self.time_text, self.speed_text, self.best_text):
            text.clear()


def _button(text: str, icon_name: str, tip: str) -> QPushButton:
    button = QPushButton(icon(icon_name), text)
    button.setIconSize(QSize(18, 18))
    button.setMinimumHeight(32)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def _bar(name: str) -> QProgressBar:
    bar = QProgressBar()
    bar.setRange(0, 1000)
    bar.setTextVisible(False)
    bar.setFixedHeight(8)
    bar.setAccessibleName(name)
    return bar
