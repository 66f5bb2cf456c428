"""Learning by gradient descent: back-propagation through all objectives, one optimizer step a batch."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from torch import Tensor, nn
from torch.autograd import Variable

from nodeforge.core.errors import UserError
from nodeforge.training.batches import Batch
from nodeforge.training.passes import Output, detached, total
from nodeforge.training.rules.base import Context, LearningRule, RuleState, StepResult
from nodeforge.training.rules.focus import Focus
from nodeforge.training.rules.truncation import truncate
from nodeforge.training.update import Update


class GradientRule(LearningRule):
    """Sums the objectives, propagates back, and lets an update move the weights."""

    as_in_training = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._focus, parameters = _learning(context)
        if not parameters:
            raise UserError("The network has nothing to learn: add a layer with weights, such as Linear.")
        self._objectives = context.stage.objectives
        self._update = Update(context, parameters)
        steps = context.rule_settings["truncate_steps"]
        self._make_whole = truncate(context.module, steps) if isinstance(steps, int) else lambda: None

    @property
    def learning_rate(self) -> float:
        return self._update.schedule.learning_rate

    def step(self, batch: Batch) -> StepResult:
        with self._focus:
            loss, output = self._propagate(batch)
            norm = self._update.take(loss, batch, lambda: self._propagate(batch)[0])
        return StepResult(loss, detached(output), norm)

    def _propagate(self, batch: Batch) -> tuple[Tensor, Output]:
        """Forwards and back: (the loss, the output), and gradients in the weights."""
        self._update.prepare()
        with self._update.forward:
            losses, output = self.context.module.objectives(*batch.inputs, *batch.targets)  # type: ignore[operator]
            loss = total(losses, self._objectives).float()
        if not loss.requires_grad:
            raise UserError(
                "No weight that learns influences the loss: look for a muted node or a StopGradient between them."
            )
        _propagate_back(loss, self._update.seed)
        return loss.detach(), output

    def set_learning_rate(self, rate: float) -> None:
        """Go on at another rate; nodes with one of their own keep their share."""
        self._update.set_learning_rate(rate)

    def refused(self) -> bool:
        return self._update.refused

    def measured(self) -> AbstractContextManager[None]:
        return self._update.in_use()

    def leave(self) -> None:
        self._update.leave()

    def end_pass(self) -> None:
        self._update.end_pass()

    def end_epoch(self, monitored: float | None) -> None:
        self._update.schedule.end_epoch(monitored)

    def end(self) -> None:
        self._make_whole()

    def state(self) -> RuleState:
        return RuleState(*self._update.state())

    def load(self, state: RuleState) -> None:
        self._update.load(state.tensors, state.values)


def _learning(context: Context) -> tuple[AbstractContextManager[None], list[nn.Parameter]]:
    """What a step must be held in, and the weights it moves."""
    if not context.stage.learns:
        return nullcontext(), [p for p in context.module.parameters() if p.requires_grad]
    context.taught()  # tells if there is nobody
    own, partners = ([m for path in paths for m in context.modules_of(path)] for paths in _sides(context))
    focus = Focus(context.module, own, partners)
    return focus, focus.parameters


def _sides(context: Context) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom the stage teaches, and whom those that it takes turns with."""
    return context.stage.learns, tuple(path for partner in context.partners for path in partner.learns)


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
