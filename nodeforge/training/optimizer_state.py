"""What an optimizer remembers, as named tensors and plain values for a checkpoint, and back."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

_TENSOR = "tensor"
"""Key of an object that stands in plain values for a tensor of a list."""


def taken_apart(optimizer: Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """(tensors by "<place of the weight>/<name>", plain values for JSON)."""
    state = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    plain: dict[str, dict[str, Any]] = {}
    for index, entry in state["state"].items():
        for name, value in entry.items():
            if isinstance(value, Tensor):
                tensors[f"{index}/{name}"] = value
            else:
                plain.setdefault(str(index), {})[name] = _plain(value, f"{index}/{name}", tensors)
    return tensors, {"groups": state["param_groups"], "state": plain}


def _plain(value: Any, key: str, tensors: dict[str, Tensor]) -> Any:
    """The value without its tensors, which are put into `tensors`; LBFGS remembers lists of them."""
    if isinstance(value, Tensor):
        tensors[key] = value
        return {_TENSOR: key}
    if isinstance(value, (list, tuple)):
        return [_plain(part, f"{key}/{place}", tensors) for place, part in enumerate(value)]
    return value


def put_together(optimizer: Optimizer, tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
    """Give an optimizer what another like it remembered."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Any]] = {
        int(index): {name: _whole(value, tensors) for name, value in entry.items()}
        for index, entry in values["state"].items()
    }
    for key, tensor in tensors.items():
        index, _, name = key.partition("/")
        if "/" in name:
            continue
        parameter = parameters[int(index)]
        if tensor.shape == parameter.shape and tensor.dim():
            # In the parameter's own memory order, which fused kernels rely on.
            tensor = torch.empty_like(parameter, dtype=tensor.dtype).copy_(tensor)
        state.setdefault(int(index), {})[name] = tensor
    groups = [{**group, **_tuples(group)} for group in values["groups"]]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _whole(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, dict):
        return tensors[value[_TENSOR]]
    return [_whole(part, tensors) for part in value] if isinstance(value, list) else value


def _tuples(group: dict[str, Any]) -> dict[str, Any]:
    """JSON turned tuples (betas) into lists; torch wants tuples, but for the list of parameters."""
    return {name: tuple(v) for name, v in group.items() if isinstance(v, list) and name != "params"}
