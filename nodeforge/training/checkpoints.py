"""Checkpoints: one safetensors file each, whole or not there. No pickle: reading one runs no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as decode
from safetensors.torch import save as encode
from torch import Tensor

from nodeforge.core.errors import UserError
from nodeforge.project.files import write_atomic

LAST = "last"
BEST = "best"
_FORMAT = 1
_ALIASES = "aliases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Tensors in named groups ("model", "rule", "random", …) and plain values beside them."""

    groups: Mapping[str, Mapping[str, Tensor]]
    values: Mapping[str, Any] = field(default_factory=dict)

    def group(self, name: str) -> Mapping[str, Tensor]:
        return self.groups.get(name, {})


def path_of(folder: Path, name: str) -> Path:
    """The file of the checkpoint "last" or "best" in a run's folder."""
    return folder / f"{name}.safetensors"


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the one before.

    Raises:
        UserError: It cannot be written; the one before is as it was.
    """
    tensors: dict[str, Tensor] = {}
    aliases: dict[str, str] = {}
    seen: dict[tuple[Any, ...], str] = {}
    for group, members in checkpoint.groups.items():
        for name, tensor in members.items():
            key = f"{group}/{name}"
            identity = (tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
            if tensor.numel() and identity in seen:  # tied weights
                aliases[key] = seen[identity]
            else:
                seen[identity] = key
                tensors[key] = tensor.detach().contiguous().cpu()
    values = {"format": _FORMAT, _ALIASES: aliases, **checkpoint.values}
    write_atomic(path, encode(_apart(tensors), {"nodeforge": json.dumps(values)}))


def _apart(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Views that overlap in memory as tensors of their own, as the format wants them."""
    used: set[int] = set()
    result = {}
    for name, tensor in tensors.items():
        storage = tensor.untyped_storage().data_ptr()
        result[name] = tensor.clone() if storage in used or tensor.is_inference() else tensor
        used.add(storage)
    return result


def read(path: Path) -> Checkpoint:
    """Read a checkpoint, on the CPU.

    Raises:
        UserError: There is none, or it is broken or of a newer version.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"The run {path.parent.name} has no checkpoint {path.name}.") from None
    try:
        tensors = decode(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        values = json.loads(header["__metadata__"]["nodeforge"])
        tensors |= {name: tensors[kept] for name, kept in values.pop(_ALIASES).items()}
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"The checkpoint {path} is broken ({error}): train again.") from None
    if values.pop("format") > _FORMAT:
        raise UserError(f"The checkpoint {path} was written by a newer NodeForge: install that one.")
    groups: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        group, _, name = key.partition("/")
        groups.setdefault(group, {})[name] = tensor
    return Checkpoint(groups=groups, values=values)


def snapshot(module: torch.nn.Module) -> dict[str, Tensor]:
    """A copy of a module's parameters and buffers that later steps do not touch."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def load_weights(module: torch.nn.Module, tensors: Mapping[str, Tensor], place: str) -> None:
    """Put weights into a module, in the module's own memory order.

    Raises:
        UserError: They are another network's.
    """
    try:
        module.load_state_dict(dict(tensors))
    except RuntimeError:
        raise UserError(
            f"The weights in {place} do not fit its project.json: the run's files were changed."
        ) from None
