"""Rules without answers: each node that is taught learns from what arrives at it, and from nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn

from nodeforge.training.batches import Batch
from nodeforge.training.passes import arriving
from nodeforge.training.rules.base import Context, Draw, LearningRule, RuleState, StepResult


class Pupil(ABC):
    """One node that is taught. Its parameters and buffers are changed in place, so that checkpoints hold them.

    Attributes:
        wanted: How many samples it asks for before it begins.
        rate: Its learning rate of now, for the plots.
        done: Why it has nothing left to learn, as the end of a sentence; "" while it has.
    """

    wanted = 0
    rate = 0.0
    done = ""

    @abstractmethod
    def __init__(self, module: nn.Module, context: Context) -> None: ...

    def begin(self, samples: Tensor) -> None:  # noqa: B027  # not every pupil prepares
        """Get ready, with some samples (n, features) as they arrive at the node."""

    @abstractmethod
    def learn(self, samples: Tensor) -> Tensor:
        """Learn from a batch (n, features); how far off it was before, ()."""

    def end_pass(self) -> None:  # noqa: B027
        """After the last batch of an epoch."""

    def tensors(self) -> dict[str, Tensor]:
        """What it keeps between batches, beside the module's own; changed in place."""
        return {}

    def values(self) -> dict[str, Any]:
        """The same of plain data."""
        return {}

    def load(self, values: dict[str, Any]) -> None:  # noqa: B027
        """Go on with plain data that `values` gave."""


class LocalRule(LearningRule):
    """Runs the network up to the nodes that are taught, and lets each learn from what arrives."""

    pupil: ClassVar[type[Pupil]]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        found = context.taught()
        self._modules = list(found.values())
        self._pupils = [self.pupil(module, context) for module in self._modules]
        self._refused = False

    @property
    def learning_rate(self) -> float:
        return self._pupils[0].rate

    @property
    def done(self) -> str:
        reasons = [pupil.done for pupil in self._pupils]
        return reasons[0] if all(reasons) else ""

    def begin(self, draw: Draw) -> None:
        wanted = max(pupil.wanted for pupil in self._pupils)
        if not wanted:
            return
        with torch.no_grad():
            batches = [self._arriving(batch) for batch in draw(wanted)]
            for pupil, parts in zip(self._pupils, zip(*batches, strict=True), strict=True):
                pupil.begin(torch.cat(parts))

    def step(self, batch: Batch) -> StepResult:
        with torch.no_grad():
            arrived = self._arriving(batch)
            # One bad number would stay in the sums for good.
            self._refused = not all(bool(samples.isfinite().all()) for samples in arrived)
            if self._refused:
                return StepResult(torch.full((), torch.nan, device=self.context.device))
            errors = [pupil.learn(samples) for pupil, samples in zip(self._pupils, arrived, strict=True)]
            return StepResult(torch.stack(errors).mean())

    def _arriving(self, batch: Batch) -> list[Tensor]:
        return [x.flatten(0, -2) for x in arriving(self.context.module, self._modules, batch)]

    def refused(self) -> bool:
        return self._refused

    def end_pass(self) -> None:
        with torch.no_grad():
            for pupil in self._pupils:
                pupil.end_pass()

    def state(self) -> RuleState:
        tensors = {
            f"{place}/{name}": tensor
            for place, pupil in enumerate(self._pupils)
            for name, tensor in pupil.tensors().items()
        }
        return RuleState(tensors, {"pupils": [{**p.values(), "done": p.done} for p in self._pupils]})

    def load(self, state: RuleState) -> None:
        for place, (pupil, values) in enumerate(zip(self._pupils, state.values["pupils"], strict=True)):
            pupil.done = values["done"]
            pupil.load(values)
            for name, tensor in pupil.tensors().items():
                tensor.copy_(state.tensors[f"{place}/{name}"])


def number(settings: Any, name: str) -> float:
    """A setting that is declared as a number."""
    return float(cast(float, settings[name]))
