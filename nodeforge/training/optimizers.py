"""Optimizers and schedules made from their declarations."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer, lr_scheduler

from nodeforge.catalog import optimizers, schedules
from nodeforge.core.document import Component
from nodeforge.core.errors import UserError

_FUSED_DEVICES = ("cpu", "cuda", "mps")


def build_optimizer(component: Component, parameters: list[nn.Parameter], device: torch.device) -> Optimizer:
    """The optimizer of a stage, in its fused form where torch has one for the device.

    Raises:
        UserError: Its parameters do not go together.
    """
    arguments: dict[str, Any] = optimizers()[component.kind].settled(component.parameters)
    kind = _bare(getattr(torch.optim, component.kind))
    if "fused" in inspect.signature(kind).parameters and device.type in _FUSED_DEVICES:
        arguments["fused"] = True
    try:
        return kind(parameters, **arguments)
    except ValueError as error:  # two arguments that do not go together (Nesterov without momentum)
        raise UserError(f"{component.kind} cannot be used like this: {error}.") from None


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


class Schedule:
    """Moves the learning rate: per batch for one cycle, per epoch for all others."""

    def __init__(self, component: Component, optimizer: Optimizer, *, epochs: int, batches: int) -> None:
        self._optimizer = optimizer
        arguments = schedules()[component.kind].settled(component.parameters)
        self._scheduler = _build(component.kind, arguments, optimizer, epochs, batches)
        self.per_batch = isinstance(self._scheduler, lr_scheduler.OneCycleLR)

    @property
    def learning_rate(self) -> float:
        return float(self._optimizer.param_groups[0]["lr"])

    def end_batch(self) -> None:
        """After every batch, if `per_batch`."""
        self._scheduler.step()  # type: ignore[union-attr]

    def end_epoch(self, monitored: float | None) -> None:
        """After every epoch; `monitored` is smaller when better, None when it was not measured."""
        if isinstance(self._scheduler, lr_scheduler.ReduceLROnPlateau):
            if monitored is not None:
                self._scheduler.step(monitored)
        elif self._scheduler is not None and not self.per_batch:
            self._scheduler.step()

    def state(self) -> dict[str, Any]:
        return self._scheduler.state_dict() if self._scheduler is not None else {}

    def load(self, state: dict[str, Any]) -> None:
        if self._scheduler is not None:
            self._scheduler.load_state_dict(state)


def _build(
    kind: str, arguments: dict[str, Any], optimizer: Optimizer, epochs: int, batches: int
) -> lr_scheduler.LRScheduler | None:
    if kind == "constant":
        return None
    if kind == "OneCycleLR":
        arguments["max_lr"] = arguments["max_lr"] or optimizer.param_groups[0]["lr"]
        return lr_scheduler.OneCycleLR(optimizer, total_steps=epochs * batches, **arguments)
    if kind == "CosineAnnealingLR":
        arguments["T_max"] = arguments["T_max"] or epochs
    if kind == "warmup_cosine":
        warmup = min(arguments["warmup_epochs"], epochs)
        rise = lr_scheduler.LinearLR(optimizer, arguments["start_factor"], total_iters=warmup)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, max(1, epochs - warmup), arguments["eta_min"])
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], [warmup])
    return getattr(lr_scheduler, kind)(optimizer, **arguments)  # type: ignore[no-any-return]
