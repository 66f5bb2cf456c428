"""Optimizers, schedules and settings declare what torch takes."""

from __future__ import annotations

import inspect

import pytest
import torch

from nodeforge.catalog import optimizers, schedules
from nodeforge.catalog.recipes import SETTINGS
from nodeforge.core.parameters import Declaration

ALL = [*optimizers().values(), *schedules().values(), SETTINGS]


@pytest.mark.parametrize("declaration", optimizers().values(), ids=lambda d: d.name)
def test_an_optimizer_takes_its_declared_values(declaration: Declaration) -> None:
    made = getattr(torch.optim, declaration.name)([torch.zeros(1)], **declaration.complete({}))
    torchs = getattr(torch.optim, declaration.name)([torch.zeros(1)])
    different = {name for name, value in torchs.defaults.items() if made.defaults[name] != value}
    assert different <= ({"lr"} if declaration.name == "SGD" else set())


@pytest.mark.parametrize(
    "name", ["StepLR", "ExponentialLR", "CosineAnnealingLR", "LinearLR", "OneCycleLR", "ReduceLROnPlateau"]
)
def test_a_schedule_has_torchs_arguments(name: str) -> None:
    theirs = inspect.signature(getattr(torch.optim.lr_scheduler, name)).parameters
    assert {parameter.name for parameter in schedules()[name].parameters} <= theirs.keys()


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
