"""Rules that set the outputs of Linear layers against the answers themselves."""

from __future__ import annotations

from abc import abstractmethod
from math import prod
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from nodeforge.analysis.teaching import objective_of
from nodeforge.core.errors import UserError
from nodeforge.training.batches import Batch
from nodeforge.training.passes import total, watched_run
from nodeforge.training.rules.base import Context, LearningRule, StepResult


class ReadoutRule(LearningRule):
    """Runs the network, and hands on for each layer what arrives at it and what it should give.

    The answers are those that the nearest loss behind the layer is given.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        found = context.taught()
        self._paths = list(found)
        self.layers = [cast(nn.Linear, module) for module in found.values()]
        losses = [_loss_behind(context, path) for path in self._paths]
        self._watched = [*self.layers, *(module for module, _ in losses)]
        self._places = [place for _, place in losses]
        self._refused = False

    def step(self, batch: Batch) -> StepResult:
        with torch.no_grad():
            losses, output, arrived = watched_run(self.context.module, self._watched, batch)
            pairs = []
            for place, (layer, path) in enumerate(zip(self.layers, self._paths, strict=True)):
                (x,), given = arrived[place], arrived[len(self.layers) + place]
                rows = x.flatten(0, -2)
                answers = answers_for(given[self._places[place]], (*x.shape[:-1], layer.out_features), path)
                pairs.append((rows, answers.to(rows.dtype)))
            # One bad number would stay in the sums for good.
            self._refused = not all(bool(t.isfinite().all()) for pair in pairs for t in pair)
            loss = total(losses, self.context.stage.objectives)
            return StepResult(loss if self._refused else self.learn(pairs, loss), output)

    @abstractmethod
    def learn(self, pairs: list[tuple[Tensor, Tensor]], loss: Tensor) -> Tensor:
        """Learn from (inputs (n, features), answers (n, outputs)) of each layer; what to plot, ()."""

    def refused(self) -> bool:
        return self._refused


def answers_for(given: Tensor, shape: tuple[int, ...], path: str) -> Tensor:
    """What a layer should give, (n, outputs), from what a loss is given. Classes become a 1 among 0s.

    Of sequences from which the network leaves out the first steps, the answers to these are left out too.

    Args:
        given: The answers.
        shape: That of the layer's output, (N, ..., outputs).
        path: The layer, for an error.

    Raises:
        UserError: There is not one answer for each output.
    """
    rows, outputs, whole = prod(shape[:-1]), shape[-1], given.shape
    if not given.is_floating_point():
        if len(shape) > 2 and given.dim() == len(shape) - 1:
            given = given[:, max(0, given.shape[1] - shape[1]) :]
        if given.numel() == rows:
            classes = given.reshape(rows)
            return functional.one_hot(classes, outputs) if outputs > 1 else (classes > 0)[:, None]
    if len(shape) > 2 and given.dim() == len(shape) and given.shape[1] > shape[1]:
        given = given[:, given.shape[1] - shape[1] :]
    if [size for size in given.shape if size != 1] != [size for size in shape if size != 1]:
        raise UserError(
            f"The answers for {path} are {_text(whole)}, and it gives {_text(shape)}: its loss must compare its "
            "output as it is.",
            node=path.partition(".")[0],
        )
    return given.reshape(rows, outputs)


def _text(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _loss_behind(context: Context, path: str) -> tuple[nn.Module, int]:
    """The module of the loss that a layer answers to, and the place of the answers among its arguments.

    Raises:
        UserError: There is none.
    """
    document = context.material.document
    report = context.material.report.networks[document.main]
    plain = path.partition("[")[0]
    name = objective_of(document, report, plain, context.stage.objectives)
    modules = context.modules_of(name) if name else []
    if not modules:
        raise UserError(
            f"{plain} has no loss behind it that knows the answers: wire its output and a Target to a loss such as "
            "MSELoss.",
            node=plain.partition(".")[0],
        )
    kind = report.nodes[name].kind
    assert kind is not None
    return modules[0], [port.name for port in kind.inputs].index("target")
