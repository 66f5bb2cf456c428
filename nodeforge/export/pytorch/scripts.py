"""What is written into the scripts of an export for one trained network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import safetensors
import torch

from nodeforge import __version__
from nodeforge.compiler import Slot
from nodeforge.compiler.naming import listed, literal, plain
from nodeforge.evaluation import TaskKind
from nodeforge.export.pytorch.other_templates import PREDICT, README, SAMPLES
from nodeforge.export.pytorch.recipe import StageCode
from nodeforge.export.pytorch.rendering import render
from nodeforge.export.pytorch.samples import field_name
from nodeforge.export.pytorch.train_template import TRAIN
from nodeforge.training import TrainedRun
from nodeforge.training.batches import load_split
from nodeforge.training.device import choose_threads, wants_channels_last
from nodeforge.training.measure import pass_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the scripts depend on.

    Attributes:
        trained: The network, its data, and its question.
        stage: Its recipe.
        checkpoint: In words, which weights are exported; "" for none.
        metric: "accuracy", "nrmse" or "".
    """

    trained: TrainedRun
    stage: StageCode
    checkpoint: str
    metric: str

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
    def predicts(self) -> bool:
        return bool(self.trained.source.outputs)

    def has(self, split: str) -> bool:
        """Whether the data keeps samples for a split."""
        return split in self.trained.dataset.splits

    def field(self, slot: Slot, role: str) -> str:
        return field_name(self.trained.dataset, slot, role)


def facts_of(trained: TrainedRun, stage: StageCode, checkpoint: str) -> Facts:
    """Put together what the scripts depend on."""
    return Facts(trained=trained, stage=stage, checkpoint=checkpoint, metric=_metric(trained))


def _metric(trained: TrainedRun) -> str:
    """The main metric; "" where there is none, or where the true values never change and leave it undefined."""
    task, dataset = trained.question.task, trained.dataset
    if trained.question.target < 0 or task.kind is not TaskKind.REGRESSION:
        return task.metric
    for fields in dataset.splits.values():
        values = fields[task.field]
        truth = dataset.restore(task.field, values.reshape(len(values), -1))
        if not (truth.astype(np.float64).var(axis=0) > 0).all():
            return ""
    return task.metric


def train_py(facts: Facts) -> str:
    """The training script."""
    return render(TRAIN, _train_values(facts), {**_task_flags(facts), **_train_flags(facts)})


def _train_flags(facts: Facts) -> dict[str, bool]:
    settings, steps, validation = facts.stage.settings, facts.stage.steps, facts.has("validation")
    wish = str(settings["channels_last"])
    return {
        "validation": validation,
        "test": facts.has("test"),
        "metric": bool(facts.metric),
        "training_metric": facts.by_metric and not validation and steps == "plateau",
        "clip": settings["gradient_clip_norm"] is not None,
        "sparse": validation and settings["validate_every"] != 1,
        "patience": facts.patient,
        "restore_best": facts.restores,
        "watches": facts.patient or facts.restores,
        "delta": (facts.patient or facts.restores) and settings["early_stopping_min_delta"] != 0,
        "shuffle": bool(settings["shuffle"]),
        "drop_last": bool(settings["drop_last"]),
        "channels_last": wants_channels_last(wish, facts.trained.module, torch.device("cpu")),
        "on_cpu_only": wish == "auto",
        "schedule": bool(steps),
        "schedule_per_batch": steps == "batch",
        "schedule_per_epoch": steps == "epoch",
        "schedule_on_plateau": steps == "plateau",
    }


def _train_values(facts: Facts) -> dict[str, str]:
    trained, settings, metric = facts.trained, facts.stage.settings, facts.metric
    sign = "-" if trained.question.task.higher_is_better else ""
    target = literal(len(trained.source.inputs) + trained.question.target)
    seen = f"measure_{metric}(torch.cat(outputs), samples[{target}][: sum(sizes)])"
    constants = {
        "batch_size": "batch_size",
        "clip_norm": "gradient_clip_norm",
        "epochs": "epochs",
        "min_delta": "early_stopping_min_delta",
        "patience": "early_stopping_patience",
        "validate_every": "validate_every",
    }
    return {
        **_shared_values(facts),
        **{name: literal(settings[setting]) for name, setting in constants.items()},
        "seed": literal(trained.document.recipe.seed),
        "evaluation_batch": literal(_evaluation_batch(facts)),
        "threads": literal(_threads(facts)),
        "device": str(settings["device"]),
        "train_parameters": _train_parameters(facts),
        "ending": _ending(facts),
        "optimizer": facts.stage.optimizer,
        "scheduler": facts.stage.scheduler,
        "total": _total(trained.source.objectives),
        "value": f"{sign}{metric}" if facts.by_metric else "validation_loss",
        "training_value": f"{sign}{seen}" if facts.by_metric else "mean_loss",
        "metric": metric,
        "evaluated": "tuple[float, float]" if metric else "float",
        "evaluated_words": f"Loss and {metric}" if metric else "Loss",
        "target": target,
    }


