"""Positions that turn vectors instead of being added to them."""

from __future__ import annotations

from nodeforge.catalog.cost_rules import keeps_nothing
from nodeforge.catalog.kind import WEIGHT_DTYPES, Derived, Kind, Port, ShapeCall
from nodeforge.catalog.rules import Specs, sample_dims
from nodeforge.core.errors import ShapeError
from nodeforge.core.parameters import Number, Parameter

_ROTARY = '''\
class RotaryPositionalEncoding(nn.Module):
    """Turns pairs of features by an angle that grows with the position; (N, ..., length, features).

    Feature i makes a pair with feature i + features / 2; Su et al. (2021), section 3.2.
    """

    def __init__(self, length: int, features: int, base: float = 10000.0) -> None:
        super().__init__()
        speed = base ** (-torch.arange(0, features, 2) / features)
        angle = torch.arange(length).unsqueeze(1) * speed
        self.register_buffer("cosine", angle.cos(), persistent=False)
        self.register_buffer("sine", angle.sin(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * self.cosine - b * self.sine, a * self.sine + b * self.cosine], dim=-1)
'''


def _places(call: ShapeCall) -> tuple[int, int]:
    """Length and features, the last two axes."""
    dims = sample_dims(call)
    if len(dims) < 2:
        raise ShapeError(
            f"{call.name} needs sequences N×…×length×features; it gets {call.input()}.", port="input"
        )
    if dims[-1] % 2:
        raise ShapeError(
            f"{call.name} turns features in pairs, so their number must be even; it gets {call.input()}.",
            port="input",
        )
    return dims[-2], dims[-1]


def _turned(call: ShapeCall) -> Specs:
    _places(call)
    return {"output": call.input()}


ROTARY_POSITIONAL_ENCODING = Kind(
    name="RotaryPositionalEncoding",
    category="Embedding",
    summary="Turns queries and keys by their places, so that attention sees how far apart they are.",
    doc="Put it behind the Linear layers that make query and key, and before ScaledDotProductAttention; the value stays as "
    "it is. The product of two turned vectors depends on the distance of their places alone. Nothing is learned.",
    formula="(a, b) → (a·cos tω − b·sin tω, a·sin tω + b·cos tω), ω = base^(−2i/d)",
    source="https://arxiv.org/abs/2104.09864",
    keywords=("rope", "position", "transformer", "relative", "order", "attention"),
    parameters=(
        Parameter(
            "base",
            Number(minimum=1.0, exclusive_minimum=True),
            10000.0,
            "Sets the slowest turn; larger for very long sequences.",
            advanced=True,
        ),
    ),
    inputs=(Port(name="input", doc="N×…×length×features, an even number", dtypes=WEIGHT_DTYPES),),
    outputs=(Port(name="output", doc="N×…×length×features"),),
    derived=(
        Derived(name="length", compute=lambda call: _places(call)[0], doc="Length of the sequences."),
        Derived(name="features", compute=lambda call: _places(call)[1], doc="Size of the last axis."),
    ),
    shape=_turned,
    module="RotaryPositionalEncoding",
    support=_ROTARY,
    keeps=keeps_nothing,
)
