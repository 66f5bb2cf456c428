"""What the scripts of an export depend on, and what several of them say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from nodeforge.compiler import Slot
from nodeforge.compiler.naming import literal, plain
from nodeforge.evaluation import TaskKind
from nodeforge.export.pytorch.recipe import StageCode
from nodeforge.export.pytorch.samples import PackedField, field_name
from nodeforge.training import TrainedRun, randomness
from nodeforge.training.batches import load_split
from nodeforge.training.measure import chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the scripts depend on.

    Attributes:
        trained: The network, its data, and its question.
        stage: Its recipe.
        checkpoint: Which weights are exported, "best" or "last"; "" for none.
        metric: "accuracy", "nrmse" or "".
        fields: The samples, by field.
        answer: Shape of what the network answers for one sample; None when it has no Output node.
    """

    trained: TrainedRun
    stage: StageCode
    checkpoint: str
    metric: str
    fields: Mapping[str, PackedField]
    answer: tuple[int, ...] | None

    @property
    def by_metric(self) -> bool:
        """Whether the metric decides what is better, and not the loss."""
        return bool(self.metric) and self.stage.settings["early_stopping_monitor"] == "metric"

    @property
    def patient(self) -> bool:
        """Whether it may stop early."""
        return self.has("validation") and self.stage.settings["early_stopping_patience"] is not None

    @property
    def restores(self) -> bool:
        """Whether it ends with the best weights."""
        return self.has("validation") and bool(self.stage.settings["restore_best"])

    @property
    def chooses(self) -> bool:
        """Whether an answer is the choice of one class."""
        kind, answer = self.trained.question.task.kind, self.answer
        if kind is TaskKind.CLASSIFICATION:
            return answer is not None and len(answer) == 1
        return kind is TaskKind.BINARY and answer is not None and math.prod(answer) == 1

    def has(self, split: str) -> bool:
        """Whether the data keeps samples for a split."""
        return split in self.trained.dataset.splits

    @property
    def text(self) -> str:
        """The input field that holds texts of several lengths; "" when there is none."""
        names = (self.field(slot, "input") for slot in self.trained.source.inputs)
        return next((name for name in names if {"words", "padded"} <= set(self.fields[name].notes)), "")

    def field(self, slot: Slot, role: str) -> str:
        return field_name(self.trained.dataset, slot, role)


def facts_of(
    trained: TrainedRun, stage: StageCode, checkpoint: str, fields: Mapping[str, PackedField]
) -> Facts:
    """Put together what the scripts depend on."""
    return Facts(
        trained=trained,
        stage=stage,
        checkpoint=checkpoint,
        metric=_metric(trained),
        fields=fields,
        answer=_answer(trained),
    )


def _answer(trained: TrainedRun) -> tuple[int, ...] | None:
    if not trained.source.outputs:
        return None
    samples = load_split(trained.dataset, "train", trained.source, torch.device("cpu"), channels_last=False)
    with randomness.undisturbed(), torch.inference_mode():
        output = chosen(trained.module(*(tensor[:2] for tensor in samples.inputs)), trained.question)
    return tuple(output.shape[1:])


def _metric(trained: TrainedRun) -> str:
    """The main metric; "" where there is none, or where the true values never change and leave it undefined."""
    task, dataset = trained.question.task, trained.dataset
    if trained.question.target < 0:
        return ""
    if task.kind is not TaskKind.REGRESSION:
        return task.metric
    for fields in dataset.splits.values():
        values = fields[task.field]
        truth = dataset.restore(task.field, values.reshape(len(values), -1))
        if not (truth.astype(np.float64).var(axis=0) > 0).all():
            return ""
    return task.metric


def task_flags(kind: TaskKind) -> dict[str, bool]:
    """The question of the network, for lines that only one kind of question needs."""
    return {
        "classification": kind is TaskKind.CLASSIFICATION,
        "binary": kind is TaskKind.BINARY,
        "regression": kind is TaskKind.REGRESSION,
    }


def shared_values(facts: Facts) -> dict[str, str]:
    """What the templates put in, whatever they are of."""
    trained = facts.trained
    task = trained.question.task
    return {
        "title": plain(trained.document.title) or "a network",
        "class_name": trained.source.class_name,
        "chosen": f"[{trained.question.output}]" if len(trained.source.outputs) > 1 else "",
        "files": "texts.txt"
        if facts.text
        else " ".join(f"{slot.node}.npy" for slot in trained.source.inputs),
        "target_field": literal(task.field),
        "threshold": literal(task.threshold),
    }