def _evaluation_batch(facts: Facts) -> int:
    """As many samples as the app takes at a time, so that the losses are added up in the same portions."""
    split = "validation" if facts.has("validation") else "train"
    samples = load_split(
        facts.trained.dataset, split, facts.trained.source, torch.device("cpu"), channels_last=False
    )
    return pass_size(samples, int(str(facts.stage.settings["batch_size"])))


def _threads(facts: Facts) -> int:
    """As many as the run was trained with; without a run as many as it would be trained with here."""
    noted = facts.trained.environment.get("threads", "")
    setting = facts.stage.settings["threads"]
    return (
        int(noted)
        if noted
        else choose_threads(None if setting is None else int(str(setting)), facts.trained.module)
    )


def _train_parameters(facts: Facts) -> str:
    validation = ", validation: Samples" if facts.has("validation") else ""
    return f"network: nn.Module, training: Samples{validation}, *, every: int"


def _ending(facts: Facts) -> str:
    """The rest of the sentence "Train for EPOCHS epochs"."""
    early = " at most" if facts.patient else ""
    return early + (
        ", and keep the weights that did best on the validation samples" if facts.restores else ""
    )


def _total(objectives: tuple[str, ...]) -> str:
    """The loss that is learned from, among those that `objectives` gives."""
    return f"objectives[{literal(objectives[0])}]" if len(objectives) == 1 else "sum(objectives.values())"


# The other files ----------------------------------------------------------------------------------


def samples_py(facts: Facts) -> str:
    """What reads and prepares the samples."""
    source = facts.trained.source
    values = {
        "inputs": _arguments(facts, source.inputs, "input"),
        "targets": _arguments(facts, source.targets, "target"),
    }
    return render(SAMPLES, values, {"targets": bool(source.targets)})


def _arguments(facts: Facts, slots: Iterable[Slot], role: str) -> str:
    return "\n".join(
        f"    {literal(slot.node)}: ({literal(facts.field(slot, role))}, torch.{slot.spec.dtype}),"
        for slot in slots
    )


def predict_py(facts: Facts) -> str:
    """The script that answers for new samples."""
    task = facts.trained.question.task
    flags = _task_flags(facts)
    classes = flags["classification"] or flags["binary"]
    words = {
        TaskKind.CLASSIFICATION: "one score for each class, (N, C); `probabilities` turns them into shares",
        TaskKind.BINARY: "one score a sample, (N, 1)",
        TaskKind.REGRESSION: "values in the target's own unit, (N, …)",
        TaskKind.OTHER: "what the network gives",
    }
    values = {**_shared_values(facts), "input_words": _input_words(facts), "output_words": words[task.kind]}
    return render(PREDICT, values, {**flags, "classes": classes, "raw_score": task.threshold == 0.0})


def _input_words(facts: Facts) -> str:
    """What the files for predict.py must hold."""
    dataset, lines = facts.trained.dataset, []
    for slot in facts.trained.source.inputs:
        shape = "×".join(map(str, dataset.splits["train"][facts.field(slot, "input")].shape[1:]))
        lines.append(
            f"{slot.node}: raw samples of {shape} numbers each, as a .npy file or one sample a row as text."
        )
    return "\n".join(lines)


def readme(facts: Facts) -> str:
    """What the folder is and how to use it."""
    trained = facts.trained
    notes = [f"- {plain(note)}" for note in (trained.dataset.facts.title, *trained.dataset.notes)]
    values = {
        **_shared_values(facts),
        "version": __version__,
        "run": plain(trained.run),
        "checkpoint": facts.checkpoint,
        "notes": "\n".join(notes),
        "replaces": ", in place of those that were exported" if facts.checkpoint else "",
    }
    return render(README, values, {"predicts": facts.predicts, "weights": bool(facts.checkpoint)})


def requirements() -> str:
    """The versions at work here."""
    found = {"numpy": np.__version__, "safetensors": safetensors.__version__, "torch": str(torch.__version__)}
    return "".join(f"{name}=={version.partition('+')[0]}\n" for name, version in found.items())


# What several files say ---------------------------------------------------------------------------


def _task_flags(facts: Facts) -> dict[str, bool]:
    kind = facts.trained.question.task.kind if facts.metric else TaskKind.OTHER
    return {
        "classification": kind is TaskKind.CLASSIFICATION,
        "binary": kind is TaskKind.BINARY,
        "regression": kind is TaskKind.REGRESSION,
    }


def _shared_values(facts: Facts) -> dict[str, str]:
    trained = facts.trained
    task, names = trained.question.task, [slot.node for slot in trained.source.inputs]
    columns = trained.dataset.columns_of(task.field) or (task.field or "output",)
    return {
        "title": plain(trained.document.title) or "a network",
        "class_name": trained.source.class_name,
        "chosen": f"[{trained.question.output}]" if len(trained.source.outputs) > 1 else "",
        "files": " ".join(f"{name}.npy" for name in names),
        "names": listed(names),
        "target_field": literal(task.field),
        "threshold": literal(task.threshold),
        "columns": literal(columns),
    }
