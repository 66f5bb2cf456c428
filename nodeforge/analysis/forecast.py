"""The memory that a training needs, before it is trained: weights, gradients, optimizer, and what is kept for them.

What the operating system shows is more: the program itself, the data, and numbers that live for a moment inside an
operation. They do not grow with the network as these do.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from nodeforge.analysis.costs import NetworkCosts
from nodeforge.catalog.optimizers import optimizers
from nodeforge.catalog.recipes import SETTINGS
from nodeforge.core.document import Stage
from nodeforge.core.parameters import Declaration, Value, Values
from nodeforge.core.specs import DataFacts

WEIGHT_BYTES = 4
"""Weights, their gradients and what an optimizer remembers of them are float32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUse:
    """Bytes that a training step needs at once, by what they are for.

    Attributes:
        parameters: The weights.
        gradients: One number for each weight.
        optimizer: What it and the stage remember of each weight from step to step.
        activations: What is kept of the forward pass until the backward pass has used it, the batch included.
        peak: The most that was in use at once, where the device counts it; 0 elsewhere.
    """

    parameters: int = 0
    gradients: int = 0
    optimizer: int = 0
    activations: int = 0
    peak: int = 0

    @property
    def total(self) -> int:
        """The peak where it is known, else the sum of the parts."""
        return self.peak or self.parameters + self.gradients + self.optimizer + self.activations

    def record(self) -> dict[str, int]:
        """As plain data, the total included."""
        return {**asdict(self), "total": self.total}


def forecast(costs: NetworkCosts, stage: Stage) -> MemoryUse:
    """What a stage will need for a network, at the batch of the costs."""
    total = costs.total
    weights = total.parameters * WEIGHT_BYTES
    if stage.rule != "gradient":
        return MemoryUse(parameters=weights)
    optimizer = optimizers().get(stage.optimizer.kind)
    slots = optimizer.slots(_sound(optimizer, stage.optimizer.parameters)) if optimizer else 0
    settings = _sound(SETTINGS, stage.settings)
    slots += (settings["ema_decay"] is not None) + (settings["accumulation_steps"] != 1)
    return MemoryUse(parameters=weights, gradients=weights, optimizer=weights * slots, activations=total.kept)


def batch_of(stage: Stage, facts: DataFacts | None = None) -> int:
    """The batch size of a stage; no more than there are samples to train on, where that is known."""
    size = _sound(SETTINGS, stage.settings)["batch_size"]
    assert isinstance(size, int)
    samples = facts.sizes.get("train", 0) if facts else 0
    return min(size, samples) if samples else size


def _sound(declaration: Declaration, values: Values) -> dict[str, Value]:
    """The values, with defaults for those that are missing or at fault: a forecast says nothing of faults."""
    sound: dict[str, Value] = {}
    for parameter in declaration.parameters:
        assert not parameter.required, (declaration.name, parameter.name)
        try:
            sound[parameter.name] = parameter.check(values.get(parameter.name, parameter.default))
        except ValueError:
            sound[parameter.name] = parameter.check(parameter.default)
    return sound
