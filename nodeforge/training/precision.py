"""The number format of the costly operations: float32 throughout, or a shorter one where torch deems it safe."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from nodeforge.core.errors import UserError


def autocast(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """To be held around a forward pass in training, for a precision shorter than float32.

    Raises:
        UserError: The device does not compute in this format.
    """
    if precision == "float16" and device.type != "cuda":
        raise UserError(
            "float16 needs a graphics card that torch can use with CUDA: set precision to bfloat16 or float32."
        )
    if precision == "bfloat16" and not _has_bfloat16(device):
        raise UserError(f"This {device.type} device does not compute in bfloat16: set precision to float32.")
    return torch.autocast(device.type, dtype=getattr(torch, precision))


def _has_bfloat16(device: torch.device) -> bool:
    return device.type == "cpu" or (device.type == "cuda" and torch.cuda.is_bf16_supported())


class Scaling:
    """Scales losses up so that small gradients survive float16, and gradients back down; skips steps that overflow."""

    def __init__(self, device: torch.device) -> None:
        self._scaler = torch.amp.GradScaler(device.type)
        self._scaler.scale(
            torch.ones((), device=device)
        )  # makes its tensors, which otherwise the first loss does

    @property
    def seed(self) -> Tensor:
        """() What backward starts with, in place of 1."""
        return self._scaler._scale  # type: ignore[return-value]

    def undo(self, optimizer: Optimizer) -> None:
        """Bring gradients back to their size."""
        self._scaler.unscale_(optimizer)

    def step(self, optimizer: Optimizer) -> bool:
        """Step unless a gradient overflowed; whether it did step."""
        before = self._scaler.get_scale()
        self._scaler.step(optimizer)
        self._scaler.update()
        return self._scaler.get_scale() >= before

    def state(self) -> dict[str, Any]:
        return self._scaler.state_dict()

    def load(self, state: Mapping[str, Any]) -> None:
        self._scaler.load_state_dict(dict(state))
