"""What a training is asked, and what it says at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nodeforge.core.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """Train a document.

    Attributes:
        document: What to train. A resumed run goes on with the document it began with instead.
        folder: The project's folder; the run is written under `runs/`.
        resume: Run to go on with from its last checkpoint, or "".
    """

    document: Document
    folder: Path
    resume: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """How a run ended.

    Attributes:
        run: Its id.
        status: "finished", "stopped" or "failed".
        epochs: Epochs finished, over all stages.
        seconds: Time trained, pauses left out.
        samples_per_second: Over the whole run.
        metrics: By split, of the chosen checkpoint in use (no dropout); empty when it failed.
        message: Why it failed or stopped by itself.
        node: The node to blame.
    """

    run: str
    status: str
    epochs: int
    seconds: float
    samples_per_second: float
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    message: str = ""
    node: str = ""
