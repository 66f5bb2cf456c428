"""A trained run brought back: its network with its weights, and the data it was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import nn

from nodeforge.compiler import Source
from nodeforge.core.document import Document
from nodeforge.core.edits import SetMode, apply
from nodeforge.data import Dataset
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from nodeforge.torch_backend import build
from nodeforge.training import checkpoints, randomness
from nodeforge.training.ema import weights_in_use
from nodeforge.training.material import gather, require_same_data
from nodeforge.training.questions import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedRun:
    """What evaluation, prediction and export work on.

    Attributes:
        run: Its id.
        module: The network on the CPU, in evaluation mode.
        source, document, dataset, question: As it was trained.
        environment: What the run notes of the machine it was trained on.
        document_text: The project file, byte for byte.
    """

    run: str
    module: nn.Module
    source: Source
    document: Document
    document_text: bytes
    dataset: Dataset
    question: Question
    environment: Mapping[str, str] = field(default_factory=dict)


def load_run(
    folder: Path, run: str = "", checkpoint: str = checkpoints.BEST, without: Sequence[str] = ()
) -> TrainedRun:
    """Bring a run back.

    Args:
        folder: The project's folder.
        run: The run's id; "" for the newest that was trained.
        checkpoint: "best" or "last"; a run that was stopped before its first validation has only the last.
        without: Nodes of its main network that are muted.

    Raises:
        UserError: There is no such run or node, or its files are broken.
    """
    store = RunStore(folder)
    run = run or store.latest().id
    path = checkpoints.path_of(store.path(run), checkpoint)
    if checkpoint == checkpoints.BEST and not path.exists():
        path = checkpoints.path_of(store.path(run), checkpoints.LAST)
    weights = weights_in_use(checkpoints.read(path))
    text = store.document(run)
    document = schema.decode(text, str(store.path(run)))
    for node in without:
        apply(document, SetMode(document.main, node, "muted"))
    material = gather(document, folder)
    with randomness.undisturbed():
        module = build(material.source)
    checkpoints.load_weights(module, weights, f"run {run}")
    return TrainedRun(
        run=run,
        module=module.eval(),
        source=material.source,
        document=material.document,
        document_text=text,
        dataset=material.dataset,
        question=material.question,
        environment=store.info(run).environment,
    )


def comparable_run(folder: Path, run: str, without: Sequence[str] = ()) -> TrainedRun:
    """A run whose data is what it was trained on: else scaling, classes and splits would be others.

    Raises:
        UserError: There is no such run or node, or its data has changed.
    """
    trained = load_run(folder, run, without=without)
    require_same_data(trained.dataset, RunStore(folder).info(trained.run))
    return trained
