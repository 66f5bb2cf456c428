"""Who looks at whom: attention weights, taken where torch computes them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from nodeforge.core.errors import UserError
from nodeforge.engine.live.pictures import MOST_TILES, numbers, tile
from nodeforge.engine.live.scene import Scene
from nodeforge.engine.live.showing.memory import Memory
from nodeforge.engine.messages import LiveShown, Wish
from nodeforge.torch_backend.deep_check.probe import lines_of


def attention(scene: Scene, wish: Wish, memory: Memory) -> LiveShown:
    """One picture for each head and layer of a node."""
    looks: list[Tensor] = []
    source, subject = scene.material.source, scene.subject

    def note(weights: Tensor) -> None:
        frame = sys._getframe(1)
        steps = subject.steps(lines_of(frame, source.filename))
        if steps and ".".join(steps[-1].path) == wish.node:
            looks.append(weights[0])

    with _Looks(note):
        scene.run(scene.samples(wish.split, wish.sample))
    if not looks:
        raise UserError(f"{wish.node} is not computed: wire it on to an Output or a loss.")
    maps = [
        (f"{layer + 1}.{head + 1}" if len(looks) > 1 else f"head {head + 1}", numbers(table))
        for layer, heads in enumerate(looks)
        for head, table in enumerate(heads)
    ]
    tiles = [tile(table, label) for label, table in maps[:MOST_TILES]]
    length, reach = maps[0][1].shape
    named = ", named layer.head" if len(looks) > 1 else ""
    words = f"{scene.caption(wish)}: {length} places look at {reach}; each row adds up to 1{named}"
    return LiveShown(run="", key=0, step=0, note=words, tiles=tiles, total=len(maps))


class _Looks(TorchFunctionMode):
    """Tells of every attention that torch carries out, whatever asks for it: (N, heads, length, places)."""

    def __init__(self, tell: Callable[[Tensor], None]) -> None:
        super().__init__()
        self._tell = tell

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = dict(kwargs or {})
        if func is functional.multi_head_attention_forward:
            wanted = given.get("need_weights", True)
            average = given.get("average_attn_weights", True)
            given |= {"need_weights": True, "average_attn_weights": False}
            output, weights = func(*args, **given)
            batched = weights if weights.dim() == 4 else weights.unsqueeze(0)
            self._tell(batched)
            return output, (weights.mean(dim=-3) if average else weights) if wanted else None
        if func is functional.scaled_dot_product_attention:
            self._tell(_weights(*args, **given))
        return func(*args, **given)


def _weights(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """The weights that `scaled_dot_product_attention` computes and keeps to itself."""
    if enable_gqa:
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], dim=-3)
    scores = query @ key.transpose(-2, -1) * (scale or 1 / math.sqrt(query.shape[-1]))
    if is_causal:
        allowed = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
        scores = scores.masked_fill(~allowed, -torch.inf)
    if attn_mask is not None:
        scores = (
            scores.masked_fill(~attn_mask, -torch.inf)
            if attn_mask.dtype == torch.bool
            else scores + attn_mask
        )
    weights = scores.softmax(dim=-1)
    return (
        weights
        if weights.dim() == 4
        else weights.flatten(1, -3).unsqueeze(1)
        if weights.dim() > 4
        else weights.unsqueeze(1)
    )
