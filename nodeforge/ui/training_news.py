"""What the window says of its engine and of trainings: above the canvas, and in the status bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from nodeforge.engine.messages import RunFinished
    from nodeforge.ui.main_window import MainWindow


class TrainingNews(QObject):
    """Tells of engine and trainings in one window, and offers what can be done about it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._model, self._engine = window.model, window.engine
        self._bench, self._status = window.workbench, window.status
        self._running: str | None = None
        """The run that is being trained."""
        window.engine.state_changed.connect(self._on_engine_state)
        window.documents.shown.connect(self._offer_unfinished_run)

    def follow_training(self) -> None:
        """The panel of training is there."""
        training = self._bench.training
        training.state_changed.connect(self._on_training)
        training.started.connect(self._on_training_started)
        training.trainer.progressed.connect(self._status.show_progress)
        training.trainer.finished.connect(self._tell_result)

    # The engine -----------------------------------------------------------------------------------

    def _on_engine_state(self, state: str, sentence: str) -> None:
        self._status.show_engine(state, sentence)
        if state == "dead":
            sentence, again = self._offer_again(sentence)
            self._bench.banner.say(sentence, "error", *again, ("Restart", self._engine.restart))
        elif state == "ready":
            self._bench.banner.hide()
            self._offer_unfinished_run()

    def _offer_again(self, sentence: str) -> tuple[str, tuple[tuple[str, Callable[[], None]], ...]]:
        """What to say of a training that the engine took along, and the button that takes it up again."""
        from nodeforge.ui.leaving import can_go_on

        run, folder = self._running, self._model.folder
        if run is None or folder is None:
            return sentence, ()
        if can_go_on(folder, run):
            return sentence, (("Restart and resume", lambda: self._train_again(run)),)
        sentence += " The training had not reached its first checkpoint: it has to start from the beginning."
        return sentence, (("Restart and train again", lambda: self._train_again("")),)

    def _train_again(self, run: str) -> None:
        """Restart the engine; as soon as it is ready, go on with a run, or train from the beginning for ""."""

        def go_on(state: str, _: str) -> None:
            if state in ("ready", "dead"):
                self._engine.state_changed.disconnect(go_on)
            if state == "ready":
                self._window.train(run)

        self._engine.restart()
        self._engine.state_changed.connect(go_on)

    # Trainings ------------------------------------------------------------------------------------

    def _offer_unfinished_run(self) -> None:
        """Say above the canvas that the newest run has not reached its end, and offer to go on with it."""
        from nodeforge.ui.leaving import unfinished_run

        folder = self._model.folder
        run = unfinished_run(folder) if folder is not None and self._engine.state == "ready" else None
        if run is not None and self._window.has_project() and not self._window.is_training():
            text = f"{run.name} did not reach its end. It can go on from its last checkpoint."
            self._bench.banner.say(text, "hint", ("Resume", lambda: self._window.train(run.id)))

    def _on_training_started(self) -> None:
        """A new training makes old messages stale, and its curves are what to look at, or its live views."""
        from nodeforge.ui.attention import in_sight

        self._bench.banner.hide()
        self._status.clearMessage()
        if not in_sight(self._bench.live):
            self._bench.show_panel("plots")

    def _on_training(self, state: str) -> None:
        trainer = self._bench.training.trainer
        if trainer.active:
            self._running = trainer.run
            self._status.show_engine(state, trainer.sentence)
        elif self._engine.state == "ready":
            self._running = None
            self._status.show_engine("ready", trainer.sentence)
            self._tell_of_fault(trainer.fault, trainer.sentence, trainer.faulty_node)

    def _tell_of_fault(self, fault: str, sentence: str, node: str) -> None:
        """Say above the canvas why a training did not start or failed."""
        bench, network = self._bench, self._model.document.main
        if fault == "problems":
            bench.banner.say(sentence, "warning", ("Show problems", lambda: bench.show_panel("problems")))
        elif fault:
            show = ((f"Show {node}", lambda: self._model.reveal(network, node)),) if node else ()
            bench.banner.say(sentence, "error", *show)
            self._status.showMessage(sentence)
            if node:
                self._model.reveal(network, node)

    def _tell_result(self, result: RunFinished) -> None:
        """Say in the status bar what a run has reached, until the next one starts."""
        from nodeforge.core.errors import UserError
        from nodeforge.project.runs import RunStore
        from nodeforge.ui.panels.wording import ending

        if self._model.folder is None:
            return
        try:
            name = RunStore(self._model.folder).info(result.run).name
        except UserError:  # deleted meanwhile, or of a project that is no longer open
            return
        self._status.showMessage(ending(name, result.status, result.metrics))
