"""Trainings: asked for, steered, and what they tell while they run."""

from __future__ import annotations

from nodeforge.engine.messages.base import Event, Reply, Request


class StartTraining(Request, frozen=True, kw_only=True, tag=True):
    """Train the document; the run is made by the engine. Answered with `TrainingStarted`.

    Attributes:
        document: Project JSON.
        folder: The project's folder; the run is written under `runs/`.
        resume: Run to go on with from its last checkpoint, or "".
        paused: Start paused (for single steps).
    """

    document: bytes
    folder: str
    resume: str = ""
    paused: bool = False


class ControlTraining(Request, frozen=True, kw_only=True, tag=True):
    """Answered with `Done` at once; the effect shows as `TrainingState` events.

    Attributes:
        run: The run.
        action: "pause", "resume", "stop" or "step" (one batch, then pause).
    """

    run: str
    action: str


class TrainingStarted(Reply, frozen=True, kw_only=True, tag=True):
    run: str


class TrainingState(Event, frozen=True, kw_only=True, tag=True):
    """A run changed its state. Never dropped.

    Attributes:
        state: "starting", "running", "paused", "finished", "stopped", "interrupted" or "failed".
        message: For "failed": one sentence; for "finished" by early stopping, or for "interrupted": why.
        node: For "failed": the node to blame, if one is.
        user_fault: For "failed": whether graph, data or file is at fault (else it is a bug of ours).
        details: A traceback for the log when it is a bug.
    """

    run: str
    state: str
    message: str = ""
    node: str = ""
    user_fault: bool = True
    details: str = ""


class StepSamples(Event, frozen=True, kw_only=True, tag=True):
    """Measurements per step since the last of these, packed float32 little-endian; at most 30 a second.

    Attributes:
        run: The run.
        steps: Packed int32 step numbers.
        columns: Name ("loss", "learning_rate", "gradient_norm") to packed float32, as many as steps.
    """

    run: str
    steps: bytes
    columns: dict[str, bytes]


class Progress(Event, frozen=True, kw_only=True, tag=True):
    """Where the run stands; a newer one replaces an older.

    Attributes:
        stage: Name of the stage; of stages that take turns, the first.
        stage_number, stages: Counted from 1; those that take turns count as one.
        epoch, epochs, batch, batches, step: Counted from 1; epochs is the number planned.
        seconds: Time trained so far, pauses left out.
        seconds_left: Estimated; negative when unknown.
        samples_per_second: Over the last second or so.
    """

    run: str
    stage: str
    epoch: int
    epochs: int
    batch: int
    batches: int
    step: int
    seconds: float
    seconds_left: float
    samples_per_second: float
    stage_number: int = 1
    stages: int = 1


class EpochEnded(Event, frozen=True, kw_only=True, tag=True):
    """Metrics of a finished epoch by split ("train", "validation"); never dropped.

    For classifiers `confusion` is of the validation split; for regression `truth` and `prediction` are (at most
    2,000 points).
    """

    run: str
    stage: str
    epoch: int
    step: int
    learning_rate: float
    samples_per_second: float
    metrics: dict[str, dict[str, float]]
    best: bool = False
    classes: list[str] = []
    confusion: list[list[int]] = []
    truth: list[float] = []
    prediction: list[float] = []


class MemoryMeasured(Event, frozen=True, kw_only=True, tag=True):
    """What the first step of a stage needed; never dropped.

    Attributes:
        forecast, measured: Bytes by part ("parameters", "gradients", "optimizer", "activations", "peak", "total").
        batch: Samples of the batch that was measured.
    """

    run: str
    stage: str
    batch: int
    forecast: dict[str, int]
    measured: dict[str, int]


class RunFinished(Event, frozen=True, kw_only=True, tag=True):
    """The last word on a run that ended well, was stopped or interrupted; never dropped."""

    run: str
    status: str
    epochs: int
    seconds: float
    samples_per_second: float
    metrics: dict[str, dict[str, float]]
