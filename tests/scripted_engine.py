"""An engine that says what a test tells it to, and the events of a training."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from nodeforge.engine.messages import (
    AnyReply,
    ControlTraining,
    EpochEnded,
    Progress,
    Request,
    StepSamples,
    TrainingState,
)


class ScriptedEngine(QObject):
    """Stands for the EngineController: keeps what it is asked and answers when told to."""

    event_received = Signal(object)
    state_changed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.state = "ready"
        self.asked: list[tuple[Request, Callable[[AnyReply], None]]] = []

    def request(self, message: Request, on_reply: Callable[[AnyReply], None]) -> None:
        self.asked.append((message, on_reply))

    def answer(self, reply: AnyReply, index: int = -1) -> None:
        self.asked[index][1](reply)

    @property
    def last(self) -> Request:
        return self.asked[-1][0]

    @property
    def actions(self) -> list[str]:
        return [message.action for message, _ in self.asked if isinstance(message, ControlTraining)]

    # Events of a training ---------------------------------------------------------------------------

    def say_state(self, state: str, run: str = "r1", message: str = "", node: str = "") -> None:
        self.event_received.emit(TrainingState(run=run, state=state, message=message, node=node))

    def say_steps(
        self, steps: Sequence[int], loss: Sequence[float], run: str = "r1", **more: Sequence[float]
    ) -> None:
        where = np.asarray(steps, "<i4").tobytes()
        rate = np.full(len(steps), 0.01, "<f4").tobytes()
        columns = {
            name: np.asarray(values, "<f4").tobytes() for name, values in {"loss": loss, **more}.items()
        }
        columns["learning_rate"] = rate
        self.event_received.emit(StepSamples(run=run, steps=where, columns=columns))

    def say_progress(
        self,
        epoch: int = 1,
        batch: int = 1,
        run: str = "r1",
        seconds_left: float = 65.0,
        stage: str = "train",
        stage_number: int = 1,
        stages: int = 1,
    ) -> None:
        progress = Progress(
            run=run,
            stage=stage,
            stage_number=stage_number,
            stages=stages,
            epoch=epoch,
            epochs=4,
            batch=batch,
            batches=10,
            step=10 * (epoch - 1) + batch,
            seconds=12.0,
            seconds_left=seconds_left,
            samples_per_second=5000.0,
        )
        self.event_received.emit(progress)

    def say_epoch(self, epoch: int = 1, run: str = "r1", accuracy: float = 0.9, **more: object) -> None:
        ended = EpochEnded(
            run=run,
            stage="train",
            epoch=epoch,
            step=10 * epoch,
            learning_rate=0.01,
            samples_per_second=5000.0,
            metrics={
                "train": {"loss": 0.3, "accuracy": accuracy},
                "validation": {"loss": 0.4, "accuracy": accuracy},
            },
            **more,  # type: ignore[arg-type]
        )
        self.event_received.emit(ended)
