"""What a training is asked."""

from __future__ import annotations

from dataclasses import dataclass
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
