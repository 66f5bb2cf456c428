"""Optimizers and schedules made from their declarations."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.optim import LBFGS, Adam, AdamW, Muon, Optimizer, lr_scheduler

from nodeforge.catalog import optimizers, schedules
from nodeforge.core.document import Component
from nodeforge.core.errors import UserError
from nodeforge.training.quick_adam import QuickAdam

Group = dict[str, Any]
"""Weights that learn alike: "params", and what differs from the optimizer's own `lr` and `weight_decay`."""

_FUSED_DEVICES = ("cpu", "cuda", "mps")
_PER_BATCH = (lr_scheduler.OneCycleLR, lr_scheduler.CyclicLR)


def build_optimizer(
    component: Component, parameters: list[nn.Parameter] | list[Group], device: torch.device
) -> Optimizer:
    """The optimizer of a stage, in its fused form where torch has one for the device.

    Raises:
        UserError: Its parameters do not go together.
    """
    arguments: dict[str, Any] = optimizers()[component.kind].settled(component.parameters)
    try:
        if component.kind == "Muon":
            return _MuonBesideAdamW(parameters, device, **arguments)
        return _made(getattr(torch.optim, component.kind), parameters, device, arguments)
    except ValueError as error:  # two arguments that do not go together (Nesterov without momentum)
        raise UserError(f"{component.kind} cannot be used like this: {error}.") from None


def _made(
    kind: type[Optimizer],
    parameters: list[nn.Parameter] | list[Group],
    device: torch.device,
    arguments: dict[str, Any],
) -> Optimizer:
    kind = _bare(kind)  # type: ignore[arg-type]  # torch types its hash oddly
    if "fused" in inspect.signature(kind).parameters and device.type in _FUSED_DEVICES:
        arguments = {**arguments, "fused": True}
        if device.type == "cpu" and issubclass(kind, Adam):
            kind = _quick(kind)  # type: ignore[arg-type]
    return kind(parameters, **arguments)


@cache
def _quick(kind: type[Adam]) -> type[Optimizer]:
    return type(kind.__name__, (QuickAdam, kind), {})


@cache
def _bare(kind: type[Optimizer]) -> type[Optimizer]:
    """An optimizer whose methods are called as they are written.

    Around them torch has hooks, profiling and a bar against its compiler. The bar imports the compiler, which takes
    longer than all else before the first step; the rest takes a tenth of a small network's time in each.
    """
    functions = inspect.getmembers(kind, inspect.isfunction)
    methods = {name: inspect.unwrap(method) for name, method in functions if hasattr(method, "__wrapped__")}
    step = torch.no_grad()(methods["step"])
    step.hooked = True  # or torch would put the hooks back
    return type(kind.__name__, (kind,), {**methods, "step": step})


class _MuonBesideAdamW(Optimizer):
    """Muon for matrices, which are all that it takes, and AdamW for the rest, in one optimizer.

    Both work on the groups and the state of this one, so that schedules and checkpoints see nothing of the parts.
    """

    def __init__(
        self, parameters: list[nn.Parameter] | list[Group], device: torch.device, **arguments: Any
    ) -> None:
        groups = [g for g in parameters if isinstance(g, dict)] or [{"params": parameters}]
        matrices = _those(groups, lambda parameter: parameter.ndim == 2)
        others = _those(groups, lambda parameter: parameter.ndim != 2)
        shared = {name: arguments[name] for name in ("lr", "weight_decay")}
        defaults = {**shared, "momentum": arguments["momentum"]}
        self._parts: list[Optimizer] = []
        if matrices:
            self._parts.append(_made(Muon, matrices, device, arguments))
        if others:
            self._parts.append(_made(AdamW, others, device, shared))
        super().__init__([g for part in self._parts for g in part.param_groups], defaults)
        self._share()

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for part in self._parts:
            part.step()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._share()

    def _share(self) -> None:
        groups = iter(self.param_groups)
        for part in self._parts:
            part.param_groups = [next(groups) for _ in part.param_groups]
            part.state = self.state


def _those(groups: list[Group], wanted: Callable[[nn.Parameter], bool]) -> list[Group]:
    found = [{**group, "params": [p for p in group["params"] if wanted(p)]} for group in groups]
    return [group for group in found if group["params"]]


