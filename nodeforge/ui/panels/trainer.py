"""The state of training as the window knows it: what may be pressed, what is going on, in a sentence."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from nodeforge.engine.messages import (
    AnyReply,
    ControlTraining,
    EpochEnded,
    Event,
    Failed,
    Progress,
    RunFinished,
    StartTraining,
    TrainingStarted,
    TrainingState,
)
from nodeforge.project import schema
from nodeforge.ui.engine_thread import EngineController
from nodeforge.ui.panels.learners import sentence_of
from nodeforge.ui.project_model import ProjectModel


class State(StrEnum):
    """What training is doing."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"


ACTIVE = frozenset({State.STARTING, State.RUNNING, State.PAUSED, State.STOPPING})
READY = "Ready to train."
_NOT_SAVED = "Save the project first: its runs are kept in its folder."
_SENTENCES = {
    "finished": "Training finished.",
    "stopped": "Training was stopped. It can be resumed from its last checkpoint under Runs.",
    "interrupted": "Training was interrupted. It can be resumed from its last checkpoint under Runs.",
    "failed": "Training failed.",
}


class Trainer(QObject):
    """Starts, steers and follows one training at a time.

    Signals:
        state_changed: The new state, also when only the sentence or the fault is new.
        progressed: A `Progress`; at most 30 a second.
        epoch_ended: An `EpochEnded`.
        finished: A `RunFinished`.
        save_requested: The project has no folder to keep runs in; whoever saves it does so before returning.
    """

    state_changed = Signal(str)
    progressed = Signal(object)
    epoch_ended = Signal(object)
    finished = Signal(object)
    save_requested = Signal()

    def __init__(self, model: ProjectModel, engine: EngineController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._engine = engine
        self.state = State.IDLE
        self.run = ""
        """The run that trains, or the last one that did."""
        self.sentence = READY
        self.fault = ""
        """"problems" when the drawing keeps it from starting, "error" when something went wrong, else ""."""
        self.faulty_node = ""
        self._step_when_paused = False
        self._learning: dict[str, str] = {}
        """By stage, who learns in it, as the recipe was at the start."""
        self._stage = ""
        self._is_known = False
        """Whether the engine has answered for the run, so that it can be told to stop."""
        engine.event_received.connect(self._on_event)
        engine.state_changed.connect(self._on_engine_state)
        model.opened.connect(self._on_open)

    @property
    def active(self) -> bool:
        """Whether a training is under way, paused or not."""
        return self.state in ACTIVE

    def start(self, resume: str = "", *, paused: bool = False) -> bool:
        """Train the project as it stands, or go on with an interrupted run; whether it was asked for."""
        if self.active:
            return False
        errors = sum(finding.severity == "error" for finding in self._model.workspace.report.diagnostics)
        if errors and not resume:
            problems = "a problem" if errors == 1 else f"{errors} problems"
            self._set(
                State.IDLE, f"The drawing has {problems} to solve before it can be trained.", "problems"
            )
            return False
        if self._model.folder is None:
            self.save_requested.emit()
        if self._model.folder is None:
            self._set(State.IDLE, _NOT_SAVED, "error")
            return False
        self.run = resume
        self._step_when_paused = self._is_known = False
        self._stage = ""
        games = () if resume else self._model.document.recipe.games  # a run keeps the recipe it began with
        self._learning = {game[0].name: sentence_of(self._model, game) for game in games}
        self._set(State.STARTING, "Training starts…")
        request = StartTraining(
            document=schema.encode(self._model.document),
            folder=str(self._model.folder),
            resume=resume,
            paused=paused,
        )
        self._engine.request(request, self._on_started)
        return True

    def pause(self) -> None:
        """Hold after the batch at hand."""
        if self.state is State.RUNNING:
            self._control("pause")

    def resume(self) -> None:
        """Go on after a pause."""
        if self.state is State.PAUSED:
            self._control("resume")

    def stop(self) -> None:
        """End after the batch at hand, with a checkpoint."""
        if self.state in (State.RUNNING, State.PAUSED, State.STARTING):
            if self._is_known:
                self._control("stop")
            self._set(State.STOPPING, "Training stops after this batch…")

    def step(self) -> None:
        """Train one batch and pause; starts paused when nothing runs yet."""
        if self.state in (State.RUNNING, State.PAUSED):
            self._control("step")
        elif self.state is State.IDLE and self.start(paused=True):
            self._step_when_paused = True

    def _control(self, action: str) -> None:
        self._engine.request(ControlTraining(run=self.run, action=action), self._on_controlled)

    def _on_controlled(self, reply: AnyReply) -> None:
        if isinstance(reply, Failed) and self.active:
            self._set(State.IDLE, reply.message, "error")

    def _on_started(self, reply: AnyReply) -> None:
        if isinstance(reply, Failed):
            self.faulty_node = reply.node
            self._set(State.IDLE, reply.message, "error")
        elif isinstance(reply, TrainingStarted):
            self.run = reply.run
            self._is_known = True
            if self.state is State.STOPPING:  # asked for while it was starting
                self._control("stop")

    def _on_event(self, event: Event) -> None:
        match event:
            case TrainingState() if self.active and self.run in ("", event.run):
                self.run = event.run
                self._on_training_state(event)
            case Progress() if event.run == self.run:
                self._follow_stage(event)
                self.progressed.emit(event)
            case EpochEnded() if event.run == self.run:
                self.epoch_ended.emit(event)
            case RunFinished() if event.run == self.run:
                self.finished.emit(event)

    def _follow_stage(self, progress: Progress) -> None:
        """Say which stage has begun, and who learns in it."""
        if progress.stage != self._stage and self.state is State.RUNNING:
            self._stage = progress.stage
            parts = [self._learning.get(progress.stage, "Training.")]
            if progress.stages > 1:
                parts.insert(0, f"Stage {progress.stage_number} of {progress.stages}, {progress.stage}:")
            self._set(State.RUNNING, " ".join(parts))

    def _on_training_state(self, event: TrainingState) -> None:
        match event.state:
            case "running" if self.state is not State.STOPPING:
                self._stage = ""
                self._set(State.RUNNING, event.message or "Training.")
            case "paused" if self.state is not State.STOPPING:
                self._set(State.PAUSED, event.message or "Paused.")
                if self._step_when_paused:
                    self._step_when_paused = False
                    self.step()
            case "finished" | "stopped" | "interrupted" | "failed":
                self.faulty_node = event.node
                sentence = event.message or _SENTENCES[event.state]
                self._set(State.IDLE, sentence, "error" if event.state == "failed" else "")

    def _on_open(self) -> None:
        """What was said of another project's training is of no interest in this one."""
        if not self.active:
            self.run = ""
            self._set(State.IDLE, READY)

    def _on_engine_state(self, state: str, sentence: str) -> None:
        if state in ("dead", "closed") and self.active:
            self._set(State.IDLE, f"{sentence} The run can be resumed from its last checkpoint.", "error")

    def _set(self, state: State, sentence: str, fault: str = "") -> None:
        if not fault:
            self.faulty_node = ""
        self.state, self.sentence, self.fault = state, sentence, fault
        self.state_changed.emit(state)
