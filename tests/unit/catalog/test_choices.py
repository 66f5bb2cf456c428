"""Optimizers, schedules and settings declare what torch takes."""

from __future__ import annotations

import inspect

import pytest
import torch

from nodeforge.catalog import optimizers, schedules
from nodeforge.catalog.recipes import GROUPS, NODE_SETTINGS, SETTINGS
from nodeforge.core.parameters import Declaration

ALL = [*optimizers().values(), *schedules().values(), SETTINGS, NODE_SETTINGS]


HOW_TORCH_COMPUTES = {"params", "foreach", "fused", "capturable", "differentiable"}
"""Arguments that change nothing but the way to the same numbers."""

LEFT_OUT = {"SparseAdam": "moves nothing but tables with sparse gradients, and stops at any other weight"}
"""Optimizers that are not declared, and why."""

OTHER_DEFAULTS = {
    ("SGD", "lr"): "0.001, torch's default, is too small for almost any network without momentum",
    ("Adafactor", "eps"): "torch's None stands for the smallest step of float32, which is written out here",
}


def _arguments(kind: type) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(kind).parameters
    return {name: parameter for name, parameter in parameters.items() if name not in HOW_TORCH_COMPUTES}


def test_every_optimizer_of_torch_is_declared_or_left_out_for_a_reason() -> None:
    theirs = {
        name
        for name, kind in inspect.getmembers(torch.optim, inspect.isclass)
        if issubclass(kind, torch.optim.Optimizer) and kind is not torch.optim.Optimizer
    }
    assert theirs == optimizers().keys() | LEFT_OUT.keys()


@pytest.mark.parametrize("declaration", optimizers().values(), ids=lambda d: d.name)
def test_an_optimizer_has_torchs_arguments_and_defaults(declaration: Declaration) -> None:
    theirs = _arguments(getattr(torch.optim, declaration.name))
    assert {parameter.name for parameter in declaration.parameters} == theirs.keys()
    for parameter in declaration.parameters:
        same = parameter.default == theirs[parameter.name].default
        assert same == ((declaration.name, parameter.name) not in OTHER_DEFAULTS), parameter.name


@pytest.mark.parametrize("declaration", optimizers().values(), ids=lambda d: d.name)
def test_torch_takes_an_optimizers_declared_values(declaration: Declaration) -> None:
    made = getattr(torch.optim, declaration.name)([torch.zeros(1, 1)], **declaration.complete({}))
    assert made.defaults["lr"] == declaration.complete({})["lr"]


OWN_SCHEDULES = {"constant", "warmup_cosine"}
SCHEDULES_LEFT_OUT = {
    "LambdaLR": "takes a function",
    "MultiplicativeLR": "takes a function",
    "SequentialLR": "is made of others; warmup_epochs and warmup_cosine are what it is used for",
    "ChainedScheduler": "is made of others",
    "LRScheduler": "is what all others derive from",
    "_LRScheduler": "is the old name of that",
}
ARGUMENTS_LEFT_OUT = {
    "optimizer": "is that of the stage",
    "last_epoch": "is kept by checkpoints",
    "mode": "follows from what is monitored, which here is smaller when better",
    "scale_fn": "is a function",
    "scale_mode": "says what that function is given",
    "total_steps": "is the length of the stage",
    "epochs": "is the length of the stage",
    "steps_per_epoch": "is the length of the stage",
}
FROM_THE_STAGE = {
    ("CosineAnnealingLR", "T_max"), ("PolynomialLR", "total_iters"), ("OneCycleLR", "max_lr"), ("CyclicLR", "max_lr"),
    ("CyclicLR", "base_lr"),
}  # fmt: skip
"""Arguments whose default is the length of the stage, or the learning rate of its optimizer."""
USUAL = {("StepLR", "step_size"), ("MultiStepLR", "milestones"), ("ExponentialLR", "gamma")} | {
    ("CosineAnnealingWarmRestarts", "T_0"), ("LinearLR", "start_factor"),
}  # fmt: skip
"""Arguments for which torch has no default, or none that is ever used."""


def test_every_schedule_of_torch_is_declared_or_left_out_for_a_reason() -> None:
    theirs = {
        name
        for name, kind in inspect.getmembers(torch.optim.lr_scheduler, inspect.isclass)
        if issubclass(kind, torch.optim.lr_scheduler.LRScheduler)
    }
    assert theirs == (schedules().keys() - OWN_SCHEDULES) | SCHEDULES_LEFT_OUT.keys()


@pytest.mark.parametrize("name", sorted(schedules().keys() - OWN_SCHEDULES))
def test_a_schedule_has_torchs_arguments_and_defaults(name: str) -> None:
    theirs = dict(inspect.signature(getattr(torch.optim.lr_scheduler, name)).parameters)
    kept = {"mode"} if name == "CyclicLR" else set()
    for left_out in ARGUMENTS_LEFT_OUT.keys() - kept:
        theirs.pop(left_out, None)
    declared = schedules()[name].parameters
    assert {parameter.name for parameter in declared} == theirs.keys()
    for parameter in declared:
        if (name, parameter.name) not in FROM_THE_STAGE | USUAL:
            assert parameter.default == theirs[parameter.name].default, parameter.name


def test_settings_are_grouped_each_once() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(parameter.name for parameter in SETTINGS.parameters)


@pytest.mark.parametrize("declaration", ALL, ids=lambda d: d.name)
def test_defaults_pass_their_own_checks_and_are_explained(declaration: Declaration) -> None:
    assert declaration.problems(declaration.complete({})) == []
    assert declaration.summary.endswith(".")
    assert all(parameter.doc.endswith(".") for parameter in declaration.parameters)


def test_a_wrong_value_is_told_in_a_sentence() -> None:
    problems = optimizers()["Adam"].problems({"betas": [0.9], "lr": 0, "speed": 1})
    assert [name for name, _ in problems] == ["betas", "lr", "speed"]
    assert problems[0][1] == "betas must hold 2 numbers, not 1"
    assert problems[1][1] == "lr must be more than 0, not 0"
