"""The perceptron rule (Rosenblatt, 1958)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nodeforge.training.batches import Batch
from nodeforge.training.rules.base import Context, Draw, RuleState, StepResult
from nodeforge.training.rules.local import number
from nodeforge.training.rules.readout import ReadoutRule


class PerceptronRule(ReadoutRule):
    """Adds wrongly answered samples to the weights of each output, with the sign of their answer."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        told = context.rule_settings
        self._rate = number(told, "learning_rate")
        self._by_sample = told["updates"] == "sample"
        self._start_at_zero = bool(told["start_at_zero"])
        self._wrong = torch.zeros((), dtype=torch.int64, device=context.device)
        self._done = ""
        self._errors = torch.zeros((), device=context.device)

    @property
    def learning_rate(self) -> float:
        return self._rate

    @property
    def done(self) -> str:
        return self._done

    def begin(self, draw: Draw) -> None:
        if self._start_at_zero:
            with torch.no_grad():
                for layer in self.layers:
                    for parameter in layer.parameters():
                        parameter.zero_()

    def step(self, batch: Batch) -> StepResult:
        """Beside the loss it tells the share of samples that were answered wrongly."""
        return super().step(batch)._replace(parts={"errors": self._errors})

    def learn(self, pairs: list[tuple[Tensor, Tensor]], loss: Tensor) -> Tensor:
        update = self._one_by_one if self._by_sample else self._at_once
        before = self._wrong.clone()
        for layer, (inputs, answers) in zip(self.layers, pairs, strict=True):
            self._wrong += update(layer, inputs, torch.where(answers > 0.5, 1.0, -1.0))
        self._errors = (self._wrong - before) / sum(len(inputs) for inputs, _ in pairs)
        return loss

    def _at_once(self, layer: nn.Linear, inputs: Tensor, signs: Tensor) -> Tensor:
        """Add the corrections of a batch; how many samples were wrong."""
        wrong: Tensor = signs * layer(inputs) <= 0
        self._correct(layer, inputs, signs * wrong)
        return torch.count_nonzero(wrong.any(dim=1))

    def _one_by_one(self, layer: nn.Linear, inputs: Tensor, signs: Tensor) -> int:
        """Go through a batch in order. Up to the next mistake weights stay, so that all are answered at once."""
        start = mistakes = 0
        while start < len(inputs):
            wrong = signs[start:] * layer(inputs[start:]) <= 0
            places = wrong.any(dim=1).nonzero()
            if not len(places):
                break
            place = int(places[0])
            at = slice(start + place, start + place + 1)
            self._correct(layer, inputs[at], signs[at] * wrong[place])
            start += place + 1
            mistakes += 1
        return mistakes

    def _correct(self, layer: nn.Linear, inputs: Tensor, signs: Tensor) -> None:
        layer.weight.add_(signs.T @ inputs, alpha=self._rate)
        if layer.bias is not None:
            layer.bias.add_(signs.sum(dim=0), alpha=self._rate)

    def end_pass(self) -> None:
        if not self._wrong:
            self._done = "no sample was answered wrongly any more"
        self._wrong.zero_()

    def state(self) -> RuleState:
        return RuleState({"wrong": self._wrong}, {"done": self._done})

    def load(self, state: RuleState) -> None:
        self._wrong.copy_(state.tensors["wrong"])
        self._done = state.values["done"]
