"""A running average of the weights, which is measured, kept as the best and exported in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from nodeforge.training.checkpoints import Checkpoint

_GROUP = "average/"


class Average:
    """The average of weights over the steps of a stage; buffers are the network's own, they average themselves.

    Args:
        module: The network.
        parameters: The weights that are trained; all others do not change.
        decay: Share of the average that each step keeps.
    """

    def __init__(self, module: nn.Module, parameters: list[nn.Parameter], decay: float) -> None:
        trained = {id(parameter) for parameter in parameters}
        named = {n: p for n, p in module.named_parameters() if id(p) in trained}
        self._names = list(named)
        self._weights = [parameter.detach() for parameter in named.values()]
        self._average = [weight.clone() for weight in self._weights]
        self._decay = decay
        self._begun = False

    def update(self) -> None:
        """After a step. The first one is where the average begins."""
        if self._begun:
            torch._foreach_lerp_(self._average, self._weights, 1.0 - self._decay)
        else:
            torch._foreach_copy_(self._average, self._weights)
            self._begun = True

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The network with averaged weights, for the time being."""
        own = [weight.clone() for weight in self._weights]
        self.settle()
        try:
            yield
        finally:
            torch._foreach_copy_(self._weights, own)

    def settle(self) -> None:
        """Leave the averaged weights in the network."""
        if self._begun:
            torch._foreach_copy_(self._weights, self._average)

    def state(self) -> dict[str, Tensor]:
        """For a checkpoint."""
        named = zip(self._names, self._average, strict=True)
        return {f"{_GROUP}{name}": tensor for name, tensor in named} if self._begun else {}

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from a state."""
        for name, average in zip(self._names, self._average, strict=True):
            if f"{_GROUP}{name}" in tensors:
                average.copy_(tensors[f"{_GROUP}{name}"])
                self._begun = True


def weights_in_use(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """The weights of a checkpoint that are to be used: the averaged ones where there are any."""
    weights = dict(checkpoint.group("model"))
    for key, tensor in checkpoint.group("rule").items():
        _, _, name = key.partition(_GROUP)  # before it stands the name of the stage, where several take turns
        if name in weights:
            weights[name] = tensor
    return weights
