"""Small trainings for tests: documents, a recorder of events, and a way to be killed in the middle."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from nodeforge.core.document import Component, DataSettings, Document, Recipe, Stage
from nodeforge.engine.messages import Event, Progress, StepSamples
from nodeforge.project.runs import RunInfo
from nodeforge.training import Control, TrainingJob, train
from tests.drawings import drawing

IRIS_NET = """
    x = Input(shape=[4])
    fc1 = Linear(out_features=16)
    norm = BatchNorm1d()
    act = ReLU()
    drop = Dropout(p=0.25)
    fc2 = Linear(out_features=3)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> fc1 -> norm -> act -> drop -> fc2 -> y
    fc2 -> loss.input
    t -> loss.target
"""
PLAIN_NET = """
    x = Input(shape=[4])
    fc1 = Linear(out_features=16)
    act = Tanh()
    fc2 = Linear(out_features=3)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    x -> fc1 -> act -> fc2 -> y
    fc2 -> loss.input
    t -> loss.target
"""


def iris(
    net: str = IRIS_NET,
    *,
    optimizer: Component | None = None,
    schedule: Component | None = None,
    seed: int = 0,
    validation: float = 0.1,
    **settings: object,
) -> Document:
    """A classifier of iris flowers with the settings given."""
    document = drawing(net)
    document.data = DataSettings(
        source=Component(kind="iris"), preparation={"validation_fraction": validation}
    )
    stage = Stage(settings={"epochs": 3, "batch_size": 16, **settings})  # type: ignore[dict-item]
    if optimizer is not None:
        stage = replace(stage, optimizer=optimizer)
    if schedule is not None:
        stage = replace(stage, schedule=schedule)
    document.recipe = Recipe(stages=(stage,), seed=seed)
    return document


class Recorder:
    """Keeps the events of a training. `on_step` is called with the newest step number that was told."""

    def __init__(self, on_event: Callable[[Event], None] = lambda event: None) -> None:
        self.events: list[Event] = []
        self._on_event = on_event

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._on_event(event)

    def of(self, kind: type[Event]) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def states(self) -> list[str]:
        return [event.state for event in self.events if hasattr(event, "state")]

    def column(self, name: str) -> dict[int, float]:
        """Values by step, as told in `StepSamples`."""
        found: dict[int, float] = {}
        for event in self.of(StepSamples):
            steps = array("i", event.steps)
            found |= dict(zip(steps, array("f", event.columns[name]), strict=True))
        return found


class Killed(BaseException):
    """As if the process had died: nothing may catch it."""


def run(
    document: Document, folder: Path, control: Control | None = None, **job: str
) -> tuple[RunInfo, Recorder]:
    """Train to the end."""
    recorder = Recorder()
    return train(
        TrainingJob(document=document, folder=folder, **job), control or Control(), recorder
    ), recorder


def weights(folder: Path, run_id: str, checkpoint: str = "last") -> dict[str, Tensor]:
    """The model's tensors in a checkpoint."""
    tensors = load_file(folder / "runs" / run_id / f"{checkpoint}.safetensors")
    return {name: tensor for name, tensor in tensors.items() if name.startswith("model/")}


def fingerprint(tensors: dict[str, Tensor]) -> str:
    """A hash of every bit of the tensors."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode() + tensors[name].contiguous().numpy().tobytes())
    return digest.hexdigest()


def stop_after(document: Document, folder: Path, step: int) -> tuple[str, Recorder]:
    """Train in single steps and stop after so many: (run, events)."""
    control = Control()

    def listen(event: Event) -> None:
        if isinstance(event, Progress):
            control.stop() if event.step == step else control.step()

    control.step()
    recorder = Recorder(listen)
    summary = train(TrainingJob(document=document, folder=folder), control, recorder)
    assert summary.status == "stopped"
    return summary.id, recorder
