"""Ridge regression in closed form, from sums over batches (Hoerl and Kennard, 1970)."""

from __future__ import annotations

import torch
from torch import Tensor

from nodeforge.training.rules.base import Context, RuleState
from nodeforge.training.rules.k_means import accurate
from nodeforge.training.rules.local import number
from nodeforge.training.rules.readout import ReadoutRule


class RidgeRule(ReadoutRule):
    """Adds up HᵀH and HᵀY in a pass over the samples, then solves for the weights.

    A bias is the weight of a constant 1 among the inputs, and has no penalty.
    """

    solves = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._penalty = number(context.rule_settings, "penalty")
        self._squares: list[Tensor] = []
        self._products: list[Tensor] = []
        options = {"dtype": accurate(context.device), "device": context.device}
        for layer in self.layers:
            size = layer.in_features + (layer.bias is not None)
            self._squares.append(torch.zeros(size, size, **options))  # type: ignore[call-overload]
            self._products.append(torch.zeros(size, layer.out_features, **options))  # type: ignore[call-overload]

    def learn(self, pairs: list[tuple[Tensor, Tensor]], loss: Tensor) -> Tensor:
        for place, (inputs, answers) in enumerate(pairs):
            rows = inputs.to(self._squares[place].dtype)
            if self.layers[place].bias is not None:
                rows = torch.cat([rows, rows.new_ones(len(rows), 1)], dim=1)
            self._squares[place] += rows.T @ rows
            self._products[place] += rows.T @ answers.to(rows.dtype)
        return loss

    def end_pass(self) -> None:
        with torch.no_grad():
            for layer, squares, products in zip(self.layers, self._squares, self._products, strict=True):
                weights = _solved(squares, products, self._penalty, free=layer.bias is not None)
                layer.weight.copy_(weights[: layer.in_features].T)
                if layer.bias is not None:
                    layer.bias.copy_(weights[-1])
                squares.zero_()
                products.zero_()

    def state(self) -> RuleState:
        pairs = (("squares", self._squares), ("products", self._products))
        return RuleState({f"{name}/{i}": tensor for name, sums in pairs for i, tensor in enumerate(sums)})

    def load(self, state: RuleState) -> None:
        for name, tensor in self.state().tensors.items():
            tensor.copy_(state.tensors[name])


def _solved(squares: Tensor, products: Tensor, penalty: float, *, free: bool) -> Tensor:
    """The weights (inputs, outputs); of several that are equally good the smallest."""
    penalties = torch.full((len(squares),), penalty, dtype=squares.dtype)
    if free:
        penalties[-1] = 0.0
    matrix = squares.cpu() + torch.diag(penalties)
    factor, failed = torch.linalg.cholesky_ex(matrix)
    if not failed:
        return torch.cholesky_solve(products.cpu(), factor)
    inverse: Tensor = torch.linalg.pinv(matrix, hermitian=True)
    return inverse @ products.cpu()
