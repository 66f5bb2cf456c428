"""Activations with less work while a network trains: they write over what arrives, and follow a max pool behind them.

The numbers are the same, bit by bit, forwards and back. What is saved is memory to be written and read, which takes a
processor as long as to compute: a ReLU of large images may take as much time as the convolution before it.
What is shown and exported is the code as it stands; only the module that trains works like this.
"""

from __future__ import annotations

from torch import nn

from nodeforge.compiler import Passage, Source
from nodeforge.torch_backend.build import GENERATED

GIVE_AWAY = frozenset(
    [f"{name}{axes}d" for name in ("Conv", "ConvTranspose", "BatchNorm") for axes in (1, 2, 3)]
    + ["GroupNorm", "Add"]
)
"""Kinds that give a new tensor which their own way back does not need."""

IN_PLACE = (nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.LeakyReLU)
"""Activations whose way back needs what they gave, not what arrived."""

_CLIPS = (nn.ReLU, nn.ReLU6, nn.Hardtanh)
"""Activations that commute with a maximum: they rise as their input does, or are flat and stop the gradient.

A steeper one commutes too, but for rounding: different numbers may become the same, and another of them the largest.
"""

_MAX_POOLS = (
    nn.MaxPool1d,
    nn.MaxPool2d,
    nn.MaxPool3d,
    nn.AdaptiveMaxPool1d,
    nn.AdaptiveMaxPool2d,
    nn.AdaptiveMaxPool3d,
)
_GIVE_VIEWS = (nn.MaxPool1d, nn.AdaptiveMaxPool1d)
"""What they give lies in the memory of another tensor: writing over it is allowed and slow."""


def save_work(module: nn.Module, source: Source) -> nn.Module:
    """The module with its activations in place and behind max pools, wherever nobody could tell."""
    for part in module.modules():
        if type(part).__module__ == GENERATED:
            for passage in source.passages.get(type(part).__name__, ()):
                _work_in_place(part, passage)
                _pool_first(part, passage)
    return module


def _work_in_place(part: nn.Module, passage: Passage) -> None:
    reader = part.get_submodule(passage.reader)
    if passage.kind in GIVE_AWAY and isinstance(reader, IN_PLACE):
        # Below 0 a falling LeakyReLU gives what could have come from above.
        reader.inplace = not (isinstance(reader, nn.LeakyReLU) and reader.negative_slope < 0)


def _pool_first(part: nn.Module, passage: Passage) -> None:
    """Let an activation and the pool that alone reads it change places; the pool may meet the next one in turn."""
    if not passage.giver:
        return
    activation, pool = part.get_submodule(passage.giver), part.get_submodule(passage.reader)
    if isinstance(activation, _CLIPS) and isinstance(pool, _MAX_POOLS):
        activation.inplace = not isinstance(pool, _GIVE_VIEWS)
        setattr(part, passage.giver, pool)
        setattr(part, passage.reader, activation)
