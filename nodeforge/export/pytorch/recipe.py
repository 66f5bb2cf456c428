"""The recipe of a training as Python source, or a sentence on what of it cannot be written so."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

import torch
from torch.optim import lr_scheduler

from nodeforge.catalog import optimizers, schedules
from nodeforge.catalog.recipes import SETTINGS
from nodeforge.compiler.naming import literal
from nodeforge.core.document import Component, DataSettings, Recipe, Stage
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Values
from nodeforge.export.pytorch.rendering import call
from nodeforge.training.optimizers import has_momentum

RULE = "gradient"
CARRIED = frozenset(
    {
        "epochs", "batch_size", "gradient_clip_norm", "early_stopping_patience", "early_stopping_monitor",
        "early_stopping_min_delta", "restore_best", "validate_every", "shuffle", "drop_last", "device", "threads",
        "channels_last",
    }
)  # fmt: skip
"""Settings of a stage that train.py follows."""
WITHOUT_MEANING = frozenset({"checkpoint_every", "turn_steps"})
"""Settings that change nothing in train.py, which has one stage and writes its weights at the end."""
OF_OWN_STEPS = frozenset({"Muon", "LBFGS", "CyclicLR"})
"""Optimizers that take more than a call a step, and schedules between rates of the optimizer."""
_RECIPE_FIELDS = frozenset({"stages", "seed"})
_DATA_FIELDS = frozenset({"source", "preparation", "columns"})
_STAGE_FIELDS = frozenset({"name", "rule", "settings", "optimizer", "schedule"})

_REMEDY = "export to ONNX, or change the recipe and train again."


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCode:
    """One stage of gradient descent as source.

    Attributes:
        settings: Complete.
        optimizer, scheduler: Statements in the body of a function; `scheduler` is "" when the rate is constant.
        steps: When the scheduler moves: "batch", "epoch", "plateau" (with what is monitored) or "".
    """

    settings: Values
    optimizer: str
    scheduler: str
    steps: str


def stage_code(recipe: Recipe) -> StageCode:
    """The recipe's stage.

    Raises:
        UserError: Something in the recipe has no counterpart in train.py; it is named.
    """
    if len(recipe.stages) != 1:
        names = ", ".join(stage.name for stage in recipe.stages)
        raise UserError(
            f"PyTorch code holds one stage of training, and this recipe has several ({names}): {_REMEDY}"
        )
    (stage,) = recipe.stages
    if stage.rule != RULE:
        raise UserError(
            f"Stage {stage.name} learns by the rule {stage.rule}, not written as PyTorch code: {_REMEDY}"
        )
    settings = SETTINGS.settled(stage.settings)
    _refuse_unknown(recipe, _RECIPE_FIELDS, "The recipe")
    _refuse_unknown(stage, _STAGE_FIELDS, f"Stage {stage.name}")
    for parameter in SETTINGS.parameters:
        known = parameter.name in CARRIED | WITHOUT_MEANING
        if not known and settings[parameter.name] != parameter.default:
            raise _refusal(f"Stage {stage.name}", parameter.name)
    scheduler, steps = _scheduler(stage)
    return StageCode(
        settings=settings, optimizer=_optimizer(stage.optimizer), scheduler=scheduler, steps=steps
    )


def require_plain_data(settings: DataSettings) -> None:
    """See that samples are trained on as the export holds them.

    Raises:
        UserError: They are changed while they are trained on.
    """
    _refuse_unknown(settings, _DATA_FIELDS, "The data")


def _refuse_unknown(record: Recipe | Stage | DataSettings, known: frozenset[str], place: str) -> None:
    """
    Raises:
        UserError: Something is set that this exporter knows nothing of.
    """
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name not in known and value != _default(field):
            raise _refusal(place, f"{field.name}{_kinds(value)}")


def _kinds(value: object) -> str:
    """The names of components, in brackets."""
    parts = value if isinstance(value, tuple) else (value,)
    names = [part.kind for part in parts if isinstance(part, Component)]
    return f" ({', '.join(names)})" if names else ""


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _refusal(place: str, name: str) -> UserError:
    return UserError(f"{place} sets {name}, which PyTorch code does not follow yet: {_REMEDY}")


def _optimizer(component: Component) -> str:
    kind = getattr(torch.optim, component.kind, None)
    if component.kind in OF_OWN_STEPS:
        raise UserError(f"PyTorch code does not follow {component.kind} yet: {_REMEDY}")
    if kind is None:
        raise UserError(f"torch has no optimizer {component.kind} that PyTorch code could use: {_REMEDY}")
    values = _optimizer_values(component)
    arguments = [
        "network.parameters()",
        f"lr={literal(values['lr'])}",
        *_arguments(kind, values, known=("lr",)),
    ]
    if "fused" in inspect.signature(kind).parameters:
        arguments.append("fused=True")
    return call("optimizer", f"torch.optim.{component.kind}", arguments, indent=4)


def _optimizer_values(component: Component) -> Values:
    return optimizers()[component.kind].settled(component.parameters)


def _arguments(kind: type, values: Mapping[str, Any], known: tuple[str, ...] = ()) -> list[str]:
    """Keyword arguments as far as they differ from torch's defaults."""
    parameters = inspect.signature(kind).parameters
    wanted = {name: value for name, value in values.items() if name not in known}
    return [f"{name}={literal(value)}" for name, value in wanted.items() if value != parameters[name].default]


def _scheduler(stage: Stage) -> tuple[str, str]:
    """(statement, when it moves), as `training.optimizers` builds it."""
    name = stage.schedule.kind
    values = dict(schedules()[name].settled(stage.schedule.parameters))
    if name == "constant":
        return "", ""
    if name == "warmup_cosine":
        return _warmup_cosine(values), "epoch"
    kind = getattr(lr_scheduler, name, None)
    if name in OF_OWN_STEPS:
        raise UserError(f"PyTorch code does not follow {name} yet: {_REMEDY}")
    if kind is None:
        raise UserError(f"torch has no schedule {name} that PyTorch code could use: {_REMEDY}")
    first = ["optimizer"]
    if name == "OneCycleLR":
        rate = _optimizer_values(stage.optimizer)["lr"]
        if not has_momentum(_optimizer_values(stage.optimizer)):
            values["cycle_momentum"] = False
        first += [f"max_lr={literal(values.pop('max_lr') or rate)}", "total_steps=EPOCHS * len(sizes)"]
    length = {"CosineAnnealingLR": "T_max", "PolynomialLR": "total_iters"}.get(name)
    if length:
        steps = values.pop(length)
        first.append(f"{length}={'EPOCHS' if steps is None else literal(steps)}")
    when = {"OneCycleLR": "batch", "ReduceLROnPlateau": "plateau"}.get(name, "epoch")
    arguments = [*first, *_arguments(kind, values)]
    return call("scheduler", f"lr_scheduler.{name}", arguments, indent=4), when


def _warmup_cosine(values: Mapping[str, Any]) -> str:
    warmup = f"min({literal(values['warmup_epochs'])}, EPOCHS)"
    fall = ["optimizer", "max(1, EPOCHS - warmup)", f"eta_min={literal(values['eta_min'])}"]
    rise = ["optimizer", f"start_factor={literal(values['start_factor'])}", "total_iters=warmup"]
    return "\n".join(
        [
            f"    warmup = {warmup}",
            call("rise", "lr_scheduler.LinearLR", rise, indent=4),
            call("fall", "lr_scheduler.CosineAnnealingLR", fall, indent=4),
            "    scheduler = lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[warmup])",
        ]
    )
