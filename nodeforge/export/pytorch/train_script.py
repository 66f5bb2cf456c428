"""train.py for one network and its recipe."""

from __future__ import annotations

import torch

from nodeforge.compiler.naming import literal
from nodeforge.evaluation import TaskKind
from nodeforge.export.pytorch.facts import Facts, shared_values, task_flags
from nodeforge.export.pytorch.rendering import render
from nodeforge.export.pytorch.train_template import TRAIN
from nodeforge.training.batches import load_split
from nodeforge.training.device import choose_threads, wants_channels_last
from nodeforge.training.measure import pass_size


def train_py(facts: Facts) -> str:
    """The training script."""
    measured = facts.trained.question.task.kind if facts.metric else TaskKind.OTHER
    return render(TRAIN, _train_values(facts), {**task_flags(measured), **_train_flags(facts)})


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
        **shared_values(facts),
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
