"""The weights of a running training, for those who look at it: a copy between two steps, when one is wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nodeforge.training.material import Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A network as it was after one step. Nothing in it changes any more.

    Attributes:
        step: Steps since the beginning of the run.
        weights: Parameters and buffers by name, in main memory.
        gradients: By parameter, the norm of the gradient that the step followed; empty for a rule without gradients.
    """

    step: int
    weights: dict[str, Tensor]
    gradients: dict[str, float]


class LiveWeights:
    """Handed over by the training thread, taken by the thread that draws.

    Looking costs a training one copy of its weights for each look, and nothing while nobody looks.

    Attributes:
        material: What is trained; None until the training has begun.
        wanted: Whether somebody waits for a copy; a plain read, cheap enough for every step.
        newest: The last copy.
        listener: Told on the training thread that there is a new one.
    """

    def __init__(self) -> None:
        self.material: Material | None = None
        self.wanted = False
        self.newest: Snapshot | None = None
        self.listener: Callable[[], object] = lambda: None
        self._taken = threading.Lock()

    def ask(self) -> None:
        """Have the next step hand over its weights."""
        self.wanted = True

    def offer(self, material: Material, module: nn.Module, step: int) -> None:
        """Copy the weights; on the training thread, between two steps."""
        with self._taken, torch.no_grad():
            self.wanted = False
            self.material = material
            self.newest = Snapshot(
                step=step,
                weights={
                    name: tensor.detach().to("cpu", copy=True) for name, tensor in module.state_dict().items()
                },
                gradients=_norms(module),
            )
        self.listener()

    def take(self) -> tuple[Material, Snapshot] | None:
        """The last copy with what it is of."""
        with self._taken:
            if self.material is None or self.newest is None:
                return None
            return self.material, self.newest


def _norms(module: nn.Module) -> dict[str, float]:
    found = {
        name: parameter.grad for name, parameter in module.named_parameters() if parameter.grad is not None
    }
    if not found:
        return {}
    norms = torch.stack([torch.linalg.vector_norm(gradient) for gradient in found.values()])
    return dict(zip(found, norms.tolist(), strict=True))
