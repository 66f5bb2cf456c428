"""What the runner asks of a learning rule, whatever it learns by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from nodeforge.core.document import Stage
from nodeforge.core.parameters import Values
from nodeforge.training.batches import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a rule may know.

    Attributes:
        module: The network, on its device; the rule changes its parameters and buffers.
        stage: The stage it is to carry out.
        settings: The stage's settings, complete.
        device: Where the module is.
        epochs, batches: How long the stage lasts at most; batches per epoch.
    """

    module: nn.Module
    stage: Stage
    settings: Values
    device: torch.device
    epochs: int
    batches: int


class StepResult(NamedTuple):
    """What one update tells. Tensors are detached and stay on the device: reading one would wait for it.

    Attributes:
        loss: () the objective before the update.
        output: What the network gave, a tuple when it has several outputs; None when the rule has no prediction.
        gradient_norm: () if the rule knows it.
    """

    loss: Tensor
    output: Tensor | tuple[Tensor, ...] | None = None
    gradient_norm: Tensor | None = None


@dataclass(frozen=True, slots=True)
class RuleState:
    """What a checkpoint must hold for the rule to go on as if nothing had happened."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    """Plain data for JSON."""


class LearningRule(ABC):
    """One way of learning. Made when its stage begins."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def learning_rate(self) -> float:
        """For the plots; 0 for rules that have none."""
        return 0.0

    @abstractmethod
    def step(self, batch: Batch) -> StepResult:
        """One update."""

    def refused(self) -> bool:
        """Whether a step found numbers that are not finite; from then on no step changes the module.

        Waits for the device.
        """
        return False

    def end_epoch(self, monitored: float | None) -> None:  # noqa: B027  # most rules have nothing to do here
        """After the epoch's validation; `monitored` is smaller when better, None when it was not measured."""

    def end(self) -> None:  # noqa: B027
        """After the last epoch: the solve of a closed form."""

    def state(self) -> RuleState:
        """For a checkpoint; tensors may be the live ones."""
        return RuleState()

    def load(self, state: RuleState) -> None:  # noqa: B027
        """Go on from a state that the same rule gave."""
