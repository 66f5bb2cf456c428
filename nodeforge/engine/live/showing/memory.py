"""What views remember of a run from one look to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_STEPS = 600


@dataclass(slots=True)
class Memory:
    """Gradients by step.

    Attributes:
        steps: The steps that were looked at.
        gradients: For each of them, by node, the norm of the gradient.
    """

    steps: list[int] = field(default_factory=list)
    gradients: list[dict[str, float]] = field(default_factory=list)

    def add(self, step: int, gradients: dict[str, float]) -> None:
        """Note the gradients of a step; of a long training, every second one is forgotten time and again."""
        if self.steps and step <= self.steps[-1]:
            return
        self.steps.append(step)
        self.gradients.append(gradients)
        if len(self.steps) > MOST_STEPS:
            del self.steps[:-1:2], self.gradients[:-1:2]
