"""Where and how a network is computed: device, threads, memory order."""

from __future__ import annotations

import os
import platform

import torch
from torch import nn

from nodeforge import __version__
from nodeforge.core.errors import UserError
from nodeforge.engine.messages import Pong

SMALL_PARAMETERS = 1_000_000
"""A network of fewer, and without convolutions or recurrences, gains nothing from a second thread."""

_HEAVY = (nn.modules.conv._ConvNd, nn.RNNBase, nn.MultiheadAttention)


def choose(setting: str) -> torch.device:
    """The device for a setting of "auto", "cpu", "cuda" or "mps".

    Raises:
        UserError: This machine has no such device.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if setting == "auto":
        return torch.device(next(name for name, here in available.items() if here))
    if not available.get(setting):
        raise UserError(
            f"This machine has no {setting} device that torch can use: set device to auto or cpu."
        )
    return torch.device(setting)


def choose_threads(setting: int | None, module: nn.Module) -> int:
    """How many processor threads to compute with.

    All cores but one, so that one busy process beside does not stall every step; one for a small network, whose
    operations are shorter than the hand-over between threads.
    """
    if setting is not None:
        return setting
    parameters = sum(p.numel() for p in module.parameters())
    if parameters < SMALL_PARAMETERS and not any(isinstance(m, _HEAVY) for m in module.modules()):
        return 1
    return max(1, _cores() - 1)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def wants_channels_last(setting: str, module: nn.Module, device: torch.device) -> bool:
    """Whether images are kept as N×H×W×C in memory: up to twice as fast for 2-d convolutions on a processor."""
    if setting == "auto":
        return device.type == "cpu" and any(
            isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)) for m in module.modules()
        )
    return setting == "on"


def describe(device: torch.device) -> str:
    """The device in words."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "Apple GPU"}.get(device.type, "processor")


def environment(device: torch.device, threads: int) -> dict[str, str]:
    """What a run notes of the machine it was trained on."""
    return {
        "nodeforge": __version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "device": describe(device),
        "threads": str(threads),
    }


def introduce() -> Pong:
    """What trainings are computed with here."""
    return Pong(torch_version=str(torch.__version__), device=describe(choose("auto")), threads=_cores())


def make_deterministic(device: torch.device) -> None:
    """Have a graphics card give the same numbers for the same seed; a processor does anyway."""
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = False
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
