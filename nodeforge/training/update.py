"""From gradients to moved weights: checked, added up, penalised, clipped, stepped, averaged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from nodeforge.core.errors import UserError
from nodeforge.training.balance import ClassWeights
from nodeforge.training.batches import Batch
from nodeforge.training.division import divide
from nodeforge.training.ema import Average
from nodeforge.training.optimizer_state import put_together, taken_apart
from nodeforge.training.optimizers import Schedule, build_optimizer, looks_again
from nodeforge.training.precision import Scaling, autocast

if TYPE_CHECKING:
    from nodeforge.training.rules.base import Context

_SUM = "sum/"

Holder = AbstractContextManager[Any]


class Update:
    """Moves the weights of a stage as its settings say. What is off costs nothing.

    Attributes:
        parameters: The weights that learn.
        seed: () What backward starts with.
        forward: To be held around a forward pass.
    """

    def __init__(self, context: Context, parameters: list[nn.Parameter]) -> None:
        """
        Raises:
            UserError: Settings do not go together, or with the device.
        """
        stage, settings, device = context.stage, context.settings, context.device
        division = divide(stage, settings, parameters, context.modules_of)
        if not division.parameters:
            raise UserError(f"Stage {stage.name} has all its nodes frozen: let one of them learn.")
        self.parameters = division.parameters
        self._penalty = division.penalty
        self._accumulate = cast(int, settings["accumulation_steps"])
        self.optimizer = build_optimizer(stage.optimizer, division.groups, device)
        self.schedule = Schedule(
            stage.schedule,
            self.optimizer,
            epochs=context.epochs,
            batches=math.ceil(context.batches / self._accumulate),
            warmup_epochs=float(cast(float, settings["warmup_epochs"])),
        )
        self._clip_norm = cast(float | None, settings["gradient_clip_norm"])
        self._clip_value = cast(float | None, settings["gradient_clip_value"])
        precision = str(settings["precision"])
        holders: list[Holder] = []
        if precision != "float32":
            holders.append(autocast(precision, device))
        if division.frozen or division.still:
            holders.append(_Rest(division.frozen, division.still))
        if settings["class_weights"] == "balanced":
            holders.append(ClassWeights(context.material, context.module, device))
        self.forward: Holder = _Together(holders) if holders else nullcontext()
        self._scaling = Scaling(device) if precision == "float16" else None
        self.seed = self._scaling.seed if self._scaling else torch.ones((), device=device)
        self._looks_again = looks_again(self.optimizer)
        if self._looks_again:
            _require_plain(stage.optimizer.kind, settings)
        self._guard = Guard(self.optimizer, device, on_device=self._scaling is None)
        decay = cast(float | None, settings["ema_decay"])
        self.average = Average(context.module, self.parameters, decay) if decay is not None else None
        self._sums: list[Tensor] = []
        self._batches, self._samples = 0, 0

    @property
    def refused(self) -> bool:
        return self._guard.tripped

    def set_learning_rate(self, rate: float) -> None:
        """Another rate for all, in the same relation to each other."""
        groups = self.optimizer.param_groups
        present = groups[0]["lr"]
        for group in groups:
            group["lr"] = rate * (group["lr"] / present)

    def prepare(self) -> None:
        """Before a forward pass."""
        for parameter in self.parameters:
            parameter.grad = None

    def take(self, loss: Tensor, batch: Batch, again: Callable[[], Tensor]) -> Tensor | None:
        """After a backward pass: move the weights, if the batches for it are together.

        Args:
            loss: () that of the batch, detached.
            batch: The batch.
            again: Computes loss and gradients of the batch anew.

        Returns:
            () the norm of the gradient before it was clipped, where it was computed.
        """
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if not self._guard.allows(loss, [] if self._scaling else gradients):
            return None
        if self._looks_again:
            self._search(loss, again)
            return None
        if self._accumulate > 1:
            self._add_up(len((*batch.inputs, *batch.targets)[0]))
            if self._batches < self._accumulate:
                return None
            self._hand_over()
        return self._move()

    def end_pass(self) -> None:
        """After the last batch of an epoch: those that wait for more do not wait any longer."""
        if self._batches and not self._guard.tripped:
            self._hand_over()
            self._move()

    def in_use(self) -> AbstractContextManager[None]:
        """The network as it is measured and kept."""
        return self.average.in_place() if self.average else nullcontext()

    def leave(self) -> None:
        """The stage is over, or was stopped."""
        if self.average:
            self.average.settle()

    def _move(self) -> Tensor | None:
        norm = None
        if self._scaling:
            self._scaling.undo(self.optimizer)
        if self._penalty:
            self._penalty.add_gradient()
        if self._clip_value is not None:
            nn.utils.clip_grad_value_(self.parameters, self._clip_value)
        if self._clip_norm is not None:
            norm = nn.utils.clip_grad_norm_(self.parameters, self._clip_norm)
        if self.schedule.warming_up:
            with self.schedule.warmth():
                moved = self._step()
        else:
            moved = self._step()
        if moved and self.schedule.per_batch:
            self.schedule.end_batch()
        if moved and self.average:
            self.average.update()
        return norm

    def _step(self) -> bool:
        if self._scaling:
            return self._scaling.step(self.optimizer)
        self.optimizer.step()
        return True

    # Several batches for one step -------------------------------------------------------------------

    def _add_up(self, count: int) -> None:
        """Each batch counts by its samples, so that the sum is the gradient of one large batch."""
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in self.parameters]
        if self._sums:
            torch._foreach_add_(self._sums, gradients, alpha=count)
        else:
            self._sums = list(torch._foreach_mul(gradients, float(count)))
        self._batches += 1
        self._samples += count

    def _hand_over(self) -> None:
        torch._foreach_div_(self._sums, float(self._samples))
        for parameter, gradient in zip(self.parameters, self._sums, strict=True):
            parameter.grad = gradient
        self._sums, self._batches, self._samples = [], 0, 0

    # An optimizer that computes the batch several times ---------------------------------------------

    def _search(self, loss: Tensor, again: Callable[[], Tensor]) -> None:
        before = [parameter.detach().clone() for parameter in self.parameters]
        known: list[Tensor] = [loss]

        def closure() -> Tensor:
            seen = known.pop() if known else again()
            gradients = [p.grad for p in self.parameters if p.grad is not None]
            if not self._guard.allows(seen, gradients):
                raise _NotFiniteError
            if self._penalty:
                self._penalty.add_gradient()
                seen = seen + self._penalty.value()
            return seen

        try:
            with self.schedule.warmth() if self.schedule.warming_up else nullcontext():
                self.optimizer.step(closure)  # type: ignore[arg-type]
        except _NotFiniteError:
            torch._foreach_copy_([parameter.detach() for parameter in self.parameters], before)
            return
        if self.schedule.per_batch:
            self.schedule.end_batch()
        if self.average:
            self.average.update()

    # Checkpoints ------------------------------------------------------------------------------------

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """(tensors, plain values) for a checkpoint."""
        tensors, values = taken_apart(self.optimizer)
        if self.average:
            tensors |= self.average.state()
        tensors |= {f"{_SUM}{place}": tensor for place, tensor in enumerate(self._sums)}
        return tensors, {
            "optimizer": values,
            "schedule": self.schedule.state(),
            "waiting": [self._batches, self._samples],
            "scaling": self._scaling.state() if self._scaling else {},
        }

    def load(self, tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
        """Go on from a state."""
        own = {name: tensor for name, tensor in tensors.items() if name[0].isdigit()}
        put_together(self.optimizer, own, values["optimizer"])
        self.schedule.load(values["schedule"])
        self._batches, self._samples = values["waiting"]
        waiting = self.parameters if self._batches else []
        self._sums = [torch.empty_like(p).copy_(tensors[f"{_SUM}{i}"]) for i, p in enumerate(waiting)]
        if self._scaling:
            self._scaling.load(values["scaling"])
        if self.average:
            self.average.load(tensors)


class _Rest:
    """Weights that ask for no gradient, and layers that behave as in evaluation, for the time of a forward pass."""

    def __init__(self, frozen: list[nn.Parameter], still: list[nn.Module]) -> None:
        self._frozen = frozen
        self._still = still
        self._training: list[bool] = []

    def __enter__(self) -> None:
        for parameter in self._frozen:
            parameter.requires_grad_(False)
        self._training = [module.training for module in self._still]
        for module in self._still:
            module.training = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for parameter in self._frozen:
            parameter.requires_grad_(True)
        for module, training in zip(self._still, self._training, strict=True):
            module.training = training


class _Together:
    """Several context managers as one that can be entered again and again."""

    def __init__(self, holders: Iterable[Holder]) -> None:
        self._holders = list(holders)
        self._stack = ExitStack()

    def __enter__(self) -> None:
        for holder in self._holders:
            self._stack.enter_context(holder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def _require_plain(kind: str, settings: Any) -> None:
    """
    Raises:
        UserError: Settings are on that mean nothing to an optimizer that computes a batch several times.
    """
    off = {"gradient_clip_norm": None, "gradient_clip_value": None, "accumulation_steps": 1}
    on = [name for name, value in off.items() if settings[name] != value]
    if settings["precision"] == "float16":
        on.append("precision")
    if on:
        raise UserError(f"{kind} cannot be combined with {', '.join(on)}: set that back to its default.")


class _NotFiniteError(Exception):
    """Ends a search for the best step."""


class Guard:
    """Keeps a loss or gradient that is not finite from ever reaching the weights.

    One fused look at all gradients sets a flag that stays set. On a graphics card a fused optimizer reads the flag
    there and leaves the weights alone, so that no step waits for the device; elsewhere the host reads it.
    """

    def __init__(self, optimizer: Optimizer, device: torch.device, *, on_device: bool = True) -> None:
        self._found = torch.zeros((), device=device)
        self._scale = torch.ones((), device=device)
        fused = device.type == "cuda" and hasattr(optimizer, "_step_supports_amp_scaling")
        self._read_on_device = on_device and fused
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