class Schedule:
    """Moves the learning rate: per step for cycles, per epoch for all others, and per step while it warms up.

    Args:
        component: Which schedule.
        optimizer: Whose rates it moves; each of its groups keeps its own share.
        epochs: How long the stage lasts.
        batches: Steps of the optimizer in an epoch.
        warmup_epochs: How long the rate grows from almost nothing to what the schedule says.
    """

    def __init__(
        self,
        component: Component,
        optimizer: Optimizer,
        *,
        epochs: int,
        batches: int,
        warmup_epochs: float = 0.0,
    ) -> None:
        self._optimizer = optimizer
        arguments = schedules()[component.kind].settled(component.parameters)
        self._scheduler = _build(component.kind, arguments, optimizer, epochs, batches)
        self.per_batch = isinstance(self._scheduler, _PER_BATCH)
        self._total = epochs * batches
        self._warmup = math.ceil(warmup_epochs * batches)
        self._warmed = 0
        """Steps that were made while it warmed up."""

    @property
    def learning_rate(self) -> float:
        return float(self._optimizer.param_groups[0]["lr"]) * self._share

    @property
    def warming_up(self) -> bool:
        return self._warmed < self._warmup

    @property
    def _share(self) -> float:
        """Of the scheduled rate, what the next step takes."""
        return (self._warmed + 1) / self._warmup if self.warming_up else 1.0

    @contextmanager
    def warmth(self) -> Iterator[None]:
        """To be held around each step of the optimizer while it is warming up."""
        rates = [group["lr"] for group in self._optimizer.param_groups]
        for group in self._optimizer.param_groups:
            group["lr"] = group["lr"] * self._share
        yield
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._warmed += 1

    def end_batch(self) -> None:
        """After every step, if `per_batch`."""
        self._scheduler.step()  # type: ignore[union-attr]

    def end_epoch(self, monitored: float | None) -> None:
        """After every epoch; `monitored` is smaller when better, None when it was not measured."""
        if isinstance(self._scheduler, lr_scheduler.ReduceLROnPlateau):
            if monitored is not None:
                self._scheduler.step(monitored)
        elif self._scheduler is not None and not self.per_batch:
            self._scheduler.step()

    def state(self) -> dict[str, Any]:
        inner = self._scheduler.state_dict() if self._scheduler is not None else {}
        return {"schedule": inner, "warmed": self._warmed}

    def load(self, state: Mapping[str, Any]) -> None:
        self._warmed = state["warmed"]
        if self._scheduler is not None:
            self._scheduler.load_state_dict(state["schedule"])


def _build(
    kind: str, arguments: dict[str, Any], optimizer: Optimizer, epochs: int, batches: int
) -> lr_scheduler.LRScheduler | None:
    if kind == "constant":
        return None
    if kind in ("OneCycleLR", "CyclicLR"):
        return _cycles(kind, arguments, optimizer, epochs * batches)
    if kind == "warmup_cosine":
        warmup = min(arguments["warmup_epochs"], epochs)
        rise = lr_scheduler.LinearLR(optimizer, arguments["start_factor"], total_iters=warmup)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, max(1, epochs - warmup), arguments["eta_min"])
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], [warmup])
    whole = {"CosineAnnealingLR": "T_max", "PolynomialLR": "total_iters"}.get(kind)
    if whole:
        arguments[whole] = arguments[whole] or epochs
    return getattr(lr_scheduler, kind)(optimizer, **arguments)  # type: ignore[no-any-return]


def _cycles(
    kind: str, arguments: dict[str, Any], optimizer: Optimizer, steps: int
) -> lr_scheduler.LRScheduler:
    """Schedules between two rates, each group between its own: in the same relation to each other as at first."""
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    arguments["cycle_momentum"] &= has_momentum(optimizer.defaults)

    def scaled(name: str, default: float) -> list[float]:
        wish = arguments.pop(name)
        return [rate * (default if wish is None else wish / rates[0]) for rate in rates]

    tops = scaled("max_lr", 1.0)
    if kind == "OneCycleLR":
        return lr_scheduler.OneCycleLR(optimizer, tops, total_steps=steps, **arguments)
    return lr_scheduler.CyclicLR(optimizer, scaled("base_lr", 0.1), tops, **arguments)


def has_momentum(values: Mapping[str, Any]) -> bool:
    """Whether an optimizer with these settings has a momentum that a schedule can move."""
    return "betas" in values or "momentum" in values


def looks_again(optimizer: Optimizer) -> bool:
    """Whether it computes a batch several times for one step."""
    return isinstance(optimizer, LBFGS)
