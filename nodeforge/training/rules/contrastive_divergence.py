"""Contrastive divergence for Boltzmann machines (Hinton, 2002)."""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import Tensor, nn

from nodeforge.training.rules.base import Context
from nodeforge.training.rules.local import LocalRule, Pupil, number


class Machine(Protocol):
    """What the rule needs of a layer."""

    weight: Tensor
    hidden_bias: Tensor
    visible_bias: Tensor

    def hidden(self, visible: Tensor) -> Tensor:
        """How probably each hidden unit is on."""

    def visible(self, hidden: Tensor) -> Tensor:
        """How probably each visible unit is on, or its mean."""


class _Boltzmann(Pupil):
    """CD-k as in Hinton's guide: hidden units are drawn on the way, probabilities are compared."""

    def __init__(self, module: nn.Module, context: Context) -> None:
        told = context.rule_settings
        self._machine = cast(Machine, module)
        self._k = int(number(told, "k"))
        self.rate = number(told, "learning_rate")
        self._momentum = number(told, "momentum")
        self._decay = number(told, "weight_decay")
        machine = self._machine
        self._learned = (machine.weight, machine.hidden_bias, machine.visible_bias)
        self._speeds = tuple(torch.zeros_like(tensor, requires_grad=False) for tensor in self._learned)

    def learn(self, samples: Tensor) -> Tensor:
        machine = self._machine
        on = machine.hidden(samples)
        dreamed, hidden = samples, on
        first: Tensor | None = None
        for _ in range(self._k):
            dreamed = machine.visible(torch.bernoulli(hidden))
            hidden = machine.hidden(dreamed)
            first = dreamed if first is None else first
        assert first is not None
        count = len(samples)
        steps = (
            (on.T @ samples - hidden.T @ dreamed) / count - self._decay * machine.weight,
            (on - hidden).mean(dim=0),
            (samples - dreamed).mean(dim=0),
        )
        for tensor, speed, step in zip(self._learned, self._speeds, steps, strict=True):
            speed.mul_(self._momentum).add_(step, alpha=self.rate)
            tensor.add_(speed)
        return (samples - first).square().mean()

    def tensors(self) -> dict[str, Tensor]:
        return dict(zip(("weight", "hidden_bias", "visible_bias"), self._speeds, strict=True))


class ContrastiveDivergenceRule(LocalRule):
    """Makes samples more probable than what the machine makes of them."""

    pupil = _Boltzmann
