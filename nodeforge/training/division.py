"""The weights of a stage by how they learn: what the stage says of all, and what it says of single nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from nodeforge.catalog import optimizers
from nodeforge.catalog.recipes import NODE_SETTINGS
from nodeforge.core.document import Component, Stage
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Value, Values
from nodeforge.training.optimizers import Group

Node = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Who learns how.

    Attributes:
        parameters: All that learn.
        groups: The same for the optimizer: as they are where all learn alike.
        frozen: Weights that the stage leaves as they are.
        still: Layers that behave as in evaluation meanwhile.
        penalty: What is added to the loss for large weights.
    """

    parameters: list[nn.Parameter]
    groups: list[nn.Parameter] | list[Group]
    frozen: list[nn.Parameter]
    still: list[nn.Module]
    penalty: Penalty


@dataclass(frozen=True, slots=True)
class Penalty:
    """L1 and L2: by factor, the weights it holds for."""

    l1: Mapping[float, list[nn.Parameter]] = field(default_factory=dict)
    l2: Mapping[float, list[nn.Parameter]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.l1 or self.l2)

    @torch.no_grad()
    def add_gradient(self) -> None:
        """Add its gradient to that of the weights: the same as adding it to the loss, and less work."""
        for factor, parameters in self.l1.items():
            weights, gradients = _reached(parameters)
            torch._foreach_add_(gradients, torch._foreach_sign(weights), alpha=factor)
        for factor, parameters in self.l2.items():
            weights, gradients = _reached(parameters)
            torch._foreach_add_(gradients, weights, alpha=2.0 * factor)

    @torch.no_grad()
    def value(self) -> float | Tensor:
        """() What it adds to the loss."""
        absolute = sum(factor * w.abs().sum() for factor, weights in self.l1.items() for w in weights)
        squared = sum(factor * w.square().sum() for factor, weights in self.l2.items() for w in weights)
        return absolute + squared


def _reached(parameters: list[nn.Parameter]) -> tuple[list[Tensor], list[Tensor]]:
    """(weights, gradients) of those that have a gradient."""
    found = [(p.detach(), p.grad) for p in parameters if p.grad is not None]
    return [weight for weight, _ in found], [gradient for _, gradient in found]


def divide(
    stage: Stage,
    settings: Values,
    parameters: list[nn.Parameter],
    modules_of: Callable[[Node], list[nn.Module]],
) -> Division:
    """Sort the weights that a stage teaches.

    Args:
        stage: The stage.
        settings: Its settings, complete.
        parameters: What it teaches.
        modules_of: The modules of a node, by its path.

    Raises:
        UserError: The optimizer cannot treat single nodes as the stage says.
    """
    said: dict[int, dict[str, Value]] = {}
    still: list[nn.Module] = []
    for node in sorted(stage.per_node, key=lambda path: path.count(".")):  # an inner node has the last word
        values = NODE_SETTINGS.settled(stage.per_node[node])
        for module in modules_of(node):
            for parameter in module.parameters():
                said.setdefault(id(parameter), {}).update(stage.per_node[node])
            if values["frozen"] and values["frozen_statistics"]:
                still += module.modules()
    wishes = {id(p): NODE_SETTINGS.settled(said.get(id(p), {})) for p in parameters}
    learning = [p for p in parameters if not wishes[id(p)]["frozen"]]
    return Division(
        parameters=learning,
        groups=_groups(stage.optimizer, learning, wishes) if said else learning,
        frozen=[p for p in parameters if wishes[id(p)]["frozen"]],
        still=still,
        penalty=Penalty(
            _by_factor("l1", settings, learning, wishes), _by_factor("l2", settings, learning, wishes)
        ),
    )


Wishes = Mapping[int, Mapping[str, Value]]
"""What is said of a weight, by its identity."""


def _groups(
    optimizer: Component, parameters: list[nn.Parameter], wishes: Wishes
) -> list[nn.Parameter] | list[Group]:
    declaration = optimizers()[optimizer.kind]
    values = declaration.settled(optimizer.parameters)
    # The group that learns as the optimizer says comes first: its rate is the one that is shown.
    found: dict[tuple[Any, Any], Group] = {}
    for parameter in sorted(parameters, key=lambda p: _is_special(wishes[id(p)])):
        wish = wishes[id(parameter)]
        factor, decay = wish["lr_factor"], wish["weight_decay"]
        group: Group = {"params": [], "lr": values["lr"] * factor}  # type: ignore[operator]
        if decay is not None:
            if "weight_decay" not in values:
                raise UserError(
                    f"{optimizer.kind} has no weight decay to set for a node: leave it empty there."
                )
            group["weight_decay"] = decay
        found.setdefault((factor, decay), group)["params"].append(parameter)
    if any(_is_special(wishes[id(p)]) for p in parameters):
        if declaration.whole:
            raise UserError(
                f"{optimizer.kind} moves all weights as one: give no node a learning rate or weight decay of its own, "
                "or choose another optimizer."
            )
        return list(found.values())
    return parameters


def _is_special(wish: Mapping[str, Value]) -> bool:
    return wish["lr_factor"] != 1.0 or wish["weight_decay"] is not None


def _by_factor(
    name: str, settings: Values, parameters: list[nn.Parameter], wishes: Wishes
) -> dict[float, list[nn.Parameter]]:
    """The weights that a penalty holds for: matrices and kernels, not biases and normalisations."""
    found: dict[float, list[nn.Parameter]] = {}
    for parameter in parameters:
        wish = wishes[id(parameter)][name]
        factor = float(settings[name] if wish is None else wish)  # type: ignore[arg-type]
        if factor and parameter.ndim > 1:
            found.setdefault(factor, []).append(parameter)
    return found
