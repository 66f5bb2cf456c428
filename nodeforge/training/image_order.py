"""Images with their channels last in memory, as N×H×W×C: faster for 2-d convolutions on a processor."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)


def keep_channels_last(module: nn.Module) -> nn.Module:
    """The module with weights in this order, and with pools that get their gradients in it.

    Behind Flatten a gradient comes back channel by channel. A pool would then bring its large side into that order
    and back again, which takes several times as long as to turn the small one round. The numbers are the same.
    """
    module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for part in module.modules():
        if isinstance(part, _POOLS):
            part.register_forward_hook(_turn_its_gradient)
    return module


def _turn_its_gradient(
    pool: nn.Module, arguments: tuple[Tensor, ...], output: Tensor | tuple[Tensor, ...]
) -> None:
    # Beside an image a pool may tell where its largest values are.
    image = output if isinstance(output, Tensor) else output[0]
    if image.requires_grad and image.dim() == 4:
        image.register_hook(_channels_last)  # type: ignore[no-untyped-call]


def _channels_last(gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=torch.channels_last)
