"""Learning by gradient descent: back-propagation through all objectives, one optimizer step a batch."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd import Variable
from torch.optim import Optimizer

from nodeforge.core.errors import UserError
from nodeforge.training.batches import Batch
from nodeforge.training.optimizers import Schedule, build_optimizer
from nodeforge.training.rules.base import Context, LearningRule, RuleState, StepResult


class GradientRule(LearningRule):
    """Sums the objectives, propagates back, clips, checks and steps."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._parameters = [p for p in context.module.parameters() if p.requires_grad]
        if not self._parameters:
            raise UserError("The network has nothing to learn: add a layer with weights, such as Linear.")
        stage = context.stage
        self._optimizer = build_optimizer(stage.optimizer, self._parameters, context.device)
        self._schedule = Schedule(
            stage.schedule, self._optimizer, epochs=context.epochs, batches=context.batches
        )
        self._clip_norm = cast(float | None, context.settings["gradient_clip_norm"])
        self._guard = _Guard(self._optimizer, context.device)
        self._one = torch.ones((), device=context.device)

    @property
    def learning_rate(self) -> float:
        return self._schedule.learning_rate

    def step(self, batch: Batch) -> StepResult:
        for parameter in self._parameters:
            parameter.grad = None
        losses, output = self.context.module.objectives(*batch.inputs, *batch.targets)  # type: ignore[operator]
        loss = total(losses)
        _propagate_back(loss, self._one)
        seen = loss.detach()
        norm = None
        if self._guard.allows(seen, [p.grad for p in self._parameters if p.grad is not None]):
            if self._clip_norm is not None:
                norm = nn.utils.clip_grad_norm_(self._parameters, self._clip_norm)
            self._optimizer.step()
            if self._schedule.per_batch:
                self._schedule.end_batch()
        return StepResult(seen, _detached(output), norm)

    def refused(self) -> bool:
        return self._guard.tripped

    def end_epoch(self, monitored: float | None) -> None:
        self._schedule.end_epoch(monitored)

    def state(self) -> RuleState:
        tensors, values = _flatten(self._optimizer)
        return RuleState(tensors, {"optimizer": values, "schedule": self._schedule.state()})

    def load(self, state: RuleState) -> None:
        _restore(self._optimizer, state.tensors, state.values["optimizer"])
        self._schedule.load(state.values["schedule"])


def total(losses: dict[str, Tensor]) -> Tensor:
    """The sum of all objectives."""
    first, *others = losses.values()
    for loss in others:
        first = first + loss
    return first


def _propagate_back(loss: Tensor, one: Tensor) -> None:
    """`loss.backward()` without its look at its arguments, which takes a fifteenth of a small network's time."""
    Variable._execution_engine.run_backward(
        (loss,),
        (one,),
        keep_graph=False,
        create_graph=False,
        inputs=(),
        allow_unreachable=True,
        accumulate_grad=True,
    )


class _Guard:
    """Keeps a loss or gradient that is not finite from ever reaching the weights.

    One fused look at all gradients sets a flag that stays set. On a graphics card a fused optimizer reads the flag
    there and leaves the weights alone, so that no step waits for the device; elsewhere the host reads it.
    """

    def __init__(self, optimizer: Optimizer, device: torch.device) -> None:
        self._found = torch.zeros((), device=device)
        self._scale = torch.ones((), device=device)
        self._read_on_device = device.type == "cuda" and hasattr(optimizer, "_step_supports_amp_scaling")
        self._tripped = False
        if self._read_on_device:
            optimizer.found_inf = self._found  # type: ignore[attr-defined]  # as GradScaler does

    def allows(self, loss: Tensor, gradients: list[Tensor]) -> bool:
        """Look at a step's numbers; whether the optimizer may be called."""
        # What GradScaler uses, with a scale of 1: the only check of many tensors in one call.
        torch._amp_foreach_non_finite_check_and_unscale_([loss, *gradients], self._found, self._scale)
        if self._read_on_device:
            return True
        self._tripped = bool(self._found)
        return not self._tripped

    @property
    def tripped(self) -> bool:
        """Whether a step was ever refused. Waits for the device where the optimizer reads the flag."""
        return bool(self._found) if self._read_on_device else self._tripped


def _detached(output: Tensor | tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
    return output.detach() if isinstance(output, Tensor) else tuple(o.detach() for o in output)


def _flatten(optimizer: Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """An optimizer's state as named tensors and plain values."""
    state = optimizer.state_dict()
    tensors: dict[str, Tensor] = {}
    plain: dict[str, dict[str, Any]] = {}
    for index, entry in state["state"].items():
        for name, value in entry.items():
            if isinstance(value, Tensor):
                tensors[f"{index}/{name}"] = value
            else:
                plain.setdefault(str(index), {})[name] = value
    return tensors, {"groups": state["param_groups"], "state": plain}


def _restore(optimizer: Optimizer, tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Any]] = {int(i): dict(entry) for i, entry in values["state"].items()}
    for key, tensor in tensors.items():
        index, _, name = key.partition("/")
        parameter = parameters[int(index)]
        if tensor.shape == parameter.shape and tensor.dim():
            # In the parameter's own memory order, which fused kernels rely on.
            tensor = torch.empty_like(parameter, dtype=tensor.dtype).copy_(tensor)
        state.setdefault(int(index), {})[name] = tensor
    groups = [{**group, **_tuples(group)} for group in values["groups"]]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _tuples(group: dict[str, Any]) -> dict[str, Any]:
    """JSON turned tuples (betas) into lists; torch wants tuples, but for the list of parameters."""
    return {name: tuple(v) for name, v in group.items() if isinstance(v, list) and name != "params"}
