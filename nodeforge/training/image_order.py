"""Images with their channels last in memory, as N×H×W×C: faster for 2-d convolutions on a processor."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)


def keep_channels_last(module: nn.Module) -> nn.Module:
    """The module with weights in this order, and with pools and what stands before Flatten getting gradients in it.

    From Flatten a gradient comes back channel by channel. A pool would then bring its large side into that order
    and back again, which takes several times as long as to turn the small one round, and what is between it and
    Flatten would meet two orders. The numbers are the same.
    """
    module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for part in module.modules():
        if isinstance(part, _POOLS):
            part.register_forward_hook(_turn_its_gradient)
        elif isinstance(part, nn.Flatten):
            part.register_forward_pre_hook(_turn_gradient_before)
    return module


def _turn_its_gradient(
    pool: nn.Module, arguments: tuple[Tensor, ...], output: Tensor | tuple[Tensor, ...]
) -> None:
    # Beside an image a pool may tell where its largest values are.
    _turn_gradient(output if isinstance(output, Tensor) else output[0])


def _turn_gradient_before(flatten: nn.Module, arguments: tuple[Tensor, ...]) -> None:
    _turn_gradient(arguments[0])


def _turn_gradient(image: Tensor) -> None:
    if image.requires_grad and image.dim() == 4:
        image.register_hook(_channels_last)  # type: ignore[no-untyped-call]


def _channels_last(gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=torch.channels_last)
