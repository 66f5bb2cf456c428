"""What is written into the scripts of an export for one trained network."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import safetensors
import torch

from nodeforge import __version__
from nodeforge.compiler import Slot
from nodeforge.compiler.naming import literal, plain
from nodeforge.core.errors import one_line
from nodeforge.evaluation import TaskKind
from nodeforge.export.pytorch.other_templates import PREDICT, README, SAMPLES
from nodeforge.export.pytorch.recipe import StageCode
from nodeforge.export.pytorch.rendering import render
from nodeforge.export.pytorch.samples import PackedField, field_name
from nodeforge.export.pytorch.train_template import TRAIN
from nodeforge.training import TrainedRun, randomness
from nodeforge.training.batches import load_split
from nodeforge.training.device import choose_threads, wants_channels_last
from nodeforge.training.measure import chosen, pass_size


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
    measured = facts.trained.question.task.kind if facts.metric else TaskKind.OTHER
    return render(TRAIN, _train_values(facts), {**_task_flags(measured), **_train_flags(facts)})


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
    text = facts.fields[facts.text].notes if facts.text else {}
    flags = {
        "targets": bool(source.targets),
        "restores": facts.trained.question.task.kind is TaskKind.REGRESSION,
        "gaps": any("scale" in field.notes and "padded" in field.notes for field in facts.fields.values()),
        "texts": bool(text),
        "words": text.get("unit") == "words",
        "lower": bool(text.get("lower")),
        "from_start": text.get("padded") == "start",
    }
    words = [field.notes for field in facts.fields.values() if "words" in field.notes]
    values |= {
        "unit": str(text.get("unit")),
        "text_field": literal(facts.text),
        "as_they_are": "numbers of classes, letters or words" if words else "numbers of classes",
    }
    return render(SAMPLES, values, flags)


def _arguments(facts: Facts, slots: Iterable[Slot], role: str) -> str:
    return "\n".join(
        f"    {literal(slot.node)}: ({literal(facts.field(slot, role))}, torch.{slot.spec.dtype}),"
        for slot in slots
    )


def predict_py(facts: Facts) -> str:
    """The script that answers for new samples."""
    trained, answer = facts.trained, facts.answer or ()
    task = trained.question.task
    width = 1 if facts.chooses else math.prod(answer)
    count = answer[0] if facts.chooses and task.kind is TaskKind.CLASSIFICATION else 2
    words = {
        TaskKind.CLASSIFICATION: "a score for each class, (N, C, …)",
        TaskKind.BINARY: "a score for each question, (N, …)",
        TaskKind.REGRESSION: "values in the target's own unit, (N, K)",
        TaskKind.OTHER: "the output as it is, (N, …)",
    }
    flags = {
        **_task_flags(task.kind),
        "classes": facts.chooses,
        "texts": bool(facts.text),
        "named_classes": len(task.classes) == count,
        "named_columns": len(trained.dataset.columns_of(task.field)) == width,
        "one_value": width == 1,
        "raw_score": task.threshold == 0.0,
    }
    values = {
        **_shared_values(facts),
        "imported": _imported(facts),
        "text_field": literal(facts.text),
        "input_words": _input_words(facts),
        "output_words": words[task.kind],
        "output_name": literal(task.field or "output"),
        "width": literal(width),
        "class_count": literal(count),
    }
    return render(PREDICT, values, flags)


def _imported(facts: Facts) -> str:
    """What predict.py needs of samples.py."""
    task = facts.trained.question.task
    uses_fields = not facts.text or facts.chooses or bool(facts.trained.dataset.columns_of(task.field))
    names = {
        "FIELDS": uses_fields,
        "INPUTS": True,
        "encode": bool(facts.text),
        "prepare": True,
        "restore": task.kind is TaskKind.REGRESSION,
    }
    return ", ".join(name for name, used in names.items() if used)


def _input_words(facts: Facts) -> str:
    """What the files for predict.py must hold."""
    if facts.text:
        return "The file holds one text a line."
    dataset, lines = facts.trained.dataset, []
    for slot in facts.trained.source.inputs:
        name = facts.field(slot, "input")
        shape = "×".join(map(str, dataset.splits["train"][name].shape[1:])) or "1"
        lines.append(
            f"{slot.node}: samples of {shape} numbers, such as those of {plain(name)} in samples.npz,"
        )
    return "\n".join([*lines, "in a .npy file, or one sample a row as comma-separated text."])


def readme(facts: Facts) -> str:
    """What the folder is and how to use it."""
    trained = facts.trained
    notes = [f"- {_sentence(note)}" for note in (f"{trained.dataset.facts.title}.", *trained.dataset.notes)]
    values = {
        **_shared_values(facts),
        "version": __version__,
        "run": plain(trained.run),
        "checkpoint": "the last ones" if facts.checkpoint == "last" else "those that did best in validation",
        "notes": "\n".join(notes),
        "replaces": ", in place of those that were exported" if facts.checkpoint else "",
    }
    values["columns"] = "\n".join(_columns(facts))
    flags = {
        "predicts": facts.answer is not None,
        "weights": bool(facts.checkpoint),
        "columns": bool(values["columns"]),
    }
    return render(README, values, flags)


def _columns(facts: Facts) -> Iterator[str]:
    """What stands in the columns of each field whose columns have names."""
    for name, field in facts.fields.items():
        columns = field.notes.get("columns", ())
        if len(columns) > 1:
            yield f"- The columns of {_sentence(name)}, in order: {_sentence(', '.join(columns))}."


def _sentence(text: str) -> str:
    """A text of the data as one line of Markdown that means only itself."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", one_line(text))


def requirements() -> str:
    """The versions at work here."""
    found = {"numpy": np.__version__, "safetensors": safetensors.__version__, "torch": str(torch.__version__)}
    return "".join(f"{name}=={version.partition('+')[0]}\n" for name, version in found.items())


# What several files say ---------------------------------------------------------------------------


def _task_flags(kind: TaskKind) -> dict[str, bool]:
    return {
        "classification": kind is TaskKind.CLASSIFICATION,
        "binary": kind is TaskKind.BINARY,
        "regression": kind is TaskKind.REGRESSION,
    }


def _shared_values(facts: Facts) -> dict[str, str]:
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
