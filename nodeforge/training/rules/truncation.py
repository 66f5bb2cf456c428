"""Back-propagation through time in pieces: recurrent layers pass on what they remember, but no gradient.

The output is the same as without; only gradients end at the borders (Williams and Peng, 1990).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from nodeforge.core.errors import UserError

State = Tensor | tuple[Tensor, ...] | None


def truncate(module: nn.Module, steps: int) -> Callable[[], None]:
    """Let every recurrent layer learn from so many steps at a time; the result takes that back.

    Raises:
        UserError: There is no recurrent layer, or one reads its sequence backwards too.
    """
    layers = [layer for layer in module.modules() if isinstance(layer, nn.RNNBase)]
    if not layers:
        raise UserError("There is no RNN, LSTM or GRU to truncate: turn truncate_steps off.")
    if any(layer.bidirectional for layer in layers):
        raise UserError(
            "A bidirectional layer needs its whole sequence: turn truncate_steps or bidirectional off."
        )
    for layer in layers:
        layer.forward = _in_pieces(layer, steps)

    def restore() -> None:
        for layer in layers:
            layer.__dict__.pop("forward", None)

    return restore


def _in_pieces(layer: nn.RNNBase, steps: int) -> Callable[..., Any]:
    whole = layer.forward

    def forward(sequence: Tensor | PackedSequence, state: State = None) -> tuple[Any, Any]:
        if isinstance(sequence, PackedSequence):
            raise UserError(
                "Sequences with lengths of their own cannot be truncated: turn truncate_steps off."
            )
        if not layer.training:
            return whole(sequence, state)  # type: ignore[no-any-return]
        axis = 1 if layer.batch_first else 0
        outputs: list[Tensor] = []
        for piece in torch.split(sequence, steps, dim=axis):
            output, state = whole(piece, _detached(state) if outputs else state)
            outputs.append(output)
        return torch.cat(outputs, dim=axis), state

    return forward


def _detached(state: State) -> State:
    if state is None or isinstance(state, Tensor):
        return None if state is None else state.detach()
    return tuple(part.detach() for part in state)
